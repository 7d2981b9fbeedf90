"""Places in a queue that are kept for callers who hung up: when each is called, how often, how it ends.

No I/O, no clock. A place is in one of four conditions: in the engine's line, an attempt runs, the customer is on the
line again, or its next try is later. What is needed to know which is in the feed and in the memory file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from acd import events as acd
from acd.commands import CancelTimer, ReturnCall, StartTimer
from acd.model import CallId, QueueId
from crm_core.errors import NotFound, Refused
from crm_core.history import events as feed
from crm_core.phone import to_e164
from cti.contacts import Contact
from cti.deeds import Step
from cti.views import CallbackView

CALLBACK = "cti.callback"
SOON = 5.0  # seconds to the next try when it was not the customer who did not answer
LOOK_AGAIN = 60.0  # how often a place in the line is asked whether the opening hours are over
FIRST_OF_ALL = 1_000  # the priority of a place that a supervisor wants called now


def at_any_time(at: float) -> float:
    """The hours of a hotline that never closes."""
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRules:
    """`again_seconds` apart. `opens`: the first time at or after one at which customers may be called, since 1970."""

    most_tries: int = 3
    again_seconds: float = 300.0
    opens: Callable[[float], float] = at_any_time


@dataclass(slots=True)
class KeptPlace:
    """`attempts` counts all, also those in which the agent's own phone failed; `tried` those in which the customer's
    was dialled. `attempt` is the outgoing call that runs, `held_by` the contact in which the customer is on the line.
    """

    id: str
    call: str
    number: str
    queue: str
    since: float
    priority: int = 0
    language: str = ""
    matches: tuple[int, ...] = ()
    attempts: int = 0
    tried: int = 0
    due: float = 0.0
    attempt: str = ""
    agent: str = ""
    held_by: str = ""


class NoSuchCallback(NotFound):
    def __init__(self) -> None:
        super().__init__("This callback is not open any more.")


class CustomerOnTheLine(Refused):
    def __init__(self) -> None:
        super().__init__("This customer is being called or is on the line already.")


class KeptPlaces:
    """Each change gives its steps, in order."""

    def __init__(self, rules: CallbackRules | None = None, places: Mapping[str, KeptPlace] | None = None) -> None:
        self._rules = rules or CallbackRules()
        self.places: dict[str, KeptPlace] = dict(places or {})
        self._in_line: dict[str, CallId] = {}  # of a callback -> what the engine calls it

    def of_contact(self, contact: Contact) -> KeptPlace | None:
        """The place that was kept for this caller, by booking or by number, unless its customer is talked to."""
        for place in self.places.values():
            if place.held_by == contact.call or (not place.held_by and not place.attempt and _same(place, contact)):
                return place
        return None

    # ---- the customer

    def book(self, contact: Contact, number: str, at: float, queue: str = "") -> list[Step]:
        """Keep the place of a caller who waits, or give one in `queue` to a caller in the menu.

        A second wish of the same customer changes the number of the first.
        """
        place = self.of_contact(contact)
        if place is None:
            place = KeptPlace(contact.call, contact.call, number, contact.queue or queue, contact.queued_at or at)
            self.places[place.id] = place
        steps = self._leave_line(place, at)
        place.number, place.held_by, place.due = number, contact.call, 0.0
        place.priority = max(place.priority, contact.priority)
        place.language, place.matches = contact.language, contact.matches
        booked = feed.CallbackBooked(
            at=at,
            callback=place.id,
            call=contact.call,
            number=number,
            queue=place.queue,
            since=place.since,
            priority=place.priority,
            language=place.language,
            matches=place.matches,
        )
        return [*steps, booked]

    def is_back(self, contact: Contact, at: float) -> list[Step]:
        """The customer called again and waits, at the kept place: no return meanwhile."""
        place = self.of_contact(contact)
        if place is None:
            return []
        place.held_by = contact.call
        return self._leave_line(place, at)

    def talks(self, call: str, at: float) -> list[Step]:
        """An agent serves the customer who had called again."""
        place = next((place for place in self.places.values() if place.held_by == call), None)
        return self._end(place, "returned", at) if place else []

    def contact_over(self, contact: Contact, at: float) -> list[Step]:
        """The customer hung up: now the place may get its turn. Or an attempt is over."""
        steps: list[Step] = []
        for place in list(self.places.values()):
            if place.attempt == contact.call:
                dialled, reached = bool(contact.customer_uniqueid), bool(contact.answered_at)
                steps += self._attempt_over(place, at, dialled=dialled, reached=reached)
            elif place.held_by == contact.call:
                place.held_by = ""
                steps += self._enter_line(place, at)
        return steps

    # ---- the line and the attempts

    def _enter_line(self, place: KeptPlace, at: float) -> list[Step]:
        if place.attempt or place.held_by or place.id in self._in_line:
            return []
        opens = self._rules.opens(at)
        if opens > at and opens > place.due:
            place.due = opens
            return [self._postponed(place, at), StartTimer(name=CALLBACK, key=place.id, due=opens)]
        if place.due > at:
            return [StartTimer(name=CALLBACK, key=place.id, due=place.due)]
        call = CallId(f"cb-{place.id}-{place.attempts + 1}")
        self._in_line[place.id], place.due = call, 0.0
        return [
            StartTimer(name=CALLBACK, key=place.id, due=at + LOOK_AGAIN),
            acd.CallQueued(
                at=at,
                call=call,
                queue=QueueId(place.queue),
                since=place.since,
                priority=place.priority,
                callback=True,
            ),
        ]

    def _leave_line(self, place: KeptPlace, at: float) -> list[Step]:
        call = self._in_line.pop(place.id, None)
        steps: list[Step] = [CancelTimer(name=CALLBACK, key=place.id)]
        return [*steps, acd.CallLeft(at=at, call=call)] if call else steps

    def turn(self, command: ReturnCall, at: float) -> tuple[KeptPlace | None, list[Step]]:
        """The engine gives this agent to a callback. None = it is not wanted any more, and the agent is free again.

        The attempt is on record before anything is dialled, so that a restart never dials it twice.
        """
        place = next((self.places[id_] for id_, call in self._in_line.items() if call == command.call), None)
        if place is None:
            return None, [acd.TalkEnded(at=at, call=command.call, agent=command.agent)]
        del self._in_line[place.id]
        place.attempts += 1
        place.attempt, place.agent = command.call, command.agent
        attempted = feed.CallbackAttempted(
            at=at, callback=place.id, call=command.call, agent=command.agent, attempt=place.attempts
        )
        return place, [CancelTimer(name=CALLBACK, key=place.id), attempted]

    def _attempt_over(self, place: KeptPlace, at: float, *, dialled: bool, reached: bool) -> list[Step]:
        place.attempt = place.agent = ""
        if reached:
            return self._end(place, "reached", at)
        place.tried += dialled
        if place.tried >= self._rules.most_tries or place.attempts >= 3 * self._rules.most_tries:
            return self._end(place, "given_up", at)
        place.due = at + (self._rules.again_seconds if dialled else SOON)
        return [self._postponed(place, at), *self._enter_line(place, at)]

    @staticmethod
    def _postponed(place: KeptPlace, at: float) -> Step:
        return feed.CallbackPostponed(at=at, callback=place.id, due=place.due, tried=place.tried)

    def _end(self, place: KeptPlace, result: str, at: float) -> list[Step]:
        steps = self._leave_line(place, at)
        del self.places[place.id]
        return [*steps, feed.CallbackEnded(at=at, callback=place.id, result=result)]

    def look_again(self, callback: str, at: float) -> list[Step]:
        """The time of a place has come, or it stands in the line: the hours may be over."""
        place = self.places.get(callback)
        if place is None:
            return []
        if place.id not in self._in_line:
            return self._enter_line(place, at)
        if self._rules.opens(at) > at:
            return [*self._leave_line(place, at), *self._enter_line(place, at)]
        return [StartTimer(name=CALLBACK, key=place.id, due=at + LOOK_AGAIN)]

    def settle(self, live: Collection[str], at: float) -> list[Step]:
        """After a comparison with Asterisk: who is not on the line any more may be called; a lost attempt is over.

        An attempt that Asterisk does not know and the event log did not tell of never reached the customer's phone.
        """
        steps: list[Step] = []
        for place in list(self.places.values()):
            if place.held_by and place.held_by not in live:
                place.held_by = ""
            if place.attempt and place.attempt not in live:
                steps += self._attempt_over(place, at, dialled=False, reached=False)
            else:
                steps += self._enter_line(place, at)
        return steps

    # ---- a supervisor

    def cancel(self, callback: str, at: float) -> list[Step]:
        """NoSuchCallback, CustomerOnTheLine."""
        return self._end(self._free(callback), "cancelled", at)

    def call_now(self, callback: str, at: float) -> list[Step]:
        """Before all others, as soon as an agent is free; not outside the hours. NoSuchCallback, CustomerOnTheLine."""
        place = self._free(callback)
        steps = self._leave_line(place, at)
        place.due, place.priority = 0.0, max(place.priority, FIRST_OF_ALL)
        return [*steps, *self._enter_line(place, at)]

    def _free(self, callback: str) -> KeptPlace:
        place = self.places.get(callback)
        if place is None:
            raise NoSuchCallback
        if place.attempt or place.held_by:
            raise CustomerOnTheLine
        return place

    def views(self, positions: Mapping[str, int]) -> tuple[CallbackView, ...]:
        """In the order of the kept places. `positions` are the engine's, by its call ids."""
        return tuple(
            CallbackView(
                callback=place.id,
                call=place.call,
                number=place.number,
                queue=place.queue,
                since=place.since,
                attempts=place.tried,
                due=place.due,
                position=positions.get(self._in_line.get(place.id, ""), 0),
                matches=place.matches,
            )
            for place in sorted(self.places.values(), key=lambda place: (place.since, place.id))
        )


def _same(place: KeptPlace, contact: Contact) -> bool:
    return bool(contact.caller) and place.number == (to_e164(contact.caller) or contact.caller)
