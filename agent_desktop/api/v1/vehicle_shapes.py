"""The words of the public API: vehicles and what happens to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from agent_desktop.api.v1.shapes import plain
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, WorkshopVisit


class RoleOut(BaseModel):
    customer_id: int
    role: str


class VehicleOut(BaseModel):
    vin: str
    plate: str
    brand: str
    model: str
    colour: str
    energy: str
    state: str
    production_number: str
    made_on: date | None
    sold_on: date | None
    dealer_id: int | None
    mileage_km: int
    warranty_until: date | None
    next_service_on: date | None
    roles: list[RoleOut]

    @staticmethod
    def of(row: Vehicle) -> VehicleOut:
        roles = [RoleOut(customer_id=role.customer_id, role=role.role) for role in row.roles]
        return VehicleOut(**plain(VehicleOut, row, "roles"), roles=roles)


class OrderOut(BaseModel):
    number: str
    kind: str
    production_number: str
    customer_id: int
    dealer_id: int | None
    vehicle_id: int | None
    model: str
    equipment: list[str]
    status: str
    status_at: datetime
    ordered_at: datetime
    promised_on: date | None

    @staticmethod
    def of(row: VehicleOrder) -> OrderOut:
        return OrderOut(**plain(OrderOut, row))


class DeliveryOut(BaseModel):
    vehicle_id: int
    customer_id: int
    dealer_id: int | None
    delivered_on: date
    consultant: str
    use: str
    price_yuan: int

    @staticmethod
    def of(row: Delivery) -> DeliveryOut:
        return DeliveryOut(**plain(DeliveryOut, row))


class VisitOut(BaseModel):
    number: str
    vehicle_id: int
    customer_id: int | None
    dealer_id: int | None
    adviser: str
    kind: str
    came_at: datetime
    promised_at: datetime | None
    left_at: datetime | None
    mileage_km: int
    complaint: str
    work_done: str
    parts: list[dict[str, Any]]
    cost_yuan: int

    @staticmethod
    def of(row: WorkshopVisit) -> VisitOut:
        return VisitOut(**plain(VisitOut, row))
