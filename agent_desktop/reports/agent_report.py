"""Agents: what each was offered, missed and handled, the time in each state, and the rates made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from agent_desktop import formats
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import compared_word, period_word
from agent_desktop.reports.queue_report import changed
from agent_desktop.reports.sheet import WHOLE, Cell, Chart, Column, Figure, Kind, ReportTable, Row, Series, Sheet
from agent_desktop.words import N_
from reports.intervals import agent_intervals
from reports.metrics import AGENT_METRICS, AVERAGE_HANDLING_TIME, OCCUPANCY, UTILIZATION
from reports.periods import Period, Step
from reports.tallies import AgentFigures

HOUR = 3600.0
MANY_MISSED = 0.1
"""From this share of offers on a row is yellow."""
STATES = (
    ("talking", N_("Talking")),
    ("hold", N_("On hold")),
    ("wrap_up", N_("After call")),
    ("ready", N_("Ready")),
    ("pause", N_("Break")),
)
TONES = {"wrap_up": "acw", "pause": "break"}
MOST_IN_CHART = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFigures:
    """By agent, those without a minute and a call left out; `earlier` None = nothing to compare with."""

    agents: Mapping[str, AgentFigures]
    earlier: AgentFigures | None
    estimated: float

    @property
    def whole(self) -> AgentFigures:
        return sum(self.agents.values(), AgentFigures())


async def team_figures(look: ReportLook) -> TeamFigures:
    shown = look.shown_agents
    compared = look.asked.period.compared(look.asked.compare)
    agents, estimated = await _figures_of(look, look.asked.period, shown)
    return TeamFigures(
        agents={number: agents[number] for number in shown if number in agents},
        earlier=await _so_far(look, compared, shown) if compared else None,
        estimated=estimated,
    )


async def _figures_of(look: ReportLook, period: Period, shown: list[str]) -> tuple[dict[str, AgentFigures], float]:
    """Asked in the longest steps that keep whole days: as few rows as there can be."""
    if not shown:
        return {}, 0.0
    intervals = await agent_intervals(look.session, replace(period, step=Step.DAY), shown, now=look.now)
    found: dict[str, AgentFigures] = {}
    for one in intervals:
        for number, figures in one.agents.items():
            found[number] = found.get(number, AgentFigures()) + figures
    return found, sum(one.estimated for one in intervals)


async def _so_far(look: ReportLook, compared: Period, shown: list[str]) -> AgentFigures:
    """Of a period that still runs only as much of the earlier one as has passed of it, to the quarter of an hour."""
    reached = compared.start + (look.now - look.asked.period.start)
    if not shown or reached >= compared.end:
        return sum((await _figures_of(look, compared, shown))[0].values(), AgentFigures())
    day, found = reached.astimezone(compared.zone).date(), AgentFigures()
    if day > compared.first:
        whole, _ = await _figures_of(look, replace(compared, last=day - timedelta(days=1)), shown)
        found = sum(whole.values(), found)
    running = replace(compared, first=day, last=day, step=Step.QUARTER)
    quarters = await agent_intervals(look.session, running, shown, now=look.now)
    return sum((figures for one in quarters if one.span.end <= reached for figures in one.agents.values()), found)


def calls_per_hour(figures: AgentFigures) -> float | None:
    """Talks for each hour in which the agent could have had one: signed in, without breaks."""
    seconds = figures.signed_in - figures.pause
    return figures.handled / (seconds / HOUR) if seconds else None


async def agent_sheet(look: ReportLook) -> Sheet:
    figures = await team_figures(look)
    return Sheet(
        word=look.say(N_("Agents")),
        period=period_word(look),
        figures=_figures(look, figures),
        chart=_chart(look, figures),
        table=ReportTable(
            columns=_columns(look),
            rows=[
                Row(key=number, cells=[_name(look, number), _team(look, number), *_cells(one)], tones=_tones(one))
                for number, one in figures.agents.items()
            ],
            totals=Row(
                key=WHOLE,
                cells=[look.say(N_("Total")), "", *_cells(figures.whole)],
                estimated=figures.estimated,
            )
            if figures.agents
            else None,
            empty=_empty(look),
        ),
        told=look.say(N_("{count} agents"), count=len(figures.agents)),
        note=look.say(N_("A talk counts where it ended, an offer where it was made. Calls per hour leave breaks out.")),
    )


def _empty(look: ReportLook) -> str:
    if look.led is not None and not look.shown_agents:
        return look.say(N_("You lead nobody in this team. Choose one of your own teams."))
    return look.say(N_("Nobody was signed in in this period. Choose other days, or another team."))


def _name(look: ReportLook, number: str) -> str:
    return f"{look.named.person(number)} {number}"


def _team(look: ReportLook, number: str) -> str:
    return look.team_name(look.agents[number].team)


def _figures(look: ReportLook, figures: TeamFigures) -> list[Figure]:
    whole, before, than = figures.whole, figures.earlier, compared_word(look)

    def than_word(value: float | None, kind: Kind) -> str:
        return f"{than} {look.write(value, kind)}" if than and value is not None else ""

    missed = whole.missed / whole.offered if whole.offered else None
    change = changed(whole.handled, before.handled if before else None)
    metrics = [
        Figure(
            key=metric.id, word=look.say(word), value=metric.of(whole.times).value, kind=kind, opens=metric.id,
            note=than_word(metric.of(before.times).value if before else None, kind),
        )
        for metric, word, kind in (
            (AVERAGE_HANDLING_TIME, N_("Average handling time"), Kind.SECONDS),
            (OCCUPANCY, N_("Occupancy"), Kind.PERCENT),
            (UTILIZATION, N_("Utilization"), Kind.PERCENT),
        )
    ]  # fmt: skip
    return [
        Figure(
            key="handled", word=look.say(N_("Handled")), value=whole.handled, opens="handled",
            note=than_word(change, Kind.CHANGE),
        ),
        Figure(
            key="missed", word=look.say(N_("Missed")), value=whole.missed, opens="missed",
            note=look.say(N_("{share} of {count} offers"), share=formats.rate(missed), count=whole.offered),
        ),
        *metrics,
        Figure(
            key="signed_in", word=look.say(N_("Time signed in")), value=whole.signed_in, kind=Kind.SECONDS,
            opens="stints", note=look.say(N_("breaks {time}"), time=formats.duration(whole.pause)),
        ),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    def about(metric: str) -> str:
        found = AGENT_METRICS[metric]
        return found.words_en if look.language == "en" else found.words_zh

    times = [
        Column(key=state, word=look.say(word), kind=Kind.SECONDS, opens="stints", weight="dim")
        for state, word in STATES
    ]
    rates = (("occupancy", N_("Occupancy")), ("utilization", N_("Utilization")))
    return [
        Column(key="agent", word=look.say(N_("Agent")), kind=Kind.TEXT),
        Column(key="team", word=look.say(N_("Team")), kind=Kind.TEXT, weight="dim"),
        Column(key="offered", word=look.say(N_("Offers")), opens="offered"),
        Column(key="missed", word=look.say(N_("Missed")), opens="missed"),
        Column(key="handled", word=look.say(N_("Handled")), opens="handled", weight="strong"),
        Column(key="outbound", word=look.say(N_("of them out")), opens="outbound", weight="dim"),
        *times,
        Column(
            key="aht", word=look.say(N_("Handling time")), kind=Kind.SECONDS, opens="average_handling_time",
            about=about("average_handling_time"),
        ),
        *(Column(key=key, word=look.say(word), kind=Kind.PERCENT, opens=key, about=about(key)) for key, word in rates),
        Column(key="per_hour", word=look.say(N_("Calls per hour")), kind=Kind.NUMBER, opens="handled"),
    ]  # fmt: skip


def _cells(one: AgentFigures) -> list[Cell]:
    times = one.times
    return [
        one.offered,
        one.missed,
        one.handled,
        one.outbound,
        *(getattr(one, state) + (one.ringing if state == "ready" else 0.0) for state, _ in STATES),
        AVERAGE_HANDLING_TIME.of(times).value,
        OCCUPANCY.of(times).value,
        UTILIZATION.of(times).value,
        calls_per_hour(one),
    ]


def _tones(one: AgentFigures) -> dict[str, str]:
    return {"missed": "warn"} if one.offered and one.missed / one.offered >= MANY_MISSED else {}


def _chart(look: ReportLook, figures: TeamFigures) -> Chart | None:
    """The hours of each agent by state; of a large site the busiest only."""
    busiest = sorted(figures.agents, key=lambda number: -figures.agents[number].signed_in)[:MOST_IN_CHART]
    if not busiest:
        return None
    series = [
        Series(
            word=look.say(word),
            shape="bar",
            values=[round(getattr(figures.agents[number], state) / HOUR, 2) for number in busiest],
            tone=TONES.get(state, state),
        )
        for state, word in STATES
    ]
    return Chart(
        word=look.say(N_("Hours by state")),
        labels=[look.named.person(number) for number in busiest],
        keys=list(busiest),
        series=series,
    )
