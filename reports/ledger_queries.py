"""Reads a day for the check of the ledger. Every question is one pass over an index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.clock import instant
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit, Recording
from crm_core.workforce.model import QueueRow
from reports.ledger_parts import portions, read_agent_legs, read_attempts
from reports.ledger_rows import ContactRow, LedgerDay, LegRow, RecordingRow, StintRow, VisitRow
from reports.metrics import QueueCounts, Thresholds, count_visit

Row = TypeVar("Row")


async def read_day(session: AsyncSession, start: datetime, end: datetime, logged: Collection[str]) -> LedgerDay:
    """The contacts that began in [start, end) with their parts, and the calls of the log that began on another day."""

    async def all_of(question: Any, row_of: Callable[[Any], Row]) -> tuple[Row, ...]:
        return tuple([row_of(row) for row in await session.execute(question)])

    of_day = select(Contact.id).where(*_within(Contact.started_at, start, end))
    now = instant(clock.now())
    contacts = await all_of(_contacts().where(*_within(Contact.started_at, start, end)), _contact)
    there = {contact.id for contact in contacts}
    attempts = await read_attempts(session, start, end, there)
    others: tuple[ContactRow, ...] = ()
    for some in portions(sorted({*logged, *(one.call for one in attempts)} - there)):
        others += await all_of(_contacts().where(Contact.id.in_(some)), _contact)
    legs = await all_of(_legs().where(Leg.contact_id.in_(of_day)), _leg)
    for some in portions([contact.id for contact in others]):
        legs += await all_of(_legs().where(Leg.contact_id.in_(some)), _leg)
    stints = await all_of(_stints(start, end), _stint)
    agents = sorted({*(one.agent for one in stints), *(one.agent for one in legs)} - {""})
    return LedgerDay(
        start=instant(start),
        end=instant(end),
        now=now,
        contacts=contacts,
        others=others,
        visits=await all_of(_visits().where(QueueVisit.contact_id.in_(of_day)), _visit),
        legs=legs,
        stints=stints,
        agent_legs=await read_agent_legs(session, start, end, agents),
        attempts=attempts,
        recordings=await all_of(_recordings().where(Recording.contact_id.in_(of_day)), _recording),
        short_seconds={queue: one.short_abandon_seconds for queue, one in (await thresholds_of(session)).items()},
    )


async def thresholds_of(session: AsyncSession) -> dict[str, Thresholds]:
    rows = await session.execute(
        select(QueueRow.id, QueueRow.service_seconds, QueueRow.short_abandon_seconds, QueueRow.service_target_percent)
    )
    return {
        queue: Thresholds(service_seconds=service, short_abandon_seconds=short, target_percent=target)
        for queue, service, short, target in rows
    }


def counted(visits: Iterable[VisitRow], thresholds: dict[str, Thresholds]) -> dict[str, QueueCounts]:
    """The queues' figures, added up visit by visit: what reports and boards are compared with."""
    counts: dict[str, QueueCounts] = {}
    for visit in visits:
        if visit.result is not None:
            one = count_visit(visit.result, visit.wait or 0.0, thresholds.get(visit.queue, Thresholds()))
            counts[visit.queue] = counts.get(visit.queue, QueueCounts()) + one
    return counts


async def without_a_row(session: AsyncSession, legs: Collection[str]) -> set[str]:
    """Of these legs' files, those of which no recording of any day tells."""
    unknown = set(legs)
    for some in portions(list(legs)):
        unknown -= set(await session.scalars(select(Recording.leg_id).where(Recording.leg_id.in_(some))))
    return unknown


def _within(column: Any, start: datetime, end: datetime) -> Iterator[Any]:
    yield column >= start
    yield column < end


def _contacts() -> Any:
    columns = (
        Contact.id, Contact.direction, Contact.started_at, Contact.ended_at, Contact.outcome, Contact.estimated,
    )  # fmt: skip
    return select(*columns).where(Contact.channel == "voice").order_by(Contact.started_at, Contact.id)


def _contact(row: Any) -> ContactRow:
    contact, direction, started, ended, outcome, estimated = row
    return ContactRow(
        id=contact,
        inbound=direction == "inbound",
        started=instant(started),
        ended=_instant(ended),
        outcome=outcome,
        estimated=estimated,
    )


def _visits() -> Any:
    return select(
        *(QueueVisit.id, QueueVisit.contact_id, QueueVisit.queue, QueueVisit.entered_at, QueueVisit.left_at),
        *(QueueVisit.wait_seconds, QueueVisit.result),
    )


def _visit(row: Any) -> VisitRow:
    number, contact, queue, entered, left, wait, result = row
    return VisitRow(
        id=number,
        contact=contact,
        queue=queue,
        entered=instant(entered),
        left=_instant(left),
        wait=wait,
        result=result,
    )


def _legs() -> Any:
    return select(
        *(Leg.id, Leg.contact_id, Leg.agent, Leg.offered_at, Leg.answered_at, Leg.ended_at, Leg.kind, Leg.consulted_at)
    )


def _leg(row: Any) -> LegRow:
    leg, contact, agent, offered, answered, ended, kind, consulted = row
    return LegRow(
        id=leg,
        contact=contact,
        agent=agent,
        offered=instant(offered),
        answered=_instant(answered),
        ended=_instant(ended),
        kind=kind,
        consulted=_instant(consulted),
    )


def _recordings() -> Any:
    return select(Recording.leg_id, Recording.contact_id, Recording.file, Recording.status, Recording.place)


def _recording(row: Any) -> RecordingRow:
    leg, contact, file, status, place = row
    return RecordingRow(leg=leg, contact=contact, file=file, status=status, place=place)


def _stints(start: datetime, end: datetime) -> Any:
    return (
        select(AgentStint.agent, AgentStint.state, AgentStint.began_at, AgentStint.ended_at, AgentStint.signed_out)
        .where(AgentStint.began_at < end, or_(AgentStint.ended_at.is_(None), AgentStint.ended_at > start))
        .order_by(AgentStint.agent, AgentStint.began_at)
    )


def _stint(row: Any) -> StintRow:
    agent, state, began, ended, signed_out = row
    return StintRow(agent=agent, state=state, began=instant(began), ended=_instant(ended), signed_out=signed_out)


def _instant(at: datetime | None) -> float | None:
    return None if at is None else instant(at)
