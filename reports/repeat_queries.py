"""Contacts by whether the same matter came back: one pass over the period and the window around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, BigInteger, String, and_, case, cast, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.history.model import Contact
from crm_core.questionnaires.model import Answer, Response
from reports.repeats import WINDOW, RepeatCounts, RepeatLine

DIMENSIONS = ("kind", "queue", "agent", "dealer")
SOLVED_QUESTION = "solved"
"""The yes/no question of that id, in whatever questionnaire: "Has your problem been solved?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """`lines` by dimension, most repeated first."""

    total: RepeatCounts
    lines: dict[str, list[RepeatLine]]


async def repeats(
    session: AsyncSession,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    queues: Sequence[str] = (),
    window: timedelta = WINDOW,
) -> Repeats:
    """Answered inbound contacts that began in [start, end), by what came before and after. No `queues` = all."""
    around = around_period(start, end, window)
    where = place_of(around, now, window)
    base = and_(around.c.started_at >= start, around.c.started_at < end, around.c.outcome == "answered")
    wanted = (
        select(around.c.matter, around.c.queue, around.c.agent, Customer.dealer_id, where, func.count())
        .select_from(around)
        .join(Customer, Customer.id == around.c.customer_id, isouter=True)
        .where(base, around.c.queue.in_(queues) if queues else base)
        .group_by(around.c.matter, around.c.queue, around.c.agent, Customer.dealer_id, where)
    )
    counted: dict[str, dict[str, RepeatCounts]] = {dimension: {} for dimension in DIMENSIONS}
    whole = RepeatCounts()
    for kind, queue, agent, dealer, word, count in await session.execute(wanted):
        one = _counts(word, count)
        whole += one
        for dimension, of in zip(DIMENSIONS, (kind, queue, agent, str(dealer or "")), strict=True):
            counted[dimension][of] = counted[dimension].get(of, RepeatCounts()) + one
    for dealer, said in (await said_solved(session, start, end)).items():
        whole += said
        counted["dealer"][dealer] = counted["dealer"].get(dealer, RepeatCounts()) + said
    return Repeats(total=whole, lines={dimension: _lines(found) for dimension, found in counted.items()})


def _lines(found: dict[str, RepeatCounts]) -> list[RepeatLine]:
    lines = [RepeatLine(of=of, counts=counts) for of, counts in found.items()]
    return sorted(lines, key=lambda line: (-line.counts.repeated, -line.counts.began, line.of))


def _counts(word: str, count: int) -> RepeatCounts:
    began = count if word in ("resolved", "repeated", "open") else 0
    return RepeatCounts(answered=count, began=began, **{word: count})


MATTER = case((Contact.kind != "", Contact.kind), else_=Contact.topic)
PERSON = case(
    (Contact.customer_id.is_not(None), "c" + cast(Contact.customer_id, String)),
    (Contact.caller != "", "n" + Contact.caller),
    else_="",
)


def around_period(start: datetime, end: datetime, window: timedelta) -> CTE:
    """Inbound contacts with the seconds to the same person's contact of the same kind before and after."""
    second = cast(extract("epoch", Contact.started_at), BigInteger)
    same: dict[str, Any] = {"partition_by": (PERSON, MATTER), "order_by": (Contact.started_at, Contact.id)}
    return (
        select(
            Contact.id,
            Contact.started_at,
            Contact.outcome,
            Contact.queue,
            Contact.agent,
            Contact.customer_id,
            MATTER.label("matter"),
            PERSON.label("person"),
            (second - func.lag(second).over(**same)).label("before"),
            (func.lead(second).over(**same) - second).label("after"),
            second.label("second"),
        )
        .where(Contact.started_at >= start - window, Contact.started_at < end + window)
        .where(Contact.direction == "inbound", Contact.outcome.is_not(None))
        .cte("around")
    )


def place_of(around: CTE, now: datetime, window: timedelta) -> Any:
    """As reports.repeats.place, with "nameless" for who cannot be recognised."""
    seconds = int(window.total_seconds())
    return case(
        (or_(around.c.person == "", around.c.matter == ""), "nameless"),
        (around.c.before <= seconds, "again"),
        (around.c.after <= seconds, "repeated"),
        (int(now.timestamp()) - around.c.second > seconds, "resolved"),
        else_="open",
    ).label("place")


async def said_solved(session: AsyncSession, start: datetime, end: datetime) -> dict[str, RepeatCounts]:
    """Answers given in [start, end) to "Has your problem been solved?", by dealer, "" = none."""
    rows = await session.execute(
        select(Response.dealer_id, func.count(), func.count(case((Answer.value == 1, 1))))
        .join(Answer, Answer.response_id == Response.id)
        .where(Answer.question == SOLVED_QUESTION, Answer.value.is_not(None))
        .where(Response.began_at >= start, Response.began_at < end)
        .group_by(Response.dealer_id)
    )
    return {str(dealer or ""): RepeatCounts(asked=asked, said_solved=solved) for dealer, asked, solved in rows}
