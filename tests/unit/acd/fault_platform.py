"""Between house and engine: carries out wishes, loses and delays news, and compares with Asterisk as `cti` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from heapq import heappop, heappush
from random import Random

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Medium, Skill, WayOut
from crm_core.errors import PlatformError
from tests.unit.acd.fault_checks import Checks
from tests.unit.acd.fault_site import FAULTS, PEOPLE, QUEUES, Call


class Platform:
    """One seed, one clock. `calls`, `phones` and `unreachable` are what is true."""

    def __init__(self, seed: int) -> None:
        self.seed, self.now, self.dice = seed, 1000.0, Random(seed)
        self.calls: dict[CallId, Call] = {}
        self.phones: dict[AgentId, CallId] = {}
        self.unreachable: set[AgentId] = set()
        self.skills: dict[AgentId, dict[Skill, int]] = {}
        self.timers: dict[tuple[str, str], float] = {}
        self.cut = self.calm = False  # calm: no more faults
        self.looks = self.refused = self.order = 0
        self.look_planned = False
        self.faults = self.dice.choice(FAULTS)
        self.queues = QUEUES
        self.digest = sha256()
        self.due: list[tuple[float, int, Callable[[], None]]] = []
        self.start_engine()

    def offer(self, call: Call, agent: AgentId, seconds: int) -> None:
        raise NotImplementedError

    def withdraw(self, call: Call, agent: AgentId) -> None:
        raise NotImplementedError

    def divert(self, call: Call, way: WayOut) -> None:
        raise NotImplementedError

    def return_call(self, call: Call, agent: AgentId) -> None:
        raise NotImplementedError

    def start_engine(self) -> None:
        self.engine = RoutingEngine(self.queues)
        self.checks = Checks(self.engine)
        self.timers.clear()

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        self.order += 1
        heappush(self.due, (self.now + seconds, self.order, action))

    def tell(self, event: events.Event) -> None:
        """The only way to the engine."""
        wishes = self.engine.handle(event)
        self.digest.update(repr((event, wishes)).encode())
        self.checks.after(event, wishes)
        for wish in wishes:
            self.carry_out(wish)

    def ask(self, event: events.Event) -> bool:
        """A person's wish may be refused; then nothing has changed."""
        before = self.engine.snapshot()
        try:
            self.tell(event)
        except PlatformError:
            assert self.engine.snapshot() == before
            return False
        return True

    def news(self, event: events.Event, call: Call | None = None) -> None:
        """What Asterisk says, as it arrives or does not. `call` = news of its present offer only."""
        dice, leg = self.dice, call.leg if call else 0

        def arrive() -> None:
            if not (self.cut and not self.calm) and (call is None or call.leg == leg):
                self.tell(replace(event, at=self.now))

        if self.calm:
            self.at(0.0, arrive)
            return
        if dice.random() >= self.faults.lost and not self.cut:
            self.at(dice.random() * self.faults.late, arrive)
        if dice.random() < self.faults.doubled:
            self.at(dice.random() * self.faults.late, arrive)

    def carry_out(self, wish: commands.Command) -> None:
        match wish:
            case commands.OfferCall(call=call, agent=agent, ring_seconds=seconds):
                self.offer(self.calls[call], agent, seconds)
            case commands.ReturnCall(call=call, agent=agent):
                self.at(0.0, lambda: self.return_call(self.calls[call], agent))
            case commands.WithdrawOffer(call=call, agent=agent):
                self.withdraw(self.calls[call], agent)
            case commands.DivertCall(call=call, way=way):
                self.divert(self.calls[call], way)
            case commands.ReportCallMoved(call=call, to=to):
                self.calls[call].queue = to
            case commands.StartTimer(name=name, key=key, due=due):
                assert due >= self.now - 1e-6, wish
                self.timers[name, key] = due
            case commands.CancelTimer(name=name, key=key):
                self.timers.pop((name, key), None)
            case commands.ReportStrange():
                self.plan_a_look()

    def plan_a_look(self) -> None:
        if not self.look_planned:
            self.look_planned = True
            self.at(0.3, self.look)

    def look(self) -> None:
        """Compare with Asterisk, as cti/resync.py does: who is gone first, then talking, ringing, waiting."""
        self.look_planned = False
        if self.cut and not self.calm:
            return
        self.looks += 1
        self.looked_away()
        for agent in PEOPLE:
            self.tell(
                events.AgentReachabilityChanged(at=self.now, agent=agent, reachable=agent not in self.unreachable)
            )
        rank = {"talking": 0, "held": 0, "ringing": 1, "waiting": 2}
        there = [call for call in self.calls.values() if call.state in rank and call.medium is Medium.VOICE]
        for call in sorted(there, key=lambda call: rank[call.state]):
            self.show(call)

    def looked_away(self) -> None:
        """What the engine believes and Asterisk does not show has ended."""
        picture = self.engine.snapshot()
        for caller in picture.callers:
            known = self.calls[caller.call]
            if known.state == "gone" and known.medium is Medium.VOICE and not caller.callback:
                self.tell(events.CallLeft(at=self.now, call=caller.call))
        for agent in picture.agents:
            if agent.call is None or agent.state not in (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD):
                continue
            known = self.calls[agent.call]
            if agent.id in (known.agent, known.second) and known.state != "gone":
                continue
            if agent.second:
                self.tell(events.ConsultEnded(at=self.now, call=known.id, agent=agent.id))
            elif agent.state is not AgentState.RINGING:
                self.tell(events.TalkEnded(at=self.now, call=known.id, agent=agent.id))

    def show(self, call: Call) -> None:
        at, agent = self.now, call.agent
        if call.state == "waiting":
            self.tell(
                events.CallFoundWaiting(at=at, call=call.id, queue=call.queue, since=call.since, priority=call.priority)
            )
        elif call.state == "ringing" and agent is not None:
            self.tell(
                events.CallFoundRinging(
                    at=at, call=call.id, queue=call.queue, since=call.since, priority=call.priority, agent=agent
                )
            )
        elif agent is not None:
            held = call.state == "held"
            self.tell(events.CallFoundTalking(at=at, call=call.id, agent=agent, since=at, held=held, queue=call.queue))
            if call.second is not None and call.second_talks:
                self.tell(events.CallFoundTalking(at=at, call=call.id, agent=call.second, since=at, second=True))

    def restart(self) -> None:
        """kill -9: the calls live on in Asterisk, the people sign in again, kept places are read from the disk."""
        present = [a.id for a in self.engine.snapshot().agents if a.next_state is not AgentState.OFFLINE]
        self.start_engine()
        self.look()
        for call in list(self.calls.values()):
            if call.state == "kept":
                self.wait_at_home(call)
            elif call.medium is not Medium.VOICE and call.state == "waiting":
                self.queue(call)
            elif call.medium is not Medium.VOICE and call.state in ("ringing", "talking"):
                call.state, call.agent = "waiting", None
                call.leg += 1
                self.queue(call)
        for agent in present:
            self.sign_in(agent, AgentState.READY)

    def queue(self, call: Call, **more: object) -> None:
        self.tell(
            events.CallQueued(
                at=self.now,
                call=call.id,
                queue=call.queue,
                since=call.since,
                priority=call.priority,
                medium=call.medium,
                callback=call.callback,
                **more,  # type: ignore[arg-type]
            )
        )

    def cut_the_link(self) -> None:
        self.cut = True
        self.at(self.dice.random() * 30, self.mend)

    def mend(self) -> None:
        self.cut = False
        self.look()

    def play(self, until: float) -> None:
        """Everything due up to then, timers of the engine included, in order."""
        while True:
            timer = min(((due, which) for which, due in self.timers.items()), default=None)
            next_action = self.due[0][0] if self.due else until + 1
            if timer is not None and timer[0] <= min(next_action, until):
                self.now = max(self.now, timer[0])
                del self.timers[timer[1]]
                self.tell(events.TimerFired(at=self.now, name=timer[1][0], key=timer[1][1]))
            elif next_action <= until:
                when, _, action = heappop(self.due)
                self.now = max(self.now, when)
                action()
            else:
                self.now = until
                return

    def wait_at_home(self, call: Call) -> None:
        """In line, unless a restart has put the caller there before."""
        if call.state == "kept" and call.id not in {caller.call for caller in self.engine.snapshot().callers}:
            self.queue(call)

    def sign_in(self, agent: AgentId, state: AgentState) -> None:
        self.ask(
            events.AgentSignedIn(
                at=self.now,
                agent=agent,
                skills=self.skills[agent],
                state=state,
                tags=frozenset({"region:east"}) if agent in PEOPLE[:2] else frozenset(),
                capacity={Medium.CHAT: 2},
                missed_limit=3,
            )
        )
