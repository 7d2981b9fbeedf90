"""The world outside the engine: it carries out the engine's wishes and checks each against the rules as it comes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from acd import commands, events
from acd.engine import RoutingEngine
from acd.floor import PATIENCE, POSITION, RING, WRAP_UP
from acd.model import AgentId, AgentState, CallId, Medium, Queue, QueueId, Skill
from acd.promises import PROMISE
from acd.snapshot import AgentView, CallerView
from acd.transitions import TRANSITIONS, Trigger

ON_A_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
NO_SKILLS: frozenset[Skill] = frozenset()


@dataclass
class Caller:
    queue: QueueId
    priority: int
    since: float
    arrival: int
    offered_to: AgentId | None = None
    callback: bool = False
    medium: Medium = Medium.VOICE
    also: frozenset[Skill] = NO_SKILLS
    outbound: bool = False
    began: float = 0.0

    @property
    def is_inbound(self) -> bool:
        return not self.outbound and self.medium is Medium.VOICE

    def rank(self, queue: Queue, now: float, *, is_kept: bool) -> tuple[bool, float, float, int]:
        priority: float = self.priority + queue.priority
        if queue.ageing_seconds:
            priority += (now - self.since) / queue.ageing_seconds
        return (not is_kept, -round(priority, 9), self.since, self.arrival)


def suits(agent: AgentView, caller: CallerView) -> bool:
    """Whether the agent, when free, is one who may be offered this caller now."""
    if caller.reserved_for is not None:
        return caller.reserved_for == agent.id
    skills, need = dict(agent.skills), caller.need
    known = need.skill in skills and skills[need.skill] >= need.level and need.also <= skills.keys()
    return known and (not need.tags or bool(need.tags & set(agent.tags)))


def suits_in_general(agent: AgentView, caller: CallerView) -> bool:
    """As `suits`, whomever the caller is kept for."""
    return suits(agent, replace(caller, reserved_for=None))


@dataclass
class World:
    """What Asterisk and the people would say. `tell` is the only way to the engine."""

    queues: dict[QueueId, Queue]
    engine: RoutingEngine = field(init=False)
    now: float = 1000.0
    callers: dict[CallId, Caller] = field(default_factory=dict)
    talks: dict[AgentId, CallId] = field(default_factory=dict)
    seconds: dict[AgentId, CallId] = field(default_factory=dict)  # second agents of a call: asked, or in it
    work: dict[AgentId, set[CallId]] = field(default_factory=dict)
    states: dict[AgentId, AgentState] = field(default_factory=dict)
    skills: dict[AgentId, dict[Skill, int]] = field(default_factory=dict)
    unreachable: set[AgentId] = field(default_factory=set)
    timers: dict[tuple[str, str], float] = field(default_factory=dict)
    told: list[tuple[events.Event, list[commands.Command]]] = field(default_factory=list)
    first_queues: tuple[Queue, ...] = ()
    promised: dict[Skill, events.AgentsPromised] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The platform was killed: the callers stay, the timers and the signed-in people do not."""
        self.engine = RoutingEngine(self.queues.values())
        self.first_queues = tuple(self.queues.values())
        self.timers, self.states, self.told, self.work, self.promised = {}, {}, [], {}, {}

    def state(self, agent: AgentId) -> AgentState:
        return self.states.get(agent, AgentState.OFFLINE)

    def tell(self, event: events.Event) -> list[commands.Command]:
        wishes = self.engine.handle(event)
        self.told.append((event, wishes))
        trigger: Trigger = type(event)
        for wish in wishes:
            self.carry_out(wish, trigger)
            trigger = type(wish) if isinstance(wish, commands.OfferCall | commands.ReturnCall) else type(event)
        self.check_order(wishes)
        return wishes

    def carry_out(self, wish: commands.Command, trigger: Trigger) -> None:
        match wish:
            case commands.OfferCall() | commands.ReturnCall() | commands.WithdrawOffer():
                self.carry_out_offer(wish)
            case commands.DivertCall(call=call):
                assert self.callers[call].offered_to is None
                assert not self.callers[call].callback
                del self.callers[call]
            case commands.ReportCallMoved(call=call, queue=queue, to=to):
                assert self.callers[call].queue == queue != to
                self.callers[call].queue = to
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

    def carry_out_offer(self, wish: commands.OfferCall | commands.ReturnCall | commands.WithdrawOffer) -> None:
        caller = self.callers[wish.call]
        if isinstance(wish, commands.WithdrawOffer):
            assert caller.offered_to == wish.agent
            caller.offered_to = None
            return
        assert caller.offered_to is None
        assert self.state(wish.agent) is AgentState.READY
        assert caller.medium is not Medium.VOICE or wish.agent not in self.unreachable
        assert caller.callback == isinstance(wish, commands.ReturnCall)
        assert [verdict.agent for verdict in wish.verdicts[:1]] == [wish.agent]
        if isinstance(wish, commands.ReturnCall):
            del self.callers[wish.call]
            self.talks[wish.agent] = wish.call
        else:
            caller.offered_to = wish.agent

    def check_order(self, wishes: list[commands.Command]) -> None:
        """Nobody who suits the agent and stands before the caller who was offered is passed over."""
        offers = [wish for wish in wishes if isinstance(wish, commands.OfferCall)]
        if not offers:
            return
        snapshot = self.engine.snapshot()
        agents = {agent.id: agent for agent in snapshot.agents}
        views = {caller.call: caller for caller in snapshot.callers}
        for offer in offers:
            caller, view = self.callers.get(offer.call), views.get(offer.call)
            if caller is None or view is None or caller.offered_to != offer.agent:
                continue
            own = self.rank(view)
            for other in snapshot.callers:
                if other.offered_to is None and other.need.medium is caller.medium:
                    held = bool(self.promised) and caller.outbound and self.callers[other.call].is_inbound
                    assert held or not suits(agents[offer.agent], other) or self.rank(other) > own

    def stays(self, agent: AgentView) -> bool:
        """Whether this free agent is kept for lines that ring, and nobody has waited too long for that."""
        views = self.engine.snapshot()
        held = [
            promise
            for promise in self.promised.values()
            if promise.until > self.now and promise.skill in dict(agent.skills)
        ]
        free = [one for one in views.agents if one.can_take_a_call]
        if not any(sum(one.skill in dict(other.skills) for other in free) <= one.count for one in held):
            return False
        waits = [
            self.now - self.callers[view.call].began
            for view in views.callers
            if view.offered_to is None and self.callers[view.call].is_inbound and suits_in_general(agent, view)
        ]
        return max(waits, default=0.0) < min(promise.longest for promise in held)

    def rank(self, view: CallerView) -> tuple[bool, float, float, int]:
        return self.callers[view.call].rank(self.queues[view.queue], self.now, is_kept=view.is_kept)

    def check_position(self, call: CallId, position: int) -> None:
        """One more than the callers before this one in all queues that need the same skill."""
        caller = self.callers[call]
        assert caller.offered_to is None
        queue = self.queues[caller.queue]
        own = caller.rank(queue, self.now, is_kept=False)
        ahead = 0
        for other in self.callers.values():
            its = self.queues[other.queue]
            if other.offered_to is None and its.skill == queue.skill:
                ahead += other.rank(its, self.now, is_kept=False) < own
        assert position == 1 + ahead

    def expected_timers(self) -> set[tuple[str, str]]:
        wrap_ups = {(WRAP_UP, agent) for agent, state in self.states.items() if state is AgentState.WRAP_UP}
        rings = {(RING, call) for call, caller in self.callers.items() if caller.offered_to is not None}
        positions = {
            (POSITION, call)
            for call, caller in self.callers.items()
            if caller.offered_to is None
            and self.queues[caller.queue].first_announcement_seconds > 0
            and not caller.callback
            and caller.medium is Medium.VOICE
        }
        return wrap_ups | rings | positions

    def check_timers(self) -> None:
        """None is without an owner, and no owner without one; who waits for a time has it told."""
        patience = {key for name, key in self.timers if name == PATIENCE}
        others = {timer for timer in self.timers if timer[0] not in (PATIENCE, PROMISE)}
        assert others == self.expected_timers()
        assert {key for name, key in self.timers if name == PROMISE} == set(self.promised)
        assert patience <= {call for call, caller in self.callers.items() if caller.offered_to is None}
        for caller in self.engine.snapshot().callers:
            if caller.offered_to is None and (caller.reserved_for is not None or caller.need.tags):
                assert caller.call in patience
