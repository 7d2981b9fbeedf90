"""Cases and the clocks they were given: opened, closed, in time, hours taken, and where the time went. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from reports.metrics import Ratio
from reports.spread import percentile

CENTRE_STAGES = ("record", "confirm")
"""Steps of a complaint's loop that are the centre's; the others are the dealer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """One case as the report sees it. `paused_seconds` do not count to the time it took."""

    id: int
    number: str
    title: str
    kind: str
    dealer_id: int | None
    opened_at: datetime
    closed_at: datetime | None = None
    due_at: datetime | None = None
    respond_by: datetime | None = None
    responded_at: datetime | None = None
    paused_seconds: int = 0
    level: str = "normal"
    escalated: bool = False
    reopened: bool = False

    @property
    def hours(self) -> float | None:
        """From opening to closing without what it was paused; None of an open one."""
        if self.closed_at is None:
            return None
        return max(0.0, (self.closed_at - self.opened_at).total_seconds() - self.paused_seconds) / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    """Of one dealer or one kind in [start, end). Hours are around the clock, without pauses.

    `opened`, `responses` and what they are rates of count by the day of opening; `closed` and the hours by the day of
    closing. `still_open` and `overdue` are as things stand at `now`, of all cases opened before the end.
    """

    of: str
    opened: int
    closed: int
    still_open: int
    overdue: int
    responded: Ratio  # in time, of the clocks that have run out or were met
    solved: Ratio  # closed in time, of those closed with a clock
    median_hours: float | None
    p90_hours: float | None
    escalated: int
    reopened: int


def count(of: str, facts: Iterable[CaseFact], start: datetime, end: datetime, now: datetime) -> CaseCounts:
    """The counts of these cases."""
    known = list(facts)
    opened = [one for one in known if start <= one.opened_at < end]
    closed = [one for one in known if one.closed_at is not None and start <= one.closed_at < end]
    still = [one for one in known if one.closed_at is None and one.opened_at < end]
    hours = [one.hours for one in closed if one.hours is not None]
    return CaseCounts(
        of=of,
        opened=len(opened),
        closed=len(closed),
        still_open=len(still),
        overdue=sum(one.due_at is not None and one.due_at < now for one in still),
        responded=_responded(opened, now),
        solved=_solved(closed),
        median_hours=percentile(hours, 0.5),
        p90_hours=percentile(hours, 0.9),
        escalated=sum(one.escalated for one in opened),
        reopened=sum(one.reopened for one in known),
    )


def _responded(opened: Iterable[CaseFact], now: datetime) -> Ratio:
    with_clock = [one for one in opened if one.respond_by is not None]
    decided = [one for one in with_clock if one.responded_at is not None or (one.respond_by or now) < now]
    good = sum(bool(one.responded_at and one.respond_by and one.responded_at <= one.respond_by) for one in decided)
    return Ratio(good, len(decided))


def _solved(closed: Iterable[CaseFact]) -> Ratio:
    with_clock = [one for one in closed if one.due_at is not None]
    return Ratio(sum(bool(one.closed_at and one.due_at and one.closed_at <= one.due_at) for one in with_clock),
                 len(with_clock))  # fmt: skip


def by(
    facts: Iterable[CaseFact], key: Callable[[CaseFact], str], start: datetime, end: datetime, now: datetime
) -> list[CaseCounts]:
    """One line for each key, most opened first."""
    groups: dict[str, list[CaseFact]] = {}
    for fact in facts:
        groups.setdefault(key(fact), []).append(fact)
    lines = [count(of, mine, start, end, now) for of, mine in groups.items()]
    return sorted(lines, key=lambda line: (-line.opened, -line.still_open, line.of))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFact:
    """One step of a complaint that fell due in the period. `person` = who did it, else who holds it; "" = nobody.

    `dealer_id` None = the centre's own step; `team` is the person's team at the centre.
    """

    case_id: int
    case_number: str
    title: str
    stage: str
    dealer_id: int | None
    team: str
    person: str
    began_at: datetime
    due_at: datetime
    done_at: datetime | None

    def late_hours(self, now: datetime) -> float:
        """How long after the end of its clock it was done, or is open until `now`; 0 = in time."""
        return max(0.0, ((self.done_at or now) - self.due_at).total_seconds() / 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCounts:
    """Steps by stage, department or person (B-39): how many fell due, how many were late, and by how long."""

    of: str
    due: int
    late: int
    late_hours: float
    worst: StepFact | None

    @property
    def in_time(self) -> Ratio:
        return Ratio(self.due - self.late, self.due)


def steps_by(steps: Iterable[StepFact], key: Callable[[StepFact], str], now: datetime) -> list[StepCounts]:
    """One line for each key, most hours late first: where the time went."""
    groups: dict[str, list[StepFact]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    lines = []
    for of, mine in groups.items():
        late = [step for step in mine if step.late_hours(now) > 0]
        lines.append(
            StepCounts(
                of=of,
                due=len(mine),
                late=len(late),
                late_hours=sum(step.late_hours(now) for step in late),
                worst=max(late, key=lambda step: step.late_hours(now), default=None),
            )
        )
    return sorted(lines, key=lambda line: (-line.late_hours, -line.due, line.of))
