"""The dealers' records on both databases: care planned once, figures counted, bookings and people kept apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.care.jobs import care_handlers, plan_care
from crm_core.care.soon import CARE_PLAN
from crm_core.cases.model import Case, CaseStage
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.care_queries import CareFilter, care_counts, care_lines
from crm_core.dealers.daily_actions import REMINDER, reminder, report_day
from crm_core.dealers.daily_queries import missing_days
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.network_model import NetworkNews, WorkshopBooking
from crm_core.dealers.news_queries import Reader, news_for, unread_count
from crm_core.dealers.scorecard import months_back
from crm_core.dealers.scorecard_queries import in_time_lately, tallies
from crm_core.dealers.workshop_actions import Wish, book, free_slots, set_booking
from crm_core.dealers.workshop_changes import change_booking, restore_booking, workshops_for
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.model import OutboxEvent
from crm_core.jobs.actions import ensure
from crm_core.jobs.runner import JobRunner
from crm_core.leads.model import Lead, LeadTurn
from crm_core.vehicles.model import Delivery, Vehicle, WorkshopVisit

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # a Thursday, ten in the morning at the site
TODAY = date(2026, 11, 26)
OWN = Reach(frozenset({1}))


@pytest.fixture
async def shop(db: Database) -> Database:
    """Two dealers; a customer of the first with a car that was delivered 13 days ago and in the workshop yesterday."""
    async with db.begin() as session:
        for number in (1, 2):
            dealer = Dealer(
                id=number, code=f"D{number}", name=f"店 {number}", short_name=f"店 {number}", province="吉林"
            )
            dealer.city, dealer.address, dealer.phone = "长春", "某路 1 号", "+8643188880000"
            dealer.latitude, dealer.longitude, dealer.region = 43.8, 125.3, "东北" if number == 1 else "华东"
            session.add(dealer)
        await session.flush()
        session.add(DealerStaff(id=5, dealer_id=1, name="李娜", role="sales_consultant"))
        session.add(DealerStaff(id=6, dealer_id=1, name="刘志远", role="technician"))
        session.add(Customer(id=1, name="赵敏", dealer_id=1, created_at=NOW, birthday="11-30", service_adviser="周伟"))
        session.add(Vehicle(id=1, vin="LFV3A23C9P0012847", model="远辰 E6"))
        await session.flush()
        session.add(
            Delivery(id=3, vehicle_id=1, customer_id=1, dealer_id=1, delivered_on=date(2026, 11, 13), consultant="李娜")
        )
        visit = WorkshopVisit(id=4, number="W-1", vehicle_id=1, customer_id=1, dealer_id=1, kind="repair")
        visit.came_at, visit.left_at = NOW - timedelta(days=1), NOW - timedelta(hours=20)
        session.add(visit)
    return db


async def kinds(db: Database) -> dict[str, CareTask]:
    async with db.begin() as session:
        return {task.kind: task for task in await session.scalars(select(CareTask))}


async def test_a_delivery_a_visit_and_a_birthday_are_planned_once_for_the_right_people(shop: Database):
    async with shop.begin() as session:
        added = await plan_care(session, at=NOW, zone=ZONE)
    async with shop.begin() as session:
        assert await plan_care(session, at=NOW, zone=ZONE) == 0
    tasks = await kinds(shop)
    assert added == len(tasks) == 4
    assert (tasks["two_weeks"].due_on, tasks["two_weeks"].staff_id) == (date(2026, 11, 27), 5)
    assert tasks["after_service"].due_on == date(2026, 11, 28)
    assert tasks["birthday"].due_on == date(2026, 11, 30)


async def test_an_open_complaint_stops_what_is_due_and_its_end_frees_it(shop: Database):
    async with shop.begin() as session:
        case = Case(id=9, number="TS-9", kind="complaint", title="异响", customer_id=1, dealer_id=1, opened_at=NOW)
        session.add(case)
        await plan_care(session, at=NOW, zone=ZONE)
    assert (await kinds(shop))["two_weeks"].status == "stopped"
    async with shop.begin() as session:
        (await session.get_one(Case, 9)).closed_at = NOW
        await plan_care(session, at=NOW + timedelta(hours=1), zone=ZONE)
    task = (await kinds(shop))["two_weeks"]
    assert (task.status, task.reason) != ("stopped", "complaint")


async def test_the_plan_comes_again_the_next_morning_by_itself(shop: Database):
    runner = JobRunner(shop, care_handlers(ZONE))
    async with shop.begin() as session:
        await ensure(session, CARE_PLAN, "site", NOW)
    assert await runner.run_due(NOW) == 1
    assert await runner.run_due(NOW + timedelta(hours=2)) == 0
    assert await runner.run_due(datetime(2026, 11, 26, 22, 0, tzinfo=UTC)) == 1


async def test_a_prospect_gets_a_test_drive_and_the_least_number_of_contacts(shop: Database):
    async with shop.begin() as session:
        lead = Lead(id=7, number="XS-7", customer_id=1, source="web", status="following", dealer_id=1, test_drive=True)
        lead.created_at = lead.sent_at = NOW - timedelta(days=85)
        session.add(lead)
        await session.flush()
        await plan_care(session, at=NOW, zone=ZONE)
    tasks = await kinds(shop)
    assert tasks["test_drive"].subject == "lead/7"
    assert tasks["visit"].due_on == TODAY + timedelta(days=6)


async def test_care_is_listed_within_the_reach_only(shop: Database):
    async with shop.begin() as session:
        await plan_care(session, at=NOW, zone=ZONE)
    async with shop.begin() as session:
        mine = await care_lines(session, OWN, CareFilter(state="open"), today=TODAY)
        theirs = await care_lines(session, Reach(frozenset({2})), CareFilter(state="open"), today=TODAY)
        counts = await care_counts(session, OWN, today=TODAY)
    assert len(mine) == counts["open"]
    assert mine
    assert theirs == []


async def test_who_has_not_reported_is_told_an_hour_before_the_hour(shop: Database):
    async with shop.begin() as session:
        await report_day(session, 1, TODAY, 42, 31, zone=ZONE, reach=OWN, actor="5101", at=NOW)
        await ensure(session, REMINDER, "site", NOW)
    runner = JobRunner(shop, {REMINDER: reminder(ZONE)})
    await runner.run_due(NOW)
    await runner.run_due(datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    async with shop.begin() as session:
        told = list(await session.scalars(select(OutboxEvent.subject).where(OutboxEvent.kind == "dealer.figures_due")))
        late = await missing_days(session, EVERYTHING, now=NOW + timedelta(hours=9), until=1080, zone=ZONE)
    assert told == ["dealer/2"]
    assert TODAY not in late[1]
    assert TODAY in late[2]


async def test_of_two_who_want_the_last_slot_the_second_is_refused(shop: Database):
    begins = datetime(2026, 11, 27, 9, 0, tzinfo=ZONE)
    wish = Wish(customer_id=1, vehicle_id=1, work="repair", begins_at=begins)
    async with shop.begin() as session:
        await book(session, 1, wish, source="hotline", zone=ZONE, reach=EVERYTHING, actor="1018", at=NOW)
    async with shop.begin() as session:
        with pytest.raises(Refused):
            await book(session, 1, wish, source="dealer", zone=ZONE, reach=OWN, actor="5101", at=NOW)


async def test_news_reach_their_region_and_no_other(shop: Database):
    async with shop.begin() as session:
        for news_id, regions in ((1, []), (2, ["东北"]), (3, ["华东"])):
            news = NetworkNews(id=news_id, kind="news", title=f"公告 {news_id}", regions=regions, must_read=True)
            news.created_at, news.created_by, news.published_at = NOW, "2001", NOW
            session.add(news)
    reader = Reader(user_id=1, region="东北")
    async with shop.begin() as session:
        seen = {line.news.id for line in await news_for(session, reader, today=TODAY)}
        assert await unread_count(session, reader, today=TODAY) == 2
        office = Reader(user_id=1, region=None)
        assert len(await news_for(session, office, today=TODAY)) == 3
    assert seen == {1, 2}


async def test_the_scorecard_counts_steps_complaints_and_leads_of_their_month(shop: Database):
    async with shop.begin() as session:
        case = Case(id=9, number="TS-9", kind="complaint", title="异响", customer_id=1, dealer_id=1)
        case.opened_at, case.closed_at = NOW - timedelta(days=6), NOW - timedelta(days=2)
        case.due_at, case.satisfaction = NOW + timedelta(days=1), 4
        session.add(case)
        await session.flush()
        for stage, late in (("accept", False), ("report", True)):
            due = NOW - timedelta(days=3)
            done = due + timedelta(hours=5 if late else -5)
            session.add(CaseStage(case_id=9, stage=stage, began_at=case.opened_at, due_at=due, done_at=done))
        lead = Lead(id=7, number="XS-7", customer_id=1, source="web", status="won", dealer_id=1)
        lead.created_at = lead.sent_at = NOW - timedelta(days=10)
        session.add(lead)
        await session.flush()
        turn = LeadTurn(lead_id=7, dealer_id=1, sent_at=lead.sent_at, due_at=NOW - timedelta(days=3))
        turn.first_word_at = turn.ended_at = NOW - timedelta(days=8)
        session.add(turn)
        await report_day(session, 1, TODAY, 42, 31, zone=ZONE, reach=OWN, actor="5101", at=NOW)
    months = months_back(TODAY, 2, ZONE)
    async with shop.begin() as session:
        found = await tallies(session, months, now=NOW)
        lately = await in_time_lately(session, now=NOW)
    november = {word: by_dealer[1].get("2026-11") for word, by_dealer in found.items()}
    assert november["complaint_days"].value == pytest.approx(4.0, abs=0.01)
    assert november["in_time"].value == 0.5
    assert november["satisfaction"].value == 4
    assert november["lead_won"].value == 1
    assert november["visitors"].value == 42
    assert lately[1].denominator == 3


async def test_a_booking_is_moved_taken_off_and_put_on_again_while_its_place_is_free(shop: Database):
    nine = datetime(2026, 11, 27, 9, 0, tzinfo=ZONE)
    more: dict[str, Any] = {"zone": ZONE, "reach": EVERYTHING, "actor": "1018"}
    async with shop.begin() as session:
        wish = Wish(customer_id=1, vehicle_id=1, work="repair", begins_at=nine)
        row = await book(session, 1, wish, source="hotline", at=NOW, **more)
        half = nine + timedelta(minutes=30)
        moved = await change_booking(session, row.id, work="inspection", begins_at=half, at=NOW, **more)
        assert (moved.begins_at, moved.ends_at) == (half, half + timedelta(hours=1))
        assert [slot.free for slot in await free_slots(session, 1, nine.date(), "inspection", now=NOW, zone=ZONE)][
            1
        ] == 0
        again = await free_slots(session, 1, nine.date(), "inspection", now=NOW, zone=ZONE, but=row.id)
        assert all(slot.free for slot in again)
        await set_booking(session, row.id, "cancelled", reach=EVERYTHING, actor="1018", at=NOW)
        other = await book(session, 1, wish, source="dealer", at=NOW, **more)
    async with shop.begin() as session:
        with pytest.raises(Refused, match="taken meanwhile"):
            await restore_booking(session, row.id, at=NOW, **more)
    async with shop.begin() as session:
        await set_booking(session, other.id, "cancelled", reach=EVERYTHING, actor="1018", at=NOW)
        assert (await restore_booking(session, row.id, at=NOW, **more)).status == "booked"
        with pytest.raises(Refused):
            await restore_booking(session, row.id, at=NOW, **more)


async def test_a_booking_of_another_dealer_or_in_the_past_cannot_be_moved(shop: Database):
    nine = datetime(2026, 11, 27, 9, 0, tzinfo=ZONE)
    async with shop.begin() as session:
        wish = Wish(customer_id=1, vehicle_id=1, work="repair", begins_at=nine)
        row = await book(session, 2, wish, source="hotline", zone=ZONE, reach=EVERYTHING, actor="1018", at=NOW)
        more: dict[str, Any] = {"work": "repair", "zone": ZONE, "actor": "5101", "at": NOW}
        with pytest.raises(NotFound):
            await change_booking(session, row.id, begins_at=nine + timedelta(hours=2), reach=OWN, **more)
        with pytest.raises(NotFound):
            await change_booking(session, 999, begins_at=nine, reach=EVERYTHING, **more)
        with pytest.raises(Invalid):
            await change_booking(session, row.id, begins_at=NOW - timedelta(days=1), reach=EVERYTHING, **more)


async def test_a_booking_goes_to_another_workshop_in_one_step_or_not_at_all(shop: Database):
    nine = datetime(2026, 11, 27, 9, 0, tzinfo=ZONE)
    more: dict[str, Any] = {"zone": ZONE, "reach": EVERYTHING, "actor": "1018", "at": NOW}
    async with shop.begin() as session:
        wish = Wish(customer_id=1, vehicle_id=1, work="repair", begins_at=nine)
        row = await book(session, 1, wish, source="hotline", **more)
        moved = await change_booking(session, row.id, work="repair", begins_at=nine, dealer_id=2, **more)
        assert (moved.id, moved.dealer_id, moved.technician_id, moved.begins_at) == (row.id, 2, None, nine)
        other = await book(session, 1, wish, source="hotline", **more)
    async with shop.begin() as session:
        with pytest.raises(Refused, match="taken meanwhile"):
            await change_booking(session, other.id, work="repair", begins_at=nine, dealer_id=2, **more)
    async with shop.begin() as session:
        stays = await session.get_one(WorkshopBooking, other.id)
        assert (stays.dealer_id, stays.begins_at.astimezone(ZONE)) == (1, nine)
        with pytest.raises(NotFound):
            await change_booking(
                session, stays.id, work="repair", begins_at=nine, dealer_id=2, **{**more, "reach": OWN}
            )


async def test_the_own_dealers_workshop_stands_first_and_then_the_nearest(shop: Database):
    async with shop.begin() as session:
        (await session.get_one(Dealer, 2)).latitude = 44.8
        found = await workshops_for(session, 2)
        assert [(one.dealer_id, one.is_own) for one in found] == [(2, True), (1, False)]
        assert found[1].km is not None
        assert 110 < found[1].km < 112
        assert [one.km for one in await workshops_for(session, None)] == [None, None]
