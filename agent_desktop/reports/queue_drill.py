"""A figure of the queue report opened: its fraction, its words, its other ways to count, and the calls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.queue_report import (
    QueueFigures,
    abandon_tone,
    form_of,
    level_tone,
    period_word,
    queue_figures,
    queues_word,
    span_cell,
)
from agent_desktop.reports.same_time import same_time
from agent_desktop.reports.sheet import WHOLE, Cell, Column, Drill, Form, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import KINDS, N_, OUTCOMES, TOPICS
from reports.abandoned import Fate, Followed
from reports.abandoned_queries import abandoned_calls
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
from reports.visits import Behind, VisitLine, callback_results, count_visits, visits

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
        return Opened(of, figures.whole, period.start, period.end, seconds, period_word(look))
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
        listed=await _listed(look, shown, lines),
        count=count,
        more=look.asked.address("/reports/queues/calls", row=look.asked.row, of=shown.of) if count else "",
        empty=look.say(N_("No call lies behind this figure.")),
        foot=foot,
        foot_link=foot_link,
    )


def _behind(look: ReportLook, shown: Opened) -> Behind:
    return Behind(which=shown.of, start=shown.start, end=shown.end, zone=look.zone, queues=look.asked.queues)


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


async def _notes(look: ReportLook, shown: Opened, lines: list[VisitLine]) -> list[str]:
    """For each line what became of it: who took it, or when the caller called again or was called."""
    fates: dict[str, Followed] = {}
    if any(line.result == "abandoned" for line in lines):
        followed = await abandoned_calls(look.session, shown.start, shown.end, now=look.now, queues=look.asked.queues)
        fates = {one.visit.contact_id: one for one in followed}
    backs = await callback_results(look.session, [one.contact for one in lines if one.result == "callback"])
    return [_note(look, line, fates.get(line.contact), backs.get(line.contact)) for line in lines]


async def _listed(look: ReportLook, shown: Opened, lines: list[VisitLine]) -> list[Listed]:
    notes = await _notes(look, shown, lines)
    one_day = look.asked.period.days == 1 or not look.asked.period.by_days
    form = Form.CLOCK if one_day else Form.MOMENT
    return [
        Listed(
            at=written_time(line.entered_at, form, look.language, look.zone),
            word=f"{_who(look, line)} · {look.named.queue(line.queue)}",
            what=_what(look, line),
            tone=_line_tone(line),
            note=note,
            link=f"/contacts/{quote(line.contact, safe='')}",
        )
        for line, note in zip(lines, notes, strict=True)
    ]


def _who(look: ReportLook, line: VisitLine) -> str:
    return line.customer or formats.masked_number(line.number, look.language)


def _line_tone(line: VisitLine) -> str:
    return "breach" if line.result == "abandoned" else "warn" if line.result == "answered" else "mid"


def _what(look: ReportLook, line: VisitLine) -> str:
    waited = formats.duration(line.wait)
    if line.result == "abandoned":
        return look.say(N_("abandoned {time}"), time=waited)
    if line.result == "answered":
        return look.say(N_("waited {time}"), time=waited)
    return look.say(OUTCOMES.get(line.result, N_("Lost")))


def _note(look: ReportLook, line: VisitLine, fate: Followed | None, back: tuple[str, datetime | None] | None) -> str:
    if line.result == "answered":
        said = look.say(N_("{agent} took it"), agent=look.named.person(line.agent)) if line.agent else ""
        what = look.say(KINDS[line.kind]) if line.kind in KINDS else look.say(TOPICS.get(line.topic, ""))
        return " · ".join(part for part in (said, what) if part)
    if back is not None and back[0] == "reached" and back[1]:
        return look.say(N_("Called back {time}"), time=_moment(look, back[1]))
    return became_word(look, fate) if fate else ""


FATES = {
    Fate.SOLVED: N_("{time} called again, {agent} took it · settled"),
    Fate.REACHED: N_("{time} called again, {agent} took it · in work"),
    Fate.CALLED_BACK: N_("{time} called back by {agent}"),
    Fate.WAITING: N_("{time} left a message or asked for a callback"),
    Fate.MISSED_AGAIN: N_("{time} tried again, not served · better call back"),
    Fate.NEVER: N_("Did not call again · better call back"),
    Fate.OPEN: N_("Has not called again yet · better call back"),
}


def became_word(look: ReportLook, fate: Followed) -> str:
    """What became of a caller who gave up, in a line."""
    time = _moment(look, fate.by.at) if fate.by else ""
    return look.say(FATES[fate.fate], time=time, agent=look.named.person(fate.by.agent) if fate.by else "")


def _moment(look: ReportLook, at: datetime) -> str:
    same = at.astimezone(look.zone).date() == look.asked.period.first and look.asked.period.days == 1
    return written_time(at, Form.CLOCK if same else Form.MOMENT, look.language, look.zone)


async def queue_calls(look: ReportLook) -> Sheet:
    """The whole list behind a figure, as a table that can be taken as a file."""
    figures = await queue_figures(look)
    shown = opened(look, figures)
    if shown is None:
        return Sheet(word=look.say(N_("Calls")), table=ReportTable(columns=_list_columns(look), rows=[]))
    behind = _behind(look, shown)
    lines = await visits(look.session, behind, most=IN_LIST)
    notes = await _notes(look, shown, lines)
    count = await count_visits(look.session, behind)
    cut = look.say(N_("The first {count} are listed. Choose a shorter period for the others."), count=f"{IN_LIST:,}")
    return Sheet(
        word=look.say(LISTS[shown.of], count=formats.count(count)),
        period=f"{shown.word} · {queues_word(look)}",
        table=ReportTable(
            columns=_list_columns(look),
            rows=[_list_row(look, line, note) for line, note in zip(lines, notes, strict=True)],
            empty=look.say(N_("No call lies behind this figure.")),
        ),
        note=cut if count > IN_LIST else "",
    )


def _list_columns(look: ReportLook) -> list[Column]:
    text = Kind.TEXT
    return [
        Column(key="time", word=look.say(N_("When")), kind=Kind.TIME, form=Form.MOMENT),
        Column(key="customer", word=look.say(N_("Customer")), kind=text),
        Column(key="number", word=look.say(N_("Number")), kind=text, weight="dim"),
        Column(key="queue", word=look.say(N_("Queue")), kind=text),
        Column(key="wait", word=look.say(N_("Waited")), kind=Kind.SECONDS),
        Column(key="result", word=look.say(N_("Outcome")), kind=text),
        Column(key="agent", word=look.say(N_("Agent")), kind=text),
        Column(key="became", word=look.say(N_("What became of it")), kind=text, weight="dim"),
    ]


def _list_row(look: ReportLook, line: VisitLine, became: str) -> Row:
    result = look.say(OUTCOMES.get(line.result, N_("Lost")))
    cells: list[Cell] = [
        line.entered_at, line.customer or look.say(N_("Unknown caller")),
        formats.masked_number(line.number, look.language), look.named.queue(line.queue), line.wait, result,
        look.named.person(line.agent) if line.agent else "", became,
    ]  # fmt: skip
    tones = {"result": "breach"} if line.result == "abandoned" else {}
    return Row(key=line.contact, cells=cells, tones=tones, link=f"/contacts/{quote(line.contact, safe='')}")
