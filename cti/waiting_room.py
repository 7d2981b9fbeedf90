"""What happens to callers who wait, except that an agent takes them: announcements, ways out, kept places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

import structlog

from acd import commands as wish
from acd import events as acd
from acd.commands import CancelTimer, StartTimer
from acd.model import AgentId, CallId, WayOut
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent, Outcome
from cti.book import ContactBook
from cti.contacts import Contact, Phase
from cti.deeds import Step
from cti.kept_places import CALLBACK, KeptPlace, KeptPlaces
from cti.outgoing import begin_dialling, outside_legs
from cti.prompt_line import PromptFolder
from ivr.catalogue import comfort_prompt, position_prompts

log = structlog.get_logger(__name__)

COMFORT = "cti.comfort"
COMFORT_SECONDS = 22.0  # after an announcement of the place: half way to the next one, at 45 s apart
CHOICES_EVERY = 3  # the ways out are said with the first announcement and every so many after it

_SAID = {
    (WayOut.VOICEMAIL, "closed"): ("goodbye-closed", "message-intro"),
    (WayOut.GOODBYE, "closed"): ("goodbye-closed",),
    (WayOut.GOODBYE, ""): ("goodbye-full",),
    (WayOut.VOICEMAIL, ""): ("voicemail",),
    (WayOut.CALLBACK, ""): ("callback-offer",),
}


class WaitingActions(Protocol):
    """Of cti.actions.ChannelActions."""

    def announce(self, channel: str, paths: tuple[str, ...], still: Callable[[], bool]) -> None: ...
    def divert(
        self, channel: str, way: str, say: tuple[str, ...], thanks: tuple[str, ...], still: Callable[[], bool]
    ) -> None: ...
    def call_back(
        self, call: str, agent: str, number: str, leg: str, customer: int | None, *, live: Callable[[], int]
    ) -> None: ...


class WaitingRoom:
    """`carry_out` does the steps that follow."""

    def __init__(
        self,
        book: ContactBook,
        places: KeptPlaces,
        actions: WaitingActions,
        prompts: PromptFolder,
        carry_out: Callable[[Iterable[Step]], None],
    ) -> None:
        self.book, self.places = book, places
        self._actions, self._prompts, self._carry_out = actions, prompts, carry_out
        book.place_of = places.of_contact

    def note(self, event: HistoryEvent) -> None:
        """Hears each record right after it was written."""
        match event:
            case feed.CallQueued():
                contact = self.book.contacts.get(event.call)
                if contact is not None and contact.is_inbound:
                    self._carry_out(self.places.is_back(contact, event.at))
            case feed.TalkBegan():
                self._carry_out(self.places.talks(event.call, event.at))

    def carry_out(self, command: wish.AnnouncePosition | wish.DivertCall | wish.ReturnCall, at: float) -> None:
        match command:
            case wish.AnnouncePosition():
                self.announce_position(command, at)
            case wish.DivertCall():
                self.divert(command, at)
            case wish.ReturnCall():
                self.turn(command, at)

    # ---- announcements

    def _paths(self, prompts: tuple[str, ...], contact: Contact) -> tuple[str, ...]:
        return tuple(self._prompts.path(prompt, contact.language) for prompt in prompts)

    def _listens(self, contact: Contact) -> bool:
        """In the music, no phone rings, no question is asked: an announcement would cut all else."""
        there = self.book.contacts.get(contact.call) is contact
        return there and contact.leg is None and contact.phase is Phase.WAITING and not contact.choosing

    def _say(self, contact: Contact, prompts: tuple[str, ...]) -> None:
        if self._listens(contact):
            self._actions.announce(contact.channel, self._paths(prompts, contact), lambda: self._listens(contact))

    def announce_position(self, command: wish.AnnouncePosition, at: float) -> None:
        contact = self.book.contacts.get(command.call)
        if contact is None or not self._listens(contact):
            return
        prompts = position_prompts(command.position, command.expected_wait)
        # The sentence names both choices: it is for queues that offer both.
        if contact.announced % CHOICES_EVERY == 0 and not self.book.not_offered.get(contact.queue):
            prompts += ("choices",)
        contact.announced += 1
        self._say(contact, prompts)
        self._carry_out([StartTimer(name=COMFORT, key=contact.call, due=at + COMFORT_SECONDS)])

    def _comfort(self, call: str) -> None:
        contact = self.book.contacts.get(call)
        if contact is not None:
            self._say(contact, (comfort_prompt(contact.queue, contact.comforted),))
            contact.comforted += 1

    # ---- ways out

    def divert(self, command: wish.DivertCall, at: float) -> None:
        """The engine has let go of the caller; the queue's way out is all that is left."""
        contact = self.book.contacts.get(command.call)
        if contact is None or contact.leg is not None or command.way is WayOut.STAY:
            log.warning("divert_not_possible", call=command.call, way=str(command.way))
            return
        if contact.attempt is not None and not contact.attempt.connected:
            return  # whom we called ourselves hears no "we are closed": the dialplan's own message comes in time
        contact.phase = Phase.LEAVING
        if command.way is WayOut.GOODBYE:
            contact.result = Outcome.OUT_OF_HOURS if command.why == "closed" else Outcome.TURNED_AWAY
        said = _SAID.get((command.way, command.why)) or _SAID[command.way, ""]
        self._actions.divert(
            contact.channel,
            str(command.way),
            self._paths(said, contact),
            self._paths(("message-saved",), contact),
            lambda: self.book.contacts.get(contact.call) is contact and contact.phase is Phase.LEAVING,
        )

    def wants_callback(self, call: str, number: str, at: float) -> bool:
        """Keep the caller's place. False when an agent was quicker: then the caller hears the agent."""
        contact = self._may_leave(call)
        if contact is None:
            return False
        contact.phase, contact.result = Phase.LEAVING, Outcome.CALLBACK
        steps = self.places.book(contact, number, at)
        self._carry_out(steps)
        if contact.in_queue:
            self.book.leave_queue(contact, at, str(Outcome.CALLBACK))
        self.book.add(acd.CallLeft(at=at, call=CallId(call)))
        self._carry_out(self.book.take())
        return True

    def wants_callback_from_menu(self, call: str, number: str, at: float) -> bool:
        """A place in the first queue, for a caller who has not waited yet. It is called when the caller has hung up."""
        contact = self.book.contacts.get(call)
        if contact is None or contact.phase is not Phase.MENU or not self.book.first_queue:
            return False
        self._carry_out(self.places.book(contact, number, at, self.book.first_queue))
        return True

    def wants_message(self, call: str, at: float) -> bool:
        """No agent may have the caller any more. False when one was quicker."""
        contact = self._may_leave(call)
        if contact is None:
            return False
        contact.phase = Phase.LEAVING
        self._carry_out([acd.CallLeft(at=at, call=CallId(call))])
        return True

    def _may_leave(self, call: str) -> Contact | None:
        contact = self.book.contacts.get(call)
        waits = contact is not None and contact.leg is None and contact.phase in (Phase.WAITING, Phase.LEAVING)
        return contact if waits else None

    # ---- kept places

    def turn(self, command: wish.ReturnCall, at: float) -> None:
        """Ring the agent's own phone, then the customer's. On record first."""
        place, steps = self.places.turn(command, at)
        self._carry_out(steps)
        if place is None:
            return
        customer = place.matches[0] if len(place.matches) == 1 else None
        contact = begin_dialling(self.book, command.call, command.agent, place.number, customer_id=customer, at=at)
        self._describe(contact, place)
        number, leg = place.number.removeprefix("+"), f"{contact.call}-1"
        live = partial(outside_legs, self.book, command.agent, besides=contact.call)
        self._actions.call_back(contact.call, command.agent, number, leg, customer, live=live)

    @staticmethod
    def _describe(contact: Contact, place: KeptPlace) -> None:
        contact.queue, contact.language, contact.matches = place.queue, place.language, place.matches
        if contact.leg is not None:
            contact.leg.queue = place.queue

    def contact_over(self, contact: Contact, at: float) -> None:
        self._carry_out([CancelTimer(name=COMFORT, key=contact.call), *self.places.contact_over(contact, at)])

    def settle(self, at: float) -> None:
        """After a comparison with Asterisk. An agent whose attempt was lost is free again."""
        agents = {place.attempt: place.agent for place in self.places.places.values() if place.attempt}
        steps = self.places.settle(self.book.contacts, at)
        lost = [acd.TalkEnded(at=at, call=CallId(call), agent=AgentId(agent))
                for call, agent in agents.items() if call not in self.book.contacts]  # fmt: skip
        self._carry_out([*lost, *steps])

    # ---- timers

    def fire(self, name: str, key: str, at: float) -> bool:
        """False when the timer is not one of these."""
        if name == COMFORT:
            self._comfort(key)
        elif name == CALLBACK:
            self._carry_out(self.places.look_again(key, at))
        return name in (COMFORT, CALLBACK)
