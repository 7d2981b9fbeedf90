"""How an offer, a stay in a queue and a contact ended, read off what the call book keeps of it."""

from __future__ import annotations

from acd.events import OfferResult
from crm_core.history.events import EndedBy, Outcome
from cti.contacts import Contact, Leg, Party, Phase

_DIALSTATUS = {
    "BUSY": OfferResult.BUSY,
    "CONGESTION": OfferResult.UNREACHABLE,
    "CHANUNAVAIL": OfferResult.UNREACHABLE,
}
_DECLINED = frozenset({480, 603})


def offer_result(status: str, leg: Leg | Party) -> OfferResult:
    """Why an offer ended. The phone's own SIP code is believed first.

    HANGUPCAUSE in the dialplan is stale when nobody replied, and DialStatus says NOANSWER for 480 and 603 alike.
    """
    if leg.sip_code in _DECLINED:
        return OfferResult.DECLINED
    if leg.sip_code == 486:
        return OfferResult.BUSY
    if leg.sip_code >= 400 and leg.sip_code != 487:
        return OfferResult.UNREACHABLE
    if status in _DIALSTATUS:
        return _DIALSTATUS[status]
    return OfferResult.NO_ANSWER if leg.rang else OfferResult.UNREACHABLE


def outcome_of(contact: Contact) -> Outcome:
    """The one outcome of a contact that is over."""
    if not contact.is_inbound:
        return Outcome.REACHED if contact.answered_at else Outcome.NOT_REACHED
    if contact.talked or contact.voicemail:
        return Outcome.ANSWERED if contact.talked else Outcome.VOICEMAIL
    if contact.result is not None:
        return contact.result
    if contact.queued_at:
        return Outcome.ABANDONED
    if not contact.served:
        return Outcome.WRONG_NUMBER
    return Outcome.MENU_ONLY if contact.answered_at else Outcome.SHORT_RING


def ended_by(contact: Contact) -> EndedBy:
    """Who ended the contact: of several who hung up, the first."""
    if contact.ended_talk is not None and contact.phase in (Phase.TALKING, Phase.AFTER, Phase.DROPPING, Phase.DIALLING):
        return contact.ended_talk
    if contact.customer_hung_up or (not contact.answered_at and contact.served and contact.result is None):
        return EndedBy.CUSTOMER if contact.is_inbound else EndedBy.SYSTEM
    return EndedBy.SYSTEM


def queue_result(contact: Contact) -> str:
    """How a stay in a queue ended that no agent ended."""
    match contact.result:
        case Outcome.VOICEMAIL | Outcome.CALLBACK | Outcome.TURNED_AWAY as left if not contact.voicemail:
            return str(left)
    return "voicemail" if contact.voicemail else "abandoned"


def named_outcome(word: str) -> Outcome | None:
    """The outcome of this name; None for any other text."""
    return next((outcome for outcome in Outcome if outcome.value == word), None)
