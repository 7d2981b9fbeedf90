"""Several customers with one number: what tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.facts import CustomerChoice
from crm_core.customers.model import Customer
from crm_core.vehicles.model import Vehicle, VehicleRole

CHOICES = 5


async def choices(session: AsyncSession, ids: Sequence[int]) -> list[CustomerChoice]:
    """The first five of several matches, in the given order."""
    wanted = list(dict.fromkeys(ids))[:CHOICES]
    rows = await session.execute(
        select(Customer, Vehicle.plate, Vehicle.model)
        .outerjoin(VehicleRole, VehicleRole.customer_id == Customer.id)
        .outerjoin(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(Customer.id.in_(wanted), Customer.merged_into_id.is_(None))
        .order_by(Vehicle.sold_on.desc(), Vehicle.id)
    )
    found: dict[Customer, dict[tuple[str, str], None]] = {}
    for customer, plate, model in rows:
        own = found.setdefault(customer, {})
        if model:
            own[plate, model] = None
    ordered = sorted(found, key=lambda customer: wanted.index(customer.id))
    return [_choice(customer, found[customer]) for customer in ordered]


def _choice(customer: Customer, vehicles: Iterable[tuple[str, str]]) -> CustomerChoice:
    return CustomerChoice(
        customer_id=customer.id,
        name=customer.name,
        salutation=customer.salutation,
        kind=customer.kind,
        customer_class=customer.customer_class,
        city=customer.city,
        vehicles=tuple(vehicles)[:6],
    )
