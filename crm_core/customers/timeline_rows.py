"""What a row of each table says in a timeline. Without I/O."""

from __future__ import annotations

from typing import Any

from crm_core.customers.timeline_facts import Kind, TimelineEntry, noon


def call(row: Any) -> TimelineEntry:
    contact, agent = row
    return TimelineEntry(
        kind=Kind.CALL if contact.channel == "voice" else Kind.MESSAGE,
        ref=contact.id,
        at=contact.started_at,
        word=contact.kind,
        status=contact.outcome or "",
        title=contact.sub_kind,
        text=contact.note,
        person=agent or contact.agent,
        vehicle_id=contact.vehicle_id,
        more=(contact.direction, contact.disposition, contact.channel),
    )


def case(row: Any) -> TimelineEntry:
    case, dealer = row
    return TimelineEntry(
        kind=Kind.CASE,
        ref=str(case.id),
        at=case.opened_at,
        number=case.number,
        word=case.kind,
        status=case.status if case.closed_at is None else "closed",
        title=case.title,
        text=case.detail,
        dealer=dealer or "",
        vehicle_id=case.vehicle_id,
        more=(str(case.satisfaction or ""),),
    )


def visit(row: Any) -> TimelineEntry:
    visit, dealer = row
    parts = [f"{one.get('name', '')} ×{one.get('count', 1)}" for one in visit.parts if isinstance(one, dict)]
    return TimelineEntry(
        kind=Kind.VISIT,
        ref=str(visit.id),
        at=visit.came_at,
        number=visit.number,
        word=visit.kind,
        status="done" if visit.left_at else "in_workshop",
        title=visit.complaint,
        text=visit.work_done,
        person=visit.adviser,
        dealer=dealer or "",
        vehicle_id=visit.vehicle_id,
        mileage_km=visit.mileage_km,
        amount_yuan=visit.cost_yuan,
        more=tuple(parts),
    )


def claim(row: Any) -> TimelineEntry:
    (claim,) = row
    return TimelineEntry(
        kind=Kind.CLAIM,
        ref=str(claim.id),
        at=noon(claim.filed_on),
        day_only=True,
        number=claim.part_code,
        status=claim.status,
        title=claim.part_name,
        text=claim.fault,
        vehicle_id=claim.vehicle_id,
        amount_yuan=claim.amount_yuan,
    )


def delivery(row: Any) -> TimelineEntry:
    delivery, dealer, model = row
    return TimelineEntry(
        kind=Kind.DELIVERY,
        ref=str(delivery.id),
        at=noon(delivery.delivered_on),
        day_only=True,
        word=delivery.use,
        status="verified" if delivery.verified_at else "checked" if delivery.checked_at else "",
        title=model,
        person=delivery.consultant,
        dealer=dealer or "",
        vehicle_id=delivery.vehicle_id,
        amount_yuan=delivery.price_yuan,
    )


def order(row: Any) -> TimelineEntry:
    order, dealer = row
    return TimelineEntry(
        kind=Kind.ORDER,
        ref=str(order.id),
        at=order.ordered_at,
        number=order.number,
        word=order.kind,
        status=order.status,
        title=order.model,
        text=" · ".join(str(wish) for wish in order.equipment),
        dealer=dealer or "",
        vehicle_id=order.vehicle_id,
        more=(order.production_number,),
    )


def trade_in(row: Any) -> TimelineEntry:
    trade, dealer = row
    return TimelineEntry(
        kind=Kind.TRADE_IN,
        ref=str(trade.id),
        at=noon(trade.traded_on),
        day_only=True,
        number=trade.plate,
        title=trade.old_vehicle,
        dealer=dealer or "",
        vehicle_id=trade.new_vehicle_id,
        mileage_km=trade.mileage_km,
        amount_yuan=trade.offered_yuan,
    )


def lead(row: Any) -> TimelineEntry:
    lead, dealer = row
    return TimelineEntry(
        kind=Kind.LEAD,
        ref=str(lead.id),
        at=lead.created_at,
        number=lead.number,
        word=lead.horizon,
        status=lead.status,
        title=lead.model,
        text=lead.wish,
        dealer=dealer or "",
        vehicle_id=lead.vehicle_id,
        more=(lead.source,),
    )


def care(row: Any) -> TimelineEntry:
    task, dealer = row
    return TimelineEntry(
        kind=Kind.CARE,
        ref=str(task.id),
        at=task.done_at,
        word=task.kind,
        status=task.status,
        text=task.note,
        person=task.done_by,
        dealer=dealer or "",
        vehicle_id=task.vehicle_id,
    )


def consent(row: Any) -> TimelineEntry:
    (consent,) = row
    return TimelineEntry(
        kind=Kind.CONSENT,
        ref=str(consent.id),
        at=consent.at,
        word=consent.purpose,
        status="given" if consent.given else "refused",
        text=consent.words,
        person=consent.by,
        more=(consent.channel, consent.contact_id),
    )
