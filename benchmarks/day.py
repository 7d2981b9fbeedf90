"""A day of a call centre in virtual time with the real engine, told as the feed tells it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from acd import commands, events
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, LevelStep, Overflow, Queue, QueueId, Skill, Strategy
from crm_core.history import events as feed

SKILLS = tuple(Skill(name) for name in ("advice", "repair", "complaint", "rescue", "english"))
QUEUES = (
    Queue(
        id=QueueId("complaint"),
        skill=SKILLS[2],
        levels=(LevelStep(after_seconds=0, level=7), LevelStep(after_seconds=30, level=4)),
        overflow=(Overflow(to=QueueId("advice"), after_seconds=120),),
    ),
    Queue(id=QueueId("advice"), skill=SKILLS[0], strategy=Strategy.LONGEST_IDLE, wrap_up_seconds=20),
    Queue(
        id=QueueId("repair"),
        skill=SKILLS[1],
        strategy=Strategy.LEAST_OCCUPIED,
        levels=(LevelStep(after_seconds=0, level=5), LevelStep(after_seconds=20, level=1)),
    ),
    Queue(id=QueueId("rescue"), skill=SKILLS[3], priority=3, ageing_seconds=60, wrap_up_seconds=10),
    Queue(id=QueueId("english"), skill=SKILLS[4], strategy=Strategy.ROUND_ROBIN),
)
BUSY_HOURS = (0.4, 0.7, 1.0, 1.1, 0.9, 0.6, 0.8, 1.05, 1.0, 0.7)
TALK, PATIENCE, ANSWERS_AFTER, NO_ANSWER = 160.0, 90.0, 4.0, 0.05


class Day:
    """`run` gives the feed of ten hours; `skills` are the agents' levels."""

    def __init__(self, agents: int, seed: int) -> None:
        self._dice, self._engine = Random(seed), RoutingEngine(QUEUES)
        self._agents = [AgentId(str(1001 + number)) for number in range(agents)]
        self.skills: dict[str, dict[Skill, int]] = {}
        self.calls = 0
        self._feed: list[feed.HistoryEvent] = []
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = 0
        self._timers: dict[tuple[str, str], float] = {}
        self._leg: dict[CallId, int] = {}
        self._queue: dict[CallId, QueueId] = {}
        self._talks: set[CallId] = set()

    def run(self) -> list[feed.HistoryEvent]:
        for agent in self._agents:
            known = {skill: self._dice.randint(1, 9) for skill in SKILLS if self._dice.random() < 0.6}
            self.skills[agent] = known or {SKILLS[0]: 5}
            self._tell(events.AgentSignedIn(at=0.0, agent=agent, skills=self.skills[agent], state=AgentState.READY))
            self._later(self._dice.uniform(600, 5400), lambda at, agent=agent: self._rest(agent, at))  # type: ignore[misc]
        at, per_second = 0.0, len(self._agents) / (TALK + 40)
        while at < 3600 * len(BUSY_HOURS):
            at += self._dice.expovariate(per_second * BUSY_HOURS[int(at / 3600)])
            self._later(at, self._arrive)
            if at >= 3600 * len(BUSY_HOURS) - 1:
                break
        while self._due:
            when, _, action = heappop(self._due)
            action(when)
        return self._feed

    def _later(self, at: float, action: Callable[[float], None]) -> None:
        self._order += 1
        heappush(self._due, (at, self._order, action))

    def _arrive(self, at: float) -> None:
        self.calls += 1
        call, queue = CallId(f"c{self.calls}"), self._dice.choice(QUEUES).id
        self._queue[call] = queue
        priority = 5 if self._dice.random() < 0.05 else 0
        self._feed.append(feed.CallQueued(at=at, call=call, queue=queue, priority=priority))
        self._tell(events.CallQueued(at=at, call=call, queue=queue, priority=priority))
        self._later(at + self._dice.expovariate(1 / PATIENCE), lambda at: self._give_up(call, at))

    def _give_up(self, call: CallId, at: float) -> None:
        if call in self._queue:
            self._feed.append(feed.CallLeftQueue(at=at, call=call, queue=self._queue.pop(call), result="abandoned"))
            self._leg[call] = self._leg.get(call, 0) + 1
            self._tell(events.CallLeft(at=at, call=call))

    def _offer(self, wish: commands.OfferCall, at: float) -> None:
        call, agent = wish.call, wish.agent
        self._leg[call] = leg = self._leg.get(call, 0) + 1
        self._feed.append(
            feed.CallOffered(at=at, call=call, leg=f"{call}-{leg}", agent=agent, queue=self._queue[call], why=wish.why)
        )
        answers = self._dice.random() >= NO_ANSWER
        after = min(self._dice.expovariate(1 / ANSWERS_AFTER), wish.ring_seconds) if answers else wish.ring_seconds
        self._later(at + after, lambda at: self._rung(call, agent, leg, at, answers=answers))

    def _rung(self, call: CallId, agent: AgentId, leg: int, at: float, *, answers: bool) -> None:
        if self._leg[call] != leg or call not in self._queue:
            return
        if not answers:
            self._feed.append(feed.OfferEnded(at=at, call=call, leg=f"{call}-{leg}", agent=agent, result="no_answer"))
            result = events.OfferResult.NO_ANSWER
            self._tell(events.OfferEnded(at=at, call=call, agent=agent, result=result))
            return
        self._feed.append(feed.CallLeftQueue(at=at, call=call, queue=self._queue.pop(call), result="answered"))
        self._tell(events.CallAnswered(at=at, call=call, agent=agent))
        ends = at + self._dice.expovariate(1 / TALK)
        self._later(ends, lambda at: self._tell(events.TalkEnded(at=at, call=call, agent=agent)))

    def _rest(self, agent: AgentId, at: float) -> None:
        """Ten minutes every hour or so, as soon as the agent is free for it."""
        seen = self._engine.agent(agent)
        if at > 3600 * len(BUSY_HOURS):
            return
        if seen is not None and seen.state is AgentState.READY:
            self._tell(events.AgentTookBreak(at=at, agent=agent, reason="rest"))
            self._later(at + 600, lambda at: self._back(agent, at))
            self._later(at + self._dice.uniform(3000, 5400), lambda at: self._rest(agent, at))
        else:
            self._later(at + 30, lambda at: self._rest(agent, at))

    def _back(self, agent: AgentId, at: float) -> None:
        seen = self._engine.agent(agent)
        if seen is not None and seen.state is AgentState.BREAK:
            self._tell(events.AgentBecameReady(at=at, agent=agent))

    def _tell(self, event: events.Event) -> None:
        at = event.at
        for wish in self._engine.handle(event):
            match wish:
                case commands.OfferCall():
                    self._offer(wish, at)
                case commands.ReportAgentState(agent=agent, state=state, reason=reason):
                    self._feed.append(feed.AgentStateChanged(at=wish.at, agent=agent, state=state.value, reason=reason))
                    if reason == "missed":
                        self._later(at + 120, lambda at, agent=agent: self._back(agent, at))  # type: ignore[misc]
                case commands.ReportCallMoved(call=call, queue=queue, to=to):
                    self._queue[call] = to
                    self._feed.append(feed.CallLeftQueue(at=at, call=call, queue=queue, result="overflow"))
                    self._feed.append(feed.CallQueued(at=at, call=call, queue=to))
                case commands.StartTimer(name=name, key=key, due=due):
                    self._timers[name, key] = due
                    self._later(due, lambda at, key=(name, key): self._fire(key, at))  # type: ignore[misc]
                case commands.CancelTimer(name=name, key=key):
                    self._timers.pop((name, key), None)

    def _fire(self, key: tuple[str, str], at: float) -> None:
        if self._timers.get(key) == at:
            del self._timers[key]
            self._tell(events.TimerFired(at=at, name=key[0], key=key[1]))
