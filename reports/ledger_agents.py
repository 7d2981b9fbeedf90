"""Agents in the check of a day: the times of all states make the time signed in, and reports tell the same. Pure.

Counted here from the rows once more, in seconds, in another way than the stored figures are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from crm_core.figures.quarters import LONGEST_STINT
from reports.ledger import TOLERANCE
from reports.ledger_rows import AgentLegRow, Finding, Kind, LedgerDay, StintRow
from reports.tallies import MISSED, OWN_ACTS, STATE_FIELDS, AgentFigures

Table = dict[str, dict[str, tuple[float, float]]]
"""Agent -> figure -> (by the rows, by the report); `signed_in` -> (from sign-in to sign-out, sum of the states)."""
SIGNED_IN = "signed_in"
_SAME = 0.01  # seconds; what is stored is whole microseconds, what is read here fractions of seconds


def check_agents(day: LedgerDay, report: Mapping[str, AgentFigures]) -> tuple[Table, list[Finding], list[Finding]]:
    """The table; whose states do not fill the time signed in; of whom the report tells otherwise, which counts only
    when nothing was written meanwhile."""
    ours, present = agent_sums(day), signed_in(day.stints, day.start, min(day.end, day.now))
    table: Table = {}
    lost, differing = [], []
    for agent in sorted({*ours, *present, *report}):
        figures = ours.get(agent, AgentFigures())
        rows, told = asdict(figures), asdict(report.get(agent, AgentFigures()))
        both = present.get(agent, 0.0), figures.signed_in
        table[agent] = {name: (rows[name], told[name]) for name in rows} | {SIGNED_IN: both}
        if abs(both[0] - both[1]) > TOLERANCE:
            lost.append(
                Finding(kind=Kind.AGENT_TIME_LOST, subject=agent, detail={"agent": agent, "seconds": list(both)})
            )
        apart = {name: [rows[name], told[name]] for name in rows if abs(rows[name] - told[name]) > _SAME}
        if apart:
            differing.append(Finding(kind=Kind.AGENT_SUMS_DIFFER, subject=agent, detail={"agent_figures": apart}))
    return table, lost, differing


def signed_in(stints: Iterable[StintRow], start: float, end: float) -> dict[str, float]:
    """Seconds of [start, end) from each sign-in to its sign-out, whatever states are told of between them."""
    of_agent: dict[str, list[StintRow]] = defaultdict(list)
    for stint in stints:
        of_agent[stint.agent].append(stint)
    return {
        agent: sum(_within(began, ended, start, end) for began, ended in _presences(rows, end))
        for agent, rows in of_agent.items()
    }


def _presences(rows: Iterable[StintRow], end: float) -> list[tuple[float, float]]:
    """An older row does not say whether a sign-out followed: a hole behind it is taken for one."""
    found: list[tuple[float, float]] = []
    before: StintRow | None = None
    for row in sorted(rows, key=lambda row: row.began):
        until = end if row.ended is None else row.ended
        hole = bool(found) and row.began > found[-1][1] + TOLERANCE
        if before is None or before.signed_out or (before.signed_out is None and hole):
            found.append((row.began, until))
        else:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        before = row
    return found


def agent_sums(day: LedgerDay) -> dict[str, AgentFigures]:
    """By agent: states cut at the day's edges, offers made in it, talks that ended in it."""
    end = min(day.end, day.now)
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for stint in day.stints:
        name, ended = STATE_FIELDS.get(stint.state), day.now if stint.ended is None else stint.ended
        if name is not None and ended - stint.began <= LONGEST_STINT.total_seconds():
            sums[stint.agent][name] += _within(stint.began, ended, day.start, end)
    for leg in day.agent_legs:
        for name in _counts(leg, day):
            sums[leg.agent][name] += 1
    return {agent: AgentFigures(**values) for agent, values in sums.items()}  # type: ignore[arg-type]


def _counts(leg: AgentLegRow, day: LedgerDay) -> Iterable[str]:
    """Which counts one leg adds to; a call that the agent began was offered by nobody."""
    own = leg.why in OWN_ACTS or (leg.outbound and not leg.queue)
    if day.start <= leg.offered < day.end and not own:
        yield "offered"
        if leg.result in MISSED:
            yield "missed"
    if leg.answered is not None and leg.ended is not None and day.start <= leg.ended < day.end:
        yield "handled"
        if leg.outbound:
            yield "outbound"


def _within(began: float, ended: float, start: float, end: float) -> float:
    return max(0.0, min(ended, end) - max(began, start))
