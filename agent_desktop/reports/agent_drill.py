"""An agent's figure opened: its fraction, and the calls or the states behind it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from agent_desktop import formats
from agent_desktop.reports.agent_report import TeamFigures, team_figures
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.queue_drill import IN_LIST, IN_PANEL
from agent_desktop.reports.sheet import WHOLE, Column, Drill, Form, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import KINDS, N_, OFFER_RESULTS, STATES, TOPICS
from crm_core.workforce.queries import break_reasons
from reports.agent_lines import LegLine, StintLine, count_legs, legs, stints
from reports.metrics import AGENT_METRICS
from reports.tallies import AgentFigures

LEGS = {
    "offered": (N_("Offers"), N_("{count} offers")),
    "missed": (N_("Missed"), N_("{count} offers missed")),
    "handled": (N_("Handled"), N_("{count} talks")),
    "outbound": (N_("Calls out"), N_("{count} calls out")),
}
OF_STATES = ("stints", "occupancy", "utilization")
LEGS_OF = {"average_handling_time": "handled"}
"""Figures that are counted of these legs."""


async def agent_drill(look: ReportLook) -> Drill | None:
    figures = await team_figures(look)
    chosen, of = _chosen(look, figures), look.asked.of or "handled"
    if chosen is None or of not in (*LEGS, *LEGS_OF, *OF_STATES):
        return None
    one = figures.whole if look.asked.row == WHOLE else figures.agents[chosen[0]]
    who = look.say(N_("All agents")) if look.asked.row == WHOLE else look.named.person(chosen[0])
    word, value, over, under, formula = _figure(look, one, of)
    listed, count, told = await _behind(look, chosen, of)
    return Drill(
        word=f"{who} {word}",
        about=period_word(look),
        value=value,
        over=over,
        under=under,
        formula=formula,
        others=_others(look, one),
        list_word=told,
        listed=listed,
        count=count,
        more=look.asked.address("/reports/agents/calls", row=look.asked.row, of=of) if count else "",
        empty=look.say(N_("Nothing lies behind this figure.")),
    )


def _chosen(look: ReportLook, figures: TeamFigures) -> list[str] | None:
    """The agents of the row; None when it is not on the page."""
    if look.asked.row == WHOLE:
        return list(figures.agents) or None
    return [look.asked.row] if look.asked.row in figures.agents else None


def _figure(look: ReportLook, one: AgentFigures, of: str) -> tuple[str, str, str, str, str]:
    """Word, value, numerator, denominator, formula."""
    if of in LEGS:
        return look.say(LEGS[of][0]), formats.count(getattr(one, of)), "", "", ""
    if of == "stints":
        return look.say(N_("Time signed in")), formats.duration(one.signed_in), "", "", ""
    metric = AGENT_METRICS[of]
    ratio = metric.of(one.times)
    name = metric.name_en if look.language == "en" else metric.name_zh
    words = metric.words_en if look.language == "en" else metric.words_zh
    seconds = metric.unit == "seconds"
    under = look.say(N_("{count} handled"), count=one.handled) if seconds else formats.duration(ratio.denominator)
    value = look.write(ratio.value, Kind.SECONDS if seconds else Kind.PERCENT)
    return name, value, formats.duration(ratio.numerator), under, words


def _others(look: ReportLook, one: AgentFigures) -> list[tuple[str, str]]:
    """Where the time went."""
    times = (
        ("talking", one.talking), ("hold", one.hold), ("wrap_up", one.wrap_up), ("ready", one.ready),
        ("ringing", one.ringing), ("break", one.pause),
    )  # fmt: skip
    return [(look.say(STATES[state]), formats.duration(seconds)) for state, seconds in times if seconds]


async def _behind(look: ReportLook, agents: Sequence[str], of: str) -> tuple[list[Listed], int, str]:
    start, end = look.asked.period.start, look.asked.period.end
    if of in OF_STATES:
        found, count = await stints(look.session, start, end, agents, now=look.now, most=IN_PANEL)
        reasons = await _reasons(look)
        told = look.say(N_("{count} changes of state"), count=formats.count(count))
        return [_stint(look, one, reasons) for one in found], count, told
    which = LEGS_OF.get(of, of)
    count = await count_legs(look.session, which, start, end, agents)
    lines = await legs(look.session, which, start, end, agents, most=IN_PANEL)
    return [_leg(look, one) for one in lines], count, look.say(LEGS[which][1], count=formats.count(count))


async def _reasons(look: ReportLook) -> dict[str, str]:
    rows = await break_reasons(look.session, retired=True)
    return {row.code: row.name_en if look.language == "en" else row.name_zh for row in rows}


def _form(look: ReportLook) -> Form:
    return Form.CLOCK if look.asked.period.days == 1 else Form.MOMENT


def _leg(look: ReportLook, line: LegLine) -> Listed:
    who = line.customer or formats.masked_number(line.number, look.language)
    missed = line.talk is None
    return Listed(
        at=written_time(line.at, _form(look), look.language, look.zone),
        word=f"{who} · {look.named.queue(line.queue)}" if line.queue else who,
        what=_result(look, line) if missed else formats.duration(line.talk),
        tone="breach" if missed else "mid",
        note=_subject(look, line),
        link=f"/contacts/{quote(line.contact, safe='')}",
    )


def _subject(look: ReportLook, line: LegLine) -> str:
    what = look.say(KINDS[line.kind]) if line.kind in KINDS else look.say(TOPICS.get(line.topic, ""))
    out = look.say(N_("Outgoing")) if line.direction == "outbound" else ""
    return " · ".join(part for part in (look.named.person(line.agent), out, what) if part)


def _result(look: ReportLook, line: LegLine) -> str:
    return look.say(OFFER_RESULTS.get(line.result, N_("Not answered")))


def _stint(look: ReportLook, one: StintLine, reasons: dict[str, str]) -> Listed:
    until = written_time(one.ended_at, Form.CLOCK, look.language, look.zone)
    state = look.say(STATES[one.state])
    return Listed(
        at=written_time(one.began_at, _form(look), look.language, look.zone),
        word=f"{state} · {reasons.get(one.reason, one.reason)}" if one.reason and one.state == "break" else state,
        what=formats.duration(one.seconds),
        tone="mid",
        note=look.say(N_("until {time}"), time=until),
        link=f"/contacts/{quote(one.contact, safe='')}" if one.contact else "",
    )


async def agent_calls(look: ReportLook) -> Sheet:
    """The whole list behind a figure: calls, or states."""
    figures = await team_figures(look)
    chosen, of = _chosen(look, figures), look.asked.of or "handled"
    if chosen is None or of not in (*LEGS, *LEGS_OF, *OF_STATES):
        return Sheet(word=look.say(N_("Calls")), table=ReportTable(columns=_leg_columns(look), rows=[]))
    who = look.say(N_("All agents")) if look.asked.row == WHOLE else look.named.person(chosen[0])
    start, end = look.asked.period.start, look.asked.period.end
    if of in OF_STATES:
        found, count = await stints(look.session, start, end, chosen, now=look.now, most=IN_LIST)
        reasons = await _reasons(look)
        told = N_("{count} changes of state")
        table = ReportTable(columns=_stint_columns(look), rows=[_stint_row(look, one, reasons) for one in found])
    else:
        which = LEGS_OF.get(of, of)
        count = await count_legs(look.session, which, start, end, chosen)
        lines = await legs(look.session, which, start, end, chosen, most=IN_LIST)
        told = LEGS[which][1]
        table = ReportTable(columns=_leg_columns(look), rows=[_leg_row(look, one) for one in lines])
    cut = look.say(N_("The first {count} are listed. Choose a shorter period for the others."), count=f"{IN_LIST:,}")
    return Sheet(
        word=look.say(told, count=formats.count(count)),
        period=f"{who} · {period_word(look)}",
        table=table,
        note=cut if count > IN_LIST else "",
    )


def _leg_columns(look: ReportLook) -> list[Column]:
    text = Kind.TEXT
    return [
        Column(key="time", word=look.say(N_("When")), kind=Kind.TIME, form=Form.MOMENT),
        Column(key="agent", word=look.say(N_("Agent")), kind=text),
        Column(key="customer", word=look.say(N_("Customer")), kind=text),
        Column(key="number", word=look.say(N_("Number")), kind=text, weight="dim"),
        Column(key="queue", word=look.say(N_("Queue")), kind=text),
        Column(key="kind", word=look.say(N_("Kind")), kind=text),
        Column(key="result", word=look.say(N_("Outcome")), kind=text),
        Column(key="talk", word=look.say(N_("Talk")), kind=Kind.SECONDS),
        Column(key="hold", word=look.say(N_("On hold")), kind=Kind.SECONDS, weight="dim"),
    ]


def _leg_row(look: ReportLook, line: LegLine) -> Row:
    kind = look.say(KINDS[line.kind]) if line.kind in KINDS else ""
    return Row(
        key=line.contact,
        cells=[
            line.at,
            look.named.person(line.agent),
            line.customer or look.say(N_("Unknown caller")),
            formats.masked_number(line.number, look.language),
            look.named.queue(line.queue) if line.queue else "",
            kind,
            _result(look, line),
            line.talk,
            line.hold,
        ],
        link=f"/contacts/{quote(line.contact, safe='')}",
    )


def _stint_columns(look: ReportLook) -> list[Column]:
    return [
        Column(key="time", word=look.say(N_("From")), kind=Kind.TIME, form=Form.MOMENT),
        Column(key="until", word=look.say(N_("To")), kind=Kind.TIME, form=Form.MOMENT),
        Column(key="agent", word=look.say(N_("Agent")), kind=Kind.TEXT),
        Column(key="state", word=look.say(N_("State")), kind=Kind.TEXT),
        Column(key="reason", word=look.say(N_("Reason")), kind=Kind.TEXT),
        Column(key="seconds", word=look.say(N_("Length")), kind=Kind.SECONDS),
    ]


def _stint_row(look: ReportLook, one: StintLine, reasons: dict[str, str]) -> Row:
    reason = reasons.get(one.reason, one.reason) if one.state == "break" else ""
    state = look.say(STATES[one.state])
    return Row(
        key=f"{one.agent}-{one.began_at.timestamp()}",
        cells=[one.began_at, one.ended_at, look.named.person(one.agent), state, reason, one.seconds],
        link=f"/contacts/{quote(one.contact, safe='')}" if one.contact else "",
    )
