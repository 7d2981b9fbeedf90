"""Short ways to say who is there and what happens, so that a test reads as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from acd import commands, events
from acd.engine import RoutingEngine
from acd.floor import Rules
from acd.model import AgentId, AgentState, CallId, Medium, Queue, QueueId, Skill

REPAIR = Queue(id=QueueId("repair"), skill=Skill("repair"))
ENGLISH = Queue(id=QueueId("english"), skill=Skill("english"))


class CallCentre:
    """An engine whose clock is moved by hand; `say` keeps what the last event made it wish."""

    def __init__(self, *queues: Queue, rules: Rules | None = None) -> None:
        self.engine = RoutingEngine(queues or (REPAIR, ENGLISH), rules=rules)
        self.now = 1000.0
        self.wishes: list[commands.Command] = []
        self.timers: dict[tuple[str, str], float] = {}

    def say(self, event: events.Event) -> list[commands.Command]:
        self.wishes = self.engine.handle(event)
        for wish in self.wishes:
            if isinstance(wish, commands.StartTimer):
                self.timers[wish.name, wish.key] = wish.due
            elif isinstance(wish, commands.CancelTimer):
                self.timers.pop((wish.name, wish.key), None)
        return self.wishes

    def passes(self, seconds: float) -> CallCentre:
        """Time passes, and every timer on the way fires; `wishes` are then those of all of them."""
        until, wishes = self.now + seconds, list[commands.Command]()
        while self.timers and min(self.timers.values()) <= until:
            (name, key), due = min(self.timers.items(), key=lambda timer: timer[1])
            del self.timers[name, key]
            self.now = max(self.now, due)
            wishes += self.timer(name, key)
        self.now, self.wishes = until, wishes
        return self

    def later(self, seconds: float) -> CallCentre:
        self.now += seconds
        return self

    def ready(
        self,
        agent: str,
        *,
        tags: tuple[str, ...] = (),
        capacity: Mapping[Medium, int] | None = None,
        missed_limit: int | None = None,
        **skills: int,
    ) -> list[commands.Command]:
        """The agent signs in, ready; without skills named, one who knows repair a little."""
        known = {Skill(skill): level for skill, level in (skills or {"repair": 5}).items()}
        return self.say(
            events.AgentSignedIn(
                at=self.now,
                agent=AgentId(agent),
                skills=known,
                state=AgentState.READY,
                tags=frozenset(tags),
                capacity=capacity or {},
                missed_limit=missed_limit,
            )
        )

    def queued(
        self,
        call: str,
        *,
        queue: str = "repair",
        priority: int = 0,
        last: str | None = None,
        since: float | None = None,
        also: tuple[str, ...] = (),
        near: tuple[str, ...] = (),
        medium: Medium = Medium.VOICE,
        callback: bool = False,
        outbound: bool = False,
        only: str | None = None,
        only_seconds: float = 30.0,
    ) -> list[commands.Command]:
        return self.say(
            events.CallQueued(
                at=self.now,
                call=CallId(call),
                queue=QueueId(queue),
                priority=priority,
                since=since,
                last_agent=AgentId(last) if last else None,
                also=frozenset(Skill(skill) for skill in also),
                affinity=frozenset(near),
                medium=medium,
                callback=callback,
                outbound=outbound,
                reserved_for=AgentId(only) if only else None,
                reserved_seconds=only_seconds if only else 0.0,
            )
        )

    def rely(self, count: int, *, skill: str = "repair", longest: float = 10.0) -> list[commands.Command]:
        """Lines of a campaign ring that rely on so many free agents."""
        until = self.now + 30
        return self.say(
            events.AgentsPromised(at=self.now, skill=Skill(skill), count=count, until=until, longest=longest)
        )

    def serve(self, call: str, agent: str, seconds: float = 60.0) -> None:
        """The offer is answered, the talk takes its time, the record is written at once."""
        self.answered(call, agent)
        self.later(seconds).finished(call, agent)
        if self.state(agent) is AgentState.WRAP_UP:
            self.back(agent)

    def missed(
        self, call: str, agent: str, result: events.OfferResult = events.OfferResult.NO_ANSWER
    ) -> list[commands.Command]:
        return self.say(events.OfferEnded(at=self.now, call=CallId(call), agent=AgentId(agent), result=result))

    def hung_up(self, call: str) -> list[commands.Command]:
        return self.say(events.CallLeft(at=self.now, call=CallId(call)))

    def answered(self, call: str, agent: str) -> list[commands.Command]:
        return self.say(events.CallAnswered(at=self.now, call=CallId(call), agent=AgentId(agent)))

    def finished(self, call: str, agent: str) -> list[commands.Command]:
        return self.say(events.TalkEnded(at=self.now, call=CallId(call), agent=AgentId(agent)))

    def back(self, agent: str) -> list[commands.Command]:
        return self.say(events.AgentBecameReady(at=self.now, agent=AgentId(agent)))

    def break_(self, agent: str, reason: str = "lunch") -> list[commands.Command]:
        return self.say(events.AgentTookBreak(at=self.now, agent=AgentId(agent), reason=reason))

    def planned(self, agent: str, state: AgentState, reason: str = "") -> list[commands.Command]:
        return self.say(events.AgentPlannedNext(at=self.now, agent=AgentId(agent), state=state, reason=reason))

    def signed_out(self, agent: str) -> list[commands.Command]:
        return self.say(events.AgentSignedOut(at=self.now, agent=AgentId(agent)))

    def phone(self, agent: str, *, reachable: bool) -> list[commands.Command]:
        return self.say(events.AgentReachabilityChanged(at=self.now, agent=AgentId(agent), reachable=reachable))

    def timer(self, name: str, key: str) -> list[commands.Command]:
        return self.say(events.TimerFired(at=self.now, name=name, key=key))

    @property
    def offers(self) -> list[tuple[str, str, str]]:
        """Call, agent and reason of every offer that the last event made."""
        return [(w.call, w.agent, w.why) for w in self.wishes if isinstance(w, commands.OfferCall)]

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Call and agent of every offer that the last event made."""
        return [(call, agent) for call, agent, _ in self.offers]

    def wished(self, kind: type[commands.Command]) -> list[commands.Command]:
        return [wish for wish in self.wishes if isinstance(wish, kind)]

    def state(self, agent: str) -> AgentState:
        view = self.engine.agent(AgentId(agent))
        return view.state if view else AgentState.OFFLINE

    def reason(self, agent: str) -> str:
        view = self.engine.agent(AgentId(agent))
        return view.reason if view else ""
