"""Whatever happens, in whatever order: nobody is lost, nobody waits in vain, nobody gets two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd import events
from acd.engine import RoutingEngine
from acd.model import (
    AgentId,
    AgentState,
    CallId,
    LevelStep,
    Medium,
    Overflow,
    Queue,
    QueueId,
    Skill,
    Strategy,
    WayOut,
)
from acd.promises import PROMISE
from acd.snapshot import FloorSnapshot
from acd.transitions import TRANSITIONS
from crm_core.errors import NotFound, Refused
from tests.unit.acd.world import ON_A_CALL, Caller, World, suits

REPAIR, RESCUE, ENGLISH = Skill("repair"), Skill("rescue"), Skill("english")
QUEUES = (
    Queue(
        id=QueueId("repair"),
        skill=REPAIR,
        levels=(LevelStep(after_seconds=0, level=6), LevelStep(after_seconds=20, level=3)),
        sticky_seconds=20,
        strategy=Strategy.LONGEST_IDLE,
    ),
    Queue(id=QueueId("rescue"), skill=RESCUE, wrap_up_seconds=0, ageing_seconds=10, strategy=Strategy.LEAST_OCCUPIED),
    Queue(
        id=QueueId("english"),
        skill=ENGLISH,
        first_announcement_seconds=0,
        wrap_up_seconds=0,
        affinity_seconds=15,
        overflow=(
            Overflow(to=QueueId("repair"), after_seconds=30),
            Overflow(to=QueueId("rescue"), expected_over_seconds=5),
        ),
        strategy=Strategy.ROUND_ROBIN,
    ),
    Queue(
        id=QueueId("vip"),
        skill=REPAIR,
        ring_seconds=30,
        priority=2,
        ageing_seconds=40,
        most_waiting=2,
        when_full=WayOut.VOICEMAIL,
        longest_wait_seconds=45,
        when_too_long=WayOut.CALLBACK,
    ),
)
TAGS = ("dealer:1", "dealer:2", "region:east")
agents = st.sampled_from([AgentId(number) for number in ("1001", "1002", "1003", "1004")])
queue_ids = st.sampled_from([queue.id for queue in QUEUES])
levels = st.dictionaries(st.sampled_from([REPAIR, RESCUE, ENGLISH]), st.integers(1, 9), min_size=1, max_size=3)
pauses = st.sampled_from([0.0, 0.5, 7.0, 60.0])
tags = st.frozensets(st.sampled_from(TAGS), max_size=2)
presence = st.sampled_from([AgentState.READY, AgentState.BREAK])


class RoutingMachine(RuleBasedStateMachine):
    @initialize(staff=st.dictionaries(agents, levels, min_size=2))
    def open_the_call_centre(self, staff: dict[AgentId, dict[Skill, int]]) -> None:
        self.world = World({queue.id: queue for queue in QUEUES})
        self.calls = 0
        self.leaving: set[AgentId] = set()
        for agent, skills in staff.items():
            self.signs_in(agent, skills, AgentState.READY, frozenset(TAGS[:1]))

    def pick(self, data: st.DataObject, choices: list[CallId] | list[AgentId]) -> str:
        return data.draw(st.sampled_from(sorted(choices)))

    def picture(self) -> FloorSnapshot:
        """The floor as it is now: the priorities of waiting callers grow without any event."""
        self.world.tell(events.CallLeft(at=self.world.now, call=CallId("nobody")))
        return self.world.engine.snapshot()

    def ask(self, event: events.Event, agent: AgentId) -> bool:
        """A person's wish: done, or refused without any change, and refused only when the table says so."""
        world = self.world
        before = self.picture()
        allowed = (world.state(agent), type(event)) in TRANSITIONS
        if agent in self.leaving and not isinstance(event, events.AgentSignedIn):
            allowed = False
        try:
            world.tell(event)
        except Refused:
            assert world.engine.snapshot() == before
            assert not allowed or isinstance(event, events.WrapUpExtended)
            return False
        assert allowed
        return True

    # People

    @rule(agent=agents, skills=levels, state=presence, near=tags)
    def signs_in(self, agent: AgentId, skills: dict[Skill, int], state: AgentState, near: frozenset[str]) -> None:
        known = self.world.skills.get(agent, {})
        self.world.skills[agent] = skills
        event = events.AgentSignedIn(at=self.world.now, agent=agent, skills=skills, state=state, tags=near)
        if self.ask(event, agent):
            self.leaving.discard(agent)
        else:
            self.world.skills[agent] = known

    @rule(agent=agents)
    def signs_out(self, agent: AgentId) -> None:
        state = self.world.state(agent)
        done = self.ask(events.AgentSignedOut(at=self.world.now, agent=agent), agent)
        if done and state in (AgentState.TALKING, AgentState.HOLD):
            self.leaving.add(agent)
        elif done:
            self.world.seconds.pop(agent, None)
            self.world.work.pop(agent, None)

    @rule(agent=agents)
    def goes_ready(self, agent: AgentId) -> None:
        self.ask(events.AgentBecameReady(at=self.world.now, agent=agent), agent)

    @rule(agent=agents)
    def takes_a_break(self, agent: AgentId) -> None:
        self.ask(events.AgentTookBreak(at=self.world.now, agent=agent, reason="lunch"), agent)

    @rule(agent=agents, state=presence)
    def plans_what_follows(self, agent: AgentId, state: AgentState) -> None:
        self.ask(events.AgentPlannedNext(at=self.world.now, agent=agent, state=state, reason="plan"), agent)

    @rule(agent=agents)
    def extends_after_call_work(self, agent: AgentId) -> None:
        self.ask(events.WrapUpExtended(at=self.world.now, agent=agent, seconds=30), agent)

    @rule(agent=agents)
    def dials_out(self, agent: AgentId) -> None:
        self.calls += 1
        call = CallId(f"out{self.calls}")
        if self.ask(events.AgentBeganCall(at=self.world.now, agent=agent, call=call), agent):
            self.world.talks[agent] = call

    @rule(agent=agents, skills=levels, near=tags)
    def learns(self, agent: AgentId, skills: dict[Skill, int], near: frozenset[str]) -> None:
        if self.world.state(agent) is not AgentState.OFFLINE:
            self.world.skills[agent] = skills
        self.world.tell(events.AgentSkillsChanged(at=self.world.now, agent=agent, skills=skills, tags=near))

    # A supervisor, a colleague

    def wish(self, event: events.Event) -> bool:
        """Done, or refused without any change."""
        before = self.picture()
        try:
            self.world.tell(event)
        except (Refused, NotFound):
            assert self.world.engine.snapshot() == before
            return False
        return True

    @rule(agent=agents, state=st.sampled_from([AgentState.READY, AgentState.BREAK, AgentState.OFFLINE]))
    def is_forced(self, agent: AgentId, state: AgentState) -> None:
        world, was = self.world, self.world.state(agent)
        is_busy = was in (AgentState.TALKING, AgentState.HOLD) or agent in world.seconds
        if self.wish(events.AgentForced(at=world.now, agent=agent, state=state, reason="forced")):
            if state is AgentState.OFFLINE and is_busy:
                self.leaving.add(agent)
            elif state is AgentState.OFFLINE:
                world.work.pop(agent, None)

    @precondition(lambda self: self.world.callers)
    @rule(data=st.data(), queue=queue_ids)
    def is_moved(self, data: st.DataObject, queue: QueueId) -> None:
        call = CallId(self.pick(data, list(self.world.callers)))
        assert self.wish(events.CallMoved(at=self.world.now, call=call, queue=queue))

    @precondition(lambda self: self.world.callers)
    @rule(data=st.data())
    def is_promoted(self, data: st.DataObject) -> None:
        world, call = self.world, CallId(self.pick(data, list(self.world.callers)))
        caller = world.callers[call]
        assert self.wish(events.CallPromoted(at=world.now, call=call))
        view = next((view for view in world.engine.snapshot().callers if view.call == call), None)
        if view is not None:
            caller.priority = view.priority
        if view is not None and caller.offered_to is None:
            same = [v for v in world.engine.snapshot().callers if v.queue == caller.queue and v.offered_to is None]
            ranks = {v.call: world.callers[v.call].rank(world.queues[v.queue], world.now, is_kept=False) for v in same}
            assert min(ranks, key=lambda other: ranks[other]) == call

    @precondition(lambda self: self.world.callers)
    @rule(data=st.data(), agent=agents)
    def is_assigned(self, data: st.DataObject, agent: AgentId) -> None:
        world, call = self.world, CallId(self.pick(data, list(self.world.callers)))
        skill = world.queues[world.callers[call].queue].skill
        may = world.state(agent) not in (AgentState.OFFLINE, AgentState.BREAK) and agent not in self.leaving
        done = self.wish(events.CallAssigned(at=world.now, call=call, agent=agent, seconds=30))
        assert done == (may and skill in world.skills[agent])

    @precondition(lambda self: self.world.talks)
    @rule(data=st.data(), agent=agents)
    def asks_a_colleague(self, data: st.DataObject, agent: AgentId) -> None:
        world, asker = self.world, AgentId(self.pick(data, list(self.world.talks)))
        may = world.state(agent) is AgentState.READY and agent not in world.unreachable
        call = world.talks[asker]
        assert self.wish(events.ConsultBegan(at=world.now, call=call, agent=agent)) == may
        if may:
            world.seconds[agent] = call

    @precondition(lambda self: self.world.seconds)
    @rule(data=st.data(), how=st.sampled_from(["answer", "end", "hand over"]))
    def a_consult_goes_on(self, data: st.DataObject, how: str) -> None:
        world, agent = self.world, AgentId(self.pick(data, list(self.world.seconds)))
        call = world.seconds[agent]
        owner = next((owner for owner, talk in world.talks.items() if talk == call), None)
        if how == "answer" and world.state(agent) is AgentState.RINGING:
            world.tell(events.ConsultAnswered(at=world.now, call=call, agent=agent))
        elif how == "end" or owner is None or world.state(agent) is AgentState.RINGING:
            del world.seconds[agent]
            world.tell(events.ConsultEnded(at=world.now, call=call, agent=agent))
            self.leaving.discard(agent)
        else:
            del world.seconds[agent], world.talks[owner]
            world.talks[agent] = call
            world.tell(events.CallHandedOver(at=world.now, call=call, agent=owner, to=agent))
            self.leaving.discard(owner)

    @rule(queue=queue_ids, skill=st.sampled_from([REPAIR, RESCUE, ENGLISH]), first=st.sampled_from([0, 15]))
    def edits_a_queue(self, queue: QueueId, skill: Skill, first: int) -> None:
        world = self.world
        world.queues[queue] = replace(world.queues[queue], skill=skill, first_announcement_seconds=first)
        world.tell(events.QueuesChanged(at=world.now, queues=tuple(world.queues.values())))

    # Callers and phones

    @rule(
        queue=queue_ids,
        priority=st.sampled_from([0, 0, 0, 5]),
        kept=st.sampled_from([0.0, 0.0, 90.0]),
        kind=st.sampled_from(["call", "call", "call", "callback", "chat", "outbound"]),
        data=st.data(),
    )
    def calls_in(self, queue: QueueId, priority: int, kept: float, kind: str, data: st.DataObject) -> None:
        also = data.draw(st.sampled_from([frozenset[Skill](), frozenset[Skill](), frozenset({ENGLISH})]))
        self.calls += 1
        world, medium = self.world, Medium.CHAT if kind == "chat" else Medium.VOICE
        call, since = CallId(f"c{self.calls:04}"), world.now - kept
        outbound = kind == "outbound"
        caller = Caller(queue, priority, since, self.calls, callback=kind == "callback", medium=medium, also=also)
        caller.outbound, caller.began = outbound, world.now
        world.callers[call] = caller
        world.tell(
            events.CallQueued(
                at=world.now,
                call=call,
                queue=queue,
                since=since,
                priority=priority,
                last_agent=data.draw(st.none() | agents),
                reserved_for=data.draw(st.none() | st.none() | agents),
                reserved_seconds=25.0,
                affinity=data.draw(tags),
                also=also,
                medium=medium,
                callback=kind == "callback",
                outbound=outbound,
            )
        )

    @precondition(lambda self: self.world.callers)
    @rule(data=st.data())
    def hangs_up_while_waiting(self, data: st.DataObject) -> None:
        call = CallId(self.pick(data, list(self.world.callers)))
        del self.world.callers[call]
        self.world.tell(events.CallLeft(at=self.world.now, call=call))

    def ringing(self, medium: Medium | None = None) -> dict[CallId, AgentId]:
        return {
            call: caller.offered_to
            for call, caller in self.world.callers.items()
            if caller.offered_to and medium in (None, caller.medium)
        }

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), result=st.sampled_from(events.OfferResult))
    def does_not_answer(self, data: st.DataObject, result: events.OfferResult) -> None:
        call = CallId(self.pick(data, list(self.ringing())))
        agent = self.ringing()[call]
        self.world.callers[call].offered_to = None
        if self.world.state(agent) is AgentState.OFFLINE:
            self.leaving.discard(agent)
        self.world.tell(events.OfferEnded(at=self.world.now, call=call, agent=agent, result=result))

    @precondition(lambda self: self.ringing())
    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        call = CallId(self.pick(data, list(self.ringing())))
        agent = self.ringing()[call]
        if self.world.callers.pop(call).medium is Medium.VOICE:
            self.world.talks[agent] = call
        else:
            self.world.work.setdefault(agent, set()).add(call)
        self.world.tell(events.CallAnswered(at=self.world.now, call=call, agent=agent))

    @precondition(lambda self: any(self.world.work.values()))
    @rule(data=st.data())
    def finishes_a_chat(self, data: st.DataObject) -> None:
        world = self.world
        agent = AgentId(self.pick(data, [agent for agent, work in world.work.items() if work]))
        call = world.work[agent].pop()
        world.tell(events.TalkEnded(at=world.now, call=call, agent=agent))

    @precondition(lambda self: self.world.talks)
    @rule(data=st.data())
    def ends_a_talk(self, data: st.DataObject) -> None:
        agent = AgentId(self.pick(data, list(self.world.talks)))
        call = self.world.talks.pop(agent)
        self.world.tell(events.TalkEnded(at=self.world.now, call=call, agent=agent))
        self.leaving.discard(agent)

    @precondition(lambda self: self.world.talks)
    @rule(data=st.data())
    def holds_or_resumes(self, data: st.DataObject) -> None:
        agent = AgentId(self.pick(data, list(self.world.talks)))
        held = self.world.state(agent) is AgentState.HOLD
        kind = events.CallResumed if held else events.CallHeld
        self.world.tell(kind(at=self.world.now, call=self.world.talks[agent], agent=agent))

    @rule(agent=agents, reachable=st.booleans())
    def loses_or_regains_the_phone(self, agent: AgentId, reachable: bool) -> None:
        if self.world.state(agent) is AgentState.OFFLINE:
            (self.world.unreachable.discard if reachable else self.world.unreachable.add)(agent)
        self.world.tell(events.AgentReachabilityChanged(at=self.world.now, agent=agent, reachable=reachable))

    @rule(skill=st.sampled_from([REPAIR, ENGLISH]), count=st.integers(0, 3), longest=st.sampled_from([0.0, 5.0, 20.0]))
    def lines_ring_that_rely_on_free_agents(self, skill: Skill, count: int, longest: float) -> None:
        world = self.world
        told = events.AgentsPromised(at=world.now, skill=skill, count=count, until=world.now + 30, longest=longest)
        world.promised.pop(skill, None)
        if count:
            world.promised[skill] = told
        world.tell(told)

    # Time, late news, restarts

    @rule(seconds=pauses)
    def time_passes(self, seconds: float) -> None:
        """Every timer due on the way fires, in order."""
        until = self.world.now + seconds
        for _ in range(200):
            due, which = min(((due, which) for which, due in self.world.timers.items()), default=(until + 1, ("", "")))
            if due > until:
                break
            del self.world.timers[which]
            self.world.now = max(self.world.now, due)
            if which[0] == PROMISE:
                self.world.promised.pop(Skill(which[1]), None)
            self.world.tell(events.TimerFired(at=self.world.now, name=which[0], key=which[1]))
        self.world.now = until

    @rule(call=st.integers(0, 30), agent=agents, kind=st.sampled_from(["left", "ended", "answered", "talk", "held"]))
    def late_or_doubled_news(self, call: int, agent: AgentId, kind: str) -> None:
        """News that is not true now must change nothing and stop nothing."""
        world, stale = self.world, CallId(f"c{call:04}")
        caller = world.callers.get(stale)
        if stale in (world.talks.get(agent), world.seconds.get(agent), *world.work.get(agent, ())) or (
            caller and (caller.offered_to == agent or kind == "left")
        ):
            return
        at, before = world.now, self.picture()
        world.tell(
            {
                "left": events.CallLeft(at=at, call=stale),
                "ended": events.OfferEnded(at=at, call=stale, agent=agent, result=events.OfferResult.NO_ANSWER),
                "answered": events.CallAnswered(at=at, call=stale, agent=agent),
                "talk": events.TalkEnded(at=at, call=stale, agent=agent),
                "held": events.CallHeld(at=at, call=stale, agent=agent),
            }[kind]
        )
        assert world.engine.snapshot() == before

    @rule(state=presence)
    def the_platform_is_restarted(self, state: AgentState) -> None:
        """Every caller, talk and ringing phone is found again, then the people who were there."""
        world = self.world
        present = [a for a, s in world.states.items() if s is not AgentState.OFFLINE and a not in self.leaving]
        world.callers = {c: v for c, v in world.callers.items() if not v.callback and v.medium is Medium.VOICE}
        world.seconds = {}
        world.restart()
        for agent in sorted(world.unreachable):
            world.tell(events.AgentReachabilityChanged(at=world.now, agent=agent, reachable=False))
        for agent, talk in sorted(world.talks.items()):
            world.tell(events.CallFoundTalking(at=world.now, call=talk, agent=agent, since=world.now - 5))
        ringing = self.ringing()
        self.leaving = {*world.talks, *ringing.values()}
        for call in sorted(world.callers, key=lambda call: call not in ringing):
            caller = world.callers[call]
            self.find(call, caller)
        for agent in present:
            event = events.AgentSignedIn(at=world.now, agent=agent, skills=world.skills[agent], state=state)
            world.tell(event)
            self.leaving.discard(agent)

    @precondition(lambda self: self.world.callers)
    @rule(data=st.data(), agent=agents)
    def is_found_talking_after_a_cut_link(self, data: st.DataObject, agent: AgentId) -> None:
        """Asterisk shows a waiting caller in a talk; whom the agent was thought to serve waits again or is gone."""
        world = self.world
        calls = [call for call, caller in world.callers.items() if caller.medium is Medium.VOICE]
        if not calls or agent in world.seconds:
            return
        call = CallId(self.pick(data, calls))
        del world.callers[call]
        for other in world.callers.values():
            if other.offered_to == agent and other.medium is Medium.VOICE:
                other.offered_to = None
        if world.state(agent) is AgentState.OFFLINE:
            self.leaving.add(agent)
        world.talks[agent] = call
        world.tell(events.CallFoundTalking(at=world.now, call=call, agent=agent, since=world.now))

    def find(self, call: CallId, caller: Caller) -> None:
        at, priority, since = self.world.now, caller.priority, caller.since
        self.calls += 1
        caller.arrival, caller.began = self.calls, since
        if caller.offered_to is None:
            self.world.tell(
                events.CallFoundWaiting(
                    at=at,
                    call=call,
                    queue=caller.queue,
                    since=since,
                    priority=priority,
                    outbound=caller.outbound,
                )
            )
        else:
            self.world.tell(
                events.CallFoundRinging(
                    at=at, call=call, queue=caller.queue, since=since, priority=priority, agent=caller.offered_to
                )
            )

    # What always holds

    @invariant()
    def no_caller_is_lost_and_none_is_invented(self) -> None:
        callers = {caller.call: caller.offered_to for caller in self.world.engine.snapshot().callers}
        assert callers == {call: caller.offered_to for call, caller in self.world.callers.items()}

    @invariant()
    def one_call_has_one_agent_and_those_who_were_asked(self) -> None:
        views = [a for a in self.world.engine.snapshot().agents if a.state in ON_A_CALL]
        busy = {a.id: a.call for a in views if not a.second}
        ringing = {agent: call for call, agent in self.ringing(Medium.VOICE).items()}
        assert busy == {**self.world.talks, **ringing}
        assert len(set(busy.values())) == len(busy)
        assert {a.id: a.call for a in views if a.second} == self.world.seconds

    @invariant()
    def nobody_waits_while_a_fitting_agent_is_free(self) -> None:
        snapshot = self.world.engine.snapshot()
        for agent in snapshot.agents:
            for caller in snapshot.callers:
                if caller.offered_to is None and caller.need.medium is Medium.VOICE and agent.can_take_a_call:
                    held = self.world.callers[caller.call].is_inbound and self.world.stays(agent)
                    assert held or not suits(agent, caller)
                elif caller.offered_to is None and agent.state is AgentState.READY and not agent.work:
                    assert caller.need.medium is Medium.VOICE or not suits(agent, caller)

    @invariant()
    def an_agent_never_has_more_work_than_the_capacity(self) -> None:
        for agent in self.world.engine.snapshot().agents:
            offered = {call for call, to in self.ringing(Medium.CHAT).items() if to == agent.id}
            assert {call for call, _ in agent.work} == offered | self.world.work.get(agent.id, set())
            assert len(agent.work) <= 1

    @invariant()
    def no_timer_is_without_an_owner_and_no_owner_without_a_timer(self) -> None:
        self.world.check_timers()

    @invariant()
    def what_was_reported_is_what_the_engine_thinks(self) -> None:
        present = {a: s for a, s in self.world.states.items() if s is not AgentState.OFFLINE}
        assert {agent.id: agent.state for agent in self.world.engine.snapshot().agents} == present

    def teardown(self) -> None:
        """The same events in a new engine give the same wishes and the same picture."""
        if hasattr(self, "world"):
            again = RoutingEngine(self.world.first_queues)
            for event, wishes in self.world.told:
                assert again.handle(event) == wishes
            assert again.snapshot() == self.world.engine.snapshot()


TestRouting = pytest.mark.timeout(3600)(RoutingMachine.TestCase)  # profile full looks for many minutes
