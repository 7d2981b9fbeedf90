"""What the wallboard starts from and what it shows; figures as plain rows, ready for a page or for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reports.metrics import Ratio, Thresholds

STATES = ("ready", "ringing", "talking", "hold", "wrap_up", "break")
"""The states of agents who are signed in, in the order of the board; words of acd.model.AgentState."""

HALF_HOUR = 1800
SLOTS = 48
"""Half hours of the clock; on the day the clocks go back two hours share theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOnBoard:
    id: str
    name_zh: str
    name_en: str
    thresholds: Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """A finished visit; `entered` in seconds of that day's clock on the wall, so that 9:00 is 9:00 on any day."""

    queue: str
    entered: float
    result: str
    wait: float


class OpenVisit(NamedTuple):
    """A caller in a queue; times in seconds since 1970. Who was answered waits no longer, though not yet counted."""

    queue: str
    entered: float
    answered: float | None = None


class Person(NamedTuple):
    """Who takes calls: the Chinese and the English name, and the team. `serves`: has a skill, so that callers wait."""

    name_zh: str
    name_en: str
    team: str = ""
    serves: bool = True


class AgentNow(NamedTuple):
    """`since` is when this state, with this reason and for this call, began."""

    state: str
    since: float
    reason: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStart:
    """What the database knew when feed number `number` was written. Times are seconds since 1970-01-01 UTC.

    `visits` maps a call to its open visit, `agents` a signed-in agent to the present state, `today` holds the finished
    visits that began today, `week_ago` those of the same weekday last week; `ended` are calls that are over.
    """

    number: int
    day_start: float
    day_end: float
    queues: tuple[QueueOnBoard, ...]
    people: Mapping[str, Person]
    visits: Mapping[str, OpenVisit]
    agents: Mapping[str, AgentNow]
    today: Sequence[PastVisit] = ()
    ended: frozenset[str] = frozenset()
    week_ago: Sequence[PastVisit] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardScope:
    """What one board is about; None = all queues, the agents of all teams."""

    queues: frozenset[str] | None = None
    teams: frozenset[str] | None = None

    def shows(self, person: Person, now: AgentNow) -> bool:
        """Who leads has a phone and no skills: as on the floor they are shown while they talk only."""
        at_work = person.serves or now.state not in ("ready", "break")
        return at_work and (self.teams is None or person.team in self.teams)


EVERYTHING = BoardScope()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One queue now and today. `longest_since` is None when nobody waits."""

    id: str
    name_zh: str
    name_en: str
    waiting: int
    longest_since: float | None
    offered: int
    answered: int
    abandoned: int
    abandon_rate: Ratio
    service_level: Ratio
    thresholds: Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """How many agents are in one state, and who has been in it for longest; None when nobody is."""

    state: str
    agents: int
    longest_since: float | None
    longest_agent: str
    longest_name_zh: str
    longest_name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """One agent who is signed in; `since` is when this state began."""

    agent: str
    name_zh: str
    name_en: str
    state: str
    since: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heroes:
    """The four large figures, over all queues, with what stands under them.

    `service_seconds` and `target_percent` are None when the queues differ. The figures of a week ago are those of
    the visits that began before the same time of that day.
    """

    waiting: int
    can_take_a_call: int
    longest_since: float | None
    longest_queue: str
    service_level: Ratio
    service_level_week_ago: Ratio
    service_seconds: int | None
    target_percent: int | None
    abandon_rate: Ratio
    offered: int
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Per half hour of the clock from midnight. Callers who reached a queue, and their shares once their visit is over.

    What is of today ends with the half hour that runs now (`slot`). A share is None where nothing was measured.
    """

    slot: int
    today: tuple[int, ...]
    week_ago: tuple[int, ...]
    today_total: int
    week_ago_until_now: int
    level: tuple[float | None, ...]
    level_week_ago: tuple[float | None, ...]
    abandon: tuple[float | None, ...]
    abandon_week_ago: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSnapshot:
    """Everything the board shows, true at feed number `number`. `stale_since` is set while the link is down."""

    number: int
    at: float
    day_start: float
    connected: bool
    stale_since: float | None
    heroes: Heroes
    answer_seconds: float | None
    queues: tuple[QueueLine, ...]
    states: tuple[StateLine, ...]
    agents: tuple[AgentLine, ...]
    signed_in: int
    curve: Curve
