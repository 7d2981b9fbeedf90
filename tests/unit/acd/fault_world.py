"""A whole call centre in virtual time, between which and the engine news is lost, late, doubled and out of order.

`fault_house` is what is true: callers, phones, who talks. `fault_platform` stands between it and the engine. This
file has the people at their desks, and the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from acd import events
from acd.model import AgentId, AgentState, CallId, QueueId, Skill
from tests.unit.acd.fault_house import House
from tests.unit.acd.fault_site import CALLS, ENGLISH, OPEN_SECONDS, PEOPLE, QUEUES, REPAIR, RESCUE


class FaultWorld(House):
    """One seed = one day. `run` plays it and gives the digest of all events and commands."""

    # ---- people

    def random_skills(self) -> dict[Skill, int]:
        return {skill: self.dice.randint(1, 9) for skill in (REPAIR, RESCUE, ENGLISH) if self.dice.random() < 0.7}

    def somebody_acts(self) -> None:
        dice, at, agent = self.dice, self.now, self.dice.choice(PEOPLE)
        state = dice.choice((AgentState.READY, AgentState.BREAK))
        waiting = [call.id for call in self.calls.values() if call.state in ("waiting", "ringing")] or [CallId("c0")]
        call = dice.choice(waiting)
        queue = dice.choice((*(q.id for q in self.queues), QueueId("nowhere")))
        acts: list[Callable[[], object]] = [
            lambda: self.sign_in(agent, state),
            lambda: self.ask(events.AgentSignedOut(at=at, agent=agent)),
            lambda: self.ask(events.AgentBecameReady(at=at, agent=agent)),
            lambda: self.ask(events.AgentTookBreak(at=at, agent=agent, reason="lunch")),
            lambda: self.ask(events.AgentPlannedNext(at=at, agent=agent, state=state, reason="plan")),
            lambda: self.ask(events.WrapUpExtended(at=at, agent=agent, seconds=20)),
            lambda: self.ask(events.AgentForced(at=at, agent=agent, state=state, reason="forced")),
            lambda: self.ask(events.AgentForced(at=at, agent=agent, state=AgentState.OFFLINE)),
            lambda: self.ask(events.CallMoved(at=at, call=call, queue=queue)),
            lambda: self.ask(events.CallPromoted(at=at, call=call)),
            lambda: self.ask(events.CallAssigned(at=at, call=call, agent=agent, seconds=30)),
            lambda: self.learn(agent),
            self.edit_queues,
            lambda: self.lose_or_regain_a_phone(agent),
        ]
        dice.choice(acts)()
        for other in PEOPLE:  # somebody comes back, or there is nobody after a while
            if dice.random() < 0.3:
                self.sign_in(other, AgentState.READY)
                self.ask(events.AgentBecameReady(at=at, agent=other))

    def learn(self, agent: AgentId) -> None:
        self.skills[agent] = self.random_skills()
        self.tell(events.AgentSkillsChanged(at=self.now, agent=agent, skills=self.skills[agent], missed_limit=3))

    def edit_queues(self) -> None:
        """A queue closes or opens, another one changes its skill, a third one is removed."""
        dice = self.dice
        edited = list(QUEUES)
        index = dice.randrange(len(edited))
        edited[index] = replace(
            edited[index],
            is_open_for_calls=dice.random() < 0.5,
            skill=dice.choice((REPAIR, RESCUE, ENGLISH)),
            first_announcement_seconds=dice.choice((0, 15)),
        )
        if dice.random() < 0.3:
            del edited[dice.randrange(len(edited))]
        self.queues = tuple(edited)
        self.tell(events.QueuesChanged(at=self.now, queues=self.queues))

    def lose_or_regain_a_phone(self, agent: AgentId) -> None:
        reachable = agent in self.unreachable
        (self.unreachable.discard if reachable else self.unreachable.add)(agent)
        self.news(events.AgentReachabilityChanged(at=self.now, agent=agent, reachable=reachable))

    # ---- the day

    def run(self) -> str:
        for agent in PEOPLE:
            self.skills[agent] = self.random_skills()
            self.sign_in(agent, AgentState.READY)
        for _ in range(CALLS):
            self.at(self.dice.random() * OPEN_SECONDS, self.arrive)
        for _ in range(40):
            self.at(self.dice.random() * OPEN_SECONDS, self.somebody_acts)
        for _ in range(self.faults.cuts):
            self.at(self.dice.random() * OPEN_SECONDS, self.cut_the_link)
        for _ in range(self.faults.restarts):
            self.at(self.dice.random() * OPEN_SECONDS, self.restart)
        self.play(self.now + OPEN_SECONDS)
        self.settle()
        self.closing_time()
        return self.digest.hexdigest()

    def settle(self) -> None:
        """No more faults; the last late news arrives, and Asterisk is looked at once more."""
        self.calm, self.cut = True, False
        self.play(self.now + 10)
        self.look()
        self.play(self.now)  # what the look has set going at once
        self.checks.agree_with_the_house(self.engine.snapshot(), self.calls.values(), self.phones)

    def closing_time(self) -> None:
        """Everybody works, nobody new comes: in the end each contact has exactly one outcome."""
        self.queues = QUEUES
        self.tell(events.QueuesChanged(at=self.now, queues=QUEUES))
        self.unreachable.clear()
        for _ in range(60):
            self.look()
            for agent in PEOPLE:
                self.skills[agent] = {REPAIR: 9, RESCUE: 9, ENGLISH: 9}
                self.tell(events.AgentSkillsChanged(at=self.now, agent=agent, skills=self.skills[agent]))
                self.sign_in(agent, AgentState.READY)
                self.ask(events.AgentBecameReady(at=self.now, agent=agent))
            self.play(self.now + 120)
            if all(call.way for call in self.calls.values()):
                break
        unsettled = [call for call in self.calls.values() if not call.way]
        assert not unsettled, unsettled
        assert not self.engine.snapshot().callers
