"""Reads the feed as a stranger to the engine: how long were agents free while a caller waited whom they could serve?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from acd.model import Queue, Skill
from crm_core.history import events as feed

SIGNED_OUT, READY = "offline", "ready"


@dataclass(frozen=True, slots=True)
class IdleTime:
    """Seconds of all signed-in agents, and those of them in which somebody was free in vain."""

    signed_in: float
    in_vain: float

    @property
    def percent(self) -> float:
        return 100 * self.in_vain / self.signed_in if self.signed_in else 0.0


@dataclass(slots=True)
class Replay:
    """`skills` are levels by skill for each agent; a phone that rings makes its agent busy and its caller served.

    Reservations for one agent are not in the feed: give it queues without them.
    """

    queues: Mapping[str, Queue]
    skills: Mapping[str, Mapping[Skill, int]]
    _now: float = -inf
    _state: dict[str, str] = field(default_factory=dict)
    _unreachable: set[str] = field(default_factory=set)
    _queue_of: dict[str, str] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)
    _rung: dict[str, str] = field(default_factory=dict)
    _signed_in: float = 0.0
    _in_vain: float = 0.0

    def read(self, events: Iterable[feed.HistoryEvent]) -> IdleTime:
        """All of them, in their order; times that go back a little count as the latest seen."""
        for event in events:
            self._pass_time(max(event.at, self._now))
            self._take(event)
        return IdleTime(self._signed_in, self._in_vain)

    def _take(self, event: feed.HistoryEvent) -> None:
        match event:
            case feed.AgentStateChanged(agent=agent, state=state):
                self._state[agent] = state
            case feed.AgentReachabilityChanged(agent=agent, reachable=reachable):
                (self._unreachable.discard if reachable else self._unreachable.add)(agent)
            case feed.CallQueued(call=call, queue=queue):
                self._queue_of[call] = queue
                self._since.setdefault(call, self._now)
            case feed.CallLeftQueue(call=call, result=result):
                self._queue_of.pop(call, None)
                self._rung.pop(call, None)
                if result != "overflow":
                    self._since.pop(call, None)
            case feed.CallOffered(call=call, leg=leg):
                self._rung[call] = leg
            case feed.OfferEnded(call=call, leg=leg):
                if self._rung.get(call) == leg:
                    del self._rung[call]

    def _pass_time(self, until: float) -> None:
        since, self._now = self._now, until
        if until <= since or since == -inf:
            return
        self._signed_in += (until - since) * sum(state != SIGNED_OUT for state in self._state.values())
        waiting = [call for call in self._queue_of if call not in self._rung]
        if not waiting:
            return
        for agent, state in self._state.items():
            if state == READY and agent not in self._unreachable:
                fits = min(self._fits_from(agent, call) for call in waiting)
                self._in_vain += max(0.0, until - max(since, fits))

    def _fits_from(self, agent: str, call: str) -> float:
        """Since when the agent was good enough for this caller; never = inf."""
        queue = self.queues[self._queue_of[call]]
        level = self.skills[agent].get(queue.skill, 0)
        if level <= 0:
            return inf
        if not queue.levels or level >= queue.levels[0].level:
            return -inf
        relaxed = (step.after_seconds for step in queue.levels if step.level <= level)
        return self._since[call] + min(relaxed, default=inf)
