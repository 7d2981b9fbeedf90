"""The world outside the engine: it carries out the engine's wishes and checks each against the rules as it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from acd import commands, events
from acd.engine import RoutingEngine
from acd.floor import POSITION, RING, WRAP_UP
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from acd.order import Place
from acd.transitions import TRANSITIONS, Trigger

ON_A_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)


@dataclass
class Caller:
    queue: QueueId
    place: Place
    offered_to: AgentId | None = None


@dataclass
class World:
    """What Asterisk and the people would say. `tell` is the only way to the engine."""

    queues: dict[QueueId, Queue]
    engine: RoutingEngine = field(init=False)
    now: float = 1000.0
    callers: dict[CallId, Caller] = field(default_factory=dict)
    talks: dict[AgentId, CallId] = field(default_factory=dict)
    states: dict[AgentId, AgentState] = field(default_factory=dict)
    skills: dict[AgentId, dict[Skill, int]] = field(default_factory=dict)
    unreachable: set[AgentId] = field(default_factory=set)
    timers: dict[tuple[str, str], float] = field(default_factory=dict)
    told: list[tuple[events.Event, list[commands.Command]]] = field(default_factory=list)
    first_queues: tuple[Queue, ...] = ()

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The platform was killed: the callers stay, the timers and the signed-in people do not."""
        self.engine = RoutingEngine(self.queues.values())
        self.first_queues = tuple(self.queues.values())
        self.timers, self.states, self.told = {}, {}, []

    def state(self, agent: AgentId) -> AgentState:
        return self.states.get(agent, AgentState.OFFLINE)

    def tell(self, event: events.Event) -> list[commands.Command]:
        wishes = self.engine.handle(event)
        self.told.append((event, wishes))
        trigger: Trigger = type(event)
        for wish in wishes:
            self.carry_out(wish, trigger)
            trigger = commands.OfferCall if isinstance(wish, commands.OfferCall) else type(event)
        return wishes

    def carry_out(self, wish: commands.Command, trigger: Trigger) -> None:
        match wish:
            case commands.OfferCall(call=call, agent=agent):
                self.check_offer(call, agent)
                self.callers[call].offered_to = agent
            case commands.WithdrawOffer(call=call, agent=agent):
                assert self.callers[call].offered_to == agent
                self.callers[call].offered_to = None
            case commands.AnnouncePosition(call=call, position=position):
                self.check_position(call, position)
            case commands.ReportAgentState(agent=agent, state=state):
                assert state in TRANSITIONS[self.state(agent), trigger], (self.state(agent), trigger, state)
                self.states[agent] = state
            case commands.ReportAgentReachability(agent=agent, reachable=reachable):
                (self.unreachable.discard if reachable else self.unreachable.add)(agent)
            case commands.StartTimer(name=name, key=key, due=due):
                assert due >= self.now
                self.timers[name, key] = due
            case commands.CancelTimer(name=name, key=key):
                self.timers.pop((name, key), None)

    def check_offer(self, call: CallId, agent: AgentId) -> None:
        """A free, reachable, fitting agent; and nobody who fits and stands before this caller is passed over."""
        assert self.state(agent) is AgentState.READY
        assert agent not in self.unreachable
        assert self.callers[call].offered_to is None
        ahead = [other for other in self.in_line(self.skills[agent]) if other < self.callers[call].place]
        assert not ahead
        assert self.queues[self.callers[call].queue].skill in self.skills[agent]

    def check_position(self, call: CallId, position: int) -> None:
        caller = self.callers[call]
        assert caller.offered_to is None
        same = self.in_line([self.queues[caller.queue].skill])
        assert position == 1 + sum(place < caller.place for place in same)

    def in_line(self, skills: Iterable[Skill]) -> list[Place]:
        waiting = (caller for caller in self.callers.values() if caller.offered_to is None)
        return [caller.place for caller in waiting if self.queues[caller.queue].skill in skills]

    def expected_timers(self) -> set[tuple[str, str]]:
        wrap_ups = {(WRAP_UP, agent) for agent, state in self.states.items() if state is AgentState.WRAP_UP}
        rings = {(RING, call) for call, caller in self.callers.items() if caller.offered_to is not None}
        positions = {
            (POSITION, call)
            for call, caller in self.callers.items()
            if caller.offered_to is None and self.queues[caller.queue].first_announcement_seconds > 0
        }
        return wrap_ups | rings | positions
