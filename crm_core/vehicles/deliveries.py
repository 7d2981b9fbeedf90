"""What was said at signing is checked when the car is handed over, and verified by a call afterwards (B-93, B-94)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.vehicles.model import Delivery, Vehicle

USES = ("own", "partner", "company")


async def check_delivery(
    session: AsyncSession, delivery_id: int, *, use: str, actor: str, at: datetime, reach: Reach = EVERYTHING
) -> Delivery:
    """The data were compared with the customer at the hand-over; `use` says who will drive."""
    if use not in USES:
        raise Invalid("Say who will use the vehicle.", field="use")
    delivery = await _known(session, delivery_id, reach)
    vehicle = await session.scalar(select(Vehicle).where(Vehicle.id == delivery.vehicle_id))
    delivery.use, delivery.checked_at = use, at
    if vehicle is not None:
        vehicle.use = use
    await _note(session, delivery, "delivery_checked", use, actor=actor, at=at)
    return delivery


async def verify_delivery(
    session: AsyncSession, delivery_id: int, *, actor: str, at: datetime, reach: Reach = EVERYTHING
) -> Delivery:
    """A call confirmed what was written down at the hand-over; only after that was checked."""
    delivery = await _known(session, delivery_id, reach)
    if delivery.checked_at is None:
        raise Refused("First check the data at the hand-over, then verify them by a call.")
    delivery.verified_at = at
    await _note(session, delivery, "delivery_verified", delivery.use, actor=actor, at=at)
    return delivery


async def _known(session: AsyncSession, delivery_id: int, reach: Reach) -> Delivery:
    delivery = await session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise NotFound("There is no such delivery.")
    reach.require(delivery.dealer_id)
    return delivery


async def _note(
    session: AsyncSession, delivery: Delivery, action: str, detail: str, *, actor: str, at: datetime
) -> None:
    subject = f"delivery/{delivery.id}"
    await tell(session, action.replace("_", "."), subject, {"use": delivery.use}, at=at)
    await audit(session, at=at, actor=actor, action=action, subject=subject, detail=detail)
