"""The agents of a queue at this moment, read off the routing engine, for its campaigns."""

from __future__ import annotations

from acd.dialer import Busy, Staffing, Work
from acd.engine import RoutingEngine
from acd.model import AgentState
from acd.snapshot import AgentView

_WORK = {AgentState.TALKING: Work.TALK, AgentState.HOLD: Work.TALK, AgentState.WRAP_UP: Work.WRAP_UP}
OUTBOUND = "ob-"


def floor_of(engine: RoutingEngine, queue: str, at: float) -> Staffing:
    """Everybody who can take the calls of this queue; "" or an unknown one = nobody. Callers go first who wait for a
    skill of these agents."""
    skill = engine.skill_of(queue)
    if not skill:
        return Staffing(at=at, ready=0)
    floor = engine.snapshot()
    mine = [one for one in floor.agents if skill in dict(one.skills)]
    theirs = {known for one in mine for known, _ in one.skills}
    waiting = [one for one in floor.callers if one.need.skill in theirs and one.offered_to is None]
    outbound = [one for one in waiting if one.call.startswith(OUTBOUND)]
    return Staffing(
        at=at,
        ready=sum(one.can_take_a_call and not one.work for one in mine),
        busy=tuple(_busy(one, at) for one in mine if one.state in _WORK),
        waiting_inbound=len(waiting) - len(outbound),
        waiting_outbound=sum(one.need.skill == skill for one in outbound),
    )


def _busy(agent: AgentView, at: float) -> Busy:
    return Busy(_WORK[agent.state], max(at - agent.since, 0.0))
