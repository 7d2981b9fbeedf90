"""The calls behind a figure of queues, each with what became of it: lines of the panel, rows of the whole list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.sheet import Cell, Column, Form, Kind, Listed, Row
from agent_desktop.words import KINDS, N_, OUTCOMES, TOPICS
from reports.abandoned import Fate, Followed
from reports.abandoned_queries import abandoned_calls
from reports.visits import VisitLine, callback_results


async def notes(look: ReportLook, lines: Sequence[VisitLine], start: datetime, end: datetime) -> list[str]:
    """For each line of [start, end) what became of it: who took it, or when the caller called again or was called."""
    fates: dict[str, Followed] = {}
    if any(line.result == "abandoned" for line in lines):
        followed = await abandoned_calls(look.session, start, end, now=look.now, queues=look.asked.queues)
        fates = {one.visit.contact_id: one for one in followed}
    backs = await callback_results(look.session, [one.contact for one in lines if one.result == "callback"])
    return [_note(look, line, fates.get(line.contact), backs.get(line.contact)) for line in lines]


def listed(look: ReportLook, lines: Sequence[VisitLine], became: Sequence[str]) -> list[Listed]:
    """The lines of the panel; `became` are their notes."""
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
        for line, note in zip(lines, became, strict=True)
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


def list_columns(look: ReportLook) -> list[Column]:
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


def list_row(look: ReportLook, line: VisitLine, became: str) -> Row:
    result = look.say(OUTCOMES.get(line.result, N_("Lost")))
    cells: list[Cell] = [
        line.entered_at, line.customer or look.say(N_("Unknown caller")),
        formats.masked_number(line.number, look.language), look.named.queue(line.queue), line.wait, result,
        look.named.person(line.agent) if line.agent else "", became,
    ]  # fmt: skip
    tones = {"result": "breach"} if line.result == "abandoned" else {}
    return Row(key=line.contact, cells=cells, tones=tones, link=f"/contacts/{quote(line.contact, safe='')}")
