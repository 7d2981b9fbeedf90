"""A prospect's way, with the clock moved: captured, verified, sent, reminded, passed on, won or lost, or nurtured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.model import Case
from crm_core.consent.actions import answer
from crm_core.consent.model import Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer, CustomerHandle
from crm_core.db import Database
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.scorecard_queries import in_time_lately
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.model import OutboxEvent
from crm_core.jobs.actions import ensure
from crm_core.jobs.model import Job
from crm_core.jobs.runner import JobRunner
from crm_core.leads import actions, dealer_queries
from crm_core.leads.actions import CustomerSaysNo, LeadOpenAlready
from crm_core.leads.jobs import SENDING_JOB, lead_handlers
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.rules import FIRST_RULES, state_of
from crm_core.leads.settings import save_lead_rules
from crm_core.vehicles.model import Delivery, Vehicle, VehicleOrder, VehicleRole
from tests.unit.crm_core.builders import a_customer

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
MORNING = datetime(2026, 11, 19, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MID = date(2027, 2, 1)
VIN = "LYHEA6B17P0012847"
HOME, ACROSS, JILIN = 1, 2, 3


@dataclass
class Sales:
    """A centre with three dealers and one prospect."""

    db: Database
    customer_id: int
    jobs: JobRunner

    async def captured(self, **more) -> Lead:
        facts: dict[str, Any] = {
            "source": "hotline",
            "model": "远辰 E8",
            "buy_by": MID,
            "consent": True,
            "consent_words": "可以联系我",
        }
        async with self.db.begin() as session:
            facts = {
                "customer_id": self.customer_id,
                "actor": "1018",
                "at": NOON,
                "zone": ZONE,
                **facts,
                **more,
            }
            return await actions.capture(session, **facts)

    async def verified(self, at: datetime = NOON, **more) -> Lead:
        lead = await self.captured(**more)
        return await self.do("verify", lead.id, at=at, zone=ZONE)

    async def sent(self, **more) -> Lead:
        lead = await self.verified(**more)
        await self.jobs.run_due(MORNING)
        return await self.lead(lead.id)

    async def do(self, act: str, lead_id: int, **more):
        async with self.db.begin() as session:
            return await getattr(actions, act)(session, lead_id, **{"actor": "1018", "at": NOON, **more})

    async def lead(self, lead_id: int) -> Lead:
        async with self.db.begin() as session:
            return await session.get_one(Lead, lead_id)

    async def kinds(self, lead_id: int) -> list[str]:
        async with self.db.begin() as session:
            rows = select(LeadEvent.kind).where(LeadEvent.lead_id == lead_id).order_by(LeadEvent.at, LeadEvent.id)
            return list(await session.scalars(rows))


@pytest.fixture
async def sales(db: Database) -> Sales:
    async with db.begin() as session:
        for number, city, latitude, longitude, region in (
            (HOME, "长春", 43.88, 125.32, "东北"),
            (ACROSS, "长春", 43.82, 125.28, "东北"),
            (JILIN, "吉林", 43.84, 126.55, ""),
        ):
            dealer = Dealer(
                id=number, code=f"D{number}", name=f"店 {number}", short_name=f"店{number}", province="吉林"
            )
            dealer.city, dealer.latitude, dealer.longitude, dealer.region = city, latitude, longitude, region
            dealer.address, dealer.phone = "大街 1 号", "0431-88880001"
            session.add(dealer)
        await session.flush()
        session.add(DealerStaff(id=1, dealer_id=HOME, name="李娜", role="sales_consultant"))
        session.add(DealerStaff(id=2, dealer_id=ACROSS, name="张伟", role="sales_consultant"))
        manager = User(number="7001", name="区域经理", password_hash="x", roles="regional_manager", region="东北")
        session.add(manager)
        customer = await a_customer(session, "高明", "+8613800000925", city="长春", dealer_id=HOME)
        await ensure(session, SENDING_JOB, "site", MORNING)
    return Sales(db, customer.id, JobRunner(db, lead_handlers(ZONE)))


async def test_a_lead_goes_to_the_customers_dealer_next_morning_at_eight(sales: Sales):
    lead = await sales.verified()
    assert (lead.status, lead.horizon, lead.number) == ("verified", "mid", "XS-1118-0001")
    await sales.jobs.run_due(MORNING - timedelta(minutes=1))
    assert (await sales.lead(lead.id)).status == "verified"
    await sales.jobs.run_due(MORNING)
    sent = await sales.lead(lead.id)
    assert (sent.status, sent.dealer_id, sent.times_sent) == ("sent", HOME, 1)
    assert sent.feedback_due_at == MORNING + 7 * DAY
    assert await sales.kinds(lead.id) == ["captured", "verified", "sent"]


async def test_what_is_verified_after_eight_waits_for_the_next_morning_even_if_the_delivery_is_late(sales: Sales):
    early = await sales.verified()
    late = await sales.verified(at=MORNING + timedelta(hours=1), again=True)
    await sales.jobs.run_due(MORNING + timedelta(hours=2))
    assert (await sales.lead(early.id)).status == "sent"
    assert (await sales.lead(late.id)).status == "verified"
    await sales.jobs.run_due(MORNING + DAY)
    assert (await sales.lead(late.id)).status == "sent"


async def test_a_hot_lead_goes_at_once_and_at_eight_where_the_rules_say_so(sales: Sales):
    hot = await sales.verified(buy_by=date(2026, 11, 30))
    assert (hot.horizon, hot.status) == ("hot", "sent")
    async with sales.db.begin() as session:
        rules = state_of(replace(FIRST_RULES, hot_at_once=False))
        await save_lead_rules(session, rules, base=None, actor="9001", at=NOON)
    assert (await sales.verified(buy_by=date(2026, 11, 30), again=True)).status == "verified"


async def test_without_consent_nothing_follows(sales: Sales):
    lead = await sales.captured(consent=None)
    with pytest.raises(CustomerSaysNo, match="not asked"):
        await sales.do("verify", lead.id, zone=ZONE)
    refused = await sales.captured(consent=False, again=True)
    assert (refused.status, refused.lost_reason) == ("lost", "refused")


async def test_a_consent_withdrawn_before_the_morning_holds_the_lead_back_and_says_so_once(sales: Sales):
    lead = await sales.verified()
    async with sales.db.begin() as session:
        await answer(
            session, sales.customer_id, Purpose.LEAD, Channel.PHONE, False,
            contact_id="", words="不要再打", actor="1018", at=NOON + timedelta(hours=1),
        )  # fmt: skip
    await sales.jobs.run_due(MORNING)
    await sales.jobs.run_due(MORNING + DAY)
    assert (await sales.lead(lead.id)).status == "verified"
    assert await sales.kinds(lead.id) == ["captured", "verified", "held_back"]
    with pytest.raises(CustomerSaysNo):
        await sales.do("send", lead.id, zone=ZONE, at=MORNING)


async def test_an_open_lead_of_the_same_customer_is_proposed_instead_of_a_double(sales: Sales):
    first = await sales.captured()
    with pytest.raises(LeadOpenAlready, match=first.number):
        await sales.captured(model="远辰 E6")
    await sales.do("mention", first.id, words="又问了 E6 的价格")
    assert await sales.kinds(first.id) == ["captured", "mentioned"]
    assert (await sales.captured(model="远辰 E6", again=True)).number != first.number


async def test_the_dealer_names_a_follower_and_gives_a_word_in_time(sales: Sales):
    lead = await sales.sent()
    home = Reach(frozenset({HOME}))
    with pytest.raises(Invalid, match="people"):
        await sales.do("name_follower", lead.id, staff_id=2, reach=home)
    await sales.do("name_follower", lead.id, staff_id=1, reach=home)
    step = MORNING.date() + 3 * DAY
    told = await sales.do("feedback", lead.id, words="周六试驾", next_step_on=step, reach=home, at=MORNING, zone=ZONE)
    assert (told.status, told.next_step_on) == ("following", step)
    assert told.feedback_due_at == datetime(2026, 11, 28, 16, tzinfo=UTC)  # 22nd in Shanghai, seven days on
    await sales.jobs.run_due(MORNING + 8 * DAY)
    assert "reminded" not in (await sales.kinds(lead.id))[:5]
    async with sales.db.begin() as session:
        touch = (await session.scalars(select(Touch))).one()
    assert (touch.purpose, touch.channel, touch.subject) == ("lead", "phone", f"lead/{lead.id}")


async def test_an_unworked_lead_is_reminded_twice_then_passed_on_and_the_region_is_told(sales: Sales):
    lead = await sales.sent()
    await sales.jobs.run_due(MORNING + 5 * DAY)
    assert (await sales.lead(lead.id)).reminders == 1
    await sales.jobs.run_due(MORNING + 5 * DAY)  # looking twice reminds once
    await sales.jobs.run_due(MORNING + 7 * DAY)
    assert (await sales.lead(lead.id)).reminders == 2
    await sales.jobs.run_due(MORNING + 9 * DAY)
    moved = await sales.lead(lead.id)
    assert (moved.status, moved.dealer_id, moved.times_sent, moved.dealers_before) == ("sent", ACROSS, 2, [HOME])
    assert moved.feedback_due_at == MORNING + 16 * DAY
    assert await sales.kinds(lead.id) == ["captured", "verified", "sent", "reminded", "reminded", "reassigned"]
    async with sales.db.begin() as session:
        event = (await session.scalars(select(LeadEvent).where(LeadEvent.kind == "reassigned"))).one()
        told = list(await session.scalars(select(OutboxEvent.kind).where(OutboxEvent.subject == f"lead/{lead.id}")))
    assert event.detail["managers"] == ["7001"]
    assert "lead.reassigned" in told


async def test_after_the_third_dealer_the_lead_comes_back_to_the_centre_and_stays_there(sales: Sales):
    lead = await sales.sent()
    for days in range(9, 60, 3):
        await sales.jobs.run_due(MORNING + days * DAY)
    back = await sales.lead(lead.id)
    assert (back.status, back.dealer_id, back.dealers_before) == ("verified", None, [HOME, ACROSS, JILIN])
    assert (await sales.kinds(lead.id))[-1] == "returned"
    again = await sales.do("send", lead.id, dealer_id=JILIN, zone=ZONE, at=MORNING + 60 * DAY)
    assert (again.status, again.dealer_id) == ("sent", JILIN)


async def test_a_foreign_dealer_can_neither_see_nor_touch_a_lead(sales: Sales):
    lead = await sales.sent()
    foreign = Reach(frozenset({JILIN}))
    for act, more in (
        ("feedback", {"words": "x", "next_step_on": None}),
        ("name_follower", {"staff_id": 2}),
        ("lost", {"reason": "price", "lost_to": "", "words": ""}),
        ("won", {"vin": VIN, "plate": "", "model": "E8", "delivered_on": NOON.date(), "price_yuan": 1}),
    ):
        with pytest.raises(NotFound):
            await sales.do(act, lead.id, reach=foreign, **more)
    async with sales.db.begin() as session:
        assert await dealer_queries.leads(session, foreign, now=NOON, zone=ZONE) == []
        assert await dealer_queries.leads(session, Reach(frozenset()), now=NOON, zone=ZONE) == []
        with pytest.raises(NotFound):
            await dealer_queries.lead(session, lead.number, foreign, now=NOON, zone=ZONE)
    waiting = await sales.captured(dealer_id=HOME, again=True)
    with pytest.raises(NotFound):  # wished for, but not sent yet
        await sales.do("feedback", waiting.id, words="x", next_step_on=None, reach=Reach(frozenset({HOME})))


async def in_time(sales: Sales, now: datetime) -> dict[int, tuple[float, float]]:
    async with sales.db.begin() as session:
        found = await in_time_lately(session, now=now)
    return {dealer: (tally.numerator, tally.denominator) for dealer, tally in found.items()}


async def test_only_a_first_word_within_the_clock_counts_as_in_time(sales: Sales):
    prompt, late = await sales.verified(), await sales.verified(again=True)
    await sales.jobs.run_due(MORNING)
    home = Reach(frozenset({HOME}))
    told = {"next_step_on": None, "reach": home}
    await sales.do("feedback", prompt.id, words="周六来", at=MORNING + 2 * DAY, **told)
    await sales.do("feedback", prompt.id, words="改到下周", at=MORNING + 8 * DAY, **told)
    await sales.do("feedback", late.id, words="刚联系上", at=MORNING + 8 * DAY, **told)
    assert await in_time(sales, MORNING + 6 * DAY) == {}
    assert await in_time(sales, MORNING + 9 * DAY) == {HOME: (1, 2)}


async def test_a_dealer_who_let_a_lead_lie_keeps_it_in_the_figure_when_it_has_gone_on(sales: Sales):
    lead = await sales.sent()
    for days in (5, 7, 9):
        await sales.jobs.run_due(MORNING + days * DAY)
    word = {"words": "已试驾", "next_step_on": None, "reach": Reach(frozenset({ACROSS}))}
    await sales.do("feedback", lead.id, at=MORNING + 10 * DAY, **word)
    assert await in_time(sales, MORNING + 17 * DAY) == {HOME: (0, 1), ACROSS: (1, 1)}


async def test_what_the_centre_took_back_or_closed_before_the_time_blames_nobody(sales: Sales):
    back, lost, told = [await sales.verified(again=True) for _ in range(3)]
    await sales.jobs.run_due(MORNING)
    await sales.do("take_back", back.id, words="客户要另一家店", at=MORNING + 2 * DAY)
    closed = {"reason": "put_off", "lost_to": "", "words": ""}
    await sales.do("lost", lost.id, reach=EVERYTHING, at=MORNING + 2 * DAY, **closed)
    await sales.do("lost", told.id, reach=Reach(frozenset({HOME})), at=MORNING + 2 * DAY, **closed)
    assert await in_time(sales, MORNING + 9 * DAY) == {HOME: (1, 1)}


async def test_the_portal_sees_the_clock_and_not_what_the_dealer_before_wrote(sales: Sales):
    lead = await sales.sent(wish="E8 四驱，本周试驾")
    home, across = Reach(frozenset({HOME})), Reach(frozenset({ACROSS}))
    await sales.do("feedback", lead.id, words="客户太难缠", next_step_on=None, reach=home, at=MORNING)
    async with sales.db.begin() as session:
        row = (await dealer_queries.leads(session, home, now=MORNING + 6 * DAY, zone=ZONE))[0]
    assert (row.customer, row.phone, row.clock.cells, row.clock.tone) == ("高明", "+8613800000925", 6, "warn")
    await sales.do("reassign", lead.id, dealer_id=ACROSS, at=MORNING + 7 * DAY)
    async with sales.db.begin() as session:
        assert await dealer_queries.leads(session, home, now=NOON, zone=ZONE) == []
        detail = await dealer_queries.lead(session, lead.number, across, now=MORNING + 7 * DAY, zone=ZONE)
    assert [event.kind for event in detail.events] == ["reassigned", "verified", "captured"]
    assert detail.lead.times_sent == 2


async def test_a_won_lead_brings_back_customer_vehicle_order_and_delivery(sales: Sales):
    lead = await sales.sent()
    home = Reach(frozenset({HOME}))
    await sales.do("name_follower", lead.id, staff_id=1, reach=home)
    sold = {"plate": "吉A·D71902", "model": "远辰 E8", "delivered_on": MORNING.date(), "price_yuan": 268_000}
    won = await sales.do("won", lead.id, vin=VIN.lower(), reach=home, at=MORNING + DAY, **sold)
    assert (won.status, won.closed_at, won.feedback_due_at) == ("won", MORNING + DAY, None)
    async with sales.db.begin() as session:
        vehicle = (await session.scalars(select(Vehicle))).one()
        role = (await session.scalars(select(VehicleRole))).one()
        delivery = (await session.scalars(select(Delivery))).one()
        order = (await session.scalars(select(VehicleOrder))).one()
        customer = await session.get_one(Customer, sales.customer_id)
        assert not list(await session.scalars(select(Job.key).where(Job.kind == "lead.clock")))
    assert (vehicle.vin, vehicle.plate, vehicle.dealer_id) == (VIN, "吉AD71902", HOME)
    assert (role.role, delivery.consultant, delivery.price_yuan) == ("buyer", "李娜", 268_000)
    assert (order.status, order.vehicle_id, customer.sales_consultant) == ("delivered", vehicle.id, "李娜")
    with pytest.raises(Refused, match="won"):
        await sales.do("lost", lead.id, reason="price", lost_to="", words="", reach=home)


async def test_a_vin_that_is_wrong_or_somebody_elses_wins_nothing(sales: Sales):
    lead = await sales.sent()
    sold = {"plate": "", "model": "E8", "delivered_on": MORNING.date(), "price_yuan": 1, "reach": EVERYTHING}
    for vin in ("", "LYHEA6B17P001284", "LYHEA6B17P00128IO", "'; DROP TABLE --17", "一" * 17):
        with pytest.raises(Invalid, match="17"):
            await sales.do("won", lead.id, vin=vin, at=MORNING, **sold)
    async with sales.db.begin() as session:
        other = await a_customer(session, "孟凡超")
        vehicle = Vehicle(vin=VIN, model="E8")
        session.add(vehicle)
        await session.flush()
        session.add(VehicleRole(vehicle_id=vehicle.id, customer_id=other.id, role="buyer"))
    with pytest.raises(Invalid, match="another customer"):
        await sales.do("won", lead.id, vin=VIN, at=MORNING, **sold)
    with pytest.raises(Invalid, match="future"):
        await sales.do("won", lead.id, vin=VIN, at=MORNING, **{**sold, "delivered_on": date(2027, 1, 1)})
    assert (await sales.lead(lead.id)).status == "sent"
    async with sales.db.begin() as session:
        assert not list(await session.scalars(select(Delivery)))


async def test_a_lost_lead_has_its_reason_and_the_competitor(sales: Sales):
    lead = await sales.sent()
    with pytest.raises(Invalid, match="instead"):
        await sales.do("lost", lead.id, reason="competitor", lost_to=" ", words="", reach=EVERYTHING)
    lost = await sales.do("lost", lead.id, reason="competitor", lost_to="对手 X5", words="价格", reach=EVERYTHING)
    assert (lost.status, lost.lost_to) == ("lost", "对手 X5")
    assert (await sales.do("reopen", lead.id)).status == "verified"


async def test_a_long_lead_gets_material_first_then_a_call_every_three_months(sales: Sales):
    async with sales.db.begin() as session:
        session.add(CustomerHandle(customer_id=sales.customer_id, kind="email", value="gao@example.cn"))
        await answer(
            session, sales.customer_id, Purpose.LEAD, Channel.EMAIL, True, contact_id="c", words="", actor="1", at=NOON
        )
    lead = await sales.verified(buy_by=None)
    assert (lead.status, lead.next_step_on) == ("nurture", date(2027, 2, 17))
    async with sales.db.begin() as session:
        case = (await session.scalars(select(Case))).one()
        assert case.kind == "material"
        assert "店 1" in case.detail
    call = datetime(2027, 2, 17, 2, tzinfo=UTC)  # 10:00
    await sales.jobs.run_due(call)
    await sales.jobs.run_due(call + 91 * DAY)  # nobody called yet: no second task beside it
    async with sales.db.begin() as session:
        task = (await session.scalars(select(CareTask))).one()
        assert (task.kind, task.status, task.due_on, task.dealer_id) == (
            "three_months",
            "open",
            date(2027, 2, 17),
            None,
        )
    called = await sales.do("nurture_called", lead.id, words="秋天再看", at=call + 92 * DAY, zone=ZONE)
    assert called.next_step_on == date(2027, 8, 19)
    await sales.jobs.run_due(call + 184 * DAY)
    async with sales.db.begin() as session:
        states = [one.status for one in await session.scalars(select(CareTask).order_by(CareTask.id))]
    assert states == ["done", "open"]


async def test_the_plan_ends_when_the_customer_refuses_and_when_the_interest_grows(sales: Sales):
    lead = await sales.verified(buy_by=None)
    await sales.jobs.run_due(NOON + 91 * DAY)
    hot = await sales.do("verify", lead.id, buy_by=date(2027, 3, 1), at=NOON + 92 * DAY, zone=ZONE)
    assert (hot.status, hot.horizon) == ("sent", "hot")
    other = await sales.verified(buy_by=None, again=True)
    async with sales.db.begin() as session:
        assert [one.status for one in await session.scalars(select(CareTask))] == ["stopped"]
        await answer(
            session, sales.customer_id, Purpose.LEAD, Channel.PHONE, False,
            contact_id="c", words="", actor="1", at=NOON + DAY,
        )  # fmt: skip
    await sales.jobs.run_due(NOON + 91 * DAY)
    ended = await sales.lead(other.id)
    assert (ended.status, ended.lost_reason) == ("lost", "refused")


async def test_a_recommendation_counts_for_who_made_it_until_it_proves_to_be_none(sales: Sales):
    async with sales.db.begin() as session:
        owner = await a_customer(session, "陈建国")

    async def referrals() -> int:
        async with sales.db.begin() as session:
            return (await session.get_one(Customer, owner.id)).referrals

    lead = await sales.captured(source="referral", referred_by_id=owner.id)
    assert await referrals() == 1
    await sales.do("invalidate", lead.id, words="打错了")
    assert await referrals() == 0
    with pytest.raises(Invalid, match="themselves"):
        await sales.captured(source="referral", referred_by_id=sales.customer_id)


async def test_hostile_words_are_kept_as_words(sales: Sales):
    evil = "<script>alert(1)</script>'; DROP TABLE lead; --\0" + "长" * 500
    lead = await sales.captured(wish=evil, model="", touchpoint=evil)
    assert len(lead.wish) == 200
    assert "\0" not in lead.wish
    with pytest.raises(Invalid):
        await sales.captured(source="' OR 1=1", again=True)
    with pytest.raises(Invalid):
        await sales.captured(horizon="<b>", again=True)
    with pytest.raises(NotFound):
        await sales.captured(customer_id=2**31 - 1, again=True)
