"""What the records of consults, transfers and parking say of a contact: replayed after a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent, Outcome
from cti.contacts import Contact, Party, Phase


def _consult_began(contact: Contact, event: feed.ConsultBegan) -> None:
    contact.leg_ids.add(event.leg)
    contact.consult = Party(event.leg, event.kind, event.party, event.party, event.by, event.at)
    contact.phase = Phase.CONSULTING


def _consult_answered(contact: Contact, event: feed.ConsultAnswered) -> None:
    if contact.consult is not None:
        contact.consult.answered_at = event.at


def _consult_ended(contact: Contact, event: feed.ConsultEnded) -> None:
    if event.result == "conference":
        contact.phase = Phase.CONFERENCE
    elif event.result in ("party_gone", "not_reached") and contact.consult is not None:
        contact.consult.ended = "gone" if event.result == "party_gone" else "no_answer"
    else:
        contact.consult = None
    if contact.phase is Phase.EXTERNAL and event.result == "not_reached":
        contact.consult, contact.phase = None, Phase.MENU if not contact.talked else Phase.AFTER


def back_from_a_consult(contact: Contact) -> None:
    """The customer hears no music any more."""
    if contact.phase is Phase.CONSULTING:
        contact.phase = Phase.TALKING
        if contact.consult is not None and contact.consult.ended:
            contact.consult = None


def given_to_the_second(contact: Contact, leg: str) -> None:
    """The talk of this leg began: if it was the second party's, it is the first now."""
    if contact.consult is not None and contact.consult.leg == leg:
        contact.consult = None


def _joined(contact: Contact, event: feed.PartyJoined) -> None:
    contact.leg_ids.add(event.leg)
    party = contact.consult or Party(
        event.leg, event.kind, event.party, event.party, "", event.at, answered_at=event.at
    )
    party.joined_at = event.at
    contact.consult, contact.phase = party, Phase.CONFERENCE if contact.leg is not None else Phase.EXTERNAL
    if not contact.talked:
        contact.result = Outcome.PUT_THROUGH


def _left(contact: Contact, event: feed.PartyLeft) -> None:
    contact.consult = None
    contact.phase = Phase.TALKING if contact.leg is not None else Phase.AFTER


def _transferred(contact: Contact, event: feed.CallTransferred) -> None:
    if event.blind and event.kind in ("dealer", "number"):
        leg = contact.next_leg() if event.by else event.leg
        contact.consult = Party(leg, event.kind, event.target, event.target, event.by, event.at)
        contact.leg_ids.add(contact.consult.leg)
        contact.phase = Phase.EXTERNAL


def _parked(contact: Contact, event: feed.CallParked) -> None:
    contact.slot, contact.parked_at, contact.parked_by = event.slot, event.at, event.agent
    contact.phase = Phase.PARKED


def _picked_up(contact: Contact, event: feed.CallPickedUp) -> None:
    contact.slot, contact.parked_at = "", 0.0


def _dropped(contact: Contact, event: feed.MessageDropped) -> None:
    contact.phase = Phase.DROPPING


REPLAY_PARTIES: Mapping[type[HistoryEvent], Callable[[Contact, Any], None]] = {
    feed.ConsultBegan: _consult_began,
    feed.ConsultAnswered: _consult_answered,
    feed.ConsultEnded: _consult_ended,
    feed.PartyJoined: _joined,
    feed.PartyLeft: _left,
    feed.CallTransferred: _transferred,
    feed.CallParked: _parked,
    feed.CallPickedUp: _picked_up,
    feed.MessageDropped: _dropped,
}
