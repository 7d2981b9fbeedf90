"""What the seven views count: groups of customers, models, campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.cases.model import Case
from crm_core.leads.model import Lead
from crm_core.questionnaires.model import Response
from crm_core.segments.model import CustomerWorth, Segment, SegmentMember
from crm_core.vehicles.model import Delivery, Vehicle, WarrantyClaim, WorkshopVisit
from reports.periods import Period
from reports.value_views import Group, Product, Promotion

YEAR, SOON, AFTER_CALL = timedelta(days=365), timedelta(days=90), timedelta(days=30)
BY = ("class", "stage", "segment")
_W = CustomerWorth


async def groups(session: AsyncSession, by: str, period: Period, *, today: date) -> list[Group]:
    """Everybody by class, stage of life or saved segment ("" = not told).

    A customer is in one class and one stage, but may be in many segments or in none.
    """
    rows = await session.execute(_grouped(by, _facts(period.first, period.last, today)))
    found = {str(row.of): Group(**{**row._mapping, "of": str(row.of)}) for row in rows}
    start, end = period.start, period.end
    for ask in (_answers, _complaints, _leads):
        more = await ask(session, by, start, end)
        for of, values in more.items():
            if of in found:
                found[of] = replace(found[of], **values)  # type: ignore[arg-type]
    return list(found.values())


async def segments(session: AsyncSession) -> list[Segment]:
    """The saved segments that are not removed."""
    return list(await session.scalars(select(Segment).where(Segment.removed_at.is_(None)).order_by(Segment.id)))


def _key(by: str) -> ColumnElement[Any]:
    keys: dict[str, Any] = {
        "class": _W.customer_class,
        "stage": _W.life_cycle_stage,
        "segment": SegmentMember.segment_id,
    }
    key: ColumnElement[Any] = keys[by].label("of")
    return key


def _grouped(by: str, columns: Sequence[Any], joined: Any = None) -> Select[*tuple[Any, ...]]:
    statement = select(_key(by), *columns).select_from(_W)
    if by == "segment":
        inside = and_(SegmentMember.customer_id == _W.customer_id, SegmentMember.left_on.is_(None))
        statement = statement.join(SegmentMember, inside)
    if joined is not None:
        # + 0: from the few rows of the period to their customers, not from every customer to the period's rows.
        statement = statement.join(joined, joined.customer_id + 0 == _W.customer_id)
    return statement.group_by(_key(by))


def _many(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((condition, 1)))


def _sum(column: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _facts(first: date, last: date, today: date) -> list[Any]:
    buyer, long_ago = _W.vehicles > 0, today - YEAR
    person = and_(_W.kind == "person", _W.birth_year.is_not(None))
    counted: dict[str, ColumnElement[Any]] = {
        "customers": func.count(),
        "companies": _many(_W.kind == "company"),
        "with_age": _many(person),
        "age_sum": _sum(case((person, today.year - _W.birth_year))),
        "cars": _sum(_W.cars),
        "buyers": _many(buyer),
        "again": _many(_W.vehicles > 1),
        "referrers": _many(and_(buyer, _W.referrals > 0)),
        "known_long": _many(_W.known_since <= long_ago),
        "alive": _many(and_(_W.known_since <= long_ago, _W.recency_on > long_ago)),
        "new": _many(and_(_W.known_since >= first, _W.known_since <= last)),
        "risk_high": _many(and_(buyer, _W.churn_risk == "high")),
        "refused": _many(_W.refused.is_(True)),
        "value_yuan": _sum(_W.value_yuan),
        "service_yuan": _sum(_W.service_yuan),
        "expected_yuan": _sum(_W.expected_yuan),
        "open_leads": _many(_W.horizon != ""),
        "need_soon": _many(and_(_W.next_need_on >= today, _W.next_need_on <= today + SOON)),
        "contacts": _sum(_W.contacts),
        "visits": _sum(_W.visits),
    }
    return [column.label(name) for name, column in counted.items()]


async def _answers(session: AsyncSession, by: str, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    columns = (func.count().label("answered"), _many(Response.low.is_(False)).label("content"))
    asked = _grouped(by, columns, Response).where(
        Response.began_at >= start, Response.began_at < end, Response.result == "complete"
    )
    return await _by_group(session, asked)


async def _complaints(session: AsyncSession, by: str, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    opened = _grouped(by, (func.count().label("complaints"),), Case).where(
        Case.opened_at >= start, Case.opened_at < end, Case.kind == "complaint"
    )
    return await _by_group(session, opened)


async def _leads(session: AsyncSession, by: str, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    columns = (func.count().label("leads"), _many(Lead.status == "won").label("won"))
    captured = _grouped(by, columns, Lead).where(
        Lead.created_at >= start, Lead.created_at < end, Lead.status != "invalid"
    )
    return await _by_group(session, captured)


async def _by_group(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    rows = await session.execute(statement)
    return {str(row.of): {name: value for name, value in row._mapping.items() if name != "of"} for row in rows}


async def products(session: AsyncSession, period: Period) -> list[Product]:
    """Every model that is on the road or was sold in the period, most on the road first."""
    found: dict[str, dict[str, Any]] = {}
    for statement in _of_models(period):
        for row in await session.execute(statement):
            values = {name: value for name, value in row._mapping.items() if name != "model"}
            found.setdefault(row.model, {}).update(values)
    lines = [Product(of=model, **values) for model, values in found.items() if model]
    return sorted(lines, key=lambda line: (-line.on_road, line.of))


def _of_models(period: Period) -> list[Select[*tuple[Any, ...]]]:
    """One question each: on the road, sold, complained about, in the workshop, claimed."""
    first, last, start, end = period.first, period.last, period.start, period.end
    before = first - (last - first) - timedelta(days=1)
    model, sold_on, filed_on = Vehicle.model, Delivery.delivered_on, WarrantyClaim.filed_on
    road = _many(and_(Vehicle.state == "sold", or_(Vehicle.sold_on.is_(None), Vehicle.sold_on <= last)))
    claimed = (func.count().label("claims"), _sum(WarrantyClaim.amount_yuan).label("claim_yuan"))
    sold = (_many(sold_on >= first).label("sold"), _many(sold_on < first).label("sold_before"))
    return [
        select(model, road.label("on_road")).group_by(model),
        select(model, *sold)
        .join(Delivery, Delivery.vehicle_id == Vehicle.id)
        .where(sold_on >= before, sold_on <= last)
        .group_by(model),
        select(Case.model, func.count().label("complaints"))
        .where(Case.opened_at >= start, Case.opened_at < end, Case.kind == "complaint")
        .group_by(Case.model),
        select(model, func.count().label("visits"))
        .join(WorkshopVisit, WorkshopVisit.vehicle_id == Vehicle.id)
        .where(WorkshopVisit.came_at >= start, WorkshopVisit.came_at < end)
        .group_by(model),
        select(model, *claimed)
        .join(WarrantyClaim, WarrantyClaim.vehicle_id == Vehicle.id)
        .where(filed_on >= first, filed_on <= last)
        .group_by(model),
    ]


async def promotions(session: AsyncSession, period: Period) -> list[Promotion]:
    """Campaigns that called somebody in the period, newest first, with all that came of their lists."""
    active = (
        select(CampaignEntry.campaign_id)
        .distinct()
        .where(CampaignEntry.ended_at >= period.start, CampaignEntry.ended_at < period.end)
    )
    listed = (
        select(
            Campaign.id,
            Campaign.name,
            func.count().label("listed"),
            _many(CampaignEntry.attempts > 0).label("called"),
            _many(CampaignEntry.result.in_(("answered", "answered_by_voice"))).label("reached"),
        )
        .join(CampaignEntry, CampaignEntry.campaign_id == Campaign.id)
        .where(Campaign.id.in_(active), CampaignEntry.state != "removed")
        .group_by(Campaign.id, Campaign.name)
        .order_by(Campaign.id.desc())
    )
    answered = select(Response.campaign_id.label("id"), func.count().label("answered")).where(
        Response.campaign_id.in_(active), Response.result == "complete"
    ).group_by(Response.campaign_id)  # fmt: skip
    more = await _by_id(session, answered)
    for campaign, values in (await _leads_after(session, active)).items():
        more.setdefault(campaign, {}).update(values)
    return [
        Promotion(of=str(row.id), name=row.name, listed=row.listed, called=row.called, reached=row.reached,
                  **more.get(row.id, {}))
        for row in await session.execute(listed)
    ]  # fmt: skip


async def _by_id(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> dict[int, dict[str, int]]:
    rows = await session.execute(statement)
    return {row.id: {name: value for name, value in row._mapping.items() if name != "id"} for row in rows}


async def _leads_after(session: AsyncSession, active: Any) -> dict[int, dict[str, int]]:
    """Leads that came within 30 days after the last call of their entry, each once for a campaign."""
    rows = await session.execute(
        select(CampaignEntry.campaign_id, Lead.id, Lead.status, Lead.created_at, CampaignEntry.ended_at)
        .join(Lead, and_(Lead.customer_id == CampaignEntry.customer_id, Lead.created_at >= CampaignEntry.ended_at))
        .where(CampaignEntry.campaign_id.in_(active), CampaignEntry.attempts > 0, Lead.status != "invalid")
    )
    found: dict[int, dict[int, bool]] = {}
    for campaign, lead, status, created, ended in rows:
        if ended is not None and created < ended + AFTER_CALL:
            found.setdefault(campaign, {})[lead] = status == "won"
    return {campaign: {"leads": len(leads), "won": sum(leads.values())} for campaign, leads in found.items()}
