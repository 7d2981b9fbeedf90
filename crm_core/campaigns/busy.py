"""Who must not be dialled at this moment, whatever the rules of contact say: on the line now, or dropped lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt
from crm_core.campaigns.rules import DROPPED_REST
from crm_core.history.model import Contact

LATER = timedelta(minutes=10)
LONGEST_TALK = timedelta(hours=4)  # a contact that seems to last longer was lost by us


@dataclass(slots=True)
class Busy:
    """`rests` are customers and numbers with the time until which they are left alone."""

    at: datetime
    rests: dict[int | str, datetime] = field(default_factory=dict)
    reason: str = "The customer is on the telephone with us, or was called a short time ago."

    def calls(self, customer_id: int, e164: str) -> None:
        """This customer is being called from now on."""
        self.rests[customer_id] = self.rests[e164] = self.at + LATER

    def until(self, customer_id: int, e164: str) -> datetime | None:
        """None = may be dialled as far as we know. A number counts for everybody who shares it."""
        found = [self.rests[key] for key in (customer_id, e164) if key in self.rests]
        return max(found, default=None)

    def rest(self, key: int | str, until: datetime) -> None:
        self.rests[key] = max(until, self.rests.get(key, until))


async def busy_customers(session: AsyncSession, customers: Collection[int], at: datetime) -> Busy:
    """Over all campaigns: open attempts, calls that no agent was there for in the last 72 h, and talks of now."""
    found = Busy(at)
    open_or_dropped = or_(
        CampaignAttempt.result == "",
        (CampaignAttempt.result == "dropped") & (CampaignAttempt.placed_at > at - DROPPED_REST - LONGEST_TALK),
    )
    attempts = select(
        CampaignAttempt.customer_id, CampaignAttempt.e164, CampaignAttempt.result, CampaignAttempt.ended_at
    ).where(open_or_dropped)
    for customer_id, e164, result, ended_at in await session.execute(attempts):
        until = (ended_at or at) + DROPPED_REST if result == "dropped" else at + LATER
        if until > at:
            found.rest(customer_id, until)
            found.rest(e164, until)
    talking = select(Contact.customer_id).where(
        Contact.customer_id.in_(customers), Contact.ended_at.is_(None), Contact.started_at > at - LONGEST_TALK
    )
    for talks in await session.scalars(talking):
        if talks is not None:
            found.rest(talks, at + LATER)
    return found
