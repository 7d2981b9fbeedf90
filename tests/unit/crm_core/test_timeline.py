"""One timeline over all channels, and the one view of a customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer, CustomerRelation
from crm_core.customers.queries import matches, search
from crm_core.customers.seen import see
from crm_core.customers.timeline import Kind, timeline, timeline_counts, vehicle_timeline, vehicle_timeline_counts
from crm_core.customers.vehicle_lines import vehicle_lines
from crm_core.customers.view import living_id, view
from crm_core.db import Database
from crm_core.dealers.model import CareTask
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import Contact, Leg, Recording
from crm_core.leads.model import Lead
from crm_core.vehicles.model import (
    Delivery,
    TradeIn,
    Vehicle,
    VehicleOrder,
    VehicleRole,
    WarrantyClaim,
    WorkshopVisit,
)
from tests.unit.crm_core.builders import NOW, a_customer, a_dealer, a_vehicle

DAY = timedelta(days=1)


def a_contact(ident: str, customer: Customer, at: datetime = NOW, **more: Any) -> Contact:
    facts = {"direction": "inbound", "outcome": "answered", "ended_at": at, "caller": "+8613843107706", **more}
    return Contact(id=ident, customer_id=customer.id, started_at=at, **facts)


def a_visit(number: str, vehicle: Vehicle, at: datetime = NOW, **more: Any) -> WorkshopVisit:
    return WorkshopVisit(number=number, vehicle_id=vehicle.id, kind="repair", came_at=at, **more)


async def a_whole_life(session: AsyncSession) -> tuple[Customer, Vehicle]:
    """One row of every kind, a day apart, the call first."""
    dealer = await a_dealer(session)
    chen = await a_customer(session, "陈建国", "+8613843107706", dealer_id=dealer.id)
    car = await a_vehicle(session, chen)
    other = {"customer_id": chen.id, "dealer_id": dealer.id}
    visit = a_visit("W-1", car, NOW - 3 * DAY, left_at=NOW, work_done="换压缩机", dealer_id=dealer.id)
    session.add_all(
        [
            a_contact("c-1", chen, NOW, vehicle_id=car.id, note="空调异响"),
            a_contact("m-1", chen, NOW - DAY, channel="email", note="要电子版手册"),
            Case(number="GD-1", kind="repair", title="空调异响", opened_at=NOW - 2 * DAY, vehicle_id=car.id, **other),
            visit,
            Delivery(vehicle_id=car.id, delivered_on=(NOW - 5 * DAY).date(), **other),
            VehicleOrder(number="O-1", model="E6", ordered_at=NOW - 6 * DAY, status_at=NOW, vehicle_id=car.id, **other),
            TradeIn(old_vehicle="捷达", traded_on=(NOW - 7 * DAY).date(), new_vehicle_id=car.id, **other),
            Lead(number="XS-1", source="hotline", created_at=NOW - 8 * DAY, **other),
            CareTask(
                kind="two_weeks",
                subject="d/1",
                purpose="care",
                due_on=NOW.date(),
                status="done",
                done_at=NOW - 9 * DAY,
                **other,
            ),
            Consent(customer_id=chen.id, purpose="news", channel="phone", given=False, at=NOW - 10 * DAY),
        ]
    )
    await session.flush()
    session.add(WarrantyClaim(vehicle_id=car.id, visit_id=visit.id, filed_on=(NOW - 4 * DAY).date(), fault="异响"))
    await session.flush()
    return chen, car


async def test_a_timeline_tells_every_channel_in_the_order_of_time(db: Database):
    async with db.begin() as session:
        chen, _ = await a_whole_life(session)
        entries = await timeline(session, chen.id)
        counts = await timeline_counts(session, chen.id)
    assert [entry.kind for entry in entries] == [
        Kind.CALL, Kind.MESSAGE, Kind.CASE, Kind.VISIT, Kind.CLAIM, Kind.DELIVERY, Kind.ORDER, Kind.TRADE_IN,
        Kind.LEAD, Kind.CARE, Kind.CONSENT,
    ]  # fmt: skip
    assert counts == dict.fromkeys(Kind, 1)


async def test_a_call_tells_how_long_they_talked_and_has_its_recording(db: Database):
    async with db.begin() as session:
        chen = await a_customer(session)
        session.add(a_contact("c-1", chen))
        await session.flush()
        for place, seconds in enumerate((100, 60)):
            leg = f"c-1-{place}"
            session.add(
                Leg(
                    id=leg,
                    contact_id="c-1",
                    agent="1018",
                    offered_at=NOW,
                    answered_at=NOW,
                    ended_at=NOW + timedelta(seconds=seconds),
                )
            )
            session.add(
                Recording(
                    contact_id="c-1",
                    leg_id=leg,
                    agent=f"101{place}",
                    file="x",
                    started_at=NOW,
                    seconds=seconds,
                    status="ready",
                )
            )
        await session.flush()
        (call,) = await timeline(session, chen.id)
    assert (call.seconds, call.recording_agent) == (160.0, "1010")  # the longest one is heard first


async def test_pages_of_a_timeline_lose_and_double_nothing_though_much_happens_at_one_instant(db: Database):
    async with db.begin() as session:
        firm = await a_customer(session, "恒通租车", kind="company")
        noon = datetime(2026, 7, 1, 12, tzinfo=NOW.tzinfo)
        for place in range(25):
            car = await a_vehicle_of(session, firm, place)
            session.add(Delivery(vehicle_id=car.id, customer_id=firm.id, delivered_on=noon.date()))
            session.add(WarrantyClaim(vehicle_id=car.id, filed_on=noon.date()))
            session.add(a_contact(f"c-{place:02}", firm, noon))
            session.add(a_visit(f"W-{place}", car, noon + (place % 3 - 1) * timedelta(hours=1)))
        await session.flush()
        whole = await timeline(session, firm.id, limit=200)
        paged, before = [], None
        while page := await timeline(session, firm.id, before=before, limit=7):
            paged += page
            before = page[-1].cursor
    assert len(whole) == 100
    assert paged == whole


async def a_vehicle_of(session: AsyncSession, owner: Customer, place: int) -> Vehicle:
    vehicle = Vehicle(
        vin=f"LYH{owner.id:04d}{place:010d}",
        plate=f"吉B{place:05d}",
        model="远辰 E6 四驱",
        sold_on=date(2024, 1, 1) + place * DAY,
    )
    session.add(vehicle)
    await session.flush()
    session.add(VehicleRole(vehicle_id=vehicle.id, customer_id=owner.id, role="buyer"))
    await session.flush()
    return vehicle


async def test_a_timeline_can_be_of_one_kind_and_of_one_vehicle(db: Database):
    async with db.begin() as session:
        chen, car = await a_whole_life(session)
        second = await a_vehicle_of(session, chen, 1)
        session.add(a_visit("W-2", second))
        await session.flush()
        visits = await timeline(session, chen.id, kinds=("visit", "claim"))
        of_second = await timeline(session, chen.id, vehicle_id=second.id)
        counts = await timeline_counts(session, chen.id, vehicle_id=car.id)
    assert [entry.number for entry in visits] == ["W-2", "W-1", ""]
    assert [entry.number for entry in of_second] == ["W-2"]
    assert counts[Kind.VISIT] == counts[Kind.CALL] == 1
    assert counts[Kind.MESSAGE] == 0


async def test_the_buyer_sees_a_visit_that_the_driver_made_but_not_those_of_a_stranger(db: Database):
    async with db.begin() as session:
        firm, driver = await a_customer(session, "恒通租车"), await a_customer(session, "李强")
        car = await a_vehicle_of(session, firm, 1)
        other = await a_vehicle_of(session, driver, 2)
        session.add_all([a_visit("W-1", car, customer_id=driver.id), a_visit("W-2", other)])
        await session.flush()
        firms = await timeline(session, firm.id)
        drivers = await timeline(session, driver.id)
        strangers = await timeline(session, firm.id, vehicle_id=other.id)
    assert [entry.number for entry in firms] == ["W-1"]
    assert {entry.number for entry in drivers} == {"W-1", "W-2"}
    assert strangers == []


async def test_the_life_of_a_vehicle_goes_on_when_it_is_sold_to_somebody_else(db: Database):
    async with db.begin() as session:
        _chen, car = await a_whole_life(session)
        buyer = await a_customer(session, "王磊")
        session.add(a_visit("W-9", car, NOW + DAY, customer_id=buyer.id))
        await session.flush()
        life = await vehicle_timeline(session, car.id)
        counts = await vehicle_timeline_counts(session, car.id)
    assert [entry.number for entry in life if entry.kind is Kind.VISIT] == ["W-9", "W-1"]
    assert (counts[Kind.VISIT], counts[Kind.CONSENT]) == (2, 0)


@pytest.mark.parametrize("cursor", ["x", "1~call", "1~nothing~2", "1~visit~x", "9" * 40 + "~call~1", "~~", "\0~call~"])
async def test_a_hostile_cursor_is_refused_with_a_sentence(db: Database, cursor: str):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await timeline(session, 1, before=cursor)


async def test_unknown_kinds_and_strangers_have_an_empty_timeline(db: Database):
    async with db.begin() as session:
        chen, _ = await a_whole_life(session)
        assert await timeline(session, chen.id, kinds=("'; DROP TABLE contact",)) == []
        assert await timeline(session, 4_000_000) == []


async def test_a_fleet_tells_visits_in_its_own_name_and_all_of_a_chosen_vehicle(db: Database):
    async with db.begin() as session:
        firm = await a_customer(session, "公交集团", kind="company")
        cars = [await a_vehicle_of(session, firm, place) for place in range(61)]
        session.add_all([a_visit("W-1", cars[0], customer_id=firm.id), a_visit("W-2", cars[0])])
        await session.flush()
        assert [entry.number for entry in await timeline(session, firm.id)] == ["W-1"]
        assert len(await timeline(session, firm.id, vehicle_id=cars[0].id)) == 2
        found = await view(session, firm.id, now=NOW)
        assert found is not None
        assert (found.vehicle_count, len(found.vehicles)) == (61, 6)
        (one,) = await vehicle_lines(session, firm.id, text="吉B·00042")
    assert one.vehicle.plate == "吉B00042"


async def test_the_view_holds_everything_that_is_known(db: Database):
    async with db.begin() as session:
        chen, car = await a_whole_life(session)
        wife = await a_customer(session, "刘敏", "family:+8613843107706")
        session.add(VehicleRole(vehicle_id=car.id, customer_id=wife.id, role="driver"))
        session.add(CustomerRelation(customer_id=wife.id, other_id=chen.id, relation="spouse"))
        session.add(CareTask(kind="birthday", subject="b/1", purpose="care", due_on=NOW.date(), customer_id=chen.id))
        await session.flush()
        found = await view(session, chen.id, now=NOW)
    assert found is not None
    assert found.phones[0].shared_with == ("刘敏",)
    assert (found.vehicles[0].roles, found.vehicles[0].others[0][1:]) == (("buyer", "user"), ("刘敏", "driver"))
    assert [mark.kind for mark in found.vehicles[0].marks] == ["delivery", "visit"]
    assert (found.open_case_count, found.contacts_90_days, len(found.leads)) == (1, 2, 1)
    assert (found.relations[0].name, found.relations[0].inverse) == ("刘敏", True)
    assert found.care[0].task.kind == "birthday"


async def test_a_customer_of_another_dealer_is_as_unknown_as_one_that_is_not_there(db: Database):
    async with db.begin() as session:
        chen, _ = await a_whole_life(session)
        assert await view(session, 4_000_000, now=NOW) is None
        with pytest.raises(NotFound):
            await view(session, chen.id, now=NOW, reach=Reach(frozenset({chen.dealer_id + 1})))
        assert await view(session, chen.id, now=NOW, reach=Reach(frozenset({chen.dealer_id})))


async def test_a_merged_customer_is_found_nowhere_and_leads_to_the_living_one(db: Database):
    async with db.begin() as session:
        living = await a_customer(session, "陈建国")
        middle = await a_customer(session, "陈建囯", merged_into_id=living.id)
        oldest = await a_customer(session, "陈建国", "+8613843107706", merged_into_id=middle.id)
        assert await living_id(session, oldest.id) == living.id
        assert await living_id(session, living.id) == living.id
        assert await living_id(session, 4_000_000) is None
        assert await view(session, oldest.id, now=NOW) is None
        assert await matches(session, "+8613843107706") == []
        assert [hit.customer.customer_id for hit in await search(session, "陈建")] == [living.id]


async def plans_of(db: Database, work: Callable[[AsyncSession], Awaitable[object]]) -> list[tuple[str, str]]:
    """Each step of SQLite's plan for every statement that the work sends, with the statement."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    async with db.begin() as session:
        await work(session)
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)
    steps: list[tuple[str, str]] = []
    async with db.engine.connect() as connection:
        for statement, parameters in sent:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [(row[3], statement) for row in rows]
    return steps


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_question_of_the_page_reads_a_whole_table(db: Database):
    async with db.begin() as session:
        chen, _ = await a_whole_life(session)

    async def page(session: AsyncSession) -> None:
        await view(session, chen.id, now=NOW)
        first = await timeline(session, chen.id)
        await timeline(session, chen.id, before=first[4].cursor)
        await timeline_counts(session, chen.id)
        await vehicle_timeline(session, first[0].vehicle_id or 0)
        await see(session, chen.id, actor="1018", at=NOW)

    # A window over rows already found, and the one row of the audit's head, are no tables that grow.
    steps = [step for step, _ in await plans_of(db, page) if step.startswith("SCAN")]
    assert [
        step for step in steps if "subquery" not in step and step not in ("SCAN CONSTANT ROW", "SCAN audit_head")
    ] == []
