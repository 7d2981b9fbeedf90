"""A day of outbound calls in virtual time, the same customers for every dialer that is compared."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from math import log, pi, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from acd.dialer import Busy, Staffing, Work
from acd.dialer_forecast import Floats

SCENARIO = Path(__file__).with_name("dialer-scenario.json")
DAY = 86_400.0


def scenario() -> dict[str, Any]:
    """The fixed one: times in seconds, shares 0 to 1; the answer rate swings over the day and steps at given hours."""
    told: dict[str, Any] = json.loads(SCENARIO.read_text())
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is compared: so many agents, so many of 100 calls answered on average, for so long."""

    agents: int
    answer_percent: float
    hours: float
    days: int = 1
    seed: int = 0


class Call(NamedTuple):
    """What a call will be. `answer` None = nobody answers, and the line ends after `rings`."""

    answer: float | None
    rings: float
    talk: float
    wrap: float


class Customers:
    """Call by call in the order of the list; drawn beforehand, so that the n-th is the same for every dialer."""

    CHUNK = 20_000

    def __init__(self, scenario: dict[str, Any], cell: Cell) -> None:
        self.scenario, self.cell = scenario, cell
        self._random = np.random.default_rng([scenario["seed"], cell.agents, int(cell.answer_percent), cell.seed])
        self._rows: list[tuple[float, ...]] = []
        self._next = 0

    def answer_rate(self, at: float) -> float:
        """The true one at this moment of the day, 0 to 1."""
        drift, hour = self.scenario["drift"], at % DAY / 3600
        rate = self.cell.answer_percent / 100 * (1 + drift["swing"] * sin(2 * pi * hour / drift["period_hours"]))
        for since, factor in drift["steps"]:
            rate *= factor if hour >= since else 1.0
        return float(min(rate, 0.95))

    def call(self, at: float) -> Call:
        luck, after, talk, wrap = self._row()
        scenario = self.scenario
        if luck < scenario["failed_share"]:
            return Call(None, scenario["failed_after"], 0.0, 0.0)
        answered = (luck - scenario["failed_share"]) / (1 - scenario["failed_share"])
        share = self.answer_rate(at) / (1 - scenario["failed_share"])
        if answered < share and after < scenario["ring_seconds"]:
            return Call(after, after, talk, wrap)
        return Call(None, scenario["ring_seconds"], 0.0, 0.0)

    def sample(self, count: int) -> tuple[Floats, Floats, Floats]:
        """Seconds until the answer, of talks and of after-call work, by the dice of this list."""
        random, scenario = self._random, self.scenario
        after = scenario["answers_after"]
        above = after["mean"] - after["least"]
        shape = (above / after["deviation"]) ** 2
        rings = after["least"] + random.gamma(shape, above / shape, count)
        return rings, _lognormal(random, scenario["talk"], count), _lognormal(random, scenario["wrap_up"], count)

    def failures(self) -> tuple[float, Floats]:
        """The share of calls that the other side ends without a person, and after how many seconds."""
        return self.scenario["failed_share"], np.array([self.scenario["failed_after"]])

    def _row(self) -> tuple[float, ...]:
        if self._next == len(self._rows):
            self._draw()
        self._next += 1
        return self._rows[self._next - 1]

    def _draw(self) -> None:
        columns = (self._random.random(self.CHUNK), *self.sample(self.CHUNK))
        self._rows = list(zip(*(column.tolist() for column in columns), strict=True))
        self._next = 0


def _lognormal(random: np.random.Generator, told: dict[str, float], count: int) -> Floats:
    wide = log(1 + (told["deviation"] / told["mean"]) ** 2)
    return random.lognormal(log(told["mean"]) - wide / 2, sqrt(wide), count)


class Dialer(Protocol):
    """What is compared; acd.dialer.Pacer is one."""

    def placed(self, attempt: str, at: float, /) -> None: ...
    def answered(self, attempt: str, at: float, /) -> None: ...
    def connected(self, attempt: str, at: float, /) -> None: ...
    def dropped(self, attempt: str, at: float, /) -> None: ...
    def ended(self, attempt: str, at: float, /) -> None: ...
    def talked(self, seconds: float, /) -> None: ...
    def wrapped(self, seconds: float, /) -> None: ...
    def wanted(self, staffing: Staffing, /) -> int: ...


class Outcome(NamedTuple):
    """`answers` are times of live answers, `drops` times of those that found no agent. Occupancy in percent."""

    occupancy: float
    answers: list[float]
    drops: list[float]
    calls: int

    @property
    def drop_percent(self) -> float:
        return 100 * len(self.drops) / max(len(self.answers), 1)


class Day:
    """One cell with one dialer, which is asked every second. Talks beyond the closing hour do not count as work."""

    def __init__(self, customers: Customers, dialer: Dialer) -> None:
        self._customers, self._dialer, self._cell = customers, dialer, customers.cell
        self._wait = customers.scenario["drop_after_seconds"]
        self._due: list[tuple[float, int, str, str, Any]] = []
        self._order = self._calls = 0
        self._ready = self._cell.agents
        self._talks: dict[str, float] = {}
        self._wraps: dict[str, float] = {}
        self._waiting: deque[tuple[str, Call]] = deque()
        self._busy_seconds, self._closes = 0.0, 0.0
        self._answers: list[float] = []
        self._drops: list[float] = []

    def run(self) -> Outcome:
        seconds = int(self._cell.hours * 3600)
        for day in range(self._cell.days):
            opens = day * DAY
            self._closes = opens + seconds
            for second in range(seconds):
                self._ask(opens + second)
            self._play_to(opens + DAY)
        on_duty = self._cell.agents * seconds * self._cell.days
        return Outcome(100 * self._busy_seconds / on_duty, self._answers, self._drops, self._calls)

    def _ask(self, at: float) -> None:
        self._play_to(at)
        busy = tuple([Busy(Work.TALK, at - since) for since in self._talks.values()])
        busy += tuple([Busy(Work.WRAP_UP, at - since) for since in self._wraps.values()])
        told = Staffing(at=at, ready=self._ready, busy=busy, waiting_outbound=len(self._waiting))
        for _ in range(self._dialer.wanted(told)):
            self._calls += 1
            attempt, call = str(self._calls), self._customers.call(at)
            self._dialer.placed(attempt, at)
            self._later(at + call.rings, "rang_out" if call.answer is None else "picked_up", attempt, call)

    def _later(self, at: float, what: str, attempt: str, call: Call) -> None:
        self._order += 1
        heappush(self._due, (at, self._order, what, attempt, call))

    def _play_to(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            at, _, what, attempt, call = heappop(self._due)
            getattr(self, f"_{what}")(at, attempt, call)

    def _rang_out(self, at: float, attempt: str, call: Call) -> None:
        self._dialer.ended(attempt, at)

    def _picked_up(self, at: float, attempt: str, call: Call) -> None:
        self._answers.append(at)
        self._dialer.answered(attempt, at)
        self._waiting.append((attempt, call))
        if self._ready:
            self._connect(at)
        else:
            self._later(at + self._wait, "gave_up", attempt, call)

    def _gave_up(self, at: float, attempt: str, call: Call) -> None:
        if self._waiting and self._waiting[0][0] == attempt:
            self._waiting.popleft()
            self._drops.append(at)
            self._dialer.dropped(attempt, at)

    def _connect(self, at: float) -> None:
        attempt, call = self._waiting.popleft()
        self._ready -= 1
        self._busy_seconds += max(min(call.talk + call.wrap, self._closes - at), 0.0)
        self._talks[attempt] = at
        self._dialer.connected(attempt, at)
        self._later(at + call.talk, "talked", attempt, call)

    def _talked(self, at: float, attempt: str, call: Call) -> None:
        del self._talks[attempt]
        self._wraps[attempt] = at
        self._dialer.ended(attempt, at)
        self._dialer.talked(call.talk)
        self._later(at + call.wrap, "wrote_up", attempt, call)

    def _wrote_up(self, at: float, attempt: str, call: Call) -> None:
        del self._wraps[attempt]
        self._dialer.wrapped(call.wrap)
        self._ready += 1
        if self._waiting:
            self._connect(at)


def worst_percent(answers: list[float], drops: list[float], window: float = DAY) -> float:
    """The highest share of drops in any window of which more than one call was dropped; a single one is always free.

    It is highest just after a drop, or when answers have just left the window.
    """
    worst = 0.0
    moments = sorted([*drops, *(at + window for at in (*answers, *drops) if at + window <= (answers or [0])[-1])])
    begun = dropped = told = ended = 0
    for moment in moments:
        while ended < len(answers) and answers[ended] <= moment:
            ended += 1
        while begun < len(answers) and answers[begun] <= moment - window:
            begun += 1
        while told < len(drops) and drops[told] <= moment:
            told += 1
        while dropped < len(drops) and drops[dropped] <= moment - window:
            dropped += 1
        if told - dropped > 1:
            worst = max(worst, 100 * (told - dropped) / max(ended - begun, 1))
    return worst
