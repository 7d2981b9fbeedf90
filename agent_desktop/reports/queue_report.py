"""Queues by interval: six large figures, the chart, a row for each step with every figure beside the earlier period."""

from __future__ import annotations

import asyncio
from typing import Any

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import asked_word, compared_word, form_of, span_cell
from agent_desktop.reports.queue_figures import QueueFigures, queue_figures
from agent_desktop.reports.sheet import WHOLE, Cell, Chart, Column, Figure, Kind, ReportTable, Row, Series, Sheet
from agent_desktop.words import N_
from reports.intervals import WholeInterval
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_HANDLING_TIME,
    AVERAGE_SPEED_OF_ANSWER,
    OCCUPANCY,
    SERVICE_LEVEL,
    Metric,
    QueueCounts,
)
from reports.periods import Span
from reports.tallies import AgentFigures

NEAR_TARGET = 0.05
"""So far below the target a service level is yellow, beyond red."""
MANY_ABANDON = 0.05
"""From this abandon rate on a row is yellow."""


async def queue_sheet(look: ReportLook) -> Sheet:
    """Written out in a thread: a month of half hours is half a second in which calls would wait."""
    return await asyncio.to_thread(_sheet, look, await queue_figures(look))


def _sheet(look: ReportLook, figures: QueueFigures) -> Sheet:
    return Sheet(
        word=look.say(N_("Queues by interval")),
        period=asked_word(look),
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


def _row(look: ReportLook, figures: QueueFigures, one: WholeInterval) -> Row:
    counts, before = one.total, figures.earlier.get(one.span.start)
    return Row(
        key=str(int(one.span.start.timestamp())),
        cells=[
            span_cell(one.span, look.asked.period),
            *_cells(counts, before, compared=figures.compared),
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
        cells=[
            look.say(N_("Total")),
            *_cells(figures.whole, figures.earlier_whole, compared=figures.compared),
            *_staffed(look, figures),
        ],
        tones=_tones(figures, figures.whole),
        estimated=sum(one.estimated for one in figures.intervals),
    )


def _cells(counts: QueueCounts, before: QueueCounts | None, *, compared: bool) -> list[Cell]:
    change = [changed(counts.offered, before.offered if before else None)] if compared else []
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
