"""The real engine in virtual time: a queue whose exact figures are known, played call by call."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from typing import Protocol

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Queue, QueueId, Skill

QUEUE = Queue(
    id=QueueId("q"), skill=Skill("s"), wrap_up_seconds=0, first_announcement_seconds=0, announce_every_seconds=0
)


class Chance(Protocol):
    """The source of randomness, e.g. a seeded random.Random."""

    def expovariate(self, lambd: float, /) -> float: ...


class Engine(Protocol):
    """What is simulated: the RoutingEngine, or in a test one that is wrong on purpose."""

    def handle(self, event: events.Event, /) -> list[commands.Command]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Calls at random times, talks and patience exponential, all in seconds. `patience` 0 = blocked calls leave."""

    calls_per_hour: float
    talk: float
    agents: int
    patience: float = inf
    target: float = 20.0


class Batch:
    """Sums over the calls that came in one stretch of time, and what was seen in it with x calls present.

    `unsettled` calls of it have no outcome yet. Of each x: `seconds`, how many calls `came`, how many talks `ended`,
    how many callers `left`; `idle` are seconds of agents who were free while a caller waited. Nobody ought to be.
    """

    __slots__ = (
        "abandoned",
        "began",
        "calls",
        "came",
        "ended",
        "idle",
        "in_time",
        "left",
        "seconds",
        "unsettled",
        "until",
        "wait",
        "waited",
    )

    def __init__(self, began: Instant) -> None:
        self.calls = self.waited = self.in_time = self.abandoned = self.unsettled = 0
        self.wait = 0.0
        self.began = self.until = began
        self.seconds: list[float] = []
        self.idle: list[float] = []
        self.came: list[int] = []
        self.ended: list[int] = []
        self.left: list[int] = []

    def make_room(self, present: int) -> None:
        """So that `present` is an index of what is counted by calls present."""
        more = present + 16 - len(self.seconds)
        self.seconds += [0.0] * more
        self.idle += [0.0] * more
        self.came += [0] * more
        self.ended += [0] * more
        self.left += [0] * more


class Simulation:
    """Plays callers and phones: every offer is answered at once, every wish of the engine is carried out.

    It begins with `present` calls in the house, so that a large site need not fill first.
    """

    def __init__(
        self, traffic: Traffic, chance: Chance, *, batch_calls: int, present: int = 0, engine: Engine | None = None
    ) -> None:
        self._traffic, self._chance, self._batch_calls = traffic, chance, batch_calls
        self._engine = engine or engine_for(traffic.agents)
        self._due: list[tuple[Instant, int, CallId, AgentId | None]] = []
        self._waiting: dict[CallId, tuple[Instant, Batch]] = {}
        self._now, self._number, self._order = 0.0, 0, 0
        self._present = self._busy = 0
        self._batch = Batch(0.0)
        self.batches: list[Batch] = []
        for _ in range(present):
            self._arrive()
        self._batch = Batch(0.0)

    @property
    def calls(self) -> int:
        """How many calls came so far."""
        return self._number

    def play(self, batches: int) -> None:
        """Let calls come until so many batches are over and each of their calls has its outcome."""
        rate = self._traffic.calls_per_hour / 3600
        while len(self.batches) < batches:
            self._next_call(rate)
        late = [batch for batch in self.batches[:batches] if batch.unsettled]
        limit = self._number + 10_000 + 10 * self._batch_calls + 10 * len(self._waiting)
        while late:
            self._next_call(rate)
            late = [batch for batch in late if batch.unsettled]
            if self._number > limit:
                raise RuntimeError("The engine keeps callers waiting for ever.")

    def _next_call(self, rate: float) -> None:
        at = self._now + self._chance.expovariate(rate)
        due = self._due
        while due and due[0][0] <= at:
            when, _, call, agent = heappop(due)
            if agent is not None:
                self._hang_up(call, agent, when)
            elif call in self._waiting:
                self._give_up(call, when)
        self._pass_time(at)
        if self._batch.calls >= self._batch_calls:
            self._batch.until = at
            self.batches.append(self._batch)
            self._batch = Batch(at)
        self._arrive()

    def _pass_time(self, at: Instant) -> None:
        batch, present = self._batch, self._present
        if present >= len(batch.seconds):
            batch.make_room(present)
        spent = at - self._now
        batch.seconds[present] += spent
        if self._busy < present and self._busy < self._traffic.agents:
            batch.idle[present] += spent * (min(present, self._traffic.agents) - self._busy)
        self._now = at

    def _arrive(self) -> None:
        call, at, batch = CallId(f"c{self._number}"), self._now, self._batch
        if self._present >= len(batch.came):
            batch.make_room(self._present)
        batch.came[self._present] += 1
        self._number += 1
        self._present += 1
        batch.calls += 1
        batch.unsettled += 1
        self._waiting[call] = (at, batch)
        self._tell(events.CallQueued(at=at, call=call, queue=QUEUE.id))
        if call not in self._waiting:
            return
        batch.waited += 1
        patience = self._traffic.patience
        if patience == 0:
            self._settle(call)
            batch.abandoned += 1
            self._tell(events.CallLeft(at=at, call=call))
            self._present -= 1
        elif patience < inf:
            self._order += 1
            heappush(self._due, (at + self._chance.expovariate(1 / patience), self._order, call, None))

    def _give_up(self, call: CallId, at: Instant) -> None:
        self._pass_time(at)
        self._batch.left[self._present] += 1
        self._present -= 1
        self._settle(call).abandoned += 1
        self._tell(events.CallLeft(at=at, call=call))

    def _hang_up(self, call: CallId, agent: AgentId, at: Instant) -> None:
        self._pass_time(at)
        self._batch.ended[self._present] += 1
        self._present -= 1
        self._busy -= 1
        self._tell(events.TalkEnded(at=at, call=call, agent=agent))

    def _tell(self, event: events.Event) -> None:
        for wish in self._engine.handle(event):
            if type(wish) is commands.OfferCall:
                self._answer(wish.call, wish.agent, event.at)

    def _answer(self, call: CallId, agent: AgentId, at: Instant) -> None:
        self._engine.handle(events.CallAnswered(at=at, call=call, agent=agent))
        since = self._waiting[call][0]
        self._settle(call).in_time += at - since <= self._traffic.target
        self._busy += 1
        self._order += 1
        ends = at + self._chance.expovariate(1 / self._traffic.talk)
        heappush(self._due, (ends, self._order, call, agent))

    def _settle(self, call: CallId) -> Batch:
        """The caller waits no longer, whatever the outcome."""
        since, batch = self._waiting.pop(call)
        batch.wait += self._now - since
        batch.unsettled -= 1
        return batch


def engine_for(agents: int) -> RoutingEngine:
    """So many agents, all ready and equal, and one queue."""
    everybody = (AgentId(f"{number:05}") for number in range(agents))
    return RoutingEngine([QUEUE], [Agent(agent, {QUEUE.skill: 5}, AgentState.READY, 0.0, 0.0) for agent in everybody])
