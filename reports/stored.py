"""What is stored of a period, with what is due counted from its rows: exact at every moment, whoever counts meanwhile.

A day is always the sum of its quarters. So where quarters are due, the difference between what their rows say now
and what is stored of them is added, to the day as to the quarter.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.figures.model import AgentDay, AgentSlot, FigureBasis, FigureDue, QueueDay, QueueSlot
from crm_core.figures.quarters import quarter_of, quarter_start
from crm_core.history.writer import stored_position
from reports.counting import Stretch, agents_known, agents_of, open_stints, queues_known, stretches, visits_of
from reports.periods import Period, Step
from reports.rollups import VERSION
from reports.steps import EVERYBODY, Numbers, Steps
from reports.tallies import AGENT_FIELDS, whole_times
from reports.thresholds import threshold_history
from reports.visit_tallies import COUNT_FIELDS, whole

MOST_DUE = 2_000
"""So many quarters that are due are counted while somebody waits; with more the rows of the period are read."""
_WEEK_OF_QUARTERS = 7 * 96
_TRIES = 12

Found = list[dict[str, Numbers]]
Fresh = Callable[[Stretch], Awaitable[Iterable[tuple[int, str, Numbers]]]]
"""(quarter, subject, numbers) as the rows say now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where the figures of queues or of agents are stored, and how they are read as whole numbers."""

    kind: str
    slots: Any
    days: Any
    names: tuple[str, ...]
    whole: Callable[[Sequence[float]], Numbers]

    def columns(self, table: Any) -> list[Any]:
        return [getattr(table, name) for name in self.names]

    def subject(self, table: Any) -> Any:
        return getattr(table, self.kind)


_QUEUES = Kept(kind="queue", slots=QueueSlot, days=QueueDay, names=COUNT_FIELDS, whole=whole)
_AGENTS = Kept(kind="agent", slots=AgentSlot, days=AgentDay, names=AGENT_FIELDS, whole=whole_times)


async def queue_steps(session: AsyncSession, period: Period, queues: Sequence[str], *, together: bool = False) -> Found:
    """Numbers in the order of COUNT_FIELDS, waits in microseconds, per step and queue. No `queues` = all.

    `together` = these queues in one sum, under EVERYBODY: the database adds them up.
    """

    async def ask() -> Found:
        history = await threshold_history(session)

        async def fresh(stretch: Stretch) -> Iterator[tuple[int, str, Numbers]]:
            return (
                (
                    quarter,
                    queue,
                    tally.numbers(history.on(queue, quarter_start(quarter).astimezone(period.zone).date())),
                )
                for (quarter, queue), tally in (await visits_of(session, stretch)).items()
            )

        return (await _steps(session, Steps(period, together=together), _QUEUES, queues, fresh)).told()

    return await _undisturbed(session, ask)


def _day_of(quarter: int, period: Period) -> date:
    return quarter_start(quarter).astimezone(period.zone).date()


async def agent_steps(
    session: AsyncSession, period: Period, agents: Sequence[str], now: datetime, *, together: bool = False
) -> Found:
    """Numbers in the order of AGENT_FIELDS, times in microseconds, per step and agent. No `agents` = everybody.

    `together` = all agents in one sum, under EVERYBODY: the database adds them up.
    """

    async def fresh(stretch: Stretch) -> Iterator[tuple[int, str, Numbers]]:
        found = await agents_of(session, stretch)
        return ((quarter, agent, numbers) for (quarter, agent), numbers in found.items())

    async def ask() -> Found:
        steps = await _steps(session, Steps(period, together=together), _AGENTS, agents, fresh)
        lasting = await open_stints(session, steps.first, steps.last, agents, now)
        for (quarter, agent), numbers in lasting.items():
            steps.quarter(quarter, agent, numbers)
        return steps.told()

    return await _undisturbed(session, ask)


async def _undisturbed(session: AsyncSession, ask: Callable[[], Awaitable[Found]]) -> Found:
    """The answer of a moment in which nothing was written between our questions; the first one usually is."""
    answer: Found = []
    for _ in range(_TRIES):
        before = await _moment(session)
        answer = await ask()
        if await _moment(session) == before:
            break
    return answer


async def _moment(session: AsyncSession) -> tuple[int, int]:
    turn = await session.scalar(select(FigureBasis.turn).where(FigureBasis.id == 1)) or 0
    return turn, await stored_position(session)


async def _steps(session: AsyncSession, steps: Steps, kept: Kept, subjects: Sequence[str], fresh: Fresh) -> Steps:
    due = await _due(session, steps, kept, subjects)
    if due is None:
        for stretch in await _whole_period(session, steps, kept, subjects):
            for quarter, subject, numbers in await fresh(stretch):
                steps.quarter(quarter, subject, numbers)
        return steps
    await _read(session, steps, kept, subjects)
    for stretch in stretches(due):
        for quarter, subject, numbers in await fresh(stretch):
            steps.quarter(quarter, subject, numbers)
        await _take_away(session, steps, kept, stretch)
    return steps


async def _due(session: AsyncSession, steps: Steps, kept: Kept, subjects: Sequence[str]) -> set[tuple[int, str]] | None:
    """The quarters to count before answering; None = what is stored does not help."""
    stands = select(FigureBasis.zone, FigureBasis.version, FigureBasis.ready).where(FigureBasis.id == 1)
    basis = (await session.execute(stands)).one_or_none()
    if basis is None or not basis.ready or basis.version != VERSION or basis.zone != steps.period.zone.key:
        return None
    statement = (
        select(FigureDue.start_at, FigureDue.subject)
        .distinct()
        .where(FigureDue.kind == kept.kind)
        .where(FigureDue.start_at >= steps.period.start, FigureDue.start_at < steps.period.end)
        .limit(MOST_DUE + 1)
    )
    if subjects:
        statement = statement.where(FigureDue.subject.in_(subjects))
    found = {(quarter_of(start), subject) for start, subject in await session.execute(statement)}
    return found if len(found) <= MOST_DUE else None


async def _whole_period(session: AsyncSession, steps: Steps, kept: Kept, subjects: Sequence[str]) -> Iterator[Stretch]:
    """Week by week, so that memory does not grow with the period."""
    known = queues_known if kept is _QUEUES else agents_known
    asked = tuple(subjects) or await known(session)
    return (
        Stretch(first, min(first + _WEEK_OF_QUARTERS, steps.last), asked)
        for first in range(steps.first, steps.last, _WEEK_OF_QUARTERS)
    )


async def _read(session: AsyncSession, steps: Steps, kept: Kept, subjects: Sequence[str]) -> None:
    period = steps.period
    if period.step in (Step.WEEK, Step.MONTH):
        for span in period.spans():
            last = (span.end - timedelta(microseconds=1)).astimezone(period.zone).date()
            within = kept.days.day.between(span.day, last)
            for subject, *numbers in await session.execute(_summed(kept, kept.days, within, subjects)):
                steps.day(span.day, subject, kept.whole(numbers))
        return
    if period.by_days:
        place, within = kept.days.day, kept.days.day.between(period.first, period.last)
    else:
        place = kept.slots.start_at
        within = (place >= period.start) & (place < period.end)
    for at, subject, *numbers in await session.execute(_rows(kept, place, within, subjects, steps)):
        if period.by_days:
            steps.day(at, subject, kept.whole(numbers))
        else:
            steps.quarter(quarter_of(at), subject, kept.whole(numbers))


def _rows(kept: Kept, place: Any, within: ColumnElement[bool], subjects: Sequence[str], steps: Steps) -> Select[Any]:
    """`place` is the quarter or the day of its table."""
    subject, columns = kept.subject(place.class_), kept.columns(place.class_)
    statement: Select[Any] = select(place, subject, *columns)
    if steps.together:
        statement = select(place, literal(EVERYBODY), *map(func.sum, columns)).group_by(place)
    statement = statement.where(within)
    return statement.where(subject.in_(subjects)) if subjects else statement


def _summed(kept: Kept, table: Any, within: ColumnElement[bool], subjects: Sequence[str]) -> Select[Any]:
    subject = kept.subject(table)
    sums = [func.sum(column) for column in kept.columns(table)]
    statement = select(subject, *sums).where(within).group_by(subject)
    return statement.where(subject.in_(subjects)) if subjects else statement


async def _take_away(session: AsyncSession, steps: Steps, kept: Kept, stretch: Stretch) -> None:
    slots = kept.slots
    rows = await session.execute(
        select(slots.start_at, kept.subject(slots), *kept.columns(slots))
        .where(slots.start_at >= stretch.start, slots.start_at < stretch.end)
        .where(kept.subject(slots).in_(stretch.subjects))
    )
    for at, subject, *numbers in rows:
        steps.quarter(quarter_of(at), subject, [-number for number in kept.whole(numbers)])
