"""Pages through a campaign's list: entries with their customers, by state, reason or result; who waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as a list shows it."""

    entry: CampaignEntry
    customer_name: str
    customer_class: str


async def page_of(
    session: AsyncSession,
    campaign_id: int,
    *,
    after: int = 0,
    limit: int = PAGE,
    state: str = "",
    reason: str = "",
    result: str = "",
    sample: bool = False,
    reach: Reach = EVERYTHING,
) -> list[Line]:
    """The entries behind the id `after`, in the order of the list; the next page begins after the last one's id."""
    statement = _with_customers(campaign_id, reach).where(CampaignEntry.id > after)
    if state:
        statement = statement.where(CampaignEntry.state == state)
    if reason:
        statement = statement.where(CampaignEntry.reason == reason)
    if result:
        statement = statement.where(CampaignEntry.result == result)
    if sample:
        statement = statement.where(CampaignEntry.sample.is_(True))
    return await _lines(session, statement.order_by(CampaignEntry.id).limit(limit))


async def unsettled(session: AsyncSession, campaign_id: int, limit: int = PAGE) -> list[Line]:
    """Entries of which a person must say what became of the last call."""
    waiting = _with_customers(campaign_id, EVERYTHING).where(CampaignEntry.state == "unsettled")
    return await _lines(session, waiting.order_by(CampaignEntry.due_at).limit(limit))


async def next_ones(session: AsyncSession, campaign_id: int, limit: int = 20) -> list[Line]:
    """Who is called next, as the list stands."""
    waiting = _with_customers(campaign_id, EVERYTHING).where(CampaignEntry.state == "waiting")
    return await _lines(session, waiting.order_by(CampaignEntry.due_at).limit(limit))


async def attempts_of(session: AsyncSession, entry_id: int) -> list[CampaignAttempt]:
    """All calls of an entry, in order."""
    mine = select(CampaignAttempt).where(CampaignAttempt.entry_id == entry_id)
    return list(await session.scalars(mine.order_by(CampaignAttempt.number)))


async def campaign_past(
    session: AsyncSession, customer_id: int, *, since: datetime | None = None, limit: int = 50
) -> list[CampaignAttempt]:
    """All campaign calls to a customer, newest first."""
    mine = select(CampaignAttempt).where(CampaignAttempt.customer_id == customer_id)
    if since is not None:
        mine = mine.where(CampaignAttempt.placed_at >= since)
    return list(await session.scalars(mine.order_by(CampaignAttempt.placed_at.desc()).limit(limit)))


def _with_customers(campaign_id: int, reach: Reach) -> Select[CampaignEntry, str, str]:
    return (
        select(CampaignEntry, Customer.name, Customer.customer_class)
        .join(Customer, Customer.id == CampaignEntry.customer_id)
        .where(CampaignEntry.campaign_id == campaign_id, reach.condition(CampaignEntry.dealer_id))
    )


async def _lines(session: AsyncSession, statement: Select[CampaignEntry, str, str]) -> list[Line]:
    return [
        Line(entry=entry, customer_name=name, customer_class=customer_class)
        for entry, name, customer_class in await session.execute(statement)
    ]


async def refused_in_words(session: AsyncSession, calls: Sequence[str]) -> Consent | None:
    """The latest refusal in one of these calls that was understood from what the customer said freely."""
    told = select(Consent).where(Consent.contact_id.in_(calls), Consent.given.is_(False), Consent.words != "")
    return await session.scalar(told.order_by(Consent.at.desc(), Consent.id.desc()).limit(1))
