"""Queues by interval: six large figures, the chart, a row for each step with every figure beside the earlier period."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent_desktop import formats
from agent_desktop.reports.cells import short_day, written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.sheet import WHOLE, Cell, Chart, Column, Figure, Form, Kind, ReportTable, Row, Series, Sheet
from agent_desktop.words import N_
from reports.intervals import QueueInterval, queue_intervals, staff_intervals
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_HANDLING_TIME,
    AVERAGE_SPEED_OF_ANSWER,
    OCCUPANCY,
    SERVICE_LEVEL,
    Metric,
    QueueCounts,
    Thresholds,
    total,
)
from reports.periods import Compare, Period, Span, Step
from reports.tallies import AgentFigures
from reports.thresholds import threshold_history

NEAR_TARGET = 0.05
"""So far below the target a service level is yellow, beyond red."""
MANY_ABANDON = 0.05
"""From this abandon rate on a row is yellow."""
FORMS = {Step.DAY: Form.DAY, Step.WEEK: Form.WEEK, Step.MONTH: Form.MONTH}
_BEFORE = {
    Compare.BEFORE: N_("the days before"),
    Compare.WEEK: N_("the weeks before"),
    Compare.YEAR: N_("a year ago"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """The steps of the period that are shown, what each had in the earlier period, and the thresholds that hold for
    all chosen queues (None = they differ)."""

    intervals: Sequence[QueueInterval]
    earlier: Mapping[datetime, QueueCounts]
    whole: QueueCounts
    earlier_whole: QueueCounts | None
    staff: Mapping[datetime, AgentFigures]  # of all agents, by step; empty when single queues are asked
    staff_whole: AgentFigures
    service_seconds: int | None
    short_seconds: int | None
    target: float | None


async def queue_figures(look: ReportLook) -> QueueFigures:
    """Asked once for the page, its files and its mail."""
    asked = look.asked
    intervals = await queue_intervals(look.session, asked.period, asked.queues)
    compared = asked.period.compared(asked.compare)
    before = await queue_intervals(look.session, compared, asked.queues) if compared else []
    staff = await _staff(look) if not asked.queues else {}
    reached = [one for one in intervals if one.span.start <= look.now]
    limits = await _limits(look, reached)
    return await asyncio.to_thread(_gathered, reached, before, compared, asked.period, (staff, limits))


def _gathered(
    reached: Sequence[QueueInterval],
    before: Sequence[QueueInterval],
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
        staff=staff,
        staff_whole=sum(staff.values(), AgentFigures()),
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
    intervals: Sequence[QueueInterval], before: Sequence[QueueInterval], period: Period, compared: Period | None
) -> dict[datetime, QueueCounts]:
    """Each step's counts in the earlier period, found by its day and time of the clock: also over a clock change."""
    if compared is None:
        return {}
    earlier = {_place(one.span, compared): one.total for one in before}
    return {one.span.start: earlier.get(_place(one.span, period), QueueCounts()) for one in intervals}


def _place(span: Span, period: Period) -> tuple[int, str]:
    if period.step in (Step.WEEK, Step.MONTH):  # whatever the day of the month, the nth with the nth
        months = (span.day.year - period.first.year) * 12 + span.day.month - period.first.month
        return (months if period.step is Step.MONTH else -(-(span.day - period.first).days // 7)), ""
    return (span.day - period.first).days, f"{span.start.astimezone(period.zone):%H:%M}"


def _so_far(reached: Sequence[QueueInterval], beside: Mapping[datetime, QueueCounts]) -> QueueCounts:
    """Of a day that still runs only the same hours of the earlier one."""
    return total(beside.get(one.span.start, QueueCounts()) for one in reached)


def _with_calls(
    intervals: Sequence[QueueInterval], beside: Mapping[datetime, QueueCounts], period: Period
) -> list[QueueInterval]:
    """Without the hours of the night in which nobody called on any day; days, weeks and months stay all."""
    if period.by_days:
        return list(intervals)
    busy = sorted(
        f"{one.span.start.astimezone(period.zone):%H:%M}"
        for one in intervals
        if one.total.offered or beside.get(one.span.start, QueueCounts()).offered
    )
    if not busy:
        return []
    return [one for one in intervals if busy[0] <= f"{one.span.start.astimezone(period.zone):%H:%M}" <= busy[-1]]


async def _limits(look: ReportLook, intervals: Sequence[QueueInterval]) -> list[Thresholds]:
    """Of each chosen queue on the first and on the last day, as they were then."""
    chosen = set(look.asked.queues) or {queue for one in intervals for queue in one.queues}
    chosen = chosen or {row.id for row in look.queues if row.removed_at is None}
    history, period = await threshold_history(look.session), look.asked.period
    return [history.on(queue, day) for queue in chosen for day in {period.first, period.last}]


def _same(values: set[int]) -> int | None:
    return values.pop() if len(values) == 1 else None


def _share(percent: int | None) -> float | None:
    return None if percent is None else percent / 100


def compared_word(look: ReportLook) -> str:
    """上周四 for one day against its weekday, else 前一段 and the like; "" without a comparison."""
    asked = look.asked
    compared = asked.period.compared(asked.compare)
    if compared is None:
        return ""
    if asked.compare is Compare.WEEK and asked.period.days == 1:
        name = formats.weekday(compared.first, look.language)
        return f"上{name}" if look.language == "zh-CN" else f"last {name}"
    if asked.compare is Compare.WEEK and asked.period.days <= 7:
        return look.say(N_("the week before"))
    if asked.period.days == 1:
        return short_day(compared.first)
    return look.say(_BEFORE[asked.compare])


def period_word(look: ReportLook) -> str:
    """今天 7 月 16 日, 7-13 – 7-19."""
    period = look.asked.period
    if period.days > 1:
        year = period.first.year != look.now.astimezone(look.zone).year
        return f"{_day(period.first, year)} – {_day(period.last, year)}"
    day = formats.long_day(period.first, look.language)
    today = look.now.astimezone(look.zone).date()
    near = formats.day(period.first, today, look.language) if (today - period.first).days in (0, 1) else ""
    if near:
        return f"{near} {day.rsplit(' ', 1)[0]}" if look.language == "zh-CN" else f"{near}, {day}"
    return day if period.first.year == today.year else period.first.isoformat()


def _day(day: date, year: bool) -> str:
    return day.isoformat() if year else short_day(day)


def queues_word(look: ReportLook) -> str:
    """All queues, one by name, or 售后服务 and 2 more."""
    chosen = look.asked.queues
    if not chosen:
        return look.say(N_("All queues"))
    first = look.named.queue(chosen[0])
    return first if len(chosen) == 1 else look.say(N_("{queue} and {count} more"), queue=first, count=len(chosen) - 1)


def form_of(period: Period) -> Form:
    return FORMS.get(period.step) or (Form.CLOCK if period.days == 1 else Form.MOMENT)


def span_cell(span: Span, period: Period) -> datetime | date:
    return span.day if period.by_days else span.start


async def queue_sheet(look: ReportLook) -> Sheet:
    """Written out in a thread: a month of half hours is half a second in which calls would wait."""
    return await asyncio.to_thread(_sheet, look, await queue_figures(look))


def _sheet(look: ReportLook, figures: QueueFigures) -> Sheet:
    return Sheet(
        word=look.say(N_("Queues by interval")),
        period=period_word(look),
        figures=_figures(look, figures),
        chart=_chart(look, figures),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(look, figures, one) for one in figures.intervals],
            totals=_total_row(look, figures),
            empty=look.say(N_("No calls in this period. Choose other days, or more queues.")),
        ),
        told=look.say(N_("{count} calls, each can be opened"), count=formats.count(figures.whole.offered)),
    )


def _figures(look: ReportLook, figures: QueueFigures) -> list[Figure]:
    whole, before, than = figures.whole, figures.earlier_whole, compared_word(look)
    abandoned, level, answer = ABANDON_RATE.of(whole), SERVICE_LEVEL.of(whole), AVERAGE_SPEED_OF_ANSWER.of(whole)
    seconds = figures.service_seconds
    level_word = N_("Service level {seconds} s")
    level_name = look.say(level_word, seconds=seconds) if seconds else look.say(N_("Service level"))
    short = look.say(N_("and {count} short ones"), count=whole.short_abandoned)
    if figures.short_seconds:
        short += look.say(N_(" (< {seconds} s)"), seconds=figures.short_seconds)
    target = look.say(N_("target {target}"), target=f"{figures.target * 100:g}%") if figures.target else ""
    return [
        Figure(
            key="offered", word=look.say(N_("Offered")), value=whole.offered, opens="offered",
            note=_than(look, than, changed(whole.offered, before.offered if before else None), Kind.CHANGE),
        ),
        Figure(
            key="answered", word=look.say(N_("Taken")), value=whole.answered, opens="answered",
            note=formats.rate(whole.answered / whole.offered) if whole.offered else "",
        ),
        Figure(
            key="abandoned", word=look.say(N_("Abandoned")), value=whole.abandoned - whole.short_abandoned,
            note=short, opens="abandon_rate",
        ),
        Figure(
            key="abandon_rate", word=look.say(N_("Abandon rate")), value=abandoned.value, kind=Kind.PERCENT,
            note=_than(look, than, ABANDON_RATE.of(before).value if before else None, Kind.PERCENT),
            tone=abandon_tone(abandoned.value), opens="abandon_rate",
        ),
        Figure(
            key="service_level", word=level_name, value=level.value, kind=Kind.PERCENT, opens="service_level",
            note=target, tone=level_tone(level.value, figures.target),
        ),
        Figure(
            key="answer", word=look.say(N_("Average answer time")), value=answer.value, kind=Kind.SECONDS,
            note=_than(look, than, AVERAGE_SPEED_OF_ANSWER.of(before).value if before else None, Kind.SECONDS),
            opens="answer",
        ),
    ]  # fmt: skip


def _than(look: ReportLook, than: str, value: float | None, kind: Kind) -> str:
    return f"{than} {look.write(value, kind)}" if than and value is not None else ""


def changed(now: float | None, before: float | None) -> float | None:
    """By which share it grew; None when there was nothing."""
    return (now - before) / before if before and now is not None else None


def level_tone(level: float | None, target: float | None) -> str:
    if level is None or target is None or level >= target:
        return ""
    return "warn" if level >= target - NEAR_TARGET else "breach"


def abandon_tone(rate: float | None) -> str:
    return "warn" if rate is not None and rate >= MANY_ABANDON else ""


def _columns(look: ReportLook) -> list[Column]:
    than = compared_word(look)
    change = look.say(N_("Against {than}"), than=than) if than else ""
    return [
        Column(key="time", word=look.say(N_("Interval")), kind=Kind.TIME, form=form_of(look.asked.period)),
        Column(key="offered", word=look.say(N_("Offered")), opens="offered"),
        *([Column(key="change", word=change, kind=Kind.CHANGE, weight="dim")] if than else []),
        Column(key="answered", word=look.say(N_("Taken")), opens="answered"),
        Column(key="abandoned", word=look.say(N_("Abandoned")), opens="abandon_rate"),
        Column(key="short_abandoned", word=look.say(N_("Short")), opens="short_abandoned", weight="dim"),
        _metric_column(look, "abandon_rate", N_("Abandon rate"), ABANDON_RATE),
        _metric_column(look, "service_level", N_("Service level"), SERVICE_LEVEL, weight="strong"),
        _metric_column(look, "answer", N_("Average answer time"), AVERAGE_SPEED_OF_ANSWER),
        *([] if look.asked.queues else _staff_columns(look)),
    ]


def _staff_columns(look: ReportLook) -> list[Column]:
    return [
        _metric_column(look, "", N_("Handling time"), AVERAGE_HANDLING_TIME),
        _metric_column(look, "", N_("Occupancy"), OCCUPANCY),
    ]


def _metric_column(look: ReportLook, key: str, word: str, metric: Metric[Any], *, weight: str = "") -> Column:
    kind = Kind.PERCENT if metric.unit == "percent" else Kind.SECONDS
    about = metric.words_en if look.language == "en" else metric.words_zh
    return Column(key=key or metric.id, word=look.say(word), kind=kind, opens=key, weight=weight, about=about)


def _row(look: ReportLook, figures: QueueFigures, one: QueueInterval) -> Row:
    counts, before = one.total, figures.earlier.get(one.span.start)
    return Row(
        key=str(int(one.span.start.timestamp())),
        cells=[
            span_cell(one.span, look.asked.period),
            *_cells(look, counts, before),
            *_staffed(look, figures, one.span),
        ],
        tones=_tones(figures, counts),
        estimated=one.estimated,
    )


def _total_row(look: ReportLook, figures: QueueFigures) -> Row | None:
    if not figures.intervals:
        return None
    return Row(
        key=WHOLE,
        cells=[look.say(N_("Total")), *_cells(look, figures.whole, figures.earlier_whole), *_staffed(look, figures)],
        tones=_tones(figures, figures.whole),
        estimated=sum(one.estimated for one in figures.intervals),
    )


def _cells(look: ReportLook, counts: QueueCounts, before: QueueCounts | None) -> list[Cell]:
    change = [changed(counts.offered, before.offered if before else None)] if compared_word(look) else []
    return [
        counts.offered,
        *change,
        counts.answered,
        counts.abandoned - counts.short_abandoned,
        counts.short_abandoned,
        ABANDON_RATE.of(counts).value,
        SERVICE_LEVEL.of(counts).value,
        AVERAGE_SPEED_OF_ANSWER.of(counts).value,
    ]


def _staffed(look: ReportLook, figures: QueueFigures, span: Span | None = None) -> list[Cell]:
    """Handling time and occupancy of the step, or of all; nothing when single queues are asked."""
    if look.asked.queues:
        return []
    times = (figures.staff_whole if span is None else figures.staff.get(span.start, AgentFigures())).times
    return [AVERAGE_HANDLING_TIME.of(times).value, OCCUPANCY.of(times).value]


def _tones(figures: QueueFigures, counts: QueueCounts) -> dict[str, str]:
    tones = {
        "abandon_rate": abandon_tone(ABANDON_RATE.of(counts).value),
        "service_level": level_tone(SERVICE_LEVEL.of(counts).value, figures.target),
    }
    return {name: tone for name, tone in tones.items() if tone}


def _chart(look: ReportLook, figures: QueueFigures) -> Chart | None:
    if not figures.intervals:
        return None
    than = compared_word(look)
    counts = [one.total for one in figures.intervals]
    levels = [SERVICE_LEVEL.of(one).value for one in counts]
    lost = [one.abandoned - one.short_abandoned for one in counts]
    bad = [place for place, level in enumerate(levels) if level_tone(level, figures.target) == "breach"]
    series = [
        Series(
            word=look.say(N_("Offered")), shape="bar", values=[c.offered - x for c, x in zip(counts, lost, strict=True)]
        ),
        Series(word=look.say(N_("of them abandoned")), shape="bar", values=lost, tone="breach"),
    ]
    if than:
        earlier = [figures.earlier.get(one.span.start, QueueCounts()).offered for one in figures.intervals]
        word = look.say(N_("Offered {than}"), than=than)
        series.append(Series(word=word, shape="mark", values=earlier, tone="mark"))
    word = look.say(N_("Service level %"))
    series.append(Series(word=word, shape="line", values=levels, tone="agent", percent=True, breaches=bad))
    return Chart(
        word=look.say(N_("Calls and service level")),
        labels=[_label(one.span, look) for one in figures.intervals],
        keys=[str(int(one.span.start.timestamp())) for one in figures.intervals],
        series=series,
        target=figures.target,
    )


def _label(span: Span, look: ReportLook) -> str:
    period = look.asked.period
    return written_time(span_cell(span, period), form_of(period), look.language, look.zone)
