"""The real engine in virtual time: a queue whose exact figures are known, played call by call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf, sqrt
from typing import Protocol

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Queue, QueueId, Skill

BATCHES = 30
WARM_UP = 0.1
_QUEUE = Queue(
    id=QueueId("q"), skill=Skill("s"), wrap_up_seconds=0, first_announcement_seconds=0, announce_every_seconds=0
)


class Chance(Protocol):
    """The source of randomness, e.g. a seeded random.Random."""

    def expovariate(self, lambd: float) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Calls at random times, talks and patience exponential, all in seconds. `patience` 0 = blocked calls leave."""

    calls_per_hour: float
    talk: float
    agents: int
    patience: float = inf
    target: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The mean over the batches and its standard error."""

    value: float
    error: float

    def agrees_with(self, exact: float, errors: float = 4.0) -> bool:
        return abs(self.value - exact) <= errors * self.error + 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Per call that came: share that waited or was blocked, mean wait, share answered in time, share that gave up."""

    waited: Estimate
    mean_wait: Estimate
    answered_in_time: Estimate
    abandoned: Estimate
    occupancy: Estimate
    handled: int


class _Batch:
    """Sums over the calls that came in one stretch of the simulation."""

    __slots__ = ("abandoned", "began", "busy", "calls", "in_time", "wait", "waited")

    def __init__(self, began: Instant, busy: float) -> None:
        self.calls = self.waited = self.in_time = self.abandoned = 0
        self.wait = 0.0
        self.began, self.busy = began, busy


class Simulation:
    """Plays callers and phones: every offer is answered at once, every wish of the engine is carried out."""

    def __init__(self, traffic: Traffic, chance: Chance) -> None:
        self._traffic, self._chance = traffic, chance
        self._agents = tuple(AgentId(f"{number:05}") for number in range(traffic.agents))
        self._engine = RoutingEngine(
            [_QUEUE], [Agent(agent, {_QUEUE.skill: 5}, AgentState.READY, 0.0, 0.0) for agent in self._agents]
        )
        self._due: list[tuple[Instant, int, events.Event]] = []
        self._order = 0
        self._came: dict[CallId, tuple[Instant, _Batch]] = {}
        self._busy_agents, self._busy_seconds, self._busy_since = 0, 0.0, 0.0
        self._finished: list[tuple[_Batch, Instant, float]] = []

    def run(self, calls: int) -> Figures:
        """Let so many calls come; the first tenth warms up and is not counted."""
        warm_up = int(calls * WARM_UP)
        size = (calls - warm_up) // BATCHES
        borders = {warm_up + size * index for index in range(BATCHES + 1)}
        batch, at = _Batch(0.0, 0.0), 0.0
        for number in range(calls):
            at += self._chance.expovariate(self._traffic.calls_per_hour / 3600)
            self._play_until(at)
            if number in borders:
                batch = self._next_batch(batch, at)
            self._arrive(CallId(f"c{number}"), batch, at)
        self._next_batch(batch, at)
        self._play_until(inf)
        return self._figures(self._finished[1 : BATCHES + 1], calls)

    def _next_batch(self, batch: _Batch, at: Instant) -> _Batch:
        self._count_busy(at, 0)
        self._finished.append((batch, at, self._busy_seconds))
        return _Batch(at, self._busy_seconds)

    def _arrive(self, call: CallId, batch: _Batch, at: Instant) -> None:
        batch.calls += 1
        self._came[call] = (at, batch)
        self._tell(events.CallQueued(at=at, call=call, queue=_QUEUE.id))
        if call not in self._came:
            return
        batch.waited += 1
        if self._traffic.patience == 0:
            self._give_up(call, at)
        elif self._traffic.patience < inf:
            self._later(at + self._chance.expovariate(1 / self._traffic.patience), events.CallLeft, call)

    def _play_until(self, at: Instant) -> None:
        due = self._due
        while due and due[0][0] <= at:
            when, _, event = heappop(due)
            if isinstance(event, events.CallLeft):
                self._give_up(event.call, when)
            else:
                self._count_busy(when, -1)
                self._tell(event)

    def _give_up(self, call: CallId, at: Instant) -> None:
        came = self._came.pop(call, None)
        if came is None:
            return
        since, batch = came
        batch.abandoned += 1
        batch.wait += at - since
        self._tell(events.CallLeft(at=at, call=call))

    def _tell(self, event: events.Event) -> None:
        for wish in self._engine.handle(event):
            if type(wish) is commands.OfferCall:
                self._answer(wish.call, wish.agent, event.at)

    def _answer(self, call: CallId, agent: AgentId, at: Instant) -> None:
        self._engine.handle(events.CallAnswered(at=at, call=call, agent=agent))
        self._count_busy(at, 1)
        since, batch = self._came.pop(call)
        batch.wait += at - since
        batch.in_time += at - since <= self._traffic.target
        self._order += 1
        ends = at + self._chance.expovariate(1 / self._traffic.talk)
        heappush(self._due, (ends, self._order, events.TalkEnded(at=ends, call=call, agent=agent)))

    def _later(self, at: Instant, kind: type[events.CallLeft], call: CallId) -> None:
        self._order += 1
        heappush(self._due, (at, self._order, kind(at=at, call=call)))

    def _count_busy(self, at: Instant, change: int) -> None:
        self._busy_seconds += self._busy_agents * (at - self._busy_since)
        self._busy_since = at
        self._busy_agents += change

    def _figures(self, counted: Sequence[tuple[_Batch, Instant, float]], handled: int) -> Figures:
        agents = self._traffic.agents
        return Figures(
            waited=_estimate([b.waited / b.calls for b, _, _ in counted]),
            mean_wait=_estimate([b.wait / b.calls for b, _, _ in counted]),
            answered_in_time=_estimate([b.in_time / b.calls for b, _, _ in counted]),
            abandoned=_estimate([b.abandoned / b.calls for b, _, _ in counted]),
            occupancy=_estimate([(busy - b.busy) / ((end - b.began) * agents) for b, end, busy in counted]),
            handled=handled,
        )


def _estimate(batches: Sequence[float]) -> Estimate:
    mean = sum(batches) / len(batches)
    spread = sum((value - mean) ** 2 for value in batches) / (len(batches) - 1)
    return Estimate(value=mean, error=sqrt(spread / len(batches)))
