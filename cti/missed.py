"""Talks without a recording, told as soon as that is known; a recording that begins after all takes it back. Pure."""

from __future__ import annotations

from crm_core.history import events as feed
from cti import facts as f
from cti.book import ContactBook
from cti.contacts import Contact, Leg

DISK, NOT_STARTED, NOT_WRITTEN = "disk", "not_started", "not_written"
"""Why: the volume is full or away; Asterisk told of no recording; it did, and there is no file."""
LATE_SECONDS = 3.0  # after the answer; with a look each second the alarm comes within 5 s


def told(book: ContactBook, fact: f.Told) -> None:
    """The dialplan began no recording on purpose."""
    contact = book.by_leg.get(fact.uniqueid) or book.contacts.get(fact.call)
    leg = contact.leg if contact else None
    if contact is None or leg is None or fact.headers.get("Leg") not in ("", leg.id):
        return
    leg.missed = DISK
    tell(book, contact, leg, fact.at)


def tell(book: ContactBook, contact: Contact, leg: Leg, at: float) -> None:
    """Once, and when somebody talks."""
    if leg.missed and leg.answered_at and not leg.missed_told:
        leg.missed_told = True
        book.add(feed.RecordingMissed(at=at, call=contact.call, leg=leg.id, agent=leg.agent, why=leg.missed))


def look(book: ContactBook, at: float) -> list[str]:
    """Tell of talks of which no recording is known by now; gives the files of those whose recording is young."""
    young: list[str] = []
    for contact in book.contacts.values():
        leg = contact.leg
        if leg is None or not leg.answered_at or leg.missed or leg.proven:
            continue
        if at - max(leg.answered_at, leg.recorded_at) < LATE_SECONDS:
            continue
        if leg.file:
            young.append(leg.file)
        else:
            leg.missed = NOT_STARTED
        tell(book, contact, leg, at)
    return young


def found(book: ContactBook, files: dict[str, bool], at: float) -> None:
    """`files`: whether each exists."""
    for contact in book.contacts.values():
        leg = contact.leg
        if leg is not None and leg.file in files:
            leg.proven = files[leg.file]
            leg.missed = "" if leg.proven else NOT_WRITTEN
            tell(book, contact, leg, at)
