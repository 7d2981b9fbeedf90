"""A class given by a person, and purchases that are known only as a number."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.segments.model import FleetPurchase, ManualClass
from crm_core.segments.recompute import refresh
from crm_core.segments.rulebook import CLASSES
from crm_core.workforce.fields import Unusable

LONGEST = timedelta(days=3 * 366)


async def give_class(
    session: AsyncSession,
    customer_id: int,
    *,
    customer_class: str,
    reason: str,
    until: date | None,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> None:
    """A class that beats the rules through the day `until`; another one given before is replaced.

    Raises Unusable with every wrong field.
    """
    await _living(session, customer_id)
    today = at.astimezone(zone).date()
    why = " ".join(storable(reason, 200).split())
    problems = []
    if customer_class not in CLASSES:
        problems.append(Invalid("Choose from the list.", field="customer_class"))
    if not 2 <= len(why) <= 80:
        problems.append(Invalid("Write why, in at most 80 signs: the desk reads it.", field="reason"))
    if until is None or not today <= until <= today + LONGEST:
        problems.append(Invalid("Choose the last day, from today to three years from now.", field="until"))
    if problems or until is None:
        raise Unusable(problems)
    row = ManualClass(customer_id=customer_id, customer_class=customer_class, reason=why, until=until)
    row.by, row.at = actor[:16], at
    await session.merge(row)
    await session.flush()
    await refresh(session, customer_id, at, zone=zone)
    told = noting(customer_class=customer_class, until=until, reason=why)
    await audit(session, at=at, actor=actor, action="class_given", subject=f"customer/{customer_id}", detail=told)


async def take_class_back(session: AsyncSession, customer_id: int, *, actor: str, at: datetime, zone: tzinfo) -> None:
    """The rules decide again; nothing given is no error."""
    await session.execute(delete(ManualClass).where(ManualClass.customer_id == customer_id))
    await refresh(session, customer_id, at, zone=zone)
    await audit(session, at=at, actor=actor, action="class_taken_back", subject=f"customer/{customer_id}")


async def record_fleet_purchase(
    session: AsyncSession,
    customer_id: int,
    *,
    bought_on: date | None,
    vehicles: Any,
    amount_yuan: Any = 0,
    reference: str = "",
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> FleetPurchase:
    """Vehicles bought in one lot that are not on file one by one. Raises Unusable with every wrong field."""
    await _living(session, customer_id)
    problems = []
    if bought_on is None or not date(1990, 1, 1) <= bought_on <= at.astimezone(zone).date():
        problems.append(Invalid("Choose the day of the purchase, not after today.", field="bought_on"))
    if not isinstance(vehicles, int) or not 1 <= vehicles <= 100_000:
        problems.append(Invalid("Enter a number from {low} to {high}.", low=1, high=100_000, field="vehicles"))
    if not isinstance(amount_yuan, int) or not 0 <= amount_yuan <= 2_000_000_000:
        wrong = Invalid("Enter a number from {low} to {high}.", low=0, high=2_000_000_000, field="amount_yuan")
        problems.append(wrong)
    if problems or bought_on is None:
        raise Unusable(problems)
    row = FleetPurchase(customer_id=customer_id, bought_on=bought_on, vehicles=vehicles, amount_yuan=amount_yuan)
    row.reference, row.by = storable(reference.strip(), 40), actor[:16]
    session.add(row)
    await session.flush()
    await refresh(session, customer_id, at, zone=zone)
    told = noting(vehicles=vehicles, bought_on=bought_on, reference=row.reference)
    subject = f"customer/{customer_id}"
    await audit(session, at=at, actor=actor, action="fleet_purchase_added", subject=subject, detail=told)
    return row


async def remove_fleet_purchase(
    session: AsyncSession, customer_id: int, purchase_id: int, *, actor: str, at: datetime, zone: tzinfo
) -> None:
    row = await session.get(FleetPurchase, purchase_id)
    if row is None or row.customer_id != customer_id:
        raise NotFound("There is nothing here, or it is not yours.")
    told = noting(vehicles=row.vehicles, bought_on=row.bought_on, reference=row.reference)
    await session.delete(row)
    await session.flush()
    await refresh(session, customer_id, at, zone=zone)
    subject = f"customer/{customer_id}"
    await audit(session, at=at, actor=actor, action="fleet_purchase_removed", subject=subject, detail=told)


async def _living(session: AsyncSession, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    return customer
