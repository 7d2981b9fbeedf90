"""A vehicle's life: found by what people say, from the order to the owner, checked and verified."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm_core.access.model import AuditEntry
from crm_core.access.reach import Reach
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.vehicles.deliveries import check_delivery, verify_delivery
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, VehicleRole, WorkshopVisit
from crm_core.vehicles.queries import find_vehicles, vehicle_view
from tests.unit.crm_core.builders import NOW, a_customer, a_dealer, a_vehicle

BY: dict[str, Any] = {"actor": "1018", "at": NOW}


@pytest.mark.parametrize(
    "typed", ["LYHEA6B16S0012847", "lyhea6b16s0012847", "S0012847", "012847", "吉A·D30618", "吉AD306"]
)
async def test_a_vehicle_is_found_by_vin_its_end_or_the_plate(db: Database, typed: str):
    async with db.begin() as session:
        chen = await a_customer(session)
        car = await a_vehicle(session, chen, vin="LYHEA6B16S0012847")
        await a_vehicle(session, await a_customer(session, "李敏"), plate="吉B12345")
        assert [one.id for one in await find_vehicles(session, typed)] == [car.id]


@pytest.mark.parametrize("typed", ["", "吉A", "%%%%%%", "______", "'; DROP TABLE vehicle", "\0\0\0\0\0", "x" * 90])
async def test_little_or_hostile_text_finds_no_vehicle(db: Database, typed: str):
    async with db.begin() as session:
        await a_vehicle(session, await a_customer(session))
        assert await find_vehicles(session, typed) == []


async def test_a_vehicles_page_knows_buyer_user_order_delivery_and_mileage(db: Database):
    async with db.begin() as session:
        dealer = await a_dealer(session)
        chen, wife = await a_customer(session, "陈建国"), await a_customer(session, "刘敏")
        car = await a_vehicle(session, chen, dealer_id=dealer.id, mileage_km=41260)
        session.add(VehicleRole(vehicle_id=car.id, customer_id=wife.id, role="driver"))
        session.add(
            VehicleOrder(
                number="DD-1",
                customer_id=chen.id,
                vehicle_id=car.id,
                model="E6",
                status="delivered",
                status_at=NOW,
                ordered_at=NOW - timedelta(days=500),
                production_number="YC25020001",
            )
        )
        session.add(Delivery(vehicle_id=car.id, customer_id=chen.id, delivered_on=date(2025, 3, 1)))
        for days, km in ((200, 12000), (100, 9000), (2, 41000)):  # the second reading was mistyped
            session.add(
                WorkshopVisit(
                    number=f"W-{days}",
                    vehicle_id=car.id,
                    kind="repair",
                    mileage_km=km,
                    came_at=NOW - timedelta(days=days),
                )
            )
        await session.flush()
        seen = await vehicle_view(session, car.vin.lower(), now=NOW)
    assert seen is not None
    assert [(one.customer.name, one.roles) for one in seen.holders] == [
        ("陈建国", ("buyer", "user")),
        ("刘敏", ("driver",)),
    ]
    assert (seen.order.production_number, seen.delivery.delivered_on) == ("YC25020001", date(2025, 3, 1))
    assert [point.km for point in seen.mileage] == [0, 12000, 41000, 41260]
    assert seen.in_workshop_since == NOW - timedelta(days=2)


async def test_a_vehicle_of_a_foreign_dealer_is_unknown_unless_its_owner_is_a_customer_here(db: Database):
    async with db.begin() as session:
        dealer = await a_dealer(session)
        chen = await a_customer(session, dealer_id=dealer.id)
        stranger = await a_customer(session, "李敏")
        mine = await a_vehicle(session, chen)
        foreign = await a_vehicle(session, stranger, plate="吉B12345")
        reach = Reach(frozenset({dealer.id}))
        assert await vehicle_view(session, mine.vin, now=NOW, reach=reach)
        assert await vehicle_view(session, "LYHNOBODY00000000", now=NOW, reach=reach) is None
        with pytest.raises(NotFound):
            await vehicle_view(session, foreign.vin, now=NOW, reach=reach)
        assert await find_vehicles(session, "吉B12345", reach=reach) == []


async def test_a_delivery_is_checked_then_verified_and_tells_who_will_drive(db: Database):
    async with db.begin() as session:
        dealer = await a_dealer(session)
        chen = await a_customer(session)
        car = await a_vehicle(session, chen)
        delivery = Delivery(vehicle_id=car.id, customer_id=chen.id, delivered_on=date(2025, 3, 1), dealer_id=dealer.id)
        session.add(delivery)
        await session.flush()
        with pytest.raises(Refused):
            await verify_delivery(session, delivery.id, **BY)
        with pytest.raises(Invalid):
            await check_delivery(session, delivery.id, use="", **BY)
        with pytest.raises(NotFound):
            await check_delivery(session, delivery.id, use="own", reach=Reach(frozenset({99})), **BY)
        await check_delivery(session, delivery.id, use="partner", **BY)
        await verify_delivery(session, delivery.id, **BY)
        kept = await session.scalar(select(Vehicle.use).where(Vehicle.id == car.id))
        noted = await session.scalar(select(func.count()).where(AuditEntry.action.startswith("delivery_")))
    assert (kept, delivery.checked_at, delivery.verified_at, noted) == ("partner", NOW, NOW, 2)
