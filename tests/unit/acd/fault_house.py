"""What happens in the house of the fault runs: callers come, phones ring, people talk, hand over and hang up."""

from __future__ import annotations

from dataclasses import replace

from acd import events
from acd.model import AgentId, CallId, Medium, WayOut
from tests.unit.acd.fault_platform import Platform
from tests.unit.acd.fault_site import ATTEMPTS, ENGLISH, PEOPLE, QUEUES, Call


class House(Platform):
    # ---- what happens in the house

    def arrive(self) -> None:
        dice, number = self.dice, len(self.calls) + 1
        medium = Medium.CHAT if dice.random() < 0.15 else Medium.VOICE
        queue = dice.choice(self.queues).id
        call = Call(CallId(f"{medium}{number}"), queue, self.now, dice.choice((0, 0, 0, 3)), medium)
        self.calls[call.id] = call
        last = dice.choice((None, *PEOPLE))
        kept = dice.choice((None, None, None, *PEOPLE[:1]))
        self.queue(
            call,
            last_agent=last,
            reserved_for=kept,
            reserved_seconds=20.0 if kept else 0.0,
            also=frozenset({ENGLISH}) if dice.random() < 0.1 else frozenset(),
            affinity=frozenset({"region:east"}) if dice.random() < 0.3 else frozenset(),
        )
        if medium is Medium.VOICE:
            self.at(dice.expovariate(1 / 120), lambda: self.hang_up_waiting(call))

    def hang_up_waiting(self, call: Call) -> None:
        if call.state in ("waiting", "ringing"):
            self.end(call, "abandoned")
            self.news(events.CallLeft(at=self.now, call=call.id))

    def end(self, call: Call, way: str) -> None:
        assert not call.way or call.callback, f"{call} ends twice"
        for agent in (call.agent, call.second):
            if agent is not None and self.phones.get(agent) == call.id:
                del self.phones[agent]
        call.state, call.way, call.agent, call.second = "gone", way, None, None

    def offer(self, call: Call, agent: AgentId, seconds: int) -> None:
        if call.medium is Medium.VOICE and call.state != "waiting":  # Asterisk refuses the Redirect
            self.refused += 1
            self.plan_a_look()
            return
        call.leg += 1
        leg = call.leg
        if call.medium is not Medium.VOICE:
            call.state, call.agent = "ringing", agent
            self.at(self.dice.expovariate(1 / 4), lambda: self.accept(call, agent, leg))
            return
        if agent in self.unreachable or agent in self.phones:
            result = events.OfferResult.UNREACHABLE if agent in self.unreachable else events.OfferResult.BUSY
            self.news(events.OfferEnded(at=self.now, call=call.id, agent=agent, result=result), call)
            return
        call.state, call.agent, self.phones[agent] = "ringing", agent, call.id
        answers = self.dice.random() < (1.0 if self.calm else 0.75)
        after = min(self.dice.expovariate(1 / 4), seconds - 0.1) if answers else float(seconds)
        self.at(after, lambda: self.pick_up(call, agent, leg, answers=answers))

    def accept(self, call: Call, agent: AgentId, leg: int) -> None:
        if call.leg != leg or call.state != "ringing":
            return
        call.state = "talking"
        self.tell(events.CallAnswered(at=self.now, call=call.id, agent=agent))
        self.at(self.dice.expovariate(1 / 40), lambda: self.finish(call, agent, leg))

    def pick_up(self, call: Call, agent: AgentId, leg: int, *, answers: bool) -> None:
        if call.leg != leg or call.state != "ringing":
            return
        if answers:
            call.state = "talking"
            self.news(events.CallAnswered(at=self.now, call=call.id, agent=agent), call)
            self.at(self.dice.expovariate(1 / 40), lambda: self.finish(call, agent, leg))
            self.at(self.dice.expovariate(1 / 40), lambda: self.hold(call, agent))
            self.at(self.dice.expovariate(1 / 60), lambda: self.consult(call, agent))
            self.at(self.dice.expovariate(1 / 200), lambda: self.transfer(call, agent))
        else:
            call.state, call.agent = "waiting", None
            del self.phones[agent]
            result = self.dice.choice((events.OfferResult.NO_ANSWER, events.OfferResult.DECLINED))
            self.news(events.OfferEnded(at=self.now, call=call.id, agent=agent, result=result), call)

    def withdraw(self, call: Call, agent: AgentId) -> None:
        if call.state == "ringing" and call.agent == agent:
            call.state, call.agent = "waiting", None
            call.leg += 1
            if call.medium is Medium.VOICE:
                del self.phones[agent]
        else:
            self.plan_a_look()

    def finish(self, call: Call, agent: AgentId, leg: int) -> None:
        if call.state not in ("talking", "held") or call.leg != leg:
            return
        owner, second, talks = call.agent or agent, call.second, call.second_talks
        self.end(call, "served")
        if call.medium is Medium.VOICE:
            self.news(events.TalkEnded(at=self.now, call=call.id, agent=owner))
        else:
            self.tell(events.TalkEnded(at=self.now, call=call.id, agent=owner))
        if second is not None and talks is not None:
            self.news(events.ConsultEnded(at=self.now, call=call.id, agent=second))

    def hold(self, call: Call, agent: AgentId) -> None:
        if call.state == "talking" and call.agent == agent and call.medium is Medium.VOICE:
            call.state = "held"
            self.news(events.CallHeld(at=self.now, call=call.id, agent=agent), call)
            self.at(self.dice.expovariate(1 / 8), lambda: self.resume(call, agent))

    def resume(self, call: Call, agent: AgentId) -> None:
        if call.state == "held" and call.agent == agent:
            call.state = "talking"
            self.news(events.CallResumed(at=self.now, call=call.id, agent=agent), call)

    def transfer(self, call: Call, agent: AgentId) -> None:
        """Blind, to a queue or one colleague: our own process does both, so neither news is lost."""
        if call.state != "talking" or call.agent != agent or call.second or call.callback:
            return
        if (seen := self.engine.agent(agent)) is None or seen.call != call.id:
            return
        to = self.dice.choice((None, *PEOPLE))
        del self.phones[agent]
        call.state, call.agent, call.queue = "waiting", None, self.dice.choice(QUEUES).id
        call.leg += 1
        self.tell(events.TalkEnded(at=self.now, call=call.id, agent=agent))
        self.queue(call, reserved_for=to, reserved_seconds=20.0 if to else 0.0)
        self.at(self.dice.expovariate(1 / 120), lambda: self.hang_up_waiting(call))

    def consult(self, call: Call, agent: AgentId) -> None:
        colleague = self.dice.choice(PEOPLE)
        if call.state not in ("talking", "held") or call.agent != agent or colleague in self.phones or call.second:
            return
        if not self.ask(events.ConsultBegan(at=self.now, call=call.id, agent=colleague)):
            return
        call.second, call.second_talks, self.phones[colleague] = colleague, False, call.id
        self.at(self.dice.expovariate(1 / 4), lambda: self.second_answers(call, colleague))
        self.at(self.dice.expovariate(1 / 15), lambda: self.consult_ends(call, agent, colleague))

    def second_answers(self, call: Call, colleague: AgentId) -> None:
        if call.second == colleague and not call.second_talks:
            call.second_talks = True
            self.news(events.ConsultAnswered(at=self.now, call=call.id, agent=colleague), call)

    def consult_ends(self, call: Call, agent: AgentId, colleague: AgentId) -> None:
        if call.second != colleague or call.agent != agent:
            return
        call.second = None
        if call.second_talks and self.dice.random() < 0.5:
            call.agent = colleague
            self.phones.pop(agent, None)
            self.news(events.CallHandedOver(at=self.now, call=call.id, agent=agent, to=colleague), call)
        else:
            self.phones.pop(colleague, None)
            self.news(events.ConsultEnded(at=self.now, call=call.id, agent=colleague))

    # ---- callbacks

    def divert(self, call: Call, way: WayOut) -> None:
        if call.state == "waiting":
            self.end(call, way.value)
            if way is WayOut.CALLBACK:
                self.keep_place(call)

    def keep_place(self, call: Call) -> None:
        """The caller hung up and waits at home; the platform has it on disk."""
        call.callback, call.state, call.way = True, "kept", ""
        self.at(0.0, lambda: self.wait_at_home(call))

    def return_call(self, call: Call, agent: AgentId) -> None:
        """The agent is taken; the phone answers by itself, then the customer is rung."""
        call.attempts += 1
        call.leg += 1
        if call.state != "kept" or agent in self.phones or agent in self.unreachable:
            self.tell(events.TalkEnded(at=self.now, call=call.id, agent=agent))
            self.not_reached(call)
            return
        self.phones[agent], call.agent, leg = call.id, agent, call.leg
        call.state = "talking"
        reached = self.dice.random() < 0.6
        self.at(self.dice.expovariate(1 / 20), lambda: self.call_returned(call, agent, leg, reached=reached))

    def call_returned(self, call: Call, agent: AgentId, leg: int, *, reached: bool) -> None:
        if call.leg != leg or call.state not in ("talking", "held"):
            return
        owner = call.agent or agent
        self.end(call, "served" if reached else "")
        self.news(events.TalkEnded(at=self.now, call=call.id, agent=owner))
        if not reached:
            self.not_reached(call)

    def not_reached(self, call: Call) -> None:
        if call.attempts >= ATTEMPTS:
            call.state, call.way = "gone", "given_up"
            return
        again = replace(call, id=CallId(f"{call.id}-{call.attempts}"), state="kept", agent=None, way="")
        call.state, call.way = "gone", "not_reached"
        self.calls[again.id] = again
        self.at(20.0, lambda: self.wait_at_home(again))
