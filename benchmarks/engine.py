"""How long the engine takes to decide, and whether that grows with the number of agents; only the engine is timed."""

from __future__ import annotations

import gc
from random import Random
from statistics import median
from time import perf_counter_ns, process_time, thread_time_ns
from typing import Any

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from acd.simulate import Simulation, Traffic

SKILLS, SKILLS_PER_AGENT = 500, 8
SMALL, LARGE = 100, 10_000
BUSY_SHARE = 0.9
SEED = 20260716


class Site:
    """A call centre with about nine of ten agents in a talk; every call may go to any of 500 skills."""

    def __init__(self, agents: int) -> None:
        self._chance = Random(SEED)
        skills = [Skill(f"s{number:03}") for number in range(SKILLS)]
        self._engine = RoutingEngine([Queue(id=QueueId(skill), skill=skill) for skill in skills])
        self._now, self._calls = 0.0, 0
        self._ringing: list[tuple[CallId, AgentId]] = []
        self._talks: list[tuple[CallId, AgentId]] = []
        self._wrap_ups: list[AgentId] = []
        self.took: list[int] = []
        self.processor = 0
        known: set[Skill] = set()
        for number in range(agents):
            levels = {skill: self._chance.randint(1, 9) for skill in self._chance.sample(skills, SKILLS_PER_AGENT)}
            known |= levels.keys()
            agent = AgentId(f"{number:05}")
            self._tell(events.AgentSignedIn(at=0.0, agent=agent, skills=levels, state=AgentState.READY))
        self._queues = [QueueId(skill) for skill in sorted(known)]
        self._target = int(agents * BUSY_SHARE)

    def settle(self) -> None:
        """Calls come until the usual number of agents is busy."""
        while len(self._talks) < self._target and self._calls < 20 * self._target:
            self._arrive()
            self._answer()
        self.forget()

    def forget(self) -> None:
        self.took.clear()
        self.processor = 0

    @property
    def mean(self) -> float:
        """Nanoseconds of processor time per decision, so that a busy machine does not pass for growth."""
        return self.processor / len(self.took)

    def play(self, calls: int) -> None:
        for _ in range(calls):
            self._arrive()
            self._answer()
            self._finish()

    def _arrive(self) -> None:
        self._now += 0.01
        self._calls += 1
        queue = self._chance.choice(self._queues)
        self._tell(events.CallQueued(at=self._now, call=CallId(f"c{self._calls}"), queue=queue))

    def _answer(self) -> None:
        while self._ringing:
            call, agent = self._ringing.pop()
            if self._chance.random() < 0.05:
                result = events.OfferResult.DECLINED
                self._tell(events.OfferEnded(at=self._now, call=call, agent=agent, result=result))
            else:
                self._tell(events.CallAnswered(at=self._now, call=call, agent=agent))
                self._talks.append((call, agent))

    def _finish(self) -> None:
        """One talk ends and one agent's after-call work; who was put on a break comes back."""
        if self._talks and len(self._talks) + len(self._wrap_ups) >= self._target:
            call, agent = self._talks.pop(self._chance.randrange(len(self._talks)))
            self._tell(events.TalkEnded(at=self._now, call=call, agent=agent))
            self._wrap_ups.append(agent)
        if len(self._wrap_ups) > self._target // 20:
            self._tell(events.AgentBecameReady(at=self._now, agent=self._wrap_ups.pop(0)))

    def _tell(self, event: events.Event) -> None:
        began, processor = perf_counter_ns(), thread_time_ns()
        wishes = self._engine.handle(event)
        self.processor += thread_time_ns() - processor
        self.took.append(perf_counter_ns() - began)
        for wish in wishes:
            if isinstance(wish, commands.OfferCall):
                self._ringing.append((wish.call, wish.agent))
            elif isinstance(wish, commands.ReportAgentState) and wish.reason == "missed":
                self._wrap_ups.append(wish.agent)


def routed_per_second(calls: int) -> float:
    """The whole simulation on one core, 50 agents at 93 % occupancy: two events out of the engine's sight per call."""
    traffic = Traffic(calls_per_hour=2880, talk=60, agents=50, patience=120)
    simulation = Simulation(traffic, Random(SEED), batch_calls=calls // 10)
    began = process_time()
    simulation.play(10)
    return simulation.calls / (process_time() - began)


def run(full: bool) -> dict[str, Any]:
    """P5 and the speed of P4 in the form of every benchmark; small and large sites interleaved A B B A."""
    calls, repeats = (100_000, 10) if full else (10_000, 5)
    small, large = Site(SMALL), Site(LARGE)
    small.settle()
    large.settle()
    gc.collect()
    gc.freeze()
    growth, p99 = [], []
    for turn in range(repeats):
        for site in (small, large, large, small) if turn % 2 == 0 else (large, small, small, large):
            site.play(calls // 4)
        growth.append(large.mean / small.mean)
        p99.append(sorted(large.took)[int(len(large.took) * 0.99)] / 1e6)
        small.forget()
        large.forget()
    gc.unfreeze()
    routed = [routed_per_second(50_000 if not full else 1_000_000) for _ in range(1 if full else 3)]
    return {
        "name": "engine",
        "figures": {"p99_ms": median(p99), "p99_ms_worst": max(p99), "routed_per_s": median(routed)},
        "ratios": {"growth_100_to_10000": median(growth), "growth_worst": max(growth)},
        "runs": repeats,
        "conditions": f"virtual time, seed {SEED}, {SMALL} and {LARGE} agents, {SKILLS} skills, "
        f"{SKILLS_PER_AGENT} per agent, {calls} calls a run; growth and speed by processor time, p99 by the wall clock",
    }
