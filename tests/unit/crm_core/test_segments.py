"""Worth and segments in the database: gathered, decided, ranked, counted, kept up to date."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.errors import NotFound
from crm_core.integration.model import OutboxEvent
from crm_core.integration.outbox import tell
from crm_core.jobs.actions import ensure
from crm_core.jobs.model import Job
from crm_core.jobs.runner import JobRunner
from crm_core.segments import ranks
from crm_core.segments.actions import (
    SegmentChangedMeanwhile,
    add_ready,
    bring_back,
    remove_segment,
    save_segment,
)
from crm_core.segments.changes import KIND, following
from crm_core.segments.class_actions import give_class, record_fleet_purchase, remove_fleet_purchase, take_class_back
from crm_core.segments.conditions import read
from crm_core.segments.membership import count, members
from crm_core.segments.model import CustomerWorth, SegmentCount, SegmentMember, WorthCount, WorthCuts, WorthRun
from crm_core.segments.nightly import nightly
from crm_core.segments.portrait import portrait
from crm_core.segments.preview import preview
from crm_core.segments.queries import member_page
from crm_core.segments.recompute import refresh
from crm_core.segments.rulebook import CLASSES, ClassRule, Condition, RuleBook, state_of
from crm_core.segments.rules import NIGHTLY, save_rules
from crm_core.segments.worth import worth
from crm_core.vehicles.model import Delivery, WorkshopVisit
from crm_core.workforce.fields import Unusable
from crm_core.workforce.versions import SavedMeanwhile
from tests.unit.crm_core.builders import NOW, a_contact, a_customer, a_vehicle

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = NOW.astimezone(ZONE).date()
BY: dict[str, Any] = {"actor": "2001", "at": NOW, "zone": ZONE}


def defined(*conditions: tuple, join: str = "all") -> dict:
    """One group of conditions (field, op, value)."""
    rows = [{"field": field, "op": op, "value": value} for field, op, value in conditions]
    return {"join": "all", "groups": [{"join": join, "conditions": rows}]}


async def a_night(db: Database, at: datetime = NOW) -> int:
    """Runs the nightly job to its end; gives how many steps it took."""
    async with db.begin() as session:
        await ensure(session, NIGHTLY, "site", at)
    runner = JobRunner(db, {NIGHTLY: nightly(ZONE)})
    steps = 0
    while steps < 100:
        at += timedelta(seconds=1)
        steps += await runner.run_due(at)
        async with db.begin() as session:
            if not await session.scalar(select(WorthRun.id).where(WorthRun.finished_at.is_(None))):
                return steps
    raise AssertionError("the night did not end")


async def a_buyer(session, name: str, *, days: int, yuan: int = 200_000, **more) -> Customer:
    customer = await a_customer(session, name, **more)
    sold_on = TODAY - timedelta(days=days)
    vehicle = await a_vehicle(session, customer, f"吉A{customer.id:05}", sold_on=sold_on)
    session.add(Delivery(vehicle_id=vehicle.id, customer_id=customer.id, delivered_on=sold_on, price_yuan=yuan))
    await session.flush()
    return customer


async def test_the_worth_of_a_customer_is_computed_when_first_asked_and_says_why(db: Database):
    async with db.begin() as session:
        chen = await a_buyer(session, "陈建国", days=640, referrals=2)
        second = await a_vehicle(session, chen, "吉A7K28M", vin="LYH00000000000999", sold_on=date(2024, 3, 1))
        visit = WorkshopVisit(number="W-1", vehicle_id=second.id, customer_id=chen.id, kind="maintenance")
        visit.came_at, visit.cost_yuan = NOW - timedelta(days=20), 1_800
        session.add(visit)
        await a_contact(session, "c1", chen, days_ago=3, agent="1018")
        found = await worth(session, chen.id, now=NOW)
        await session.refresh(chen)
    assert (found.customer_class, found.stage, found.churn_risk) == ("vip", "stable", "low")
    assert [one.code for one in found.class_reasons] == ["vehicles_3y", "referrals"]
    assert (found.recency_by, found.frequency, found.value_yuan) == ("contact", 2, 201_800)
    assert found.stages[2] == "stable"
    assert "ask_referral" in found.advice
    assert (chen.customer_class, chen.class_reason) == ("vip", "近 3 年购车 2 台；推荐成交 2 台")
    assert (chen.value_yuan, chen.updated_at) == (201_800, None)


async def test_nobody_has_no_worth(db: Database):
    async with db.begin() as session:
        with pytest.raises(NotFound):
            await worth(session, 999, now=NOW)


async def test_a_bought_vehicle_counts_once_though_it_has_a_buyer_and_a_delivery(db: Database):
    async with db.begin() as session:
        buyer = await a_buyer(session, "王静", days=100)
        assert (await worth(session, buyer.id, now=NOW)).vehicles == 1


async def test_complaints_refusals_and_bad_ratings_become_the_reasons_of_a_risk(db: Database):
    async with db.begin() as session:
        unhappy = await a_buyer(session, "何静", days=300)
        facts = {"kind": "complaint", "title": "交车超时", "customer_id": unhappy.id, "opened_at": NOW}
        session.add(Case(number="TS-1", **facts))
        session.add(Case(number="TS-2", closed_at=NOW - timedelta(days=9), satisfaction=1, **facts))
        for given, days in ((True, 9), (False, 2)):
            answer = Consent(customer_id=unhappy.id, purpose="news", channel="phone", given=given)
            answer.at = NOW - timedelta(days=days)
            session.add(answer)
        await session.flush()
        found = await worth(session, unhappy.id, now=NOW)
    assert {one.code for one in found.churn_reasons} == {"open_complaint", "bad_rating", "refused"}
    assert (found.churn_risk, found.churn_score) == ("high", 60)


async def test_a_night_ranks_everybody_counts_the_segments_and_goes_on_the_next_night(db: Database):
    async with db.begin() as session:
        for place in range(10):
            await a_buyer(session, f"客户{place}", days=100 + place, yuan=100_000 * (place + 1))
        best = defined(("value_top", "first", 10))
        row = await save_segment(session, None, {"name": "高价值", "dimension": "worth", "definition": best}, **BY)
    steps = await a_night(db)
    assert steps >= 5
    async with db.begin() as session:
        rich = await session.scalar(select(Customer).where(Customer.name == "客户9"))
        poor = await session.scalar(select(Customer).where(Customer.name == "客户0"))
        assert (rich.rfm[2], poor.rfm[2]) == ("5", "1")
        assert (await worth(session, rich.id, now=NOW)).value_top <= 10
        cuts = {row.measure: row.cuts for row in await session.scalars(select(WorthCuts))}
        for one in await session.scalars(select(CustomerWorth)):
            assert one.value_rank == ranks.rank(one.value_yuan, cuts["value"])
            assert one.frequency_rank == ranks.rank(one.contacts + one.visits, cuts["frequency"])
            assert one.recency_rank == ranks.rank(ranks.recency_number(one.recency_on), cuts["recency"])
        assert await members(session, row.id, today=TODAY) == [rich.id]
        assert await session.scalar(select(SegmentCount.members).where(SegmentCount.segment_id == row.id)) == 1
        stages = dict((await session.execute(select(WorthCount.word, WorthCount.customers))).all())
        assert stages["forming"] == 10
        job = await session.scalar(select(Job).where(Job.kind == NIGHTLY))
        assert job.due_at.astimezone(ZONE).strftime("%d %H:%M") == "17 02:30"


async def test_a_night_that_was_cut_goes_on_where_it_was(db: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crm_core.segments.nightly.CUSTOMERS_AT_ONCE", 2)
    async with db.begin() as session:
        for place in range(5):
            await a_customer(session, f"客户{place}")
        await ensure(session, NIGHTLY, "site", NOW)
    for second in (1, 2):
        await JobRunner(db, {NIGHTLY: nightly(ZONE)}).run_due(NOW + timedelta(seconds=second))
    async with db.begin() as session:
        run = await session.scalar(select(WorthRun))
        assert (run.phase, run.customers, run.done) == ("customers", 5, 4)
    await a_night(db, NOW + timedelta(minutes=1))
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(CustomerWorth)) == 5
        assert await session.scalar(select(func.count()).select_from(WorthRun)) == 1


async def test_who_was_merged_away_is_on_no_list(db: Database):
    async with db.begin() as session:
        kept, gone = await a_customer(session, "陈建国"), await a_customer(session, "陈建囯")
        for one in (kept, gone):
            await refresh(session, one.id, NOW)
        gone.merged_into_id = kept.id
    await a_night(db)
    async with db.begin() as session:
        assert list(await session.scalars(select(CustomerWorth.customer_id))) == [kept.id]


async def test_a_class_given_by_a_person_holds_until_its_day_and_other_systems_hear_of_it(db: Database):
    async with db.begin() as session:
        wang = await a_customer(session, "王静")
        await give_class(session, wang.id, customer_class="vip", reason="集团董事长", until=date(2026, 7, 20), **BY)
        found = await worth(session, wang.id, now=NOW)
        assert (found.customer_class, found.class_until) == ("vip", date(2026, 7, 20))
        told = await session.scalar(select(OutboxEvent).where(OutboxEvent.kind == "customer.class_changed"))
        assert told.payload == {"before": "standard", "after": "vip"}
        await refresh(session, wang.id, NOW + timedelta(days=5))
        assert (await worth(session, wang.id, now=NOW)).customer_class == "standard"


async def test_a_given_class_is_taken_back_and_a_wrong_one_is_refused_field_by_field(db: Database):
    async with db.begin() as session:
        wang = await a_customer(session, "王静")
        await give_class(session, wang.id, customer_class="vip", reason="集团董事长", until=TODAY, **BY)
        await take_class_back(session, wang.id, **BY)
        assert (await worth(session, wang.id, now=NOW)).customer_class == "standard"
        with pytest.raises(Unusable) as refused:
            await give_class(session, wang.id, customer_class="king", reason=" ", until=date(2020, 1, 1), **BY)
        assert set(refused.value.by_field) == {"customer_class", "reason", "until"}


async def test_lots_that_are_known_as_a_number_make_a_key_account(db: Database):
    async with db.begin() as session:
        firm = await a_customer(session, "鑫达物流", kind="company")
        lots = []
        for year, vehicles in ((2015, 180), (2017, 130)):
            lot = await record_fleet_purchase(
                session, firm.id, bought_on=date(year, 5, 1), vehicles=vehicles, amount_yuan=9_000_000, **BY
            )
            lots.append(lot.id)
        assert (await worth(session, firm.id, now=NOW)).customer_class == "key_account"
        await remove_fleet_purchase(session, firm.id, lots[0], **BY)
        assert (await worth(session, firm.id, now=NOW)).customer_class == "vip"  # 9 million yuan
        with pytest.raises(Unusable):
            await record_fleet_purchase(session, firm.id, bought_on=None, vehicles="三", **BY)
        with pytest.raises(NotFound):
            await remove_fleet_purchase(session, firm.id + 1, lots[1], **BY)


async def test_rules_are_saved_as_versions_and_everybody_is_computed_anew(db: Database):
    by: dict[str, Any] = {"actor": "2001", "at": NOW}
    state = state_of(RuleBook(), "classes")
    state["rules"].append({"gives": "vip", "conditions": [{"measure": "vehicles", "least": 1}]})
    async with db.begin() as session:
        buyer = await a_buyer(session, "王静", days=100)
        assert (await worth(session, buyer.id, now=NOW)).customer_class == "standard"
        saved = await save_rules(session, "classes", state, base=0, **by)
        assert saved is not None
        assert saved.number == 1
        assert await save_rules(session, "classes", state, base=1, **by) is None
        with pytest.raises(SavedMeanwhile):
            await save_rules(session, "classes", state_of(RuleBook(), "classes"), base=0, **by)
    await a_night(db)
    async with db.begin() as session:
        assert (await worth(session, buyer.id, now=NOW)).customer_class == "vip"


async def test_who_enters_and_leaves_a_segment_shows_on_the_day(db: Database):
    filters = defined(("open_complaints", "least", 1))
    async with db.begin() as session:
        one, other = await a_buyer(session, "王静", days=100), await a_buyer(session, "李敏", days=100)
        session.add(Case(number="TS-1", kind="complaint", title="异响", customer_id=one.id, opened_at=NOW))
        await session.flush()
        for customer in (one, other):
            await refresh(session, customer.id, NOW)
        row = await save_segment(session, None, {"name": "投诉", "dimension": "behaviour", "definition": filters}, **BY)
        day = await session.get(SegmentCount, (row.id, TODAY))
        assert (day.members, day.entered, day.left) == (1, 0, 0)
        session.add(Case(number="TS-2", kind="complaint", title="交车", customer_id=other.id, opened_at=NOW))
        (await session.scalar(select(Case).where(Case.number == "TS-1"))).closed_at = NOW
        await session.flush()
        for customer in (one, other):
            await refresh(session, customer.id, NOW)
    async with db.begin() as session:
        day = await session.get(SegmentCount, (row.id, TODAY))
        assert (day.members, day.entered, day.left) == (1, 1, 1)
        assert await members(session, row.id, today=TODAY) == [other.id]
    await a_night(db, NOW + timedelta(days=1))
    async with db.begin() as session:
        day = await session.get(SegmentCount, (row.id, TODAY + timedelta(days=1)))
        assert (day.members, day.entered, day.left) == (1, 0, 0)
    await a_night(db, NOW + timedelta(days=9))
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(SegmentMember)) == 1


async def test_members_come_page_by_page(db: Database):
    async with db.begin() as session:
        ids = [(await a_customer(session, f"客户{place}")).id for place in range(5)]
        for one in ids:
            await refresh(session, one, NOW)
        filters = defined(("kind", "in", ["person"]))
        row = await save_segment(session, None, {"name": "个人", "dimension": "who", "definition": filters}, **BY)
        first = await members(session, row.id, limit=3, today=TODAY)
        assert first == ids[:3]
        assert await members(session, row.id, after=first[-1], limit=3, today=TODAY) == ids[3:]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([("city", "is", "长春")], {"王静"}),
        ([("city", "is", "'; DROP TABLE customer; --")], set()),
        ([("city", "begins", "%")], set()),
        ([("age", "least", 40)], {"王静"}),
        ([("age", "most", 39)], {"李敏"}),
        ([("gender", "in", ["male"])], {"李敏"}),
        ([("gender", "not_in", ["male"])], {"王静", "鑫达物流"}),
        ([("kind", "in", ["company"])], {"鑫达物流"}),
        ([("model", "begins", "远辰 E")], {"王静"}),
        ([("model", "is", "远辰 C7")], set()),
        ([("energy", "not_in", ["electric"])], {"王静", "李敏", "鑫达物流"}),
        ([("last_purchase_on", "within", 60)], {"王静"}),
        ([("last_purchase_on", "before", 20)], {"王静", "李敏", "鑫达物流"}),
        ([("last_purchase_on", "never", None)], {"李敏", "鑫达物流"}),
        ([("service_due_on", "due_within", 30)], {"王静"}),
        ([("service_due_on", "overdue", 1)], set()),
        ([("service_due_on", "unknown", None)], {"李敏", "鑫达物流"}),
        ([("vehicles", "least", 1), ("kind", "in", ["company"])], set()),
        ([("refused", "no", None), ("vehicles", "equal", 1)], {"王静"}),
        ([("recency", "equal", 1)], {"王静", "李敏", "鑫达物流"}),
        ([("value", "least", 2)], set()),
        ([("dealer", "not_in", ["7"])], {"王静", "李敏", "鑫达物流"}),
        ([("life_cycle_stage", "in", ["prospect"])], {"李敏", "鑫达物流"}),
    ],
)
async def test_each_operator_finds_whom_it_says(db: Database, conditions: list, expected: set[str]):
    async with db.begin() as session:
        wang = await a_customer(session, "王静", city="长春", birth_year=1980, gender="female")
        due = TODAY + timedelta(days=9)
        await a_vehicle(session, wang, sold_on=TODAY - timedelta(days=30), next_service_on=due)
        li = await a_customer(session, "李敏", city="吉林", birth_year=2000, salutation="先生")
        firm = await a_customer(session, "鑫达物流", kind="company")
        for one in (wang, li, firm):
            await refresh(session, one.id, NOW)
        row = await save_segment(
            session, None, {"name": "试", "dimension": "who", "definition": defined(*conditions)}, **BY
        )
        found = await members(session, row.id, today=TODAY)
        names = set(await session.scalars(select(Customer.name).where(Customer.id.in_(found))))
    assert names == expected


async def test_groups_are_joined_by_and_or_or(db: Database):
    async with db.begin() as session:
        for name, city in (("王静", "长春"), ("李敏", "吉林"), ("赵刚", "大连")):
            await refresh(session, (await a_customer(session, name, city=city)).id, NOW)
        groups = [
            {"join": "all", "conditions": [{"field": "city", "op": "is", "value": city}]} for city in ("长春", "吉林")
        ]
        assert await count(session, read({"join": "any", "groups": groups}), TODAY) == 2
        assert await count(session, read({"join": "all", "groups": groups}), TODAY) == 0


async def test_a_segment_is_changed_once_removed_and_brought_back(db: Database):
    typed: dict[str, Any] = {"name": "长春客户", "dimension": "who", "definition": defined(("city", "is", "长春"))}
    async with db.begin() as session:
        row = await save_segment(session, None, typed, **BY)
        with pytest.raises(Unusable) as refused:
            await save_segment(session, None, typed, **BY)
        assert set(refused.value.by_field) == {"name"}
        await save_segment(session, row.id, {**typed, "name": "长春的客户"}, base=1, **BY)
        with pytest.raises(SegmentChangedMeanwhile):
            await save_segment(session, row.id, typed, base=1, **BY)
        by: dict[str, Any] = {"actor": "2001", "at": NOW}
        await remove_segment(session, row.id, **by)
        with pytest.raises(NotFound):
            await members(session, row.id, today=TODAY)
        await bring_back(session, row.id, **by)
        assert await members(session, row.id, today=TODAY) == []


async def test_wrong_entries_of_a_segment_are_told_field_by_field(db: Database):
    typed: dict[str, Any] = {"name": " \0 ", "dimension": "x", "definition": defined(("age", "least", "old"))}
    async with db.begin() as session:
        with pytest.raises(Unusable) as refused:
            await save_segment(session, None, typed, **BY)
    assert set(refused.value.by_field) == {"name", "dimension", "0.0"}


async def test_the_ready_made_segments_come_once(db: Database):
    async with db.begin() as session:
        assert len(await add_ready(session, **BY)) == 6
        assert await add_ready(session, **BY) == []


async def test_a_contact_a_visit_and_a_case_of_the_day_reach_the_worth_within_a_minute(db: Database):
    runner = JobRunner(db, {KIND: following(ZONE)})
    async with db.begin() as session:
        caller, visitor, unhappy = [await a_buyer(session, name, days=800) for name in ("王静", "李敏", "赵刚")]
        await ensure(session, KIND, "site", NOW)
    await runner.run_due(NOW)
    async with db.begin() as session:
        await a_contact(session, "c1", caller, days_ago=-0.001, agent="1018")
        session.add(
            WorkshopVisit(number="W-1", vehicle_id=1, customer_id=visitor.id, kind="repair", came_at=NOW, cost_yuan=700)
        )
        case = Case(number="TS-1", kind="complaint", title="异响", customer_id=unhappy.id, opened_at=NOW)
        session.add(case)
        await session.flush()
        await tell(session, "case.opened", f"case/{case.id}", at=NOW)
        await tell(session, "odd", "customer/1; DROP", at=NOW)
    await runner.run_due(NOW + timedelta(minutes=6))
    async with db.begin() as session:
        rows = {row.customer_id: row for row in await session.scalars(select(CustomerWorth))}
    assert rows[caller.id].contacts == 1
    assert rows[visitor.id].service_yuan == 700
    assert rows[unhappy.id].open_complaints == 1


@pytest.mark.parametrize("seed", range(3))
async def test_the_preview_tells_exactly_who_changes_class(db: Database, seed: int):
    dice = Random(seed)
    async with db.begin() as session:
        for place in range(30):
            customer = await a_customer(session, f"客户{place}", referrals=dice.randrange(4))
            for _ in range(dice.randrange(3)):
                on, vehicles = TODAY - timedelta(days=dice.randrange(2500)), dice.choice((1, 2, 60, 300))
                await record_fleet_purchase(session, customer.id, bought_on=on, vehicles=vehicles, **BY)
        before = dict((await session.execute(select(CustomerWorth.customer_id, CustomerWorth.customer_class))).all())
        rules = (
            ClassRule("vip", (Condition("vehicles_3y", 60),)),
            ClassRule("key_account", (Condition("vehicles", 2),)),
        )
        told = await preview(session, rules)
        await save_rules(session, "classes", state_of(RuleBook(classes=rules), "classes"), base=0, actor="9", at=NOW)
        for one in before:
            await refresh(session, one, NOW)
        after = dict((await session.execute(select(CustomerWorth.customer_id, CustomerWorth.customer_class))).all())
    moved = Counter((before[one], after[one]) for one in before if before[one] != after[one])
    assert {(move.before, move.after): move.customers for move in told.moves} == dict(moved)
    assert told.totals == {word: list(after.values()).count(word) for word in CLASSES}


async def test_the_portrait_counts_whom_it_says(db: Database):
    async with db.begin() as session:
        twice = await a_buyer(session, "王静", days=800, birth_year=1980, referrals=1)
        await record_fleet_purchase(session, twice.id, bought_on=TODAY, vehicles=1, amount_yuan=9, **BY)
        gone = await a_buyer(session, "李敏", days=900)
        gone.created_at = twice.created_at = NOW - timedelta(days=900)
        await a_customer(session, "鑫达物流", kind="company")
        await session.flush()
        for one in (1, 2, 3):
            await refresh(session, one, NOW)
        whole = await portrait(session, TODAY, EVERYTHING)
        nobody = await portrait(session, TODAY, Reach(frozenset({7})))
    assert (whole.customers, whole.owners, whole.repeat, whole.referring) == (3, 2, 1, 1)
    assert (whole.old_owners, whole.kept, whole.fresh, whole.dormant) == (2, 1, 1, 1)
    assert {one.word: one.customers for one in whole.kinds} == {"person": 2, "company": 1}
    assert {one.word: one.customers for one in whole.ages} == {"": 2, "50": 1}
    assert sum(cell.customers for cell in whole.cells) == 3
    assert (nobody.customers, nobody.cells) == (0, ())


async def test_the_list_of_members_goes_on_where_it_stopped_and_keeps_to_the_reach(db: Database):
    async with db.begin() as session:
        for place in range(7):
            one = await a_buyer(session, f"客户{place}", days=100, yuan=100_000 * (place // 2))
            await refresh(session, one.id, NOW)
        filters = defined(("kind", "in", ["person"]))
        row = await save_segment(session, None, {"name": "个人", "dimension": "who", "definition": filters}, **BY)
        seen, after = [], None
        while page := await member_page(session, row, TODAY, after=after, limit=3, reach=EVERYTHING):
            seen += [one.name for one in page]
            after = (page[-1].value_yuan, page[-1].customer_id)
        assert seen == ["客户6", "客户4", "客户5", "客户2", "客户3", "客户0", "客户1"]
        assert await member_page(session, row, TODAY, reach=Reach(frozenset({7}))) == []
