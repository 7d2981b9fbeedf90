"""Proving who calls: the digits at the end of a number plate, or a PIN. A stranger learns nothing of what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.passwords import check, hashed
from crm_core.customers.model import Customer
from crm_core.customers.queries import matches
from crm_core.errors import Invalid, NotFound
from crm_core.self_service.acts import Proven
from crm_core.self_service.model import CallerPin, IdentityTry
from crm_core.vehicles.model import Vehicle, VehicleRole

MOST_TRIES = 3  # wrong ones, for each call and for each number a day
PLATE_DIGITS = 4  # so many of the last digits are needed; of a plate with fewer, all
PIN_DIGITS = 6
PINS_CHECKED = 3  # always so many hashes: the time of the answer tells nothing


@dataclass(frozen=True, slots=True)
class _Plate:
    customer_id: int
    vehicle_id: int
    plate: str


def fits_plate(plate: str, proof: str) -> bool:
    """Whether the keyed digits are the last ones of the plate; letters between them are left out."""
    digits = re.sub(r"[^0-9]", "", plate)
    return len(proof) >= min(PLATE_DIGITS, max(len(digits), 3)) and digits.endswith(proof)


async def take_try(session: AsyncSession, number: str, call: str, *, day: date, at: datetime) -> int | None:
    """One of the day's tries of this number; None when all are used, by this call or by others."""
    used = select(func.count()).select_from(IdentityTry)
    if (await session.scalar(used.where(IdentityTry.call == call)) or 0) >= MOST_TRIES:
        return None
    taken = set(await session.scalars(select(IdentityTry.slot).where(_today(number, day))))
    for slot in range(MOST_TRIES):
        if slot in taken:
            continue
        try:
            async with session.begin_nested():
                session.add(IdentityTry(number=number, day=day, slot=slot, call=call, at=at))
        except IntegrityError:  # another call of the same number was quicker
            continue
        return slot
    return None


async def give_back(session: AsyncSession, number: str, *, day: date, slot: int) -> None:
    """Who was right has used up nothing."""
    await session.execute(delete(IdentityTry).where(_today(number, day), IdentityTry.slot == slot))


async def prove(session: AsyncSession, e164: str, proof: str) -> Proven | None:
    """The customer of this number whom the proof fits. The same work is done for every number and every proof."""
    customers = await matches(session, e164)
    rows = await session.execute(
        select(VehicleRole.customer_id, Vehicle.id, Vehicle.plate)
        .join(Vehicle, Vehicle.id == VehicleRole.vehicle_id)
        .where(VehicleRole.customer_id.in_(customers))
        .order_by(Vehicle.id)
        .limit(500)
    )
    plates = [_Plate(*row) for row in rows]
    by_pin = await _by_pin(session, customers, proof) if len(proof) == PIN_DIGITS else None
    fitting = {one.customer_id: one for one in reversed(plates) if fits_plate(one.plate, proof)}
    found = next((fitting[one] for one in customers if one in fitting), None)
    if found is not None:
        return Proven(customer_id=found.customer_id, vehicle_id=found.vehicle_id)
    return Proven(customer_id=by_pin, vehicle_id=None) if by_pin is not None else None


async def set_pin(session: AsyncSession, customer_id: int, pin: str, *, actor: str, at: datetime) -> None:
    """A new PIN; "" takes it away. Raises Invalid for one that is guessed at once, NotFound."""
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    if pin and (not re.fullmatch(r"[0-9]{6}", pin) or len(set(pin)) < 3 or pin in "01234567890 09876543210"):
        raise Invalid("Choose six digits that nobody guesses: not 111111, not 123456.", field="pin")
    row = await session.get(CallerPin, customer_id)
    if not pin:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(CallerPin(customer_id=customer_id, hash=await hashed(pin), set_at=at, set_by=actor))
    else:
        row.hash, row.set_at, row.set_by = await hashed(pin), at, actor
    action = "caller_pin_set" if pin else "caller_pin_removed"
    await audit(session, at=at, actor=actor, action=action, subject=f"customer/{customer_id}")


async def _by_pin(session: AsyncSession, customers: list[int], pin: str) -> int | None:
    rows = await session.execute(
        select(CallerPin.customer_id, CallerPin.hash).where(CallerPin.customer_id.in_(customers))
    )
    hashes = {row.customer_id: row.hash for row in rows}
    kept = [one for one in customers if one in hashes][:PINS_CHECKED]
    found = None
    for place in range(PINS_CHECKED):
        stored = hashes[kept[place]] if place < len(kept) else None
        right, _ = await check(pin, stored)
        if right and found is None:
            found = kept[place]
    return found


def _today(number: str, day: date) -> ColumnElement[bool]:
    return (IdentityTry.number == number) & (IdentityTry.day == day)
