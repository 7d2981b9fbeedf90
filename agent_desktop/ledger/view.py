"""What the ledger's page shows, made of rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from agent_desktop import formats
from agent_desktop.ledger import words
from agent_desktop.words import OUTCOMES, RECORDING_STATES
from crm_core.clock import from_instant
from crm_core.ledger.actions import BUSY, repairable
from crm_core.ledger.model import LedgerFinding, LedgerRun
from crm_core.ledger.queries import DayState
from reports.ledger import TOLERANCE

_TIMES = frozenset(
    {"started", "ended", "logged_end", "answered", "talk", "from", "until", "began", "written", "placed"}
)
_SHOWN_APART = frozenset({"inbound", "entry", "said", "queue", "talks", "estimated", "size", "legs"})
CELLS = 42
"""Six weeks: every month fits, and nothing moves when another month is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of the calendar. `word`: none, good, deaf, open, busy, failed or ahead."""

    day: date
    word: str
    open: int = 0
    within: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding with its facts in words; `numbers` are telephone numbers, to be masked."""

    row: LedgerFinding
    facts: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    repairable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """Seconds in each state, from sign-in to sign-out (`whole`), and which figures a report tells otherwise."""

    agent: str
    times: tuple[tuple[str, float], ...]
    handled: int
    whole: float
    agrees: bool
    differing: frozenset[str]


def month_cells(month: date, today: date, states: Mapping[date, DayState]) -> list[Cell]:
    """From the Monday before the first of the month on."""
    first = month.replace(day=1)
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=i) for i in range(CELLS)]
    return [
        Cell(
            day=day,
            word="ahead" if day > today else day_word(states.get(day)),
            open=states[day].open if day in states else 0,
            within=day.month == first.month,
        )
        for day in days
    ]


def day_word(state: DayState | None) -> str:
    """How a day stands: what is open comes before what was estimated."""
    if state is None:
        return "none"
    if state.run.state in BUSY:
        return "busy"
    if state.run.state == "failed":
        return "failed"
    if state.open:
        return "open"
    return "deaf" if state.run.deaf_seconds >= 1 or state.accepted else "good"


def equation(run: LedgerRun, total: str, groups: str) -> tuple[int, list[tuple[str, int]]]:
    """The sum and its parts, those that are there, in the order of their words."""
    parts: Mapping[str, int] = run.sums.get(groups, {})
    order = words.ATTEMPTS if groups == "attempt_groups" else words.GROUPS
    return int(run.sums.get(total, 0)), [(word, parts[word]) for word in order if parts.get(word)]


def agent_lines(run: LedgerRun) -> list[AgentLine]:
    """Each agent who was there on the day, state by state; an older run has none."""
    table: Mapping[str, Mapping[str, Sequence[float]]] = run.sums.get("agents", {})
    lines = []
    for agent, figures in table.items():
        if not any(value for both in figures.values() for value in both):
            continue
        whole, spent = figures["signed_in"]
        differing = frozenset(name for name in words.AGENT_FIGURES if abs(figures[name][0] - figures[name][1]) > 0.01)
        lines.append(
            AgentLine(
                agent=agent,
                times=tuple((name, figures[name][0]) for name in words.AGENT_TIMES),
                handled=int(figures["handled"][0]),
                whole=whole,
                agrees=abs(whole - spent) <= TOLERANCE,
                differing=differing,
            )
        )
    return lines


def by_kind(rows: Iterable[LedgerFinding], zone: tzinfo, say: Callable[[str], str]) -> list[tuple[str, list[Shown]]]:
    """Findings that are in the order of their kind, gathered."""
    return [(kind, [shown(row, zone, say) for row in some]) for kind, some in groupby(rows, lambda row: row.kind)]


def shown(row: LedgerFinding, zone: tzinfo, say: Callable[[str], str]) -> Shown:
    facts, numbers = [], []
    for name, value in row.detail.items():
        if name == "caller" and value:
            numbers.append(str(value))
        elif name not in _SHOWN_APART and value not in (None, "", []):
            facts.append((say(words.FACTS[name]) if name in words.FACTS else name, _text(name, value, zone, say)))
    return Shown(row=row, facts=tuple(facts), numbers=tuple(numbers), repairable=repairable(row))


def _text(name: str, value: Any, zone: tzinfo, say: Callable[[str], str]) -> str:
    if isinstance(value, dict):
        known = words.AGENT_FIGURES if name == "agent_figures" else words.FIGURES
        named = {key: say(known[key]) if key in known else key for key in value}
        return "; ".join(f"{named[key]} {_text(key, one, zone, say)}" for key, one in value.items())
    if isinstance(value, list):
        return " / ".join(_text(name, one, zone, say) for one in value)
    if name == "status" and value in RECORDING_STATES:
        return say(RECORDING_STATES[value])
    if name == "outcome" and value in OUTCOMES:
        return say(OUTCOMES[value])
    if name in _TIMES and isinstance(value, int | float):
        at: datetime = from_instant(value)
        tenth = f"{value % 1:.1f}"[1:] if value % 1 < 0.95 else ".9"
        return formats.clock(at, zone, seconds=True) + tenth
    return f"{value:.1f}" if isinstance(value, float) else str(value)
