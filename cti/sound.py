"""What a leg's recording holds: the talk, or silence in a pause, a consult or a hold. No I/O, no clock."""

from __future__ import annotations

from acd.commands import StartTimer
from crm_core.history import events as feed
from cti import facts as f
from cti.book import PAUSE_LIMIT, ContactBook
from cti.contacts import Contact, Leg, Pause, Phase
from cti.deeds import Silence
from cti.facts import number

BUTTON, FIELD, API, LIMIT = "button", "field", "api", "limit"
"""Why a pause began, or ended: the agent's button, a private field of the page, another system; or its limit."""


def is_silent(book: ContactBook, contact: Contact, leg: Leg) -> bool:
    """Whether this leg's recording shall hold nothing now."""
    if contact.pause is not None:
        return True
    if contact.phase is Phase.CONSULTING:
        return not book.capture.consults
    return bool(leg.hold_since) and not book.capture.holds


def settle(book: ContactBook, contact: Contact, *, again: bool = False) -> None:
    """Order what the leg's recording shall hold now, when that is something else; or `again`, to be sure."""
    leg = contact.leg
    if leg is None or not leg.channel:
        return
    silent = is_silent(book, contact, leg)
    if silent != leg.silent or again:
        leg.silent = silent
        note = "" if contact.pause is None else written(contact.pause)
        book.add(Silence(contact.call, leg.channel, on=silent, pause=note))


def pause(book: ContactBook, contact: Contact, at: float, *, by: str, why: str) -> None:
    """Nothing of the talk is recorded until `resume`, or until the site's limit has passed."""
    if contact.pause is not None:
        if contact.pause.why == FIELD:
            contact.pause.why = why  # who presses the button means longer than the field has the cursor
        return
    contact.pause = Pause(since=at, until=at + book.capture.pause_seconds, by=by, why=why)
    settle(book, contact, again=True)
    _watch(book, contact, contact.pause)
    if contact.leg is not None and not contact.leg.file:
        _in_force(book, contact, contact.leg, at)  # nothing is recorded: nobody has to confirm anything


def resume(book: ContactBook, contact: Contact, at: float, *, by: str, why: str) -> None:
    """The recording holds the talk again. A private field ends only the pause that it began."""
    over = contact.pause
    if over is None or (why == FIELD and over.why != FIELD):
        return
    contact.pause = None
    book.cancel(PAUSE_LIMIT, contact.call)
    if over.leg:
        book.add(feed.RecordingResumed(at=at, call=contact.call, leg=over.leg, by=by, why=why))
    settle(book, contact, again=True)


def limit_passed(book: ContactBook, call: str, at: float) -> None:
    contact = book.contacts.get(call)
    if contact is not None:
        resume(book, contact, at, by="", why=LIMIT)


def muted(book: ContactBook, fact: f.RecordingMuted) -> None:
    """Asterisk confirms: from this moment on nothing is in the file."""
    contact = book.by_leg.get(fact.uniqueid)
    leg = contact.leg if contact else None
    if contact is not None and leg is not None and leg.uniqueid == fact.uniqueid and fact.on:
        _in_force(book, contact, leg, fact.at)


def begins(book: ContactBook, contact: Contact) -> None:
    """A recording has begun on the leg, or goes on in a new one: in silence, when nothing shall be recorded."""
    leg, one = contact.leg, contact.pause
    if one is not None and leg is not None and one.leg != leg.id:
        one.leg = ""
    if leg is not None and is_silent(book, contact, leg):
        settle(book, contact, again=True)


def written(one: Pause) -> str:
    """As it stands on the channel."""
    return f"{one.since:.3f}/{one.until:.3f}/{one.why}/{one.by}"


def read(text: str) -> Pause | None:
    """What `written` wrote; None for anything else."""
    since, _, rest = text.partition("/")
    until, _, rest = rest.partition("/")
    why, _, by = rest.partition("/")
    if not number(since) or number(until) <= number(since):
        return None
    return Pause(since=number(since), until=number(until), by=by[:40], why=why[:16])


def correct(book: ContactBook, contact: Contact, found: str, at: float) -> None:
    """After a connect: what stands on the leg's channel is believed, and ordered once more to be sure of it.

    A pause whose limit passed while nobody of ours was there ends now. One that was never confirmed is ordered again.
    """
    seen, known, leg = read(found), contact.pause, contact.leg
    if leg is None or not leg.answered_at:
        return
    if seen is None and known is not None and known.leg:
        resume(book, contact, at, by="", why=LIMIT)
    elif seen is not None and known is None:
        contact.pause = known = seen
        _in_force(book, contact, leg, seen.since)
    if contact.pause is not None and contact.pause.until <= at:
        resume(book, contact, at, by="", why=LIMIT)
    elif contact.pause is not None:
        _watch(book, contact, contact.pause)
    settle(book, contact, again=True)


def _watch(book: ContactBook, contact: Contact, one: Pause) -> None:
    book.add(StartTimer(name=PAUSE_LIMIT, key=contact.call, due=one.until))


def _in_force(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    one = contact.pause
    if one is None or one.leg == leg.id:
        return
    one.leg = leg.id
    until, by, why = one.until, one.by, one.why
    book.add(feed.RecordingPaused(at=at, call=contact.call, leg=leg.id, by=by, why=why, until=until))
