"""How many numbers of a campaign to dial now: so many that agents hardly wait, so few that the drop limit holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import NamedTuple

from acd.dialer_budget import Appetite, DropBudget
from acd.dialer_cover import Cover, cautious
from acd.dialer_outlook import Busy, Outlook, Work
from acd.model import Instant

__all__ = ["Busy", "Mode", "Pacer", "PacingFigures", "PacingRules", "PastAnswer", "Slow", "Staffing", "Work"]

AHEAD_SECONDS = 3600.0
"""For so long after each moment the drop limit holds even if nobody answers any more. More than any call rings."""

DOUBT = 1e-7
"""A line that rings is answered or not once in ten seconds: so small a chance is not met in years."""


class Mode(StrEnum):
    PREVIEW = "preview"  # the agent reads the customer's record, then the call is placed
    PROGRESSIVE = "progressive"  # one line for each free agent: nobody is dropped
    PREDICTIVE = "predictive"  # more lines than free agents, within the drop limit
    VOICE = "voice"  # without agents: a recorded survey


class Slow(StrEnum):
    """What keeps the pacer from placing more calls; texts are the pages' matter."""

    NOTHING = ""
    NO_AGENTS = "no_agents"
    INBOUND_FIRST = "inbound_first"
    MODE = "mode"  # progressive or preview: as many lines as free agents
    LEARNING = "learning"  # too few answers yet for the limit to allow the lines that the agents could use
    NEAR_LIMIT = "near_limit"
    FORECAST = "forecast"  # enough lines are out for the agents who are expected to be free
    MOST_LINES = "most_lines"


class PastAnswer(NamedTuple):
    """A live answer of the last window, as the database has it."""

    at: Instant
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingRules:
    """Of one campaign. Times in seconds.

    `abandon_limit_percent` of the live answers in any `window_seconds` may be dropped, and always one call; 0 = no
    call may be. `most_lines_per_agent` lines ring at once for each agent on duty; `most_lines` of the campaign are in
    use at once, talks included. A customer's phone rings for `ring_seconds`, 15 or more; who has answered
    is kept for `drop_after_seconds` until an agent is free, and is dropped then. `doubt` is the chance at any moment
    that of the lines that ring more are answered than the limit bears; 0 = it bears that all of them are.
    """

    mode: Mode
    most_lines: int
    abandon_limit_percent: float = 3.0
    window_seconds: float = 86_400.0
    most_lines_per_agent: float = 2.0
    ring_seconds: float = 25.0
    drop_after_seconds: float = 2.0
    doubt: float = DOUBT

    def __post_init__(self) -> None:
        if self.ring_seconds < 15:
            raise ValueError("A customer's phone rings for 15 s at least.")
        if not 0 <= self.abandon_limit_percent < 100 or self.most_lines < 0 or self.most_lines_per_agent <= 0:
            raise ValueError("A limit in percent is 0 to 99, and numbers of lines are positive.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """The agents of a campaign at this moment, each given to one campaign only (see dialer_sharing).

    `ready` are free for a call now. `waiting_inbound` callers wait for the same agents and go first;
    `waiting_outbound` are answered calls for which no agent is found yet. An agent whose phone rings is neither ready
    nor busy until the talk begins. `inbound_rate` callers a second come for these agents, and `kept` of those who are
    ready no new line may count on, so that the callers find somebody free.
    """

    at: Instant
    ready: int
    busy: tuple[Busy, ...] = ()
    waiting_inbound: int = 0
    waiting_outbound: int = 0
    inbound_rate: float = 0.0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingFigures:
    """What a supervisor is shown. `answer_rate` is 0 to 1; `left` more calls may be dropped.

    `expected_answers` of the lines that ring, and `expected_free` agents, free ones included, within one ring time.
    `reserved` of the ready agents have to stay free for lines that ring now: were they given to others, answers could
    break the limit.
    """

    ringing: int
    lines_per_agent: float
    answer_rate: float
    expected_answers: float
    expected_free: float
    answers: int
    drops: int
    left: int
    reserved: int
    slow: Slow


class Pacer:
    """One per campaign. Told facts with their time, in order; a fact of an unknown attempt changes nothing.

    The drop limit is no forecast: never are more lines out than free agents plus drops still allowed can answer, with
    a chance of less than `PacingRules.doubt` even at a much higher answer rate than was ever seen, as long as
    `PacingFigures.reserved` agents are not taken away. The forecast decides how much of that room is used.
    """

    def __init__(self, rules: PacingRules) -> None:
        self.rules = rules
        self._budget = DropBudget(rules.abandon_limit_percent, rules.window_seconds, AHEAD_SECONDS)
        self._appetite = Appetite()
        self._cover = Cover(rules.doubt if rules.abandon_limit_percent else 0.0)
        self._outlook = Outlook(rules.ring_seconds, rules.drop_after_seconds)
        self._ringing: dict[str, Instant] = {}
        self._answered: dict[str, bool] = {}  # attempt: whether by a person
        self._machines: set[str] = set()
        self._on_duty, self._slow = 0, Slow.NOTHING
        self._expected = (0.0, 0.0)

    def placed(self, attempt: str, at: Instant) -> None:
        self._ringing[attempt] = at

    def rang(self, attempt: str, at: Instant) -> None:
        """The customer's phone began to ring; without this, the time counts from `placed`."""
        if attempt in self._ringing:
            self._ringing[attempt] = at

    def answered(self, attempt: str, at: Instant, *, machine: bool | None = None) -> None:
        """`machine` None = nobody looked, and it counts as a person."""
        since = self._ringing.pop(attempt, None)
        if since is None:
            return
        self._outlook.answering.answered(at - since, at)
        self._answered[attempt] = not machine
        if machine:
            self._machines.add(attempt)
        else:
            self._budget.answered(at)

    def connected(self, attempt: str, at: Instant) -> None:
        """An agent has the customer. A call that has an agent is not dropped any more."""
        self._was_a_person(attempt, at)
        if attempt in self._answered:
            self._answered[attempt] = False

    def dropped(self, attempt: str, at: Instant) -> None:
        """A person answered, and there was no agent in time."""
        self._was_a_person(attempt, at)
        if self._answered.pop(attempt, False):
            self._budget.dropped(at)

    def _was_a_person(self, attempt: str, at: Instant) -> None:
        """Machine detection had erred: who has an agent, or found none, had spoken up."""
        if attempt in self._machines:
            self._machines.discard(attempt)
            self._answered[attempt] = True
            self._budget.answered(at)

    def ended(self, attempt: str, at: Instant) -> None:
        """The line is free: after a talk, or nobody answered."""
        since = self._ringing.pop(attempt, None)
        if since is not None:
            self._outlook.answering.failed(at - since, at)
        self._answered.pop(attempt, None)
        self._machines.discard(attempt)

    def talked(self, seconds: float) -> None:
        """A talk of the campaign ended that took so long."""
        self._outlook.talks.took(seconds)

    def wrapped(self, seconds: float) -> None:
        """After-call work of the campaign ended that took so long."""
        self._outlook.wraps.took(seconds)

    def restore(self, past: Iterable[PastAnswer]) -> None:
        """After a restart: the answers of the last window, oldest first, before any other fact."""
        for answer in past:
            self._budget.answered(answer.at)
            if answer.dropped:
                self._budget.dropped(answer.at)

    def wanted(self, staffing: Staffing) -> int:
        """How many calls to place now. Of those the caller places as many as it has numbers, and tells `placed`."""
        self._on_duty = staffing.ready + len(staffing.busy)
        free_lines = max(self.rules.most_lines - len(self._ringing) - len(self._answered), 0)
        if self.rules.mode is Mode.VOICE:
            self._slow = Slow.NOTHING if free_lines else Slow.MOST_LINES
            return free_lines
        free = max(staffing.ready - staffing.waiting_inbound - staffing.kept, 0)
        certain = free - staffing.waiting_outbound - len(self._ringing)
        if self.rules.mode is Mode.PREDICTIVE and self._on_duty:
            more = self._predicted(staffing, certain)
        else:
            more, self._slow = max(certain, 0), Slow.MODE if self._on_duty else Slow.NO_AGENTS
        most = max(min(floor(self.rules.most_lines_per_agent * self._on_duty) - len(self._ringing), free_lines), 0)
        if more > most:
            self._slow = Slow.MOST_LINES
        elif not more and 0 < staffing.ready <= staffing.waiting_inbound + staffing.kept:
            self._slow = Slow.INBOUND_FIRST
        return min(more, most)

    def _predicted(self, staffing: Staffing, certain: int) -> int:
        """Never more than free agents and allowed drops; within that, while the risk of each is small enough."""
        at, left = staffing.at, self._budget.left(staffing.at)
        free = staffing.ready - staffing.waiting_inbound - staffing.kept - staffing.waiting_outbound
        forecast = self._outlook.forecast(at, free, self._ringing.values(), staffing.busy)
        forecast.callers(staffing.inbound_rate)
        self._expected = forecast.answers, forecast.free
        most = floor(self.rules.most_lines_per_agent * self._on_duty) - len(self._ringing)
        likely = forecast.most(self._appetite.risk(left), most)
        ringing, rate = len(self._ringing), self._cautious_rate()
        agents = certain + ringing
        self._appetite.needed(max(self._cover.needed(ringing + likely, rate) - max(agents, 0), 0), at)
        room = self._cover.lines(agents + left, rate) - ringing
        self._slow = Slow.FORECAST
        if likely > max(room, 0):
            self._slow = Slow.NEAR_LIMIT if self._budget.drops > 1 else Slow.LEARNING
        return max(min(likely, room), certain, 0)

    def reserved(self, at: Instant, more: int = 0) -> int:
        """How many ready agents have to stay free for the lines that ring, and for `more` that are about to.

        Progressive calls have an agent each; of others so many that the drop limit holds.
        """
        if self.rules.mode is Mode.VOICE:
            return 0
        lines = len(self._ringing) + more
        if self.rules.mode is not Mode.PREDICTIVE:
            return lines
        return max(self._cover.needed(lines, self._cautious_rate()) - max(self._budget.left(at), 0), 0)

    def _cautious_rate(self) -> float:
        answering = self._outlook.answering
        return cautious(answering.highest, answering.ended, len(self._ringing))

    @property
    def rings(self) -> bool:
        """Whether any of the campaign's lines rings."""
        return bool(self._ringing)

    def figures(self, at: Instant) -> PacingFigures:
        left, ringing = self._budget.left(at), len(self._ringing)
        return PacingFigures(
            ringing=ringing,
            lines_per_agent=ringing / self._on_duty if self._on_duty else 0.0,
            answer_rate=self._outlook.answering.share,
            expected_answers=self._expected[0],
            expected_free=self._expected[1],
            answers=self._budget.answers,
            drops=self._budget.drops,
            left=max(left, 0),
            reserved=self.reserved(at),
            slow=self._slow,
        )
