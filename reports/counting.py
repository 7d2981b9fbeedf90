"""Quarters of an hour counted from the history's rows: always right, and as slow as there are rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.figures.quarters import LONGEST_STINT, quarter_start
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit
from reports.tallies import AgentTallies
from reports.visit_tallies import VisitTallies

_ASKED_AT_ONCE = 400  # subjects; a statement has a limit of values


class Stretch(NamedTuple):
    """Some queues or some agents in the quarters [first, last)."""

    first: int
    last: int
    subjects: tuple[str, ...]

    @property
    def start(self) -> datetime:
        return quarter_start(self.first)

    @property
    def end(self) -> datetime:
        return quarter_start(self.last)


def stretches(quarters: Iterable[tuple[int, str]]) -> Iterator[Stretch]:
    """The same quarters of the same subjects in few pieces, so that few questions are asked."""
    subjects: dict[int, list[str]] = defaultdict(list)
    for quarter, subject in sorted(set(quarters)):
        subjects[quarter].append(subject)
    running: Stretch | None = None
    for quarter, found in subjects.items():
        if running is not None and running.last == quarter and running.subjects == tuple(found):
            running = running._replace(last=quarter + 1)
            continue
        if running is not None:
            yield from _cut(running)
        running = Stretch(quarter, quarter + 1, tuple(found))
    if running is not None:
        yield from _cut(running)


def _cut(stretch: Stretch) -> Iterator[Stretch]:
    for place in range(0, len(stretch.subjects), _ASKED_AT_ONCE):
        yield stretch._replace(subjects=stretch.subjects[place : place + _ASKED_AT_ONCE])


async def visits_of(session: AsyncSession, stretch: Stretch) -> VisitTallies:
    """Of queues: the finished visits that began in the stretch."""
    tallies = VisitTallies()
    rows = await session.execute(
        select(QueueVisit.queue, QueueVisit.entered_at, QueueVisit.result, QueueVisit.wait_seconds)
        .where(QueueVisit.queue.in_(stretch.subjects), QueueVisit.result.is_not(None))
        .where(QueueVisit.entered_at >= stretch.start, QueueVisit.entered_at < stretch.end)
    )
    for queue, entered, result, wait in rows:
        tallies.visit(queue, entered, result or "lost", wait)
    return tallies


async def agents_of(session: AsyncSession, stretch: Stretch) -> AgentTallies:
    """Of agents: finished states that reach into the stretch, offers made and talks that ended in it."""
    tallies = AgentTallies(stretch.first, stretch.last)
    stints = select(AgentStint.agent, AgentStint.state, AgentStint.began_at, AgentStint.ended_at).where(
        AgentStint.agent.in_(stretch.subjects),
        AgentStint.began_at < stretch.end,
        AgentStint.ended_at > stretch.start,
        AgentStint.ended_at < stretch.end + LONGEST_STINT,  # no longer one counts, and so the index has an end
    )
    for agent, state, began, ended in await session.execute(stints):
        if ended is not None:
            tallies.stint(agent, state, began, ended)
    for row in await session.execute(_legs(stretch)):
        tallies.leg(**row._mapping)
    return tallies


def _legs(stretch: Stretch) -> Select[Any]:
    mine = Leg.agent.in_(stretch.subjects)
    offered = and_(mine, Leg.offered_at >= stretch.start, Leg.offered_at < stretch.end)
    ended = and_(mine, Leg.ended_at >= stretch.start, Leg.ended_at < stretch.end)
    columns: list[Any] = [
        *(Leg.agent, Leg.why, Leg.queue, Contact.direction, Leg.result),
        *(Leg.offered_at.label("offered"), Leg.answered_at.label("answered"), Leg.ended_at.label("ended")),
    ]
    return select(*columns).join(Contact, Contact.id == Leg.contact_id).where(or_(offered, ended))


async def open_stints(
    session: AsyncSession, first: int, last: int, agents: Sequence[str], now: datetime
) -> AgentTallies:
    """States that still last, up to `now`, in the quarters [first, last)."""
    tallies = AgentTallies(first, last)
    stints = still_lasting(quarter_start(last))
    if agents:
        stints = stints.where(AgentStint.agent.in_(agents))
    for agent, state, began in await session.execute(stints):
        tallies.stint(agent, state, began, now)
    return tallies


def still_lasting(before: datetime) -> Select[str, str, datetime]:
    """Agent, state and begin of what began before this and has not ended."""
    columns = AgentStint.agent, AgentStint.state, AgentStint.began_at
    return select(*columns).where(AgentStint.ended_at.is_(None), AgentStint.began_at < before)


async def queues_known(session: AsyncSession) -> tuple[str, ...]:
    """Every queue that ever had a caller."""
    return tuple(await session.scalars(select(QueueVisit.queue).distinct().order_by(QueueVisit.queue)))


async def agents_known(session: AsyncSession) -> tuple[str, ...]:
    """Everybody who ever was signed in or had a call."""
    signed_in = await session.scalars(select(AgentStint.agent).distinct())
    called = await session.scalars(select(Leg.agent).distinct())
    return tuple(sorted({*signed_in, *called} - {""}))
