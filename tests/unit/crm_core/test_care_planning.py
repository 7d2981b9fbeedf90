"""The care plan on both databases: it follows events that move or go, and never asks for two contacts for one cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.care.jobs import care_handlers, plan_care
from crm_core.care.planning import CAUSE_GONE, NOT_WANTED, WITHDRAWN
from crm_core.care.rulebook import By, CareRule, Trigger, write_rules
from crm_core.care.settings import care_rules, save_care_rules
from crm_core.care.soon import CARE_OF, CARE_PLAN
from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import Database
from crm_core.dealers.care_actions import reschedule
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.returned_actions import Visit, record_visit
from crm_core.jobs.actions import ensure
from crm_core.jobs.model import Job
from crm_core.jobs.runner import JobRunner
from crm_core.vehicles.model import Delivery, Vehicle, VehicleRole
from crm_core.workforce.fields import Unusable

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # a Thursday, ten in the morning at the site
DELIVERED = date(2026, 11, 13)


@pytest.fixture
async def shop(db: Database) -> Database:
    """A dealer with a consultant, and a customer who agreed to calls and whose car was delivered 13 days ago."""
    async with db.begin() as session:
        dealer = Dealer(id=1, code="D1", name="长春店", short_name="长春", province="吉林", city="长春", address="路 1")
        dealer.phone, dealer.latitude, dealer.longitude, dealer.region = "+8643188880000", 43.8, 125.3, "东北"
        session.add(dealer)
        await session.flush()
        session.add(DealerStaff(id=5, dealer_id=1, name="李娜", role="sales_consultant"))
        session.add(Customer(id=1, name="赵敏", dealer_id=1, created_at=NOW, service_adviser="周伟"))
        session.add(Vehicle(id=1, vin="LFV3A23C9P0012847", model="远辰 E6", energy="electric"))
        await session.flush()
        session.add(CustomerPhone(customer_id=1, e164="+8613844337706"))
        session.add(VehicleRole(vehicle_id=1, customer_id=1))
        session.add(Consent(customer_id=1, purpose="care", channel="phone", given=True, at=NOW, words="", by="1001"))
        session.add(Delivery(id=3, vehicle_id=1, customer_id=1, dealer_id=1, delivered_on=DELIVERED, consultant="李娜"))
        campaign = Campaign(id=7, name="交车回访", mode="preview", purpose="care", created_by="1001", created_at=NOW)
        session.add(campaign)
    return db


async def plan(db: Database, at: datetime = NOW) -> int:
    async with db.begin() as session:
        return await plan_care(session, at=at, zone=ZONE)


async def tasks(db: Database) -> dict[str, CareTask]:
    async with db.begin() as session:
        return {task.kind: task for task in await session.scalars(select(CareTask))}


async def entries(db: Database) -> list[CampaignEntry]:
    async with db.begin() as session:
        return list(await session.scalars(select(CampaignEntry)))


async def save(db: Database, change: Callable[[tuple[CareRule, ...]], tuple[CareRule, ...]]) -> None:
    async with db.begin() as session:
        state = write_rules(change(await care_rules(session)))
        await save_care_rules(session, state, base=None, actor="1001", at=NOW)


def by_centre(rules: tuple[CareRule, ...]) -> tuple[CareRule, ...]:
    """The first call after a delivery is made by the centre's campaign, in the consultant's name."""
    return tuple(replace(one, by=By.CENTRE, campaign=7) if one.id == "two_weeks" else one for one in rules)


async def moved_to(db: Database, day: date) -> None:
    async with db.begin() as session:
        (await session.get_one(Delivery, 3)).delivered_on = day


async def test_a_delivery_that_moves_moves_its_calls(shop: Database):
    await plan(shop)
    await moved_to(shop, date(2026, 11, 20))
    assert await plan(shop) == 0
    found = await tasks(shop)
    assert (found["two_weeks"].due_on, found["four_weeks"].due_on) == (date(2026, 12, 4), date(2026, 12, 18))


async def test_a_day_that_a_person_agreed_with_the_customer_stays_when_the_delivery_moves(shop: Database):
    await plan(shop)
    agreed = date(2026, 12, 1)
    async with shop.begin() as session:
        task_id = (await tasks(shop))["two_weeks"].id
        await reschedule(session, task_id, agreed, zone=ZONE, reach=EVERYTHING, actor="5101", at=NOW)
    await moved_to(shop, date(2026, 11, 20))
    await plan(shop)
    assert (await tasks(shop))["two_weeks"].due_on == agreed


async def test_a_delivery_that_was_none_withdraws_its_calls_with_the_reason(shop: Database):
    await plan(shop)
    async with shop.begin() as session:
        await session.execute(delete(Delivery))
    await plan(shop)
    assert {(one.status, one.reason) for one in (await tasks(shop)).values()} == {("withdrawn", CAUSE_GONE)}


async def test_a_rule_that_is_switched_off_withdraws_its_calls_and_on_brings_them_back(shop: Database):
    await plan(shop)
    await save(shop, lambda rules: tuple(replace(one, on=False) for one in rules))
    await plan(shop)
    assert {(one.status, one.reason) for one in (await tasks(shop)).values()} == {("withdrawn", NOT_WANTED)}
    await save(shop, lambda rules: tuple(replace(one, on=True) for one in rules))
    await plan(shop)
    assert {(one.status, one.reason) for one in (await tasks(shop)).values()} == {("open", "")}


async def test_the_centres_call_stands_on_its_campaign_in_the_consultants_name(shop: Database):
    await save(shop, by_centre)
    await plan(shop)
    (entry,) = await entries(shop)
    assert (entry.campaign_id, entry.subject, entry.in_name_of) == (7, "delivery/3/two_weeks", "李娜")
    assert entry.due_at == datetime(2026, 11, 27, 9, tzinfo=ZONE)
    assert set(await tasks(shop)) == {"four_weeks"}


async def test_a_call_that_goes_from_the_dealer_to_the_centre_is_made_once(shop: Database):
    await plan(shop)
    await save(shop, by_centre)
    await plan(shop)
    assert (await tasks(shop))["two_weeks"].status == "withdrawn"
    assert [one.state for one in await entries(shop)] == ["waiting"]
    await save(shop, lambda rules: tuple(replace(one, by=By.DEALER, campaign=None) for one in rules))
    await plan(shop)
    assert (await tasks(shop))["two_weeks"].status == "open"
    assert [(one.state, one.reason) for one in await entries(shop)] == [("removed", WITHDRAWN)]


async def test_a_call_that_the_dealer_made_is_not_made_again_by_the_centre(shop: Database):
    await plan(shop)
    async with shop.begin() as session:
        task = await session.get_one(CareTask, (await tasks(shop))["two_weeks"].id)
        task.status, task.done_at = "done", NOW
    await save(shop, by_centre)
    await plan(shop)
    assert await entries(shop) == []


async def test_an_entry_of_somebody_else_is_no_business_of_the_plan(shop: Database):
    async with shop.begin() as session:
        session.add(CampaignEntry(campaign_id=7, customer_id=1, subject="import/9", due_at=NOW, added_at=NOW))
    await plan(shop)
    assert [(one.state, one.reason) for one in await entries(shop)] == [("waiting", "")]


async def test_an_entry_that_was_called_already_stays_whatever_the_rules_say(shop: Database):
    await save(shop, by_centre)
    await plan(shop)
    async with shop.begin() as session:
        (await session.get_one(CampaignEntry, (await entries(shop))[0].id)).attempts = 1
        await session.execute(delete(Delivery))
    await plan(shop)
    assert [one.state for one in await entries(shop)] == ["waiting"]


async def test_a_closed_complaint_is_asked_about_when_a_rule_says_so(shop: Database):
    ask = CareRule(id="asked", name_zh="投诉后回访", trigger=Trigger.COMPLAINT, days=7)
    await save(shop, lambda rules: (*rules, ask))
    async with shop.begin() as session:
        case = Case(id=9, number="TS-9", kind="complaint", title="异响", customer_id=1, dealer_id=1, opened_at=NOW)
        case.closed_at = NOW
        session.add(case)
    await plan(shop)
    found = (await tasks(shop))["asked"]
    assert (found.subject, found.due_on, found.dealer_id) == ("complaint/9", date(2026, 12, 3), 1)


async def test_a_visit_is_planned_seconds_after_the_car_has_left_not_in_the_morning(shop: Database):
    async with shop.begin() as session:
        visit = Visit(
            customer_id=1,
            vehicle_id=1,
            kind="maintenance",
            came_at=NOW - timedelta(hours=5),
            left_at=NOW - timedelta(hours=1),
            mileage_km=9000,
            cost_yuan=800,
            complaint="",
            work_done="保养",
            adviser="周伟",
        )
        await record_visit(session, 1, visit, reach=EVERYTHING, actor="5101", at=NOW)
    runner = JobRunner(shop, care_handlers(ZONE))
    assert await runner.run_due(NOW) == 1
    assert (await tasks(shop))["after_service"].due_on == date(2026, 11, 29)
    async with shop.begin() as session:
        assert await session.scalar(select(Job.id).where(Job.kind == CARE_OF)) is None


async def test_new_rules_plan_everybody_afresh_at_once(shop: Database):
    await save(shop, by_centre)
    runner = JobRunner(shop, care_handlers(ZONE))
    assert await runner.run_due(NOW) == 1
    assert len(await entries(shop)) == 1


async def test_a_plan_for_many_customers_goes_on_batch_by_batch_until_all_are_planned(shop: Database, monkeypatch):
    monkeypatch.setattr("crm_core.care.jobs.AT_ONCE", 2)
    async with shop.begin() as session:
        await _more_deliveries(session, 5)
        await ensure(session, CARE_PLAN, "site", NOW)
    runner = JobRunner(shop, care_handlers(ZONE))
    assert await runner.run_due(NOW) == 4
    async with shop.begin() as session:
        assert len(set(await session.scalars(select(CareTask.customer_id)))) == 6
        again = await session.scalar(select(Job.due_at).where(Job.kind == CARE_PLAN))
    assert again == datetime(2026, 11, 27, 6, tzinfo=ZONE)


async def _more_deliveries(session: AsyncSession, count: int) -> None:
    for key in range(10, 10 + count):
        session.add(Customer(id=key, name=f"客户 {key}", dealer_id=1, created_at=NOW))
        session.add(Vehicle(id=key, vin=f"LFV3A23C9P00{key:05d}", model="远辰 E6"))
        await session.flush()
        session.add(Delivery(id=key, vehicle_id=key, customer_id=key, dealer_id=1, delivered_on=DELIVERED))


async def test_a_campaign_that_calls_nobody_cannot_be_chosen(shop: Database):
    async with shop.begin() as session:
        (await session.get_one(Campaign, 7)).status = "ended"
    with pytest.raises(Unusable):
        await save(shop, by_centre)
    async with shop.begin() as session:
        (await session.get_one(Campaign, 7)).status, (await session.get_one(Campaign, 7)).purpose = "draft", "news"
    with pytest.raises(Unusable):
        await save(shop, by_centre)


async def test_a_refusal_stops_the_call_and_the_customers_new_word_frees_it(shop: Database):
    await plan(shop)
    for given, expected in ((False, ("stopped", "refused")), (True, ("open", ""))):
        async with shop.begin() as session:
            answer = Consent(customer_id=1, purpose="care", channel="phone", given=given, words="", by="1001")
            answer.at = NOW + timedelta(minutes=1 + given)
            session.add(answer)
        await plan(shop, NOW + timedelta(hours=1))
        task = (await tasks(shop))["two_weeks"]
        assert (task.status, task.reason) == expected
