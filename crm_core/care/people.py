"""The people behind a day of the calendar, each with the gate's word for that day: will the contact happen, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.care.calendar import Planned
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Verdict
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer

ASKED_AT = time(12)
NOT_WANTED_ANY_MORE = ("withdrawn", "done", "skipped", "refused", "exhausted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`verdict` None = the contact is over. `campaign` is the name of the centre's campaign that makes it."""

    planned: Planned
    name: str
    dealer: str
    campaign: str
    verdict: Verdict | None


async def lines(session: AsyncSession, planned: Sequence[Planned], *, at: datetime, zone: tzinfo) -> list[Line]:
    """One question to the gate for each: for noon of its day, by which mere quiet hours are no reason."""
    customers = select(Customer.id, Customer.name).where(Customer.id.in_({one.customer_id for one in planned}))
    names = {row.id: row.name for row in await session.execute(customers)}
    shops = select(Dealer.id, Dealer.short_name).where(Dealer.id.in_({one.dealer_id for one in planned}))
    dealers = {row.id: row.short_name for row in await session.execute(shops)}
    wanted = select(Campaign.id, Campaign.name).where(Campaign.id.in_({one.campaign_id for one in planned}))
    campaigns = {row.id: row.name for row in await session.execute(wanted)}
    return [
        Line(
            planned=one,
            name=names.get(one.customer_id, ""),
            dealer=dealers.get(one.dealer_id or 0, ""),
            campaign=campaigns.get(one.campaign_id or 0, ""),
            verdict=await _verdict(session, one, at=at, zone=zone),
        )
        for one in planned
    ]


async def _verdict(session: AsyncSession, one: Planned, *, at: datetime, zone: tzinfo) -> Verdict | None:
    if one.state in NOT_WANTED_ANY_MORE:
        return None
    when = max(at, datetime.combine(one.on, ASKED_AT, zone))
    purpose, channel = Purpose(one.purpose), Channel(one.channel)
    return await may_contact(session, one.customer_id, purpose, channel, at=when, zone=zone)
