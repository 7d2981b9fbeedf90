"""The vehicles of a batch: found by VIN, made where the file says enough; and who has which role to them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from crm_core.customers.model import Customer
from crm_core.imports.batch import Batch
from crm_core.imports.reading import ReadRow
from crm_core.vehicles.model import Vehicle, VehicleRole

_OWN = ("model", "plate", "brand", "colour", "energy", "production_number", "made_on", "sold_on", "warranty_until")


class Cars:
    """`field` names where the VIN stands; `main` = the file is about vehicles."""

    def __init__(self, batch: Batch, *, field: str = "vin", main: bool = False, may_make: bool = False) -> None:
        self._batch, self._field, self._main, self._may_make = batch, field, main, may_make
        self._by_vin: dict[str, Vehicle] = {}
        self._roles: dict[int, set[tuple[int, str]]] = defaultdict(set)

    async def settle(self) -> None:
        """Find or make every vehicle that is named; one that is unknown refuses its row where none may be made."""
        session = self._batch.session
        vins = {row.facts[self._field] for row in self._batch.usable if self._field in row.facts}
        for known in await session.scalars(select(Vehicle).where(Vehicle.vin.in_(vins))):
            self._by_vin[known.vin] = known
        for row in self._batch.usable:
            vin = row.facts.get(self._field)
            if vin is None:
                continue
            vehicle = self._by_vin.get(vin)
            if vehicle is None and not (self._may_make and "model" in row.facts):
                row.refuse("unknown_vehicle", self._field, vin)
            elif vehicle is None:
                self._by_vin[vin] = self._made(row, vin)
            else:
                self._put(row, vehicle)
        await self._batch.flush()
        ids = [vehicle.id for vehicle in self._by_vin.values()]
        for role in await session.scalars(select(VehicleRole).where(VehicleRole.vehicle_id.in_(ids))):
            self._roles[role.vehicle_id].add((role.customer_id, role.role))

    def of(self, row: ReadRow) -> Vehicle | None:
        return self._by_vin.get(row.facts.get(self._field, ""))

    def have_role(self, row: ReadRow, customer: Customer, role: str) -> None:
        vehicle = self.of(row)
        if vehicle is not None and (customer.id, role) not in self._roles[vehicle.id]:
            self._roles[vehicle.id].add((customer.id, role))
            self._batch.make(row, VehicleRole(vehicle_id=vehicle.id, customer_id=customer.id, role=role))

    def whose(self, row: ReadRow) -> int | None:
        """The one customer who uses the vehicle, else who bought it; None when that is not one."""
        vehicle = self.of(row)
        roles = self._roles[vehicle.id] if vehicle else set()
        for role in ("user", "buyer"):
            found = [customer_id for customer_id, word in roles if word == role]
            if len(found) == 1:
                return found[0]
        return None

    def _made(self, row: ReadRow, vin: str) -> Vehicle:
        values = _values(row)
        vehicle = Vehicle(vin=vin, **{name: value for name, value in values.items() if value is not None})
        vehicle.dealer_id = self._batch.dealer_of(row)
        vehicle.mileage_km = row.facts.get("mileage_km", 0)
        self._batch.make(row, vehicle, main=self._main)
        return vehicle

    def _put(self, row: ReadRow, vehicle: Vehicle) -> None:
        values = _values(row)
        if self._main:
            values["dealer_id"] = self._batch.dealer_of(row)
        self._batch.put(row, vehicle, values)
        driven = row.facts.get("mileage_km", 0)
        if driven > vehicle.mileage_km:  # a vehicle drives forward only: the larger one is the later one
            self._batch.set(row, vehicle, {"mileage_km": driven})


def _values(row: ReadRow) -> dict[str, Any]:
    values = {name: row.facts.get(name) for name in _OWN}
    if "next_service_on" in row.facts:
        values["next_service_on"] = row.facts["next_service_on"]
    if "delivered_on" in row.facts:
        values["sold_on"] = row.facts["delivered_on"]
    return values
