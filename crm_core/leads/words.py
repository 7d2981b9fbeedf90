"""The words of a lead: its states, where it came from, why it was lost."""

from __future__ import annotations

from enum import StrEnum


class LeadStatus(StrEnum):
    NEW = "new"  # captured, nobody looked at it yet
    VERIFIED = "verified"  # goes to the dealer with the next delivery
    SENT = "sent"  # with the dealer, no word yet
    FOLLOWING = "following"
    NURTURE = "nurture"  # of the centre's own: material, then a call every three months
    WON = "won"
    LOST = "lost"
    INVALID = "invalid"  # no prospect: a joke, a wrong number, a double


class Act(StrEnum):
    """What can be done to a lead; also the kinds of its events."""

    CAPTURED = "captured"
    MENTIONED = "mentioned"  # the same interest in a later contact
    VERIFIED = "verified"
    SENT = "sent"
    HELD_BACK = "held_back"  # was due to be sent, and was not: the customer does not allow it, or there is no dealer
    FOLLOWER_NAMED = "follower_named"
    FEEDBACK = "feedback"
    REMINDED = "reminded"
    REASSIGNED = "reassigned"
    RETURNED = "returned"  # to the centre
    NURTURED = "nurtured"
    NURTURE_STEP = "nurture_step"
    WON = "won"
    LOST = "lost"
    INVALIDATED = "invalidated"
    REOPENED = "reopened"


class Source(StrEnum):
    HOTLINE = "hotline"
    WEB = "web"
    EVENT = "event"
    REFERRAL = "referral"
    DEALER = "dealer"
    IMPORT = "import"


class Horizon(StrEnum):
    HOT = "hot"
    MID = "mid"
    LONG = "long"


class LostReason(StrEnum):
    COMPETITOR = "competitor"
    PRICE = "price"
    MODEL = "model"  # what is wanted does not exist
    DELIVERY = "delivery"  # takes too long
    USED_CAR = "used_car"
    PUT_OFF = "put_off"  # will not buy for now
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # wants no further contact
    OTHER = "other"


OPEN = (LeadStatus.NEW, LeadStatus.VERIFIED, LeadStatus.SENT, LeadStatus.FOLLOWING, LeadStatus.NURTURE)
CLOSED = (LeadStatus.WON, LeadStatus.LOST, LeadStatus.INVALID)
WITH_DEALER = (LeadStatus.SENT, LeadStatus.FOLLOWING)
AT_THE_CENTRE = (LeadStatus.NEW, LeadStatus.VERIFIED, LeadStatus.NURTURE)
