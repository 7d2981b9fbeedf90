"""The call centre as the engine sees it: agents, callers, who is free; and the steps that keep these in agreement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import inf

from acd import commands as wish
from acd import patience, verdicts
from acd.events import Event
from acd.model import Agent, AgentId, AgentState, CallId, Instant, Medium, Need, Queue, QueueId, Skill, WaitingCall
from acd.order import WaitingLine
from acd.promises import Promises, is_inbound
from acd.roster import MISSED, WRAP_UP, Roster, Rules
from acd.selection import NO_SKILLS, NOBODY, Why

POSITION, RING, PATIENCE = "position", "ring", "patience"
"""Names of timers whose key is a call. `patience`: what the caller needs changes."""

RING_GRACE_SECONDS = 5.0
"""After so long over the ring time without news of an offer, Asterisk is asked what became of it."""

NEVER = inf
"""The position was told, and the queue tells it once; or it is never told."""

__all__ = ["MISSED", "NEVER", "PATIENCE", "POSITION", "RING", "WRAP_UP", "Floor", "Rules"]


class Floor(Roster):
    """Mutable state: the people and the callers. Every step leaves it whole and appends its wishes to `commands`."""

    def __init__(self, queues: Iterable[Queue], rules: Rules) -> None:
        super().__init__(rules)
        self.queues: dict[QueueId, Queue] = {queue.id: queue for queue in queues}
        self.calls: dict[CallId, WaitingCall] = {}
        self.line = WaitingLine()
        self.promises = Promises()
        self.arrivals = 0
        self.turns: dict[QueueId, AgentId] = {}

    def leave(self, agent: Agent, state: AgentState, reason: str, at: Instant) -> None:
        """Signed out, or on a break: the caller and the work that were offered to this agent go to others."""
        offers = [self.calls[call] for call in agent.work if call in self.calls]
        if (waiting := self.offer_of(agent)) is not None:
            offers.append(waiting)
        for waiting in offers:
            self.withdraw(waiting)
            agent.work.pop(waiting.call, None)
        agent.next_state, agent.next_reason = state, reason
        self.enter_planned(agent, at)
        for waiting in offers:
            self.match_call(waiting, at)

    def begin_wrap_up(self, agent: Agent, at: Instant) -> None:
        if agent.next_state is AgentState.OFFLINE or agent.wrap_up_seconds <= 0:
            self.enter_planned(agent, at)
            self.match_agent(agent, at)
            return
        until, agent.extended = at + agent.wrap_up_seconds, False
        self.enter(agent, AgentState.WRAP_UP, at, call=agent.call, until=until)
        self.commands.append(wish.StartTimer(name=WRAP_UP, key=agent.id, due=until))

    def settle_departures(self, at: Instant) -> None:
        """Callers who waited for somebody who has left, or for the last one near to them, are everybody's."""
        while self.departed:
            agent, is_off_duty = self.departed.pop()
            if agent.state is AgentState.OFFLINE:
                self._take_cards(agent, at)
            calls = [call for call in self.line.kept_for(agent.id) if is_off_duty or not self.calls[call].is_kept]
            for call in calls:
                patience.free_of_reservation(self.calls[call])
            for tag in agent.tags:
                calls += self.line.tagged(tag)
            for call in self.line.ranked(calls, at):
                if call in self.line:
                    self.match_call(self.calls[call], at)

    def _take_cards(self, agent: Agent, at: Instant) -> None:
        """Work that was offered to one who is gone, e.g. who signed out during a call, goes to others."""
        for waiting in [self.calls[call] for call in agent.work if call in self.calls]:
            if waiting.offered_to == agent.id:
                del agent.work[waiting.call]
                self.withdraw(waiting)
                self.match_call(waiting, at)

    # ---- who gets whom

    def match_agent(self, agent: Agent, at: Instant) -> None:
        """Give a free agent the caller who is next, if anybody waits; and work beside calls while there is room."""
        while agent.id in self.free:
            call = self.line.next_for(agent, agent.open_media(), at, inbound=not self.promises.bar(self, agent, at))
            if call is None:
                break
            self.pace.took(self.calls[call].need.skill, self.line.wanted_of(agent))
            self._give(call, agent, at)
        if agent.id in self.free and self.promises.touches(agent):
            # Because this one is free, another one may no longer have to stay for an answer.
            for skill in agent.skills:
                if self.promises.count(skill):
                    self.match_kept(skill, at, but=agent)

    def match_kept(self, skill: Skill, at: Instant, *, but: Agent | None = None) -> None:
        """Free agents with a skill of which fewer are promised than before, or more are free."""
        for agent in list(self.crew.who_know(skill)) if self.line else ():
            if agent is not but and agent.id in self.free and not self.promises.bar(self, agent, at):
                call = self.line.next_for(agent, agent.open_media(), at)
                if call is not None:
                    self._give(call, agent, at)

    def _barred(self, waiting: WaitingCall, at: Instant) -> Collection[AgentId]:
        """Free agents whom this caller does not get, because they stay for a campaign's answers."""
        if not self.promises or not is_inbound(waiting):
            return ()
        known = self.crew.who_know(waiting.need.skill)
        return {agent.id for agent in known if agent.id in self.free and self.promises.bar(self, agent, at)}

    def _gave_to_who_is_ahead(self, waiting: WaitingCall, agent: Agent, at: Instant, *, is_new: bool) -> bool:
        """This caller's wait ends a promise; who stands before and was held back by it, too, is first."""
        if not self.promises or waiting.reserved_for is not None or not is_inbound(waiting):
            return False
        if not self.promises.keep(self, agent):
            return False
        if waiting.call in self.line:
            self.line.remove(waiting)
            self.line.add(waiting, self.queues[waiting.queue])
        else:
            self.join_line(waiting, at)
        call = self.line.next_for(agent, agent.open_media(), at)
        if is_new:
            self.leave_line(waiting)
        if call is None or call == waiting.call:
            return False
        self._give(call, agent, at)
        return True

    def _give(self, call: CallId, agent: Agent, at: Instant) -> None:
        waiting = self.calls[call]
        self.leave_line(waiting)
        self._offer(waiting, agent, self._why_next(waiting, agent), at)

    def _why_next(self, waiting: WaitingCall, agent: Agent) -> Why:
        if waiting.reserved_for is not None:
            return Why.RESERVED if waiting.is_kept else Why.LAST_AGENT
        if agent.id in waiting.missed_by:
            return Why.OFFERED_AGAIN
        over = self.line.passes_over(waiting, self.queues[waiting.queue], agent)
        return Why.PRIORITY if over else Why.NEXT_IN_LINE

    def match_call(self, waiting: WaitingCall, at: Instant, *, is_new: bool = False) -> None:
        """Offer the caller to the best free agent; else another queue, a way out, or a place in line."""
        while True:
            patience.assess(self, waiting, at)
            queue = self.queues[waiting.queue]
            turn = self.turns.get(queue.id, AgentId(""))
            choice = self.free.choose(waiting, queue.strategy, turn, at, barred=self._barred(waiting, at))
            if choice is not None:
                if self._gave_to_who_is_ahead(waiting, self.agents[choice.agent], at, is_new=is_new):
                    continue
                if waiting.call in self.line:
                    self.leave_line(waiting)
                self._offer(waiting, self.agents[choice.agent], choice.why, at)
                return
            way = patience.way_on(self, waiting, at, is_new=is_new)
            if way is None:
                break
            if waiting.call in self.line:
                self.leave_line(waiting)
            if way.to is None:
                del self.calls[waiting.call]
                self.commands.append(wish.DivertCall(call=waiting.call, way=way.way, why=way.why))
                return
            self.change_queue(waiting, way.to, way.why, at)
            is_new = False
        if waiting.call in self.line:
            self.line.remove(waiting)
            self.line.add(waiting, queue)
            self.watch_patience(waiting, at)
        else:
            self.join_line(waiting, at)

    def change_queue(self, waiting: WaitingCall, to: Queue, why: str, at: Instant) -> None:
        """The caller, who is not in line now, waits in another queue, the place kept."""
        came_from = waiting.queue
        waiting.been.add(came_from)
        waiting.queue, waiting.entered = to.id, at
        self.commands.append(wish.ReportCallMoved(call=waiting.call, at=at, queue=came_from, to=to.id, why=why))

    def _offer(self, waiting: WaitingCall, agent: Agent, why: Why, at: Instant) -> None:
        told, others = verdicts.explain(self, waiting, agent, why, at)
        queue = self.queues[waiting.queue]
        self.turns[queue.id] = agent.id
        if waiting.callback:
            del self.calls[waiting.call]
            self.commands.append(
                wish.ReturnCall(
                    call=waiting.call,
                    agent=agent.id,
                    why=why,
                    needed_level=waiting.need.level,
                    verdicts=tuple(told),
                    others=others,
                )
            )
            agent.missed, agent.wrap_up_seconds, agent.serving = 0, queue.wrap_up_seconds, queue.skill
            self.enter(agent, AgentState.TALKING, at, call=waiting.call)
            return
        self.commands.append(
            wish.OfferCall(
                call=waiting.call,
                agent=agent.id,
                ring_seconds=queue.ring_seconds,
                why=why,
                needed_level=waiting.need.level,
                verdicts=tuple(told),
                others=others,
            )
        )
        self.ring(waiting, agent, at)

    def ring(self, waiting: WaitingCall, agent: Agent, at: Instant) -> None:
        """The agent's phone rings for this caller from now on; for other work a card lies on the desk."""
        waiting.offered_to = agent.id
        if waiting.need.medium is Medium.VOICE:
            self.enter(agent, AgentState.RINGING, at, call=waiting.call)
        else:
            self.change_work(agent, waiting.call, waiting.need.medium, at)
        due = at + self.queues[waiting.queue].ring_seconds + RING_GRACE_SECONDS
        self.commands.append(wish.StartTimer(name=RING, key=waiting.call, due=due))

    def offer_of(self, agent: Agent) -> WaitingCall | None:
        """The caller for whom this agent's phone rings; None also when it rings for a colleague's question."""
        waiting = self.calls.get(agent.call) if agent.call is not None else None
        return waiting if waiting is not None and waiting.offered_to == agent.id else None

    def withdraw(self, waiting: WaitingCall) -> None:
        """Stop the ringing; the caller belongs to nobody until matched."""
        if waiting.offered_to is not None:
            self.commands.append(wish.WithdrawOffer(call=waiting.call, agent=waiting.offered_to))
            self.take_back(waiting)

    def take_back(self, waiting: WaitingCall) -> None:
        """The phone rings no longer for this caller, who belongs to nobody until matched or dropped."""
        waiting.offered_to = None
        self.commands.append(wish.CancelTimer(name=RING, key=waiting.call))

    # ---- the line

    def join_line(self, waiting: WaitingCall, at: Instant) -> None:
        queue = self.queues[waiting.queue]
        self.line.add(waiting, queue)
        if queue.first_announcement_seconds > 0 and waiting.announce_due < NEVER:
            due = max(waiting.announce_due, at)
            self.commands.append(wish.StartTimer(name=POSITION, key=waiting.call, due=due))
        self.watch_patience(waiting, at)

    def watch_patience(self, waiting: WaitingCall, at: Instant) -> None:
        due = patience.next_change(self, waiting, at)
        if due is not None:
            self.commands.append(wish.StartTimer(name=PATIENCE, key=waiting.call, due=due))
        elif waiting.is_watched:
            self.commands.append(wish.CancelTimer(name=PATIENCE, key=waiting.call))
        waiting.is_watched = due is not None

    def leave_line(self, waiting: WaitingCall) -> None:
        self.line.remove(waiting)
        if self.queues[waiting.queue].first_announcement_seconds > 0:
            self.commands.append(wish.CancelTimer(name=POSITION, key=waiting.call))
        if waiting.is_watched:
            waiting.is_watched = False
            self.commands.append(wish.CancelTimer(name=PATIENCE, key=waiting.call))

    def expected_in(self, waiting: WaitingCall, queue: Queue, at: Instant) -> float | None:
        """Seconds that the caller would still wait in this queue; None = not known."""
        is_there = waiting.call in self.line and waiting.queue == queue.id
        position = self.line.position(waiting, at) if is_there else self.line.would_stand(waiting, queue, at)
        return self.pace.expected_wait(queue.skill, position, self.crew.serving(queue.skill))

    def admit(
        self,
        call: CallId,
        queue: QueueId,
        *,
        at: Instant,
        since: Instant,
        priority: int = 0,
        last_agent: AgentId | None = None,
        also: frozenset[Skill] = NO_SKILLS,
        affinity: frozenset[str] = NOBODY,
        medium: Medium = Medium.VOICE,
        callback: bool = False,
        outbound: bool = False,
    ) -> WaitingCall:
        """A caller who belongs to nobody yet. A queue that nobody knows gets a skill of its own name."""
        served_by = self.queues.get(queue)
        if served_by is None:
            served_by = self.queues[queue] = Queue(id=queue, skill=Skill(queue))
        self.arrivals += 1
        is_told = medium is Medium.VOICE and not callback
        waiting = WaitingCall(
            call,
            queue,
            since,
            Need(medium, served_by.skill, also, 0, NOBODY),
            priority,
            last_agent,
            arrival=self.arrivals,
            announce_due=at + served_by.first_announcement_seconds if is_told else NEVER,
            affinity=affinity,
            entered=since,
            began=since,
            callback=callback,
            outbound=outbound,
        )
        self.calls[call] = waiting
        return waiting

    def strange(self, event: Event, why: str, *, agent: AgentId | None = None, call: CallId | None = None) -> None:
        self.commands.append(wish.ReportStrange(event=event, why=why, agent=agent, call=call))
