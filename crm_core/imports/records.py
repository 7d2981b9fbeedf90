"""From the rows of a batch to rows of ours, kind by kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import select, tuple_

from crm_core.db import Base
from crm_core.imports.batch import Batch
from crm_core.imports.cars import Cars
from crm_core.imports.people import People
from crm_core.imports.prospects import take_leads
from crm_core.imports.reading import ReadRow
from crm_core.vehicles.model import Delivery, TradeIn, VehicleOrder, WorkshopVisit
from crm_core.vehicles.recalls import VehicleRecall


async def take(kind: str, batch: Batch) -> bool:
    """Write every usable row of the batch; whether each one that was begun was usable to the end.

    Else the caller undoes the batch and takes it again: the row in question is refused by then.
    """
    before = list(batch.usable)
    for row in before:
        batch.dealer_of(row)
    await _TAKERS[kind](batch)
    await batch.flush()
    return not any(row.line in batch.results and not row.usable for row in before)


async def _customers(batch: Batch) -> None:
    await People(batch, main=True).settle()


async def _vehicles(batch: Batch) -> None:
    people, cars = People(batch), Cars(batch, main=True, may_make=True)
    await _settle(people, cars)
    for row in batch.usable:
        owner = people.of(row)
        if owner is not None:
            cars.have_role(row, owner, row.facts.get("role", "buyer"))


async def _settle(people: People, cars: Cars) -> None:
    # Vehicles first: a row whose vehicle is unknown must not leave a customer behind.
    await cars.settle()
    await people.settle()


async def _deliveries(batch: Batch) -> None:
    people, cars = People(batch), Cars(batch, may_make=True)
    await _settle(people, cars)
    known = {
        (one.vehicle_id, one.delivered_on): one
        for one in await batch.session.scalars(
            select(Delivery).where(
                tuple_(Delivery.vehicle_id, Delivery.delivered_on).in_(
                    [(cars.of(row).id, row.facts["delivered_on"]) for row in batch.usable]  # type: ignore[union-attr]
                )
            )
        )
    }
    for row in batch.usable:
        vehicle, buyer = cars.of(row), people.of(row)
        if vehicle is None or buyer is None:
            continue
        facts = row.facts
        values = {name: facts.get(name) for name in ("consultant", "use", "price_yuan")}
        values["dealer_id"] = batch.dealer_of(row)
        found = known.get((vehicle.id, facts["delivered_on"]))
        if found is None:
            made = Delivery(vehicle_id=vehicle.id, customer_id=buyer.id, delivered_on=facts["delivered_on"])
            _fresh(batch, row, made, values)
        else:
            batch.put(row, found, values)
        if vehicle.state != "sold":
            batch.set(row, vehicle, {"state": "sold"})
        cars.have_role(row, buyer, "buyer")


async def _visits(batch: Batch) -> None:
    people, cars = People(batch), Cars(batch)
    await _settle(people, cars)
    known = await _by_number(batch, WorkshopVisit, {_visit_number(row) for row in batch.usable})
    for row in batch.usable:
        vehicle = cars.of(row)
        if vehicle is None:
            continue
        facts = row.facts
        names = ("adviser", "left_at", "mileage_km", "complaint", "work_done", "cost_yuan")
        values = {name: facts.get(name) for name in names}
        values["dealer_id"] = batch.dealer_of(row)
        customer = people.of(row)
        found = known.get(_visit_number(row))
        if found is None:
            made = WorkshopVisit(number=_visit_number(row), vehicle_id=vehicle.id, came_at=facts["came_at"], parts=[])
            made.kind = facts.get("visit_kind", "maintenance")
            made.customer_id = customer.id if customer else cars.whose(row)
            _fresh(batch, row, made, values)
        elif found.vehicle_id != vehicle.id:
            row.refuse("other_vehicle", "visit_number", found.number)
        else:
            batch.put(row, found, values)


def _visit_number(row: ReadRow) -> str:
    """A visit without a number is known by its vehicle and hour."""
    given = row.facts.get("visit_number")
    if given:
        return str(given)
    return "X-" + sha256(f"{row.facts['vin']}|{row.facts['came_at'].isoformat()}".encode()).hexdigest()[:16]


async def _orders(batch: Batch) -> None:
    people, cars = People(batch), Cars(batch)
    await _settle(people, cars)
    known = await _by_number(batch, VehicleOrder, {row.facts["order_number"] for row in batch.usable})
    for row in batch.usable:
        buyer, vehicle, facts = people.of(row), cars.of(row), row.facts
        if buyer is None:
            continue
        values = {name: facts.get(name) for name in ("production_number", "promised_on")}
        values |= {"dealer_id": batch.dealer_of(row), "vehicle_id": vehicle.id if vehicle else None}
        found = known.get(facts["order_number"])
        if found is None:
            made = VehicleOrder(number=facts["order_number"], customer_id=buyer.id, model=facts["model"], equipment=[])
            made.kind, made.status = facts.get("order_kind", "order"), facts.get("status", "open")
            made.ordered_at = made.status_at = facts["ordered_at"]
            _fresh(batch, row, made, values)
            continue
        batch.put(row, found, values)
        status = facts.get("status", found.status)
        if status != found.status and batch.overwrite:
            batch.set(row, found, {"status": status, "status_at": batch.at})


async def _trade_ins(batch: Batch) -> None:
    people, cars = People(batch), Cars(batch, field="new_vin")
    await _settle(people, cars)
    ids = [customer.id for row in batch.usable if (customer := people.of(row))]
    known = {
        (one.customer_id, one.old_vehicle, one.traded_on): one
        for one in await batch.session.scalars(select(TradeIn).where(TradeIn.customer_id.in_(ids)))
    }
    for row in batch.usable:
        owner, vehicle, facts = people.of(row), cars.of(row), row.facts
        if owner is None:
            continue
        values = {name: facts.get(name) for name in ("plate", "mileage_km", "offered_yuan")}
        values |= {"dealer_id": batch.dealer_of(row), "new_vehicle_id": vehicle.id if vehicle else None}
        found = known.get((owner.id, facts["old_vehicle"], facts["traded_on"]))
        if found is None:
            made = TradeIn(customer_id=owner.id, old_vehicle=facts["old_vehicle"], traded_on=facts["traded_on"])
            _fresh(batch, row, made, values)
        else:
            batch.put(row, found, values)


async def _recalls(batch: Batch) -> None:
    cars = Cars(batch)
    await cars.settle()
    ids = [vehicle.id for row in batch.usable if (vehicle := cars.of(row))]
    known = {
        (one.vehicle_id, one.code): one
        for one in await batch.session.scalars(select(VehicleRecall).where(VehicleRecall.vehicle_id.in_(ids)))
    }
    for row in batch.usable:
        vehicle, facts = cars.of(row), row.facts
        if vehicle is None:
            continue
        values = {"title": facts.get("recall_title"), "announced_on": facts.get("announced_on")}
        values["done_on"] = facts.get("recall_done_on")
        found = known.get((vehicle.id, facts["recall_code"]))
        if found is None:
            _fresh(batch, row, VehicleRecall(vehicle_id=vehicle.id, code=facts["recall_code"]), values)
        else:
            batch.put(row, found, values)


def _fresh(batch: Batch, row: ReadRow, made: Base, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(made, name, value)
    batch.make(row, made, main=True)


async def _by_number(batch: Batch, table: Any, numbers: set[str]) -> dict[str, Any]:
    return {one.number: one for one in await batch.session.scalars(select(table).where(table.number.in_(numbers)))}


_TAKERS: dict[str, Callable[[Batch], Awaitable[None]]] = {
    "customers": _customers,
    "vehicles": _vehicles,
    "deliveries": _deliveries,
    "visits": _visits,
    "orders": _orders,
    "trade_ins": _trade_ins,
    "recalls": _recalls,
    "leads": take_leads,
}
