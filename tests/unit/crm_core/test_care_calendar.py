"""The calendar of care is counted from what the planner wrote, and says what a reckoning of every event would say."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.care.calendar import calendar, coming, of_day
from crm_core.care.jobs import plan_care
from crm_core.care.listed import listed
from crm_core.care.model import CareOutlook
from crm_core.care.planned import Asked
from crm_core.care.rulebook import By, CareRule, Owner, Trigger, write_rules
from crm_core.care.settings import care_rules, save_care_rules
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.model import CareTask, Dealer
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Delivery, Vehicle, WorkshopVisit

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
PEOPLE = 60


@pytest.fixture
async def site(db: Database) -> Database:
    """Two dealers, sixty customers with every kind of event, and rules near, far and of two that fit one birthday."""
    dice = random.Random(7)
    async with db.begin() as session:
        for number in (1, 2):
            dealer = Dealer(
                id=number, code=f"D{number}", name="店", short_name=f"店{number}", province="吉林", city="长春"
            )
            dealer.address, dealer.phone, dealer.latitude, dealer.longitude = "路 1", "+8643188880000", 43.8, 125.3
            dealer.region = ("东北", "华北")[number - 1]
            session.add(dealer)
        session.add(Campaign(id=7, name="回访", mode="preview", purpose="care", created_by="1", created_at=NOW))
        session.add(Campaign(id=8, name="完", mode="preview", purpose="care", created_by="1", created_at=NOW))
        await session.flush()
        for number in range(1, PEOPLE + 1):
            await _settle(session, dice, number)
            await session.flush()
    async with db.begin() as session:
        rules = [
            replace(one, by=By.CENTRE, campaign=7) if one.id == "four_weeks" else one
            for one in await care_rules(session)
        ]
        year = CareRule(
            id="a_year",
            name_zh="一年",
            trigger=Trigger.DELIVERY,
            days=365,
            owner=Owner.CENTRE,
            by=By.CENTRE,
            campaign=8,
        )
        vip = CareRule(id="vip_day", name_zh="贵宾生日", trigger=Trigger.BIRTHDAY, days=-3, classes=("vip",))
        await save_care_rules(session, write_rules((vip, *rules, year)), base=None, actor="1", at=NOW)
        (await session.get_one(Campaign, 8)).status = "ended"
    return db


async def _settle(session: AsyncSession, dice: random.Random, number: int) -> None:
    birthday = dice.choice(("", "02-29", "02-28", f"{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"))
    customer = Customer(id=number, name=f"客户{number}", dealer_id=dice.choice((1, 2, None)), created_at=NOW)
    customer.birthday, customer.customer_class = birthday, dice.choice(("standard", "vip"))
    session.add(customer)
    session.add(Vehicle(id=number, vin=f"LFV3A23C9P{number:07}", model="远辰 E6", energy="electric"))
    await session.flush()
    for _ in range(dice.randint(0, 2)):
        delivery = Delivery(vehicle_id=number, customer_id=number, dealer_id=dice.choice((1, 2)))
        delivery.delivered_on = TODAY - timedelta(days=dice.randint(0, 390))
        session.add(delivery)
        visit = WorkshopVisit(vehicle_id=number, customer_id=number, dealer_id=1, kind="repair")
        visit.number = f"W-{number}-{dice.randint(1, 10**6)}"
        visit.came_at = NOW - timedelta(days=dice.randint(2, 60))
        visit.left_at = visit.came_at + timedelta(hours=3)
        session.add(visit)
    if dice.random() < 0.3:
        lead = Lead(number=f"XS-{number}", customer_id=number, dealer_id=1, source="hotline")
        lead.status = dice.choice(("sent", "following", "nurture"))
        lead.created_at = lead.sent_at = NOW - timedelta(days=dice.randint(0, 200))
        session.add(lead)


async def reckoned(session: AsyncSession, asked: Asked) -> Counter[tuple[date, str]]:
    """Every event of everybody, one customer after the other, with no help from what was stored."""
    rules = await care_rules(session)
    found = [*await listed(session, Asked(first=asked.first, last=asked.last), rules, ZONE)]
    for customer in await session.scalars(select(Customer.id)):
        found += await coming(session, [customer], rules, at=NOW, zone=ZONE)
    return Counter((one.on, one.rule) for one in found if asked.takes(one))


@pytest.mark.parametrize(
    "asked",
    [
        Asked(first=TODAY - timedelta(days=30), last=TODAY + timedelta(days=12)),
        Asked(first=TODAY, last=TODAY + timedelta(days=366)),
        Asked(first=date(2027, 2, 1), last=date(2027, 3, 14)),
        Asked(first=TODAY - timedelta(days=30), last=TODAY + timedelta(days=300), dealer_id=2),
        Asked(first=TODAY, last=TODAY + timedelta(days=300), rule="birthday"),
        Asked(first=TODAY, last=TODAY + timedelta(days=300), owner="service_adviser"),
        Asked(first=TODAY - timedelta(days=9), last=TODAY + timedelta(days=300), owner="centre"),
    ],
)
async def test_each_day_has_as_many_contacts_as_all_events_lead_to(site: Database, asked: Asked):
    async with site.begin() as session:
        await plan_care(session, at=NOW, zone=ZONE)
    async with site.begin() as session:
        told = await calendar(session, asked, at=NOW, zone=ZONE)
        counts = {(on, rule): count for on, rules in told.days.items() for rule, count in rules.items()}
        assert counts == dict(await reckoned(session, asked))
        assert counts or asked.rule
        for on, rules in list(told.days.items())[:40]:
            day = [
                one
                for start in range(0, rules.total(), 3)
                for one in await of_day(session, asked, on, rules, start=start, most=3, at=NOW, zone=ZONE)
            ]
            assert Counter(one.rule for one in day) == rules
            assert day == sorted(day, key=lambda one: (one.rule, one.customer_id))


async def test_a_second_run_of_the_planner_writes_nothing_and_what_is_gone_leaves_the_calendar(site: Database):
    async with site.begin() as session:
        await plan_care(session, at=NOW, zone=ZONE)
        before = {one.id for one in await session.scalars(select(CareOutlook))}
        assert before
    async with site.begin() as session:
        await plan_care(session, at=NOW, zone=ZONE)
        assert {one.id for one in await session.scalars(select(CareOutlook))} == before
        for one in await session.scalars(select(Delivery)):
            await session.delete(one)
        await session.flush()
        await plan_care(session, at=NOW, zone=ZONE)
        assert not [one for one in await session.scalars(select(CareOutlook)) if one.subject.startswith("delivery/")]


async def test_a_contact_whose_day_has_come_moves_from_the_outlook_to_its_list(site: Database):
    async with site.begin() as session:
        await plan_care(session, at=NOW, zone=ZONE)
        row = await session.scalar(
            select(CareOutlook).where(CareOutlook.rule.not_in(("a_year", "four_weeks"))).order_by(CareOutlook.due_on)
        )
        assert row is not None
        key, on = (row.subject, row.rule), row.due_on
    async with site.begin() as session:
        await plan_care(session, at=datetime(on.year, on.month, on.day, 3, tzinfo=UTC), zone=ZONE)
        assert (await session.scalars(select(CareTask.due_on).filter_by(subject=key[0], kind=key[1]))).one() == on
        assert await session.scalar(select(CareOutlook.id).filter_by(subject=key[0], rule=key[1])) is None
