"""A caller whom the menu connects with somebody outside: what becomes of the contact, and what the dialplan is told.

No I/O, no clock. Who may be dialled decides `cti.put_through`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_core.history import events as feed
from cti.book import ContactBook
from cti.contacts import Contact, Party, Phase
from cti.parties import consult_over
from ivr.line import PutThrough


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    """The leg's id, and the digits that `hl-external` dials for at most `ring` seconds, by `ways` (cti.lines)."""

    leg: str
    number: str
    ring: int
    ways: Mapping[str, str] = field(default_factory=dict)


class Outside(Protocol):
    """What a menu session asks; `cti.put_through.PuttingThrough` answers."""

    async def begin(self, call: str, wish: PutThrough) -> Dialling | None:
        """On record, counted and allowed; None = this caller is not put through, and nothing has changed."""
        ...

    def unreached(self, call: str) -> PutThrough | None:
        """The try of a caller who is back in the menu, once; None = this caller begins the menu."""
        ...


class NobodyOutside:
    """A site whose menus put nobody through."""

    async def begin(self, call: str, wish: PutThrough) -> Dialling | None:
        return None

    def unreached(self, call: str) -> PutThrough | None:
        return None


def is_put_through(contact: Contact) -> bool:
    """By the menu: no agent of ours had a part in it."""
    return contact.phase is Phase.EXTERNAL and contact.consult is not None and not contact.consult.by


def may_be_put_through(contact: Contact) -> bool:
    """In the menu. The end of a try before may not be told yet: the session is quicker than the channel's event."""
    return contact.is_inbound and (contact.phase in (Phase.MENU, Phase.RINGING_IN) or is_put_through(contact))


def put_through(book: ContactBook, contact: Contact, party: Party) -> None:
    """The caller's own channel will dial: on record before it does, so that a restart knows whose leg that is."""
    at = party.began_at
    consult_over(book, contact, at, "not_reached")
    contact.leg_ids.add(party.leg)
    contact.consult, contact.phase, contact.moved_at = party, Phase.EXTERNAL, at
    book.add(
        feed.CallTransferred(
            at=at, call=contact.call, leg=party.leg, by="", kind=party.kind, target=party.name, blind=True
        )
    )
