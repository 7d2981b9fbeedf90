"""A figure of the queue report opened: its fraction, its words, its other ways to count, and the calls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.conditions import conditions_of
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import asked_word, form_of, queues_word, span_cell
from agent_desktop.reports.queue_figures import QueueFigures, queue_figures
from agent_desktop.reports.queue_lines import list_columns, list_row, listed, notes
from agent_desktop.reports.queue_report import abandon_tone, level_tone
from agent_desktop.reports.same_time import same_time
from agent_desktop.reports.sheet import WHOLE, Drill, Kind, ReportTable, Sheet
from agent_desktop.words import N_
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_ABANDON_TIME,
    AVERAGE_SPEED_OF_ANSWER,
    QUEUE_METRICS,
    SERVICE_LEVEL,
    Metric,
    QueueCounts,
)
from reports.periods import Span
from reports.visits import Behind, count_visits, visits

IN_PANEL, IN_LIST = 50, 5000
WORDS = {
    "offered": N_("Offered"),
    "answered": N_("Taken"),
    "short_abandoned": N_("Short abandons"),
    "abandon_rate": N_("Abandon rate"),
    "service_level": N_("Service level"),
    "answer": N_("Average answer time"),
}
LISTS = {
    "offered": N_("{count} calls"),
    "answered": N_("{count} calls taken"),
    "short_abandoned": N_("{count} short abandons"),
    "abandon_rate": N_("{count} callers gave up"),
    "service_level": N_("{count} missed the service level"),
    "answer": N_("{count} calls taken, the longest wait first"),
}
METRICS: Mapping[str, Metric[QueueCounts]] = {
    "abandon_rate": ABANDON_RATE,
    "service_level": SERVICE_LEVEL,
    "answer": AVERAGE_SPEED_OF_ANSWER,
}
OTHERS = {
    "abandon_rate": (AVERAGE_ABANDON_TIME,),
    "service_level": tuple(QUEUE_METRICS[f"service_level_{letter}"] for letter in "abcd"),
    "answer": (AVERAGE_ABANDON_TIME,),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What the address names: the figure, the counts and the time of the row."""

    of: str
    counts: QueueCounts
    start: datetime
    end: datetime
    estimated: float
    word: str


def opened(look: ReportLook, figures: QueueFigures) -> Opened | None:
    """None when the address names no figure, or a row that is not on the page."""
    of = look.asked.of or "service_level"
    if of not in WORDS:
        return None
    if look.asked.row == WHOLE:
        seconds = sum(one.estimated for one in figures.intervals)
        period = look.asked.period
        return Opened(of, figures.whole, period.start, period.end, seconds, asked_word(look))
    for one in figures.intervals:
        if str(int(one.span.start.timestamp())) == look.asked.row:
            return Opened(of, one.total, one.span.start, one.span.end, one.estimated, _span_word(look, one.span))
    return None


def _span_word(look: ReportLook, span: Span) -> str:
    period = look.asked.period
    first = written_time(span_cell(span, period), form_of(period), look.language, look.zone)
    if period.by_days:
        return first
    return f"{first}–{span.end.astimezone(look.zone):%H:%M}"


async def queue_drill(look: ReportLook) -> Drill | None:
    figures = await queue_figures(look)
    shown = opened(look, figures)
    if shown is None:
        return None
    behind = _behind(look, shown)
    count = await count_visits(look.session, behind)
    lines = await visits(look.session, behind, most=IN_PANEL)
    metric = METRICS.get(shown.of)
    ratio = metric.of(shown.counts).value if metric else None
    over, under = _fraction(look, shown, figures)
    foot, foot_link = ("", "") if look.asked.row == WHOLE else await same_time(look, shown.start, shown.end)
    return Drill(
        word=f"{shown.word} {look.say(WORDS[shown.of])}",
        about=_about(look, shown),
        value=look.write(ratio, _kind(metric)) if metric else formats.count(count),
        tone=_tone(shown.of, ratio, figures),
        over=over,
        under=under,
        formula=(metric.words_en if look.language == "en" else metric.words_zh) if metric else "",
        others=[_other(look, other, shown.counts) for other in OTHERS.get(shown.of, ())],
        list_word=look.say(LISTS[shown.of], count=formats.count(count)),
        listed=listed(look, lines, await notes(look, lines, shown.start, shown.end)),
        count=count,
        more=look.asked.address("/reports/queues/calls", row=look.asked.row, of=shown.of) if count else "",
        empty=look.say(N_("No call lies behind this figure.")),
        foot=foot,
        foot_link=foot_link,
    )


def _behind(look: ReportLook, shown: Opened) -> Behind:
    wanted, period = conditions_of(look.asked), look.asked.period
    times = wanted.stretches(period) if wanted and look.asked.row == WHOLE else ()
    return Behind(
        which=shown.of, start=shown.start, end=shown.end, zone=look.zone, queues=look.asked.queues, times=times
    )


def _kind(metric: Metric[QueueCounts] | None) -> Kind:
    return Kind.SECONDS if metric and metric.unit == "seconds" else Kind.PERCENT


def _tone(of: str, ratio: float | None, figures: QueueFigures) -> str:
    if of == "service_level":
        return level_tone(ratio, figures.target)
    return abandon_tone(ratio) if of == "abandon_rate" else ""


def _about(look: ReportLook, shown: Opened) -> str:
    if not shown.estimated:
        return queues_word(look)
    minutes = formats.time_span(shown.estimated, look.language)
    told = look.say(N_("{time} of it are an estimate: we did not hear the exchange then"), time=minutes)
    return f"{queues_word(look)} · {told}"


def _other(look: ReportLook, metric: Metric[QueueCounts], counts: QueueCounts) -> tuple[str, str]:
    name = metric.name_en if look.language == "en" else metric.name_zh
    return name, look.write(metric.of(counts).value, _kind(metric))


def _fraction(look: ReportLook, shown: Opened, figures: QueueFigures) -> tuple[str, str]:
    """The numerator and the denominator in words, with their numbers."""
    counts = shown.counts
    lost = counts.abandoned - counts.short_abandoned
    if shown.of == "service_level":
        seconds = figures.service_seconds
        over = N_("{count} taken within {seconds} s") if seconds else N_("{count} taken in time")
        under = look.say(N_("{answered} taken + {lost} abandoned"), answered=counts.answered, lost=lost)
        return look.say(over, count=counts.answered_in_time, seconds=seconds), under
    if shown.of == "abandon_rate":
        under = N_("{offered} offered − {short} short abandons")
        return (
            look.say(N_("{count} abandoned"), count=lost),
            look.say(under, offered=counts.offered, short=counts.short_abandoned),
        )
    if shown.of == "answer":
        return (
            look.say(N_("{time} of waiting"), time=formats.duration(counts.answer_wait)),
            look.say(N_("{count} taken"), count=counts.answered),
        )
    return "", ""


async def queue_calls(look: ReportLook) -> Sheet:
    """The whole list behind a figure, as a table that can be taken as a file."""
    figures = await queue_figures(look)
    shown = opened(look, figures)
    if shown is None:
        return Sheet(word=look.say(N_("Calls")), table=ReportTable(columns=list_columns(look), rows=[]))
    behind = _behind(look, shown)
    lines = await visits(look.session, behind, most=IN_LIST)
    became = await notes(look, lines, shown.start, shown.end)
    count = await count_visits(look.session, behind)
    cut = look.say(N_("The first {count} are listed. Choose a shorter period for the others."), count=f"{IN_LIST:,}")
    return Sheet(
        word=look.say(LISTS[shown.of], count=formats.count(count)),
        period=f"{shown.word} · {queues_word(look)}",
        table=ReportTable(
            columns=list_columns(look),
            rows=[list_row(look, line, note) for line, note in zip(lines, became, strict=True)],
            empty=look.say(N_("No call lies behind this figure.")),
        ),
        note=cut if count > IN_LIST else "",
    )
