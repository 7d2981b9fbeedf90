"""What must hold after every event, however late or false the news was; and when the news is right again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Instant, Medium
from acd.snapshot import AgentView, CallerView, FloorSnapshot
from acd.transitions import TRANSITIONS, Trigger

if TYPE_CHECKING:
    from tests.unit.acd.fault_site import Call

ON_A_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
BY_A_PERSON = (
    events.AgentBecameReady,
    events.AgentTookBreak,
    events.AgentForced,
    events.AgentSignedOut,
    events.AgentBeganCall,
)


class Checks:
    """Follows what the engine reports, and compares."""

    def __init__(self, engine: RoutingEngine) -> None:
        self._engine = engine
        self._states: dict[AgentId, AgentState] = {}
        self._until: dict[AgentId, Instant] = {}
        self._unreachable: set[AgentId] = set()

    def after(self, event: events.Event, wishes: list[commands.Command]) -> None:
        trigger: Trigger = type(event)
        if isinstance(event, events.AgentReachabilityChanged) and event.agent not in self._present():
            (self._unreachable.discard if event.reachable else self._unreachable.add)(event.agent)
        for wish in wishes:
            self._check(event, wish, trigger)
            trigger = type(wish) if isinstance(wish, commands.OfferCall | commands.ReturnCall) else type(event)
        picture = self._engine.snapshot()
        self._one_call_one_agent(picture)
        self._nobody_waits_in_vain(picture)
        assert {agent.id: agent.state for agent in picture.agents} == self._present()

    def _present(self) -> dict[AgentId, AgentState]:
        return {agent: state for agent, state in self._states.items() if state is not AgentState.OFFLINE}

    def _check(self, event: events.Event, wish: commands.Command, trigger: Trigger) -> None:
        match wish:
            case commands.OfferCall(call=call, agent=agent) | commands.ReturnCall(call=call, agent=agent):
                assert self._states.get(agent) is AgentState.READY, wish
                # A chat needs no telephone.
                assert agent not in self._unreachable or not call.startswith(Medium.VOICE), wish
            case commands.ReportAgentReachability(agent=agent, reachable=reachable):
                (self._unreachable.discard if reachable else self._unreachable.add)(agent)
            case commands.ReportAgentState(agent=agent, state=state, until=until):
                before = self._states.get(agent, AgentState.OFFLINE)
                assert state in TRANSITIONS[before, trigger], (before, trigger, state)
                if before is AgentState.WRAP_UP and isinstance(event, events.TimerFired):
                    assert event.at >= self._until[agent] - 1e-6, "after-call work was cut"
                elif before is AgentState.WRAP_UP and state is AgentState.READY:
                    assert isinstance(event, BY_A_PERSON), event
                self._states[agent] = state
                self._until[agent] = until if until is not None else 0.0

    @staticmethod
    def _one_call_one_agent(picture: FloorSnapshot) -> None:
        agents = {agent.id: agent for agent in picture.agents}
        for caller in picture.callers:
            if caller.offered_to is not None:
                agent = agents[caller.offered_to]
                if caller.need.medium is Medium.VOICE:
                    assert (agent.state, agent.call) == (AgentState.RINGING, caller.call)
                else:
                    assert caller.call in dict(agent.work)
        first = [agent.call for agent in picture.agents if agent.state in ON_A_CALL and not agent.second]
        assert len(set(first)) == len(first), "one call, two agents"
        offered = {caller.call for caller in picture.callers if caller.offered_to is not None}
        ringing = {a.call for a in picture.agents if a.state is AgentState.RINGING and not a.second}
        assert ringing <= offered, "a phone rings for nobody"
        for agent in picture.agents:
            assert len(agent.work) <= 2, "more work than the agent takes"

    @staticmethod
    def _nobody_waits_in_vain(picture: FloorSnapshot) -> None:
        free = [agent for agent in picture.agents if agent.can_take_a_call]
        for caller in picture.callers:
            if caller.offered_to is None and caller.need.medium is Medium.VOICE:
                for agent in free:
                    assert not _may_take(agent, caller), (agent, caller)

    @staticmethod
    def agree_with_the_house(picture: FloorSnapshot, calls: Iterable[Call], phones: Mapping[AgentId, CallId]) -> None:
        """After a look at Asterisk the engine knows exactly who waits, rings and talks."""
        house = {
            call.id: call.agent if call.state == "ringing" else None
            for call in calls
            if call.state in ("waiting", "ringing")
        }
        engine = {caller.call: caller.offered_to for caller in picture.callers if not caller.callback}
        assert engine == house, (engine, house)
        on_the_phone = {a.id: a.call for a in picture.agents if a.state in ON_A_CALL}
        assert on_the_phone == dict(phones)


def _may_take(agent: AgentView, caller: CallerView) -> bool:
    skills, need = dict(agent.skills), caller.need
    return (
        skills.get(need.skill, 0) >= max(need.level, 1)
        and need.also <= skills.keys()
        and (not need.tags or bool(need.tags & set(agent.tags)))
        and caller.reserved_for in (None, agent.id)
    )
