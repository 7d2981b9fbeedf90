"""What may happen to a lead in which state, and its class by the time of purchase. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from crm_core.errors import Refused
from crm_core.leads.words import Act, Horizon, LeadStatus

_S, _A = LeadStatus, Act
STEPS: dict[tuple[LeadStatus, Act], LeadStatus] = {
    (_S.NEW, _A.VERIFIED): _S.VERIFIED,
    (_S.NEW, _A.NURTURED): _S.NURTURE,
    (_S.NEW, _A.INVALIDATED): _S.INVALID,
    (_S.NEW, _A.LOST): _S.LOST,
    (_S.VERIFIED, _A.VERIFIED): _S.VERIFIED,
    (_S.VERIFIED, _A.SENT): _S.SENT,
    (_S.VERIFIED, _A.NURTURED): _S.NURTURE,
    (_S.VERIFIED, _A.INVALIDATED): _S.INVALID,
    (_S.VERIFIED, _A.LOST): _S.LOST,
    (_S.SENT, _A.FEEDBACK): _S.FOLLOWING,
    (_S.SENT, _A.REASSIGNED): _S.SENT,
    (_S.SENT, _A.RETURNED): _S.VERIFIED,
    (_S.SENT, _A.NURTURED): _S.NURTURE,
    (_S.SENT, _A.WON): _S.WON,
    (_S.SENT, _A.LOST): _S.LOST,
    (_S.FOLLOWING, _A.FEEDBACK): _S.FOLLOWING,
    (_S.FOLLOWING, _A.REASSIGNED): _S.SENT,
    (_S.FOLLOWING, _A.RETURNED): _S.VERIFIED,
    (_S.FOLLOWING, _A.NURTURED): _S.NURTURE,
    (_S.FOLLOWING, _A.WON): _S.WON,
    (_S.FOLLOWING, _A.LOST): _S.LOST,
    (_S.NURTURE, _A.VERIFIED): _S.VERIFIED,
    (_S.NURTURE, _A.SENT): _S.SENT,
    (_S.NURTURE, _A.NURTURE_STEP): _S.NURTURE,
    (_S.NURTURE, _A.WON): _S.WON,
    (_S.NURTURE, _A.LOST): _S.LOST,
    (_S.NURTURE, _A.INVALIDATED): _S.INVALID,
    (_S.LOST, _A.REOPENED): _S.VERIFIED,
    (_S.INVALID, _A.REOPENED): _S.NEW,
}
"""What is absent is refused. Naming a follower, a reminder, one more mention change no state."""


class LeadStepRefused(Refused):
    """The lead's state does not allow this."""

    def __init__(self, number: str, status: LeadStatus) -> None:
        sentence = {
            _S.NEW: "Verify lead {number} first.",
            _S.VERIFIED: "Lead {number} is not with a dealer yet. Send it first.",
            _S.SENT: "Lead {number} is with the dealer. Wait for the dealer's word, or take it back.",
            _S.FOLLOWING: "Lead {number} is with the dealer. Wait for the dealer's word, or take it back.",
            _S.NURTURE: "Lead {number} is in the three-month plan. Verify it again first.",
            _S.WON: "Lead {number} is won already.",
            _S.LOST: "Lead {number} is lost. Open it again first.",
            _S.INVALID: "Lead {number} was no prospect. Open it again first.",
        }[status]
        super().__init__(sentence, number=number)


def after(status: LeadStatus, act: Act, number: str) -> LeadStatus:
    """The state that follows; raises LeadStepRefused."""
    step = STEPS.get((status, act))
    if step is None:
        raise LeadStepRefused(number, status)
    return step


def horizon_of(buy_by: date | None, today: date, *, hot_days: int, mid_days: int) -> Horizon:
    """N8: by the expected day of purchase. Not known, or long past, says nothing of haste: then it is long."""
    if buy_by is None or buy_by < today - timedelta(days=hot_days):
        return Horizon.LONG
    if buy_by <= today + timedelta(days=hot_days):
        return Horizon.HOT
    return Horizon.MID if buy_by <= today + timedelta(days=mid_days) else Horizon.LONG
