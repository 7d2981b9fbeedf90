"""The people behind a day of the calendar, each with the gate's word for that day: will the contact happen, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.care.planned import Planned
from crm_core.consent.gate import may_contact_many
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
    """The gate is asked for noon of each one's day, by which mere quiet hours are no reason."""
    verdicts = await _verdicts(session, planned, at=at, zone=zone)
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
            verdict=verdicts.get((_asked(one, at, zone), one.customer_id)),
        )
        for one in planned
    ]


_Asked = tuple[datetime, Purpose, Channel] | None
"""What is asked of the gate at once; None = nothing, the contact is over."""


def _asked(one: Planned, at: datetime, zone: tzinfo) -> _Asked:
    if one.state in NOT_WANTED_ANY_MORE:
        return None
    return max(at, datetime.combine(one.on, ASKED_AT, zone)), Purpose(one.purpose), Channel(one.channel)


async def _verdicts(
    session: AsyncSession, planned: Sequence[Planned], *, at: datetime, zone: tzinfo
) -> dict[tuple[_Asked, int], Verdict]:
    """All of one day, purpose and channel in one question."""
    wanted: dict[_Asked, dict[int, str]] = {}
    for one in planned:
        wanted.setdefault(_asked(one, at, zone), {})[one.customer_id] = ""
    told: dict[tuple[_Asked, int], Verdict] = {}
    for asked, named in wanted.items():
        if asked is not None:
            when, purpose, channel = asked
            many = await may_contact_many(session, named, purpose, channel, at=when, zone=zone)
            told |= {(asked, customer): verdict for customer, verdict in many.items()}
    return told
