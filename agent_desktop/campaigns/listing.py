"""Pages through a campaign's list by state, reason and words, with each customer's best number and dealer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import Dealer

PAGE = 100
NOT_CALLED = ("refused", "waiting", "exhausted", "removed")
"""States in which an entry may have a reason why we do not call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """`e164` is the number of the entry or the customer's first one. `attempt` is the last call, None = none yet."""

    entry: CampaignEntry
    name: str
    dealer: str
    e164: str = ""
    attempt: CampaignAttempt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: `after` is the id behind which the page begins; "" = all. `not_called`: with a reason."""

    after: int = 0
    state: str = ""
    reason: str = ""
    words: str = ""
    sample: bool = False
    not_called: bool = False


async def list_page(session: AsyncSession, campaign: int, wanted: Wanted, limit: int = PAGE) -> list[ListLine]:
    """In the order of the list."""
    statement = (
        select(CampaignEntry, Customer.name, Dealer.short_name)
        .join(Customer, Customer.id == CampaignEntry.customer_id)
        .outerjoin(Dealer, Dealer.id == CampaignEntry.dealer_id)
        .where(CampaignEntry.campaign_id == campaign, CampaignEntry.id > wanted.after)
        .order_by(CampaignEntry.id)
        .limit(limit)
    )
    if wanted.state:
        statement = statement.where(CampaignEntry.state == wanted.state)
    if wanted.not_called:
        statement = statement.where(CampaignEntry.reason != "", CampaignEntry.state.in_(NOT_CALLED))
    if wanted.reason:
        statement = statement.where(CampaignEntry.reason == wanted.reason)
    if wanted.sample:
        statement = statement.where(CampaignEntry.sample.is_(True))
    if wanted.words:
        by_number = select(CustomerPhone.customer_id).where(CustomerPhone.e164.endswith(wanted.words, autoescape=True))
        named = Customer.name.contains(wanted.words, autoescape=True)
        statement = statement.where(or_(named, Customer.id.in_(by_number)) if wanted.words[-4:].isdigit() else named)
    rows = (await session.execute(statement)).all()
    numbers = await _numbers(session, [entry.customer_id for entry, *_ in rows])
    last = await _last_attempts(session, [entry.id for entry, *_ in rows])
    return [
        ListLine(
            entry=entry,
            name=name,
            dealer=dealer or "",
            e164=entry.e164 or numbers.get(entry.customer_id, ""),
            attempt=last.get(entry.id),
        )
        for entry, name, dealer in rows
    ]


async def _numbers(session: AsyncSession, customers: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(
        select(CustomerPhone.customer_id, CustomerPhone.e164)
        .where(CustomerPhone.customer_id.in_(customers))
        .order_by(CustomerPhone.position.desc())
    )
    return {customer: str(e164) for customer, e164 in rows}


async def _last_attempts(session: AsyncSession, entries: Sequence[int]) -> dict[int, CampaignAttempt]:
    rows = await session.scalars(
        select(CampaignAttempt).where(CampaignAttempt.entry_id.in_(entries)).order_by(CampaignAttempt.number)
    )
    return {attempt.entry_id: attempt for attempt in rows}
