"""A day of the site played call by call by the real routing engine in virtual time, to compare plans before they hold.

Callers come at random (Poisson, by half hours), talk and wait in patience exponentially. Nothing here reads a clock;
the same chance gives the same day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from math import inf
from typing import Any, Protocol

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from reports.counts import QueueCounts, Thresholds, count_visit

SLOT = 1800.0
END_OF_PLAY = 36 * 3600.0
ENDED, WORKING, RESTING, GONE = "ended", "working", "resting", "gone"


class Chance(Protocol):
    """E.g. a seeded random.Random."""

    def expovariate(self, lambd: float, /) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Callers of one queue: `calls` in each half hour of the day, mean `handling` and `patience` in seconds."""

    queue: QueueId
    calls: tuple[float, ...]
    handling: float
    patience: float
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An agent's day: spans of work in seconds from midnight, in order; between two of them is a break."""

    agent: AgentId
    skills: Mapping[Skill, int]
    work: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`answer_seconds` an offered phone rings before it is answered."""

    queues: tuple[Queue, ...]
    duties: tuple[Duty, ...]
    streams: tuple[Stream, ...]
    answer_seconds: float = 4.0


@dataclass(slots=True)
class Played:
    """One day: counts of each queue, and seconds in which those who know its skill were busy and were there.

    Queue "" of `busy` and `there` is everybody, once.
    """

    counts: dict[str, QueueCounts]
    busy: dict[str, float]
    there: dict[str, float]


@dataclass(slots=True)
class _Caller:
    stream: Stream
    queue: QueueId
    entered: float
    handling: float
    offer: int = 0


class Day:
    """Plays one day; `chance` is used up by it."""

    def __init__(self, plan: Plan, chance: Chance) -> None:
        self._plan, self._chance = plan, chance
        quiet = [_quiet(queue) for queue in plan.queues]
        self._engine = RoutingEngine(quiet)
        self._thresholds = {stream.queue: stream.thresholds for stream in plan.streams}
        self._due: list[tuple[float, int, str, Any]] = []
        self._order = 0
        self._callers: dict[CallId, _Caller] = {}
        self._timers: dict[tuple[str, str], int] = {}
        self._counts = {str(queue.id): QueueCounts() for queue in plan.queues}
        self._busy = {duty.agent: 0.0 for duty in plan.duties}
        self._left = {duty.agent: duty.work[-1][1] for duty in plan.duties if duty.work}
        self._duties = {duty.agent: duty for duty in plan.duties}

    def play(self) -> Played:
        """Until the last caller of the day has an outcome."""
        for duty in self._plan.duties:
            self._plan_duty(duty)
        for stream in self._plan.streams:
            for at in _arrivals(stream, self._chance):
                self._push(at, "arrive", stream)
        while self._due:
            at, order, kind, what = heappop(self._due)
            if at > END_OF_PLAY:
                break
            getattr(self, f"_{kind}")(at, order, what)
        for caller in self._callers.values():
            self._settle(caller, "abandoned", END_OF_PLAY)
        return self._played()

    def _push(self, at: float, kind: str, what: object) -> int:
        self._order += 1
        heappush(self._due, (at, self._order, kind, what))
        return self._order

    def _plan_duty(self, duty: Duty) -> None:
        for place, (begins, ends) in enumerate(duty.work):
            self._push(begins, "duty", (duty, WORKING if place else ENDED))
            self._push(ends, "duty", (duty, RESTING if place + 1 < len(duty.work) else GONE))

    def _duty(self, at: float, _order: int, what: tuple[Duty, str]) -> None:
        duty, becomes = what
        if becomes == ENDED:  # the night is over
            self._tell(events.AgentSignedIn(at=at, agent=duty.agent, skills=duty.skills, state=AgentState.READY))
            return
        states = {WORKING: AgentState.READY, RESTING: AgentState.BREAK, GONE: AgentState.OFFLINE}
        self._tell(events.AgentForced(at=at, agent=duty.agent, state=states[becomes], reason="planned"))

    def _arrive(self, at: float, order: int, stream: Stream) -> None:
        call = CallId(f"c{order}")
        self._callers[call] = _Caller(stream, stream.queue, at, self._chance.expovariate(1 / stream.handling))
        patience = self._chance.expovariate(1 / stream.patience) if stream.patience < inf else inf
        self._tell(events.CallQueued(at=at, call=call, queue=stream.queue))
        if call in self._callers and patience < inf:
            self._push(at + patience, "give_up", call)

    def _give_up(self, at: float, _order: int, call: CallId) -> None:
        caller = self._callers.pop(call, None)
        if caller is not None:
            self._settle(caller, "abandoned", at)
            self._tell(events.CallLeft(at=at, call=call))

    def _answer(self, at: float, order: int, what: tuple[CallId, AgentId]) -> None:
        call, agent = what
        caller = self._callers.get(call)
        if caller is None or caller.offer != order:
            return
        del self._callers[call]
        self._settle(caller, "answered", at)
        self._tell(events.CallAnswered(at=at, call=call, agent=agent))
        self._busy[agent] += caller.handling
        self._left[agent] = max(self._left[agent], at + caller.handling)
        self._push(at + caller.handling, "hang_up", what)

    def _hang_up(self, at: float, _order: int, what: tuple[CallId, AgentId]) -> None:
        self._tell(events.TalkEnded(at=at, call=what[0], agent=what[1]))

    def _timer(self, at: float, order: int, what: tuple[str, str]) -> None:
        if self._timers.get(what) == order:
            del self._timers[what]
            self._tell(events.TimerFired(at=at, name=what[0], key=what[1]))

    def _tell(self, event: events.Event) -> None:
        for wish in self._engine.handle(event):
            self._carry_out(wish, event.at)

    def _carry_out(self, wish: commands.Command, at: float) -> None:
        match wish:
            case commands.OfferCall(call=call, agent=agent):
                offer = self._push(at + self._plan.answer_seconds, "answer", (call, agent))
                self._callers[call].offer = offer
            case commands.WithdrawOffer(call=call):
                if call in self._callers:
                    self._callers[call].offer = 0
            case commands.StartTimer(name=name, key=key, due=due):
                self._timers[name, key] = self._push(due, "timer", (name, key))
            case commands.CancelTimer(name=name, key=key):
                self._timers.pop((name, key), None)
            case commands.ReportCallMoved(call=call, to=to):
                self._callers[call].queue, self._callers[call].entered = to, at
            case commands.DivertCall(call=call, way=way):
                self._settle(self._callers.pop(call), str(way), at)
            case _:
                pass

    def _settle(self, caller: _Caller, result: str, at: float) -> None:
        thresholds = self._thresholds.get(caller.queue, caller.stream.thresholds)
        known = self._counts.get(str(caller.queue), QueueCounts())
        self._counts[str(caller.queue)] = known + count_visit(result, at - caller.entered, thresholds)

    def _played(self) -> Played:
        busy, there = dict.fromkeys([*self._counts, ""], 0.0), dict.fromkeys([*self._counts, ""], 0.0)
        for duty in self._plan.duties:
            if not duty.work:
                continue
            present = sum(ends - begins for begins, ends in duty.work) + self._left[duty.agent] - duty.work[-1][1]
            for queue in ("", *(str(one.id) for one in self._plan.queues if one.skill in duty.skills)):
                there[queue] += present
                busy[queue] += self._busy[duty.agent]
        return Played(self._counts, busy, there)


def _arrivals(stream: Stream, chance: Chance) -> Iterator[float]:
    for place, calls in enumerate(stream.calls):
        at, end = place * SLOT, (place + 1) * SLOT
        while calls > 0:
            at += chance.expovariate(calls / SLOT)
            if at >= end:
                break
            yield at


def _quiet(queue: Queue) -> Queue:
    """The same routing; after-call work is part of the handling time, and nobody hears announcements."""
    return replace(queue, wrap_up_seconds=0, first_announcement_seconds=0, announce_every_seconds=0)
