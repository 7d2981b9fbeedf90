"""Free agents who stay for the answers of lines that ring: no inbound caller takes them, for a bounded time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from acd.commands import CancelTimer, StartTimer
from acd.events import AgentsPromised, TimerFired
from acd.model import Agent, Instant, Medium, Skill, WaitingCall
from acd.order import fits

if TYPE_CHECKING:
    from acd.floor import Floor

PROMISE = "promise"
"""The timer of a promise that nobody renewed; its key is a skill."""


class Promise(NamedTuple):
    """`number` of free agents stay, until `until`; who has waited for `longest` seconds is served all the same."""

    number: int
    until: Instant
    longest: float


class Promises:
    """By skill. False when nobody is promised to anybody, which is nearly always."""

    def __init__(self) -> None:
        self._by_skill: dict[Skill, Promise] = {}

    def __bool__(self) -> bool:
        return bool(self._by_skill)

    def count(self, skill: Skill) -> int:
        known = self._by_skill.get(skill)
        return known.number if known is not None else 0

    def set(self, skill: Skill, promise: Promise) -> bool:
        """Whether anybody has to wait for longer now than before."""
        before = self._by_skill.get(skill)
        if promise.number < 1:
            self._by_skill.pop(skill, None)
            return False
        self._by_skill[skill] = promise
        return before is None or before.number < promise.number or before.longest < promise.longest

    def is_due(self, skill: Skill, at: Instant) -> bool:
        """Forget a promise that ended; tells whether it did."""
        known = self._by_skill.get(skill)
        if known is None or known.until > at:
            return False
        del self._by_skill[skill]
        return True

    def touches(self, agent: Agent) -> bool:
        return not self._by_skill.keys().isdisjoint(agent.skills)

    def keep(self, floor: Floor, agent: Agent) -> bool:
        """Whether this free agent is one of those who stay."""
        return any(
            skill in agent.skills and floor.free.ready(skill) <= promise.number
            for skill, promise in self._by_skill.items()
        )

    def bar(self, floor: Floor, agent: Agent, at: Instant) -> bool:
        """Whether this free agent is not for inbound callers: stays, and nobody who fits has waited too long."""
        if not self._by_skill or not self.keep(floor, agent):
            return False
        mine = [promise.longest for skill, promise in self._by_skill.items() if skill in agent.skills]
        longest = min(mine)
        return not any(
            at - waiting.began >= longest and fits(agent, waiting.need)
            for waiting in floor.calls.values()
            if waiting.offered_to is None and is_inbound(waiting)
        )

    def ends_for(self, waiting: WaitingCall) -> list[Instant]:
        """When this caller has waited so long that promises hold no more."""
        if not self._by_skill or not is_inbound(waiting):
            return []
        return [waiting.began + promise.longest for promise in self._by_skill.values()]


def promised(floor: Floor, event: AgentsPromised) -> None:
    """Who waits is told until when; whoever stays no longer is free for all."""
    if event.count == floor.promises.count(event.skill) == 0:
        return
    name = {"name": PROMISE, "key": event.skill}
    floor.commands.append(StartTimer(due=event.until, **name) if event.count else CancelTimer(**name))
    if not floor.promises.set(event.skill, Promise(event.count, event.until, event.longest)):
        floor.match_kept(event.skill, event.at)
        return
    for call in list(floor.line):
        floor.watch_patience(floor.calls[call], event.at)


def over(floor: Floor, event: TimerFired) -> None:
    """Nobody renewed the promise."""
    if floor.promises.is_due(Skill(event.key), event.at):
        floor.match_kept(Skill(event.key), event.at)


def is_inbound(waiting: WaitingCall) -> bool:
    """Whether promises hold this one back: a telephone call that is none of a campaign's."""
    return not waiting.outbound and waiting.need.medium is Medium.VOICE
