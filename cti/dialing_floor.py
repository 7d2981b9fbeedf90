"""The agents of a queue at this moment, read off the routing engine; and who of them stays for campaigns' lines."""

from __future__ import annotations

from acd.dialer import Busy, Staffing, Work
from acd.dialer_blending import InboundLoad, kept_free
from acd.engine import RoutingEngine
from acd.events import AgentsPromised
from acd.model import AgentState, Skill
from acd.snapshot import AgentView, CallerView

OUTBOUND = "ob-"
PROMISED_SECONDS = 30.0
"""A promise that is not renewed for so long ends; no line rings much longer."""
LONGEST_HOLD = 10.0
"""So many seconds an inbound caller may wait because agents stay for lines that ring."""
_WORK = {AgentState.TALKING: Work.TALK, AgentState.HOLD: Work.TALK, AgentState.WRAP_UP: Work.WRAP_UP}


class CampaignFloor:
    """Remembers how many inbound callers the agents of each queue have had."""

    def __init__(self, engine: RoutingEngine) -> None:
        self._engine = engine
        self._loads: dict[Skill, InboundLoad] = {}

    def staffing(self, queue: str, at: float) -> Staffing:
        """Everybody who can take the calls of this queue; "" or an unknown one = nobody.

        Callers go first who wait for a skill of these agents, and some agents are left to those who will come.
        """
        skill = self._engine.skill_of(queue)
        if not skill:
            return Staffing(at=at, ready=0)
        floor = self._engine.snapshot()
        mine = [one for one in floor.agents if skill in dict(one.skills)]
        theirs = frozenset(known for one in mine for known, _ in one.skills)
        waiting = [one for one in floor.callers if one.need.skill in theirs and one.offered_to is None]
        outbound = [one for one in waiting if is_outbound(one)]
        ready = sum(one.can_take_a_call and not one.work for one in mine)
        rate, kept = self._inbound(skill, mine, theirs, at)
        return Staffing(
            at=at,
            ready=max(ready - self._promised_elsewhere(skill, mine), 0),
            busy=tuple(_busy(one, at) for one in mine if one.state in _WORK),
            waiting_inbound=len(waiting) - len(outbound),
            waiting_outbound=sum(one.need.skill == skill for one in outbound),
            inbound_rate=rate,
            kept=kept,
        )

    def promise(self, queue: str, number: int, at: float) -> AgentsPromised | None:
        """What the engine is to be told: lines ring for this queue that rely on so many free agents. None = nothing."""
        skill = self._engine.skill_of(queue)
        if not skill or number == self._engine.promised(skill) == 0:
            return None
        until = at + PROMISED_SECONDS
        return AgentsPromised(at=at, skill=skill, count=number, until=until, longest=LONGEST_HOLD)

    def _inbound(self, skill: Skill, mine: list[AgentView], theirs: frozenset[Skill], at: float) -> tuple[float, int]:
        load = self._loads.setdefault(skill, InboundLoad())
        load.look(at, [one.call for one in mine if one.call and not one.call.startswith(OUTBOUND)])
        on_duty = sum(one.state is AgentState.READY or one.state in _WORK for one in mine)
        rate, handling = load.rate, load.handling
        return rate, max(
            (kept_free(on_duty, rate, handling, one) for one in self._engine.service_targets(theirs)), default=0
        )

    def _promised_elsewhere(self, skill: Skill, mine: list[AgentView]) -> int:
        """Of these agents, how many stay for the lines of another queue, at most."""
        others = {known for one in mine for known, _ in one.skills} - {skill}
        free = [one for one in mine if one.can_take_a_call]
        return sum(
            min(self._engine.promised(other), sum(other in dict(one.skills) for one in free)) for other in others
        )


def is_outbound(caller: CallerView) -> bool:
    return caller.call.startswith(OUTBOUND)


def _busy(agent: AgentView, at: float) -> Busy:
    return Busy(_WORK[agent.state], max(at - agent.since, 0.0))
