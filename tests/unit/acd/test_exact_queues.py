"""Rules of the engine with exact formulas of their own: who goes first, and what queues have in common."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from random import Random

import pytest

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import Agent, AgentId, AgentState, CallId, Queue, QueueId, Skill
from acd.simulate import Simulation, Traffic
from reports.staffing import Load, performance

SEED = 20260716
AGENTS, TALK, CALLS_PER_HOUR = 10, 180.0, 160.0
TRAFFIC = Traffic(calls_per_hour=CALLS_PER_HOUR, talk=TALK, agents=AGENTS)
EVERYBODY = performance(Load(calls_per_hour=CALLS_PER_HOUR, talk=TALK, agents=AGENTS))
BATCHES, BATCH_CALLS = 60, 900


class Sorted:
    """The engine, with the calls of the simulation sorted into kinds by dice; `waits` of each kind as they came."""

    def __init__(self, engine: RoutingEngine, kinds: list[tuple[float, QueueId, int]]) -> None:
        self._engine, self._kinds, self._dice = engine, kinds, Random(SEED)
        self._came: dict[CallId, tuple[float, int]] = {}
        self.waits: list[list[float]] = [[] for _ in kinds]

    def handle(self, event: events.Event, /) -> list[commands.Command]:
        match event:
            case events.CallQueued(at=at, call=call):
                dice = self._dice.random()
                kind = next(kind for kind, (share, _, _) in enumerate(self._kinds) if dice < share)
                self._came[call] = (at, kind)
                _, queue, priority = self._kinds[kind]
                event = replace(event, queue=queue, priority=priority)
            case events.CallAnswered(at=at, call=call):
                came, kind = self._came.pop(call)
                self.waits[kind].append(at - came)
        return self._engine.handle(event)


def played(queues: list[Queue], skills: dict[Skill, int], kinds: list[tuple[float, QueueId, int]]) -> list[list[float]]:
    everybody = [Agent(AgentId(f"{n:02}"), skills, AgentState.READY, 0.0, 0.0) for n in range(AGENTS)]
    engine = Sorted(RoutingEngine(queues, everybody), kinds)
    Simulation(TRAFFIC, Random(SEED), batch_calls=BATCH_CALLS, engine=engine).play(BATCHES)
    return engine.waits


def agrees(waits: list[float], exact: float) -> bool:
    """Four standard errors of thirty batch means, the first tenth dropped."""
    kept = waits[len(waits) // 10 :]
    size = len(kept) // 30
    means = [sum(kept[first : first + size]) / size for first in range(0, 30 * size, size)]
    mean = sum(means) / 30
    error = sqrt(sum((value - mean) ** 2 for value in means) / 29 / 30)
    print(f"{mean:.3f} +- {error:.3f}, exactly {exact:.3f}")
    return abs(mean - exact) <= 4 * error and error < 0.15 * exact


def plain(name: str, skill: str = "s", **more: object) -> Queue:
    rest = {"wrap_up_seconds": 0, "first_announcement_seconds": 0, "announce_every_seconds": 0, **more}
    return Queue(id=QueueId(name), skill=Skill(skill), **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["call", "queue"])
def test_important_callers_wait_as_cobham_says_and_the_others_too(by):
    """Two classes without interruption, M/M/c: A. Cobham (1954); Kleinrock, Queueing Systems II, 3.3."""
    share = 0.3
    queues = [plain("vip", priority=5 if by == "queue" else 0), plain("usual")]
    vip, usual = played(
        queues, {Skill("s"): 5}, [(share, QueueId("vip"), 5 if by == "call" else 0), (1.0, QueueId("usual"), 0)]
    )
    use = EVERYBODY.occupancy
    begun = EVERYBODY.waits * TALK / AGENTS  # what the first in line waits on average
    assert agrees(vip, begun / (1 - share * use))
    assert agrees(usual, begun / ((1 - share * use) * (1 - use)))


def test_two_queues_of_agents_who_know_both_wait_like_one():
    """Whoever came first goes first, whatever the queue: Erlang C of all agents together."""
    queues = [plain("repair", "repair"), plain("rescue", "rescue")]
    knows_both = {Skill("repair"): 5, Skill("rescue"): 5}
    waits = played(queues, knows_both, [(0.5, QueueId("repair"), 0), (1.0, QueueId("rescue"), 0)])
    assert all(agrees(of_queue, EVERYBODY.mean_wait) for of_queue in waits)


def test_ageing_at_the_same_pace_changes_no_order():
    """Each second makes all equally more important: still Erlang C, first come first served."""
    queues = [plain("repair", ageing_seconds=30), plain("rescue", ageing_seconds=30)]
    waits = played(queues, {Skill("s"): 5}, [(0.5, QueueId("repair"), 0), (1.0, QueueId("rescue"), 0)])
    assert all(agrees(of_queue, EVERYBODY.mean_wait) for of_queue in waits)
