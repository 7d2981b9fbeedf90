"""Inbound callers and a campaign for the same agents, in virtual time with the real engine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from random import Random
from statistics import mean
from typing import Any

from acd import commands, events
from acd.dialer import Pacer, Staffing
from acd.dialer_sharing import Claim, share
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from benchmarks.dialer import our_pacer
from benchmarks.dialer_world import Call, Cell, Customers, scenario, worst_percent
from cti.dialing_floor import CampaignFloor

CARE = Queue(id=QueueId("care"), skill=Skill("care"), wrap_up_seconds=20, first_announcement_seconds=0)
SERVICE = Queue(id=QueueId("service"), skill=Skill("service"), wrap_up_seconds=20, first_announcement_seconds=0)
HOURS = (0.25, 0.5, 0.7, 0.85, 0.6, 0.3, 0.5, 0.75, 0.6, 0.35)
"""Of the agents' time that inbound callers take, hour by hour."""
TALK, PATIENCE, ANSWERS_AFTER = 120.0, 120.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """`keeps` = agents are left to callers who will come; `promises` = agents stay for lines that ring."""

    agents: int
    campaign: bool = True
    keeps: bool = True
    promises: bool = True
    longest: float = 10.0
    answer_percent: float = 30.0
    seed: int = 1


@dataclass(slots=True)
class Seen:
    """Of one day: waits of inbound callers in seconds, the campaign's answers and drops by time, agents' seconds."""

    waits: list[float]
    gave_up: int
    answers: list[float]
    drops: list[float]
    busy: float

    @property
    def in_time(self) -> float:
        """Percent of all callers who had an agent within 20 s."""
        return 100 * sum(wait <= 20 for wait in self.waits) / max(len(self.waits) + self.gave_up, 1)


class Floor:
    """Ten hours. An answered customer who has no agent after two seconds hears the message."""

    def __init__(self, blend: Blend) -> None:
        told = scenario()
        self._blend = blend
        self._callers, self._phones = Random(blend.seed), Random(blend.seed)  # so that the callers are always the same
        self._engine = RoutingEngine((CARE, SERVICE))
        self._floor = CampaignFloor(self._engine)
        self._customers = Customers(
            told, Cell(agents=blend.agents, answer_percent=blend.answer_percent, hours=10, seed=blend.seed)
        )
        self._pacer: Pacer = our_pacer(told)
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = self._calls = 0
        self._timers: dict[tuple[str, str], float] = {}
        self._since: dict[CallId, float] = {}
        self._length: dict[CallId, float] = {}
        self._outbound: dict[CallId, Call] = {}
        self._talks: dict[AgentId, tuple[CallId, float]] = {}
        self._began: dict[AgentId, float] = {}
        self.seen = Seen([], 0, [], [], 0.0)

    def run(self) -> Seen:
        for number in range(self._blend.agents):
            agent, skills = AgentId(str(1001 + number)), {CARE.skill: 5, SERVICE.skill: 5}
            self._tell(events.AgentSignedIn(at=0.0, agent=agent, skills=skills, state=AgentState.READY))
        self._later(0.0, self._arrive)
        for second in range(3600 * len(HOURS)):
            self._play_to(float(second))
            if self._blend.campaign:
                self._dial(float(second))
        self._play_to(3600.0 * len(HOURS) + 3600)
        return self.seen

    def _later(self, at: float, action: Callable[[float], None]) -> None:
        self._order += 1
        heappush(self._due, (at, self._order, action))

    def _play_to(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            at, _, action = heappop(self._due)
            action(at)

    # ---- inbound callers

    def _arrive(self, at: float) -> None:
        hour = int(at / 3600)
        if hour >= len(HOURS):
            return
        rate = HOURS[hour] * self._blend.agents / (TALK + SERVICE.wrap_up_seconds)
        self._later(at + self._callers.expovariate(rate), self._arrive)
        self._calls += 1
        call = CallId(f"in-{self._calls}")
        self._since[call], self._length[call] = at, self._callers.expovariate(1 / TALK)
        self._later(at + self._callers.expovariate(1 / PATIENCE), lambda at: self._give_up(call, at))
        self._tell(events.CallQueued(at=at, call=call, queue=SERVICE.id))

    def _give_up(self, call: CallId, at: float) -> None:
        if self._since.pop(call, None) is not None:
            self.seen.gave_up += 1
            self._tell(events.CallLeft(at=at, call=call))

    # ---- the campaign, as cti.dialing goes about it

    def _dial(self, at: float) -> None:
        staffing = self._floor.staffing(CARE.id, at)
        if not self._blend.keeps:
            staffing = replace(staffing, kept=0, inbound_rate=0.0)
        (mine,) = share(staffing, [Claim(reserved=self._pacer.reserved(at), waiting=staffing.waiting_outbound)])
        self._place(at, mine)
        told = self._floor.promise(CARE.id, self._pacer.reserved(at), at) if self._blend.promises else None
        if told is not None:
            self._tell(replace(told, longest=self._blend.longest))

    def _place(self, at: float, staffing: Staffing) -> None:
        for _ in range(self._pacer.wanted(staffing)):
            self._calls += 1
            name, call = CallId(f"ob-1-{self._calls}-1"), self._customers.call(at)
            self._pacer.placed(name, at)
            if call.answer is None:
                self._later(at + call.rings, lambda at, name=name: self._pacer.ended(name, at))  # type: ignore[misc]
            else:
                self._later(at + call.answer, lambda at, name=name, call=call: self._picked_up(name, call, at))  # type: ignore[misc]

    def _picked_up(self, name: CallId, call: Call, at: float) -> None:
        self.seen.answers.append(at)
        self._outbound[name] = call
        self._pacer.answered(name, at)
        self._later(at + 2.0, lambda at: self._drop(name, at))
        self._tell(events.CallQueued(at=at, call=name, queue=CARE.id, outbound=True))

    def _drop(self, name: CallId, at: float) -> None:
        if any(talk[0] == name for talk in self._talks.values()) or name not in self._outbound:
            return
        del self._outbound[name]
        self.seen.drops.append(at)
        self._pacer.dropped(name, at)
        self._tell(events.CallLeft(at=at, call=name))

    # ---- agents

    def _offered(self, wish: commands.OfferCall, at: float) -> None:
        outbound = wish.call in self._outbound
        after = 0.0 if outbound else min(self._phones.expovariate(1 / ANSWERS_AFTER), 15.0)
        self._later(at + after, lambda at: self._answer(wish.call, wish.agent, at))

    def _answer(self, call: CallId, agent: AgentId, at: float) -> None:
        view = self._engine.agent(agent)
        if view is None or view.state is not AgentState.RINGING or view.call != call:
            return
        if call in self._outbound:
            talk = self._outbound[call].talk
            self._pacer.connected(call, at)
        else:
            self.seen.waits.append(at - self._since.pop(call))
            talk = self._length[call]
        self._talks[agent] = call, talk
        self._tell(events.CallAnswered(at=at, call=call, agent=agent))
        self._later(at + talk, lambda at: self._hang_up(agent, at))

    def _hang_up(self, agent: AgentId, at: float) -> None:
        call, talk = self._talks.pop(agent)
        if self._outbound.pop(call, None) is not None:
            self._pacer.ended(call, at)
            self._pacer.talked(talk)
            self._pacer.wrapped(float(CARE.wrap_up_seconds))
        self._tell(events.TalkEnded(at=at, call=call, agent=agent))

    def _tell(self, event: events.Event) -> None:
        for wish in self._engine.handle(event):
            match wish:
                case commands.OfferCall():
                    self._offered(wish, event.at)
                case commands.ReportAgentState():
                    self._note(wish)
                case commands.StartTimer(name=name, key=key, due=due):
                    self._timers[name, key] = due
                    self._later(due, lambda at, key=(name, key): self._fire(key, at))  # type: ignore[misc]
                case commands.CancelTimer(name=name, key=key):
                    self._timers.pop((name, key), None)

    def _note(self, told: commands.ReportAgentState) -> None:
        is_busy = told.state not in (AgentState.READY, AgentState.BREAK, AgentState.OFFLINE)
        closes = 3600.0 * len(HOURS)
        if is_busy:
            self._began.setdefault(told.agent, told.at)
        elif (began := self._began.pop(told.agent, None)) is not None:
            self.seen.busy += max(min(told.at, closes) - began, 0.0)

    def _fire(self, key: tuple[str, str], at: float) -> None:
        if self._timers.get(key) == at:
            del self._timers[key]
            self._tell(events.TimerFired(at=at, name=key[0], key=key[1]))


def figures(blend: Blend) -> dict[str, Any]:
    """What a supervisor would ask of such a day."""
    seen = Floor(blend).run()
    waits = sorted(seen.waits)
    return {
        "in_time_percent": round(seen.in_time, 1),
        "mean_wait_seconds": round(mean(waits), 1),
        "p95_wait_seconds": round(waits[int(0.95 * len(waits))], 1),
        "callers": len(waits) + seen.gave_up,
        "gave_up_percent": round(100 * seen.gave_up / (len(waits) + seen.gave_up), 1),
        "reached": len(seen.answers) - len(seen.drops),
        "dropped_percent": round(100 * len(seen.drops) / max(len(seen.answers), 1), 2),
        "worst_dropped_percent": round(worst_percent(seen.answers, seen.drops), 2),
        "occupancy_percent": round(seen.busy / (36.0 * len(HOURS) * blend.agents), 1),
    }


FLOORS = {
    "inbound_only": Blend(agents=20, campaign=False),
    "first_come": Blend(agents=20, keeps=False, promises=False),
    "kept_only": Blend(agents=20, promises=False),
    "ours": Blend(agents=20),
}
"""A floor without a campaign, one where an agent takes whoever comes first, and what each of our two rules does."""


def run(full: bool) -> dict[str, Any]:
    """The form of every measurement. A full run has 10, 20 and 50 agents."""
    days = [
        (f"{name}_{agents}" if full else name, replace(blend, agents=agents))
        for agents in ((10, 20, 50) if full else (20,))
        for name, blend in FLOORS.items()
    ]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=multiprocessing.get_context("fork")) as pool:
        found = dict(zip([name for name, _ in days], pool.map(figures, [blend for _, blend in days]), strict=True))
    return {
        "name": "blending",
        "figures": {f"{name}_{figure}": value for name, seen in found.items() for figure, value in seen.items()},
        "ratios": {},
        "runs": len(days),
        "conditions": "virtual time, ten hours, the real engine and pacer; inbound callers take 25 to 85 % of the "
        "agents' time by the hour, 120 s of talk and 20 s after it, patience 120 s; a campaign with 30 % answers and a "
        "limit of 3 %; in time: within 20 s, of all callers",
    }
