"""A week of every queue as the staffing pages show it: forecasts, goals, corrections, the draft of the plan."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.other_workers import OtherWorkers
from crm_core.forecasts.model import ForecastCorrection, StaffingGoal
from crm_core.forecasts.queries import corrections, goals
from crm_core.shifts.queries import worked
from crm_core.shifts.times import Shift, week_days
from crm_core.workforce.holidays import SpecialDay
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import AgentFacts, agents, queues
from crm_core.workforce.special_days import special_days
from reports.forecast import Forecast
from reports.needed import Goal
from reports.outlook import Corrected, HalfHour, Outlook, half_hours, presence, shared_out
from reports.volumes import KNOWN_DAYS, SLOTS, kind_of, pasts

KEPT = timedelta(minutes=15)
"""Learning 13 weeks of six queues takes about a second, and a quarter of an hour changes no forecast."""


class Learnt:
    """What the queues taught, kept for `KEPT`; at `app.state.learnt`."""

    def __init__(self, others: OtherWorkers | None = None) -> None:
        self._others = others or OtherWorkers()
        self._others.hear("learnt", lambda _key, _more: self._forget())
        self._at: datetime | None = None
        self._known: frozenset[str] = frozenset()
        self._outlooks: dict[str, Outlook] = {}

    def forget(self) -> None:
        """What was learnt is no longer true: learn anew when next asked, in all workers."""
        self._forget()
        self._others.tell("learnt")

    def _forget(self) -> None:
        self._at = None

    async def outlooks(
        self, session: AsyncSession, rows: Sequence[QueueRow], now: datetime, zone: ZoneInfo
    ) -> dict[str, Outlook]:
        asked = frozenset(row.id for row in rows)
        if self._at is None or now - self._at > KEPT or asked != self._known:
            first = now.astimezone(zone).date() - timedelta(days=KNOWN_DAYS)
            special = await special_days(session, first, now.astimezone(zone).date())
            found = await pasts(session, sorted(asked), now, zone, special)
            # Beside the loop: it fits curves for half a second, and calls go on meanwhile.
            self._outlooks = {queue: await asyncio.to_thread(Outlook, past) for queue, past in found.items()}
            self._at, self._known = now, asked
        return self._outlooks


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDay:
    """One queue on one day; `told` None = too little is known to foresee it, and `rows` is empty."""

    on: date
    told: Forecast | None
    rows: tuple[HalfHour, ...] = ()

    def agent_hours(self, model: str) -> float:
        """Hours at the telephone that the goal asks for."""
        return sum(row.wanted(model).agents for row in self.rows) * 24 / SLOTS

    @property
    def planned_hours(self) -> float:
        return sum(row.planned for row in self.rows) * 24 / SLOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffedWeek:
    """`days` maps a queue to its seven days, Monday first."""

    monday: date
    queues: tuple[QueueRow, ...]
    special: Mapping[date, SpecialDay]
    outlooks: Mapping[str, Outlook]
    goals: Mapping[str, StaffingGoal]
    corrections: tuple[ForecastCorrection, ...]
    days: Mapping[str, tuple[QueueDay, ...]]
    shifts: tuple[Shift, ...]
    crew: tuple[AgentFacts, ...]


async def staffed_week(
    session: AsyncSession, learnt: Learnt, monday: date, now: datetime, zone: ZoneInfo
) -> StaffedWeek:
    """The week with the draft of the plan; shifts of the Sunday before reach into Monday."""
    rows, crew = await queues(session), await agents(session)
    outlooks = await learnt.outlooks(session, rows, now, zone)
    days = week_days(monday)
    special = await special_days(session, days[0], days[-1])
    known, changed = await goals(session), await corrections(session, days[0], days[-1])
    shifts = await worked(session, monday - timedelta(days=1), days[-1], published=False)
    found: dict[str, list[QueueDay]] = {row.id: [] for row in rows}
    for on in days:
        told = await asyncio.to_thread(_day, rows, outlooks, known, changed, (on, kind_of(special.get(on))))
        for queue, one in told.items():
            found[queue].append(one)
    planned = {
        on: _planned({queue: found[queue][place] for queue in found}, rows, crew, shifts)
        for place, on in enumerate(days)
    }
    return StaffedWeek(
        monday=monday, queues=tuple(rows), special=special, outlooks=outlooks, goals=known,
        corrections=tuple(changed), shifts=tuple(shifts), crew=tuple(crew),
        days={queue: tuple(planned[one.on][queue] for one in of_queue) for queue, of_queue in found.items()},
    )  # fmt: skip


def goal_of(row: QueueRow, known: StaffingGoal | None, outlook: Outlook | None) -> Goal:
    """The queue's own service target with what was set for its staffing, else the defaults."""
    known = known or default_goal(row.id)
    measured = outlook.past.patience if outlook else 120.0
    return Goal(
        share=min(max(row.service_target_percent, 1), 99) / 100,
        within=float(row.service_seconds),
        most_occupied=known.occupancy_percent / 100,
        shrinkage=known.shrinkage_percent / 100,
        patience=float(known.patience_seconds or round(measured)),
    )


def default_goal(queue: str) -> StaffingGoal:
    return StaffingGoal(queue=queue, occupancy_percent=85, shrinkage_percent=12, patience_seconds=0, model="A")


def _day(
    rows: Sequence[QueueRow],
    outlooks: Mapping[str, Outlook],
    known: Mapping[str, StaffingGoal],
    changed: Sequence[ForecastCorrection],
    when: tuple[date, str],
) -> dict[str, QueueDay]:
    (on, kind), found = when, {}
    for row in rows:
        mine = [one for one in changed if one.queue == row.id and one.day == on]
        corrected = [Corrected(one.from_minute, one.until_minute, one.percent / 100) for one in mine]
        outlook = outlooks[row.id]
        told = outlook.day(on, kind, corrected)
        goal = goal_of(row, known.get(row.id), outlook)
        cells = tuple(half_hours(told, outlook.past.handling, goal)) if told else ()
        found[row.id] = QueueDay(on=on, told=told, rows=cells)
    return found


def _planned(
    days: Mapping[str, QueueDay], rows: Sequence[QueueRow], crew: Sequence[AgentFacts], shifts: Sequence[Shift]
) -> dict[str, QueueDay]:
    on = next(iter(days.values())).on if days else date.min
    knows = {one.number: frozenset(row.id for row in rows if row.skill in one.skills) for one in crew}
    work = {queue: [cell.erlangs for cell in day.rows] or [0.0] * SLOTS for queue, day in days.items()}
    counted = shared_out(presence(shifts, on), knows, work)
    return {
        queue: replace(
            day,
            rows=tuple(replace(cell, planned=part) for cell, part in zip(day.rows, counted[queue], strict=False)),
        )
        for queue, day in days.items()
    }
