"""Agents per state through the day: how many were ready, in a call, in after-call work or on a break, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import form_of, period_word, span_cell
from agent_desktop.reports.sheet import WHOLE, Chart, Column, Figure, Kind, ReportTable, Row, Series, Sheet
from agent_desktop.words import N_
from reports.intervals import AgentInterval, agent_intervals
from reports.tallies import AgentFigures

WORDS = {
    "ready": N_("Ready"),
    "ringing": N_("Ringing"),
    "talking": N_("Talking"),
    "hold": N_("Customer on hold"),
    "wrap_up": N_("After-call work"),
    "pause": N_("Break"),
}
_TONES = {
    "ready": "ready",
    "ringing": "ringing",
    "talking": "talking",
    "hold": "hold",
    "wrap_up": "acw",
    "pause": "break",
}


async def state_sheet(look: ReportLook) -> Sheet:
    agents = look.shown_agents if (look.led is not None or look.asked.teams or look.asked.agents) else ()
    steps = await agent_intervals(look.session, look.asked.period, agents, now=look.now) if _any(look) else []
    steps = [one for one in steps if one.span.start < look.now]
    seen = [one for one in steps if _present(one.total)]
    whole = sum((one.total for one in steps), AgentFigures())
    return Sheet(
        word=look.say(N_("Agents per state through the day")),
        period=period_word(look),
        figures=_figures(look, seen, whole),
        chart=_chart(look, steps) if seen else None,
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(look, one) for one in seen],
            totals=_totals(look, seen, whole) if seen else None,
            empty=look.say(N_("Nobody was signed in during this period. Choose other days, or another team.")),
        ),
        note=look.say(N_("A number is the mean over the interval: 2.5 ready = two and a half agents were free.")),
    )


def _any(look: ReportLook) -> bool:
    """Without an agent that may be shown there is nothing to ask: no agents would mean everybody."""
    return bool(look.shown_agents) or (look.led is None and not look.asked.teams and not look.asked.agents)


def _present(figures: AgentFigures) -> float:
    return float(sum(getattr(figures, name) for name in WORDS))


def _seconds(look: ReportLook, one: AgentInterval) -> float:
    """How long the interval was, up to now."""
    return max(1.0, (min(one.span.end, look.now) - one.span.start).total_seconds())


def _means(look: ReportLook, one: AgentInterval) -> list[float]:
    figures, seconds = one.total, _seconds(look, one)
    return [getattr(figures, name) / seconds for name in WORDS]


def _figures(look: ReportLook, seen: Sequence[AgentInterval], whole: AgentFigures) -> list[Figure]:
    present = _present(whole)
    most = max(seen, key=lambda one: _present(one.total) / _seconds(look, one), default=None)
    note = ""
    if most is not None:
        period = look.asked.period
        note = written_time(span_cell(most.span, period), form_of(period), look.language, look.zone)
    peak = _present(most.total) / _seconds(look, most) if most else None
    return [
        Figure(key="present", word=look.say(N_("Hours signed in")), value=present / 3600, kind=Kind.NUMBER),
        Figure(key="peak", word=look.say(N_("Most at a time")), value=peak, kind=Kind.NUMBER, note=note),
        *(
            Figure(
                key=name, word=look.say(WORDS[name]), kind=Kind.PERCENT,
                value=getattr(whole, name) / present if present else None,
                note=look.say(N_("{hours} h"), hours=look.write(getattr(whole, name) / 3600, Kind.NUMBER)),
            )
            for name in ("talking", "ready", "wrap_up", "pause")
        ),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    period = look.asked.period
    return [
        Column(key="time", word=look.say(N_("Interval")), kind=Kind.TIME, form=form_of(period)),
        Column(key="present", word=look.say(N_("Signed in")), kind=Kind.NUMBER, weight="strong"),
        *(Column(key=name, word=look.say(word), kind=Kind.NUMBER) for name, word in WORDS.items()),
        Column(key="handled", word=look.say(N_("Talks")), weight="dim"),
    ]


def _row(look: ReportLook, one: AgentInterval) -> Row:
    means = _means(look, one)
    cells = [span_cell(one.span, look.asked.period), sum(means), *means, one.total.handled]
    return Row(key=str(int(one.span.start.timestamp())), cells=cells, estimated=one.estimated)


def _totals(look: ReportLook, seen: Sequence[AgentInterval], whole: AgentFigures) -> Row:
    """Means over the intervals in which somebody was signed in."""
    seconds = sum(_seconds(look, one) for one in seen)
    means = [getattr(whole, name) / seconds for name in WORDS]
    return Row(key=WHOLE, cells=[look.say(N_("On average")), sum(means), *means, whole.handled])


def _chart(look: ReportLook, steps: Sequence[AgentInterval]) -> Chart:
    period, form = look.asked.period, form_of(look.asked.period)
    means = [_means(look, one) for one in steps]
    return Chart(
        word=look.say(N_("Agents by state")),
        labels=[written_time(span_cell(one.span, period), form, look.language, look.zone) for one in steps],
        keys=[str(int(one.span.start.timestamp())) for one in steps],
        series=[
            Series(word=look.say(word), shape="bar", values=[mean[place] for mean in means], tone=_TONES[name])
            for place, (name, word) in enumerate(WORDS.items())
        ],
    )
