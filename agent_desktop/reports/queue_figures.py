"""What the report of queues is made of: its steps, the earlier period beside them, who worked, which limits hold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from agent_desktop.reports.conditions import conditions_of
from agent_desktop.reports.look import ReportLook
from reports.intervals import WholeInterval, queue_intervals, staff_intervals, whole_intervals
from reports.metrics import QueueCounts, Thresholds, total
from reports.periods import Period, Span, Step
from reports.tallies import AgentFigures, together
from reports.thresholds import threshold_history


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """The steps of the period that are shown, what each had in the earlier period, and the thresholds that hold for
    all chosen queues (None = they differ)."""

    intervals: Sequence[WholeInterval]
    earlier: Mapping[datetime, QueueCounts]
    whole: QueueCounts
    earlier_whole: QueueCounts | None
    compared: bool
    staff: Mapping[datetime, AgentFigures]  # of all agents, by step; empty when single queues are asked
    staff_whole: AgentFigures
    service_seconds: int | None
    short_seconds: int | None
    target: float | None


async def queue_figures(look: ReportLook) -> QueueFigures:
    """Asked once for the page, its files and its mail."""
    asked = look.asked
    intervals = await whole_intervals(look.session, asked.period, asked.queues)
    compared = asked.period.compared(asked.compare)
    before = await whole_intervals(look.session, compared, asked.queues) if compared else []
    staff = await _staff(look) if not asked.queues else {}
    wanted = conditions_of(asked)
    reached = [one for one in intervals if one.span.start <= look.now and wanted.hold(one.span, asked.period)]
    limits = await _limits(look)
    return await asyncio.to_thread(_gathered, reached, before, compared, asked.period, (staff, limits))


def _gathered(
    reached: Sequence[WholeInterval],
    before: Sequence[WholeInterval],
    compared: Period | None,
    period: Period,
    more: tuple[Mapping[datetime, AgentFigures], Sequence[Thresholds]],
) -> QueueFigures:
    """What was asked, put together: in a thread, for a month has thousands of steps."""
    staff, limits = more
    beside = _beside(reached, before, period, compared)
    return QueueFigures(
        intervals=_with_calls(reached, beside, period),
        earlier=beside,
        whole=total(one.total for one in reached),
        earlier_whole=_so_far(reached, beside) if compared else None,
        compared=compared is not None,
        staff=staff,
        staff_whole=together(staff[one.span.start] for one in reached if staff),
        service_seconds=_same({one.service_seconds for one in limits}),
        short_seconds=_same({one.short_abandon_seconds for one in limits}),
        target=_share(_same({one.target_percent for one in limits})),
    )


async def _staff(look: ReportLook) -> dict[datetime, AgentFigures]:
    """An agent's time belongs to no queue: it stands beside the figures of all queues only."""
    period = look.asked.period
    staff = await staff_intervals(look.session, period, now=look.now)
    return {span.start: figures for span, figures in zip(period.spans(), staff, strict=True)}


def _beside(
    intervals: Sequence[WholeInterval], before: Sequence[WholeInterval], period: Period, compared: Period | None
) -> dict[datetime, QueueCounts]:
    """Each step's counts in the earlier period, found by its day and time of the clock: also over a clock change."""
    if compared is None:
        return {}
    earlier = {_place(one.span, compared): one.total for one in before}
    return {one.span.start: earlier.get(_place(one.span, period), QueueCounts()) for one in intervals}


def _place(span: Span, period: Period) -> tuple[int, time | None]:
    if period.step in (Step.WEEK, Step.MONTH):  # whatever the day of the month, the nth with the nth
        months = (span.day.year - period.first.year) * 12 + span.day.month - period.first.month
        return (months if period.step is Step.MONTH else -(-(span.day - period.first).days // 7)), None
    return (span.day - period.first).days, span.start.astimezone(period.zone).time()


def _so_far(reached: Sequence[WholeInterval], beside: Mapping[datetime, QueueCounts]) -> QueueCounts:
    """Of a day that still runs only the same hours of the earlier one."""
    return total(beside.get(one.span.start, QueueCounts()) for one in reached)


def _with_calls(
    intervals: Sequence[WholeInterval], beside: Mapping[datetime, QueueCounts], period: Period
) -> list[WholeInterval]:
    """Without the hours of the night in which nobody called on any day; days, weeks and months stay all."""
    if period.by_days:
        return list(intervals)
    clocks = [one.span.start.astimezone(period.zone).time() for one in intervals]
    none = QueueCounts()
    busy = [
        clock
        for clock, one in zip(clocks, intervals, strict=True)
        if one.total.offered or beside.get(one.span.start, none).offered
    ]
    if not busy:
        return []
    first, last = min(busy), max(busy)
    return [one for clock, one in zip(clocks, intervals, strict=True) if first <= clock <= last]


async def _limits(look: ReportLook) -> list[Thresholds]:
    """Of each chosen queue on the first and on the last day, as they were then; none chosen: of those with calls."""
    period = look.asked.period
    chosen = set(look.asked.queues)
    if not chosen:
        months = await queue_intervals(look.session, replace(period, step=Step.MONTH))
        chosen = {queue for month in months for queue in month.queues}
    chosen = chosen or {row.id for row in look.queues if row.removed_at is None}
    history = await threshold_history(look.session)
    return [history.on(queue, day) for queue in chosen for day in {period.first, period.last}]


def _same(values: set[int]) -> int | None:
    return values.pop() if len(values) == 1 else None


def _share(percent: int | None) -> float | None:
    return None if percent is None else percent / 100
