"""Bringing what is kept of customers' worth up to date: one customer after a change, or a range of them at night."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.integration.outbox import tell
from crm_core.segments import ranks
from crm_core.segments.deciding import Assessment, assess
from crm_core.segments.facts import Facts
from crm_core.segments.gathering import Range, gather
from crm_core.segments.membership import place_customer
from crm_core.segments.model import CustomerWorth, WorthCuts, WorthReason
from crm_core.segments.reasons import in_chinese
from crm_core.segments.rules import rule_book
from crm_core.segments.upsert import upsert

SITE_ZONE = ZoneInfo("Asia/Shanghai")
AT_ONCE = 100
"""Customers between two looks at the event loop: 100 decisions take about 3 ms, and calls are served by that loop."""
OWN_COLUMNS = (
    "customer_class",
    "class_reason",
    "life_cycle_stage",
    "stage_reason",
    "value_yuan",
    "rfm",
    "churn_risk",
    "churn_reason",
)
"""What Customer keeps of it for lists and the desk."""

Cuts = Mapping[str, Sequence[int]]


async def refresh(session: AsyncSession, customer_id: int, at: datetime, *, zone: tzinfo = SITE_ZONE) -> None:
    """Bring one customer up to date, after a delivery, a visit, a case; segments see it at once.

    A customer that is not there, or was merged away, is taken off the list.
    """
    await recompute(session, Range(customer_id, customer_id, at, zone))
    await place_customer(session, customer_id, at.astimezone(zone).date())


async def recompute(session: AsyncSession, wanted: Range) -> int:
    """Bring a range of customers up to date; gives how many. Ranks are by the cuts of the last night."""
    today = wanted.at.astimezone(wanted.zone).date()
    book = await rule_book(session)
    cuts = {row.measure: row.cuts for row in await session.scalars(select(WorthCuts))}
    gathered = await gather(session, wanted)
    worths, reasons, changes = [], [], []
    for place, (customer_id, (row, facts)) in enumerate(gathered.items()):
        assessment = assess(facts, book, today)
        worth = _worth_row(row, facts, assessment, cuts, wanted)
        worths.append(worth)
        reasons.append(_reason_row(customer_id, assessment))
        changes += _change_of(row, assessment, worth)
        if place % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
    await _drop_others(session, wanted, gathered)
    await upsert(session, CustomerWorth, worths)
    await upsert(session, WorthReason, reasons)
    await _write_customers(session, changes, wanted.at)
    return len(worths)


async def _drop_others(session: AsyncSession, wanted: Range, gathered: Mapping[int, object]) -> None:
    """Customers who were merged into another since."""
    known = await session.scalars(select(CustomerWorth.customer_id).where(wanted.holds(CustomerWorth.customer_id)))
    gone = [customer for customer in known if customer not in gathered]
    for model in (CustomerWorth, WorthReason):
        if gone:
            await session.execute(delete(model).where(model.customer_id.in_(gone)))


def _worth_row(row: Row[Any], facts: Facts, found: Assessment, cuts: Cuts, wanted: Range) -> dict[str, Any]:
    return {
        "customer_id": row.id,
        "kind": row.kind,
        "gender": row.gender or {"先生": "male", "女士": "female"}.get(row.salutation, ""),
        "birth_year": row.birth_year,
        "city": row.city,
        "dealer_id": row.dealer_id,
        "source": row.source,
        "known_since": facts.known_since,
        "recency_on": found.recency_on,
        "recency_by": found.recency_by,
        "contacts": facts.contacts,
        "visits": facts.visits,
        "last_contact_on": facts.last_contact_on,
        "last_visit_on": facts.last_visit_on,
        "last_purchase_on": facts.last_purchase_on,
        "open_complaints": facts.open_complaints,
        "worst_rating": facts.worst_rating,
        "refused": facts.refused,
        "competitor": bool(facts.competitor),
        "horizon": facts.horizon,
        "vehicles": found.measures["vehicles"],
        "vehicles_3y": found.measures["vehicles_3y"],
        "vehicles_any_3y": found.measures["vehicles_any_3y"],
        "cars": len(facts.cars),
        "referrals": facts.referrals,
        "computed_at": wanted.at,
        **_decided(found),
        **_ranks(facts, found, cuts),
    }


def _decided(found: Assessment) -> dict[str, Any]:
    return {
        "value_yuan": found.value_yuan,
        "service_yuan": found.service_yuan,
        "expected_yuan": found.expected_yuan,
        "service_due_on": found.service_due_on,
        "warranty_until": found.warranty_until,
        "replacement_on": found.replacement_on,
        "next_need": found.need.what,
        "next_need_on": found.need.on,
        "customer_class": found.group.customer_class,
        "manual": found.group.manual,
        "life_cycle_stage": found.stage.stage,
        "stage_since": found.stage.since,
        "churn_risk": found.churn.risk,
        "churn_score": found.churn.score,
        "dormant": found.dormant,
    }


def _ranks(facts: Facts, found: Assessment, cuts: Cuts) -> dict[str, int]:
    return {
        "recency_rank": ranks.rank(ranks.recency_number(found.recency_on), cuts.get("recency", ())),
        "frequency_rank": ranks.rank(facts.frequency, cuts.get("frequency", ())),
        "value_rank": ranks.rank(found.value_yuan, cuts.get("value", ())),
    }


def _reason_row(customer_id: int, found: Assessment) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "class_reasons": [one.written() for one in found.group.reasons],
        "stage_reasons": [one.written() for one in found.stage.reasons],
        "churn_reasons": [one.written() for one in found.churn.reasons],
    }


def _change_of(row: Row[Any], found: Assessment, worth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The customer's own columns where they differ, with the class before; [] = nothing changed."""
    new = {
        "customer_class": found.group.customer_class,
        "class_reason": in_chinese(found.group.reasons),
        "life_cycle_stage": found.stage.stage,
        "stage_reason": in_chinese(found.stage.reasons),
        "value_yuan": found.value_yuan,
        "rfm": ranks.rfm(worth["recency_rank"], worth["frequency_rank"], worth["value_rank"]),
        "churn_risk": found.churn.risk,
        "churn_reason": in_chinese(found.churn.reasons),
    }
    if all(getattr(row, name) == value for name, value in new.items()):
        return []
    return [{"key": row.id, "before": row.customer_class, **new}]


async def _write_customers(session: AsyncSession, changes: Sequence[dict[str, Any]], at: datetime) -> None:
    """`updated_at` stays: nobody edited anything. Other systems hear of a class that changed."""
    if not changes:
        return
    table = Customer.__table__
    statement = update(Customer).values({name: bindparam(name) for name in OWN_COLUMNS})
    rows = [{name: change[name] for name in ("key", *OWN_COLUMNS)} for change in changes]
    connection = await session.connection()
    await connection.execute(statement.where(table.c.id == bindparam("key")), rows)
    for change in changes:
        if change["before"] != change["customer_class"]:
            told = {"before": change["before"], "after": change["customer_class"]}
            await tell(session, "customer.class_changed", f"customer/{change['key']}", told, at=at)
