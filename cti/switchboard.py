"""Carries out what the book and the engine want: feed first, then the engine, then Asterisk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from acd import commands as wish
from acd import events as acd
from acd.engine import RoutingEngine
from acd.events import OfferResult
from acd.model import AgentId, CallId
from crm_core.errors import PlatformError
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent
from cti.book import NO_NEWS, NO_RINGING, PAUSE_LIMIT, ContactBook
from cti.campaign_calls import UNSEEN
from cti.contacts import Contact, Leg, Phase
from cti.deeds import BackToMenu, BackToMusic, ContactOver, Deed, HangUp, Move, Remember, Silence, Step
from cti.feed import Feed
from cti.kept_places import KeptPlaces
from cti.memory import AgentThen
from cti.outgoing import dial_failed
from cti.prompt_line import PromptFolder
from cti.sound import limit_passed
from cti.timers import Timers
from cti.waiting_room import WaitingActions, WaitingRoom

log = structlog.get_logger(__name__)


class Actions(WaitingActions, Protocol):
    """cti.actions.ChannelActions."""

    def offer(
        self, channel: str, call: str, leg: str, agent: str, *, seconds: int, still: Callable[[], bool]
    ) -> None: ...
    def to_music(self, channel: str, still: Callable[[], bool]) -> None: ...
    def to_menu(self, channel: str, still: Callable[[], bool]) -> None: ...
    def remember(self, channel: str, name: str, value: str) -> None: ...
    def perform(self, step: Deed, turn: str, failed: Callable[[], None]) -> None: ...


class Switchboard:
    """One thread of control uses it: the loop. `strange` is called when engine and Asterisk disagree."""

    def __init__(
        self,
        *,
        engine: RoutingEngine,
        book: ContactBook,
        feed: Feed,
        actions: Actions,
        prompts: PromptFolder,
        strange: Callable[[], None],
        places: KeptPlaces | None = None,
    ) -> None:
        self.engine, self.book, self.feed = engine, book, feed
        self.timers = Timers()
        self.agents: dict[str, AgentThen] = {}
        self._actions, self._strange = actions, strange
        self.waiting = WaitingRoom(book, places or KeptPlaces(), actions, prompts, self.carry_out)
        self._by = ""

    def carry_out(self, steps: Iterable[Step]) -> None:
        """In order. A step that fails is logged; the others are done all the same."""
        for step in steps:
            try:
                self._step(step)
            except Exception:
                log.exception("step_failed", call=getattr(step, "call", ""), step=repr(step))

    def _step(self, step: Step) -> None:
        match step:
            case HistoryEvent():
                self.feed.publish(step)
                self.waiting.note(step)
            case ContactOver(contact=contact, at=at):
                self.waiting.contact_over(contact, at)
            case acd.Event():
                try:
                    self.tell(step)
                except PlatformError as refused:
                    log.info("engine_refused", reason=str(refused), fact=repr(step))
            case Remember(channel=channel, name=name, value=value):
                self._actions.remember(channel, name, value)
            case BackToMusic() | BackToMenu() | Move() | HangUp() | Silence():
                self._deed(step)
            case wish.StartTimer(name=name, key=key, due=due):
                self.timers.start(name, key, due)
            case wish.CancelTimer(name=name, key=key):
                self.timers.cancel(name, key)

    def _deed(self, step: BackToMusic | BackToMenu | Deed) -> None:
        match step:
            case BackToMusic(call=call):
                self._to_music(call)
            case BackToMenu(call=call):
                self._to_menu(call)
            case _:
                contact = self.book.contacts.get(step.call)
                self._actions.perform(step, contact.channel if contact else step.channel, self._strange)

    def tell(self, event: acd.Event, *, by: str = "") -> None:
        """Tell the engine and do what it wants; `by` is the person who wishes it, for the feed.

        Raises the engine's refusal of a person's wish, and then nothing was done.
        """
        wishes = self.engine.handle(event)
        self._by = by
        for command in wishes:
            self._command(command, event.at)
        self._by = ""

    def _command(self, command: wish.Command, at: float) -> None:
        match command:
            case wish.OfferCall():
                self._offer(command, at)
            case wish.WithdrawOffer(call=call, agent=agent):
                self._withdraw(call, agent, at)
            case wish.AnnouncePosition() | wish.DivertCall() | wish.ReturnCall():
                self.waiting.carry_out(command, at)
            case wish.ReportCallMoved():
                self._moved(command)
            case _:
                self._report(command)

    def _report(self, command: wish.Command) -> None:
        match command:
            case wish.ReportAgentState():
                self._agent_state(command)
            case wish.ReportAgentReachability(agent=agent, at=since, reachable=reachable):
                self.feed.publish(feed.AgentReachabilityChanged(at=since, agent=agent, reachable=reachable))
            case wish.ReportStrange(event=event, why=why):
                log.warning("engine_strange", why=why, fact=repr(event))
                self._strange()
            case wish.StartTimer() | wish.CancelTimer():
                self._step(command)

    def _offer(self, command: wish.OfferCall, at: float) -> None:
        contact = self.book.contacts.get(command.call)
        leg = self.book.offer(command, at)
        self.carry_out(self.book.take())  # the card is on the desk before the phone rings
        if contact is None:
            self._step(acd.CallLeft(at=at, call=command.call))
        elif leg is None:
            log.warning("offer_not_possible", call=command.call, agent=command.agent, phase=str(contact.phase))
        else:
            self.ring(contact, leg, command.ring_seconds)

    def ring(self, contact: Contact, leg: Leg, seconds: int) -> None:
        """The phone of this leg's agent rings for the customer, unless something else has become of the leg by then."""
        self._actions.offer(
            contact.channel,
            contact.call,
            leg.id,
            leg.agent,
            seconds=seconds,
            still=lambda: contact.leg is leg and self.book.contacts.get(contact.call) is contact,
        )

    def _moved(self, command: wish.ReportCallMoved) -> None:
        contact = self.book.contacts.get(command.call)
        if contact is not None:
            self.book.change_queue(contact, command.at, command.to, command.why, by=self._by)
            self.carry_out(self.book.take())

    def _withdraw(self, call: CallId, agent: AgentId, at: float) -> None:
        contact = self.book.contacts.get(call)
        if contact is None or contact.leg is None or contact.leg.agent != agent or contact.leg.answered_at:
            return
        closed = self.book.withdraw(contact, contact.leg, at)
        self.carry_out(self.book.take())
        if closed:
            self._to_music(call)

    def _to_music(self, call: str) -> None:
        contact = self.book.contacts.get(call)
        if contact is not None:
            self._actions.to_music(contact.channel, lambda: self._is_idle(contact))

    def _to_menu(self, call: str) -> None:
        contact = self.book.contacts.get(call)
        if contact is not None:
            self._actions.to_menu(contact.channel, lambda: contact.leg is None and contact.phase is Phase.MENU)

    def _is_idle(self, contact: Contact) -> bool:
        return (
            self.book.contacts.get(contact.call) is contact
            and contact.leg is None
            and contact.phase in (Phase.WAITING, Phase.LOST)
        )

    def _agent_state(self, report: wish.ReportAgentState) -> None:
        if report.state.value == "offline":
            self.agents.pop(report.agent, None)
        else:
            self.agents[report.agent] = AgentThen(
                str(report.state), report.at, report.reason, report.call or "", until=report.until or 0.0
            )
        self.feed.publish(
            feed.AgentStateChanged(
                at=report.at,
                agent=report.agent,
                state=str(report.state),
                reason=report.reason,
                call=report.call or "",
                until=report.until or 0.0,
            )
        )

    # ---- timers and failures

    def fire_due(self, now: float) -> None:
        for name, key in self.timers.take_due(now):
            if self.waiting.fire(name, key, now):
                continue
            if name == UNSEEN:
                self._strange()
            elif name == PAUSE_LIMIT:
                limit_passed(self.book, key, now)
                self.carry_out(self.book.take())
            elif name in (NO_RINGING, NO_NEWS):
                self.offer_failed(key.rpartition("-")[0], key, now)
            else:
                self.carry_out([acd.TimerFired(at=now, name=name, key=key)])

    def offer_failed(self, call: str, leg_id: str, now: float) -> None:
        """The phone did not ring, or Asterisk did not say what came of it: the caller goes to the next agent."""
        contact = self.book.contacts.get(call)
        leg: Leg | None = contact.leg if contact else None
        if contact is None or leg is None or leg.id != leg_id or leg.up:
            return
        log.warning("offer_failed", call=call, agent=leg.agent)
        if not contact.customer_owns:
            dial_failed(self.book, call, now)
            self.carry_out(self.book.take())
            return
        self.book.close_offer(contact, now, OfferResult.UNREACHABLE)
        self.book.add(BackToMusic(call))
        self.carry_out(self.book.take())
