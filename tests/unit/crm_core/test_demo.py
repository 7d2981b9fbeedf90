"""The demo site: believable, whole, the same every time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from shutil import copy
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from crm_core.access.actions import sign_in
from crm_core.access.reach import reach_of
from crm_core.cases.model import Case
from crm_core.clock import instant
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.customers.queries import card, matches
from crm_core.db import Base, Database, make_engine
from crm_core.dealers.model import DailyFigures, Dealer, DealerStaff
from crm_core.demo.load import load_demo
from crm_core.demo.staff import DemoLogin
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit
from crm_core.imports.model import DataImport, ImportProblem
from crm_core.integration import deliver, webhooks
from crm_core.integration.keys import keys
from crm_core.jobs.model import Job
from crm_core.phone import to_e164
from crm_core.quality.form_queries import usable_forms
from crm_core.quality.model import QualityRule
from crm_core.self_service.identity import prove
from crm_core.vehicles.model import Vehicle
from crm_core.vehicles.recalls import VehicleRecall, open_recalls
from crm_core.workforce.queries import agents, queues
from reports.intervals import agent_intervals
from reports.ledger import check
from reports.ledger_agents import check_agents
from reports.ledger_attempts import check_attempts
from reports.ledger_queries import read_day
from reports.periods import Period, Step
from tests.unit.crm_core.conftest import DemoSite

NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # a Wednesday, noon in Shanghai


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, demo_site: DemoSite) -> tuple[str, tuple[DemoLogin, ...]]:
    assert demo_site.loaded_at == NOW
    path = tmp_path_factory.mktemp("demo") / "hotline.db"
    copy(demo_site.file, path)
    return f"sqlite+aiosqlite:///{path}", demo_site.logins


@pytest.fixture
async def site(loaded: tuple[str, tuple[DemoLogin, ...]]):
    database = Database(make_engine(loaded[0]))
    yield database
    await database.close()


async def _count(session, table: type[Base]) -> int:
    return await session.scalar(select(func.count()).select_from(table))


async def test_the_site_has_its_people_vehicles_and_dealers(site: Database):
    async with site.begin() as session:
        assert await session.scalar(select(func.count()).where(Customer.source != "import")) == 500
        assert await _count(session, Vehicle) == 700
        assert await _count(session, Dealer) == 30
        assert sum(bool(one.skills) for one in await agents(session)) == 13
        assert (await queues(session))[0].id == "enquiry"
        numbers = list(await session.scalars(select(CustomerPhone.e164)))
    assert all(to_e164(number) == number for number in numbers)
    assert sum(count > 1 for count in Counter(numbers).values()) > 50


async def test_a_list_of_a_show_came_in_with_its_refused_rows_and_its_consents(site: Database):
    async with site.begin() as session:
        row = (await session.scalars(select(DataImport).where(DataImport.kind == "leads"))).one()
        assert (row.state, row.encoding, row.counts) == ("done", "gb18030", {"created": 44, "refused": 4})
        problems = list(
            await session.scalars(
                select(ImportProblem.kind).where(ImportProblem.import_id == row.id).order_by(ImportProblem.line)
            )
        )
        came = list(await session.scalars(select(Customer.id).where(Customer.source == "import")))
        answers = Counter(await session.scalars(select(Consent.given).where(Consent.customer_id.in_(came))))
    assert problems == ["number", "date_impossible", "missing", "date_form"]
    assert (len(came), answers) == (44, {True: 38, False: 6})


async def test_a_month_of_contacts_ends_now_and_each_has_one_outcome(site: Database):
    async with site.begin() as session:
        contacts = list(await session.scalars(select(Contact)))
    assert 18_000 < len(contacts) < 26_000
    assert all(contact.outcome and contact.ended_at <= NOW for contact in contacts)
    assert max(contact.started_at for contact in contacts) > NOW - timedelta(minutes=30)
    assert min(contact.started_at for contact in contacts) < NOW - timedelta(days=29)
    callers = [c for c in contacts if c.direction == "inbound"]
    on_a_tuesday = [c for c in callers if NOW - timedelta(hours=36) < c.started_at < NOW - timedelta(hours=12)]
    assert 800 < len(on_a_tuesday) < 1000


async def test_other_systems_are_there_with_one_that_is_told_one_that_fails_and_one_that_rests(site: Database):
    async with site.begin() as session:
        dms, crm, media = await webhooks.webhooks(session)
        assert [len(await webhooks.log(session, one.id)) > 5 for one in (dms, crm, media)] == [True] * 3
        assert not await session.scalar(select(func.count()).where(Job.kind == deliver.WEBHOOK)), "nobody is called"
        found = await keys(session)
    assert (dms.failing_since, crm.paused_at, media.pause_reason) == (None, None, "failing")
    assert crm.tries == 7
    assert [(bool(dealer), key.revoked_at is None) for key, dealer in found] == [
        (False, True),
        (True, True),
        (False, True),
        (False, False),
    ]


async def test_a_reviewer_finds_forms_in_force_and_rules_that_draw_talks(site: Database):
    async with site.begin() as session:
        assert [form.name_zh for form in await usable_forms(session)] == ["投诉通话评分", "服务通话评分"]
        rules = list(await session.scalars(select(QualityRule).order_by(QualityRule.id)))
        assert [rule.kind for rule in rules] == ["random", "complaint", "low_score"]
        assert all(rule.active for rule in rules)


async def test_nobody_talks_to_two_callers_at_once(site: Database):
    async with site.begin() as session:
        talks = select(Leg).where(Leg.answered_at.is_not(None), Leg.kind == "agent").order_by(Leg.offered_at)
        legs = list(await session.scalars(talks))
        visits = list(await session.scalars(select(QueueVisit).where(QueueVisit.result == "answered")))
    ended: dict[str, datetime] = {}
    for leg in legs:
        assert leg.offered_at >= ended.get(leg.agent, leg.offered_at)
        ended[leg.agent] = leg.ended_at
    assert all(visit.wait_seconds >= 0 and visit.answered_at for visit in visits)


async def test_what_agents_did_has_no_gap_and_no_overlap(site: Database):
    async with site.begin() as session:
        stints = list(await session.scalars(select(AgentStint).order_by(AgentStint.agent, AgentStint.began_at)))
    assert all(stint.began_at <= stint.ended_at <= NOW for stint in stints)
    for one, other in pairwise(stints):
        same_shift = one.agent == other.agent and other.began_at - one.began_at < timedelta(hours=3)
        if same_shift:
            assert other.began_at == one.ended_at


async def test_the_card_of_chen_jianguo_tells_his_story(site: Database):
    async with site.begin() as session:
        best, *others = await matches(session, "+8613843107706")
        facts = await card(session, best, now=NOW)
        family = await matches(session, "+8643184863318")
    assert facts is not None
    assert not others
    assert (facts.name, facts.customer_class, facts.age) == ("陈建国", "vip", 47)
    assert [vehicle.plate for vehicle in facts.vehicles] == ["吉AD30618", "吉A7K28M", "吉A3R905"]
    assert facts.open_cases[0].title == "空调压缩机异响，等配件"
    assert facts.last_agent_name == "林晓梅"
    assert len(family) == 2


async def test_every_demo_login_opens_a_session(loaded: tuple[str, tuple[DemoLogin, ...]], site: Database):
    async with site.begin() as session:
        for login in loaded[1][:4]:
            signed = await sign_in(session, number=login.number, password=login.password, address="127.0.0.1", at=NOW)
            assert signed.user.roles == (login.role,)


async def test_a_dealers_person_sees_the_own_dealer_and_a_regional_manager_the_region(site: Database):
    async with site.begin() as session:
        dealers = {one.id: one.region for one in await session.scalars(select(Dealer))}
        assert (await reach_of(session, "5101")).dealers == {1}
        region = (await reach_of(session, "5901")).dealers
        assert region == {dealer for dealer, name in dealers.items() if name == "东北"}
        assert await _count(session, DealerStaff) == 300
        assert await _count(session, DailyFigures) > 5_000


async def test_each_day_of_the_demo_is_one_that_the_ledger_proves(site: Database):
    zone = ZoneInfo("Asia/Shanghai")
    async with site.begin() as session:
        for ago in range(7):
            day = NOW.astimezone(zone).date() - timedelta(days=ago)
            period = Period(first=day, last=day, step=Step.DAY, zone=zone)
            rows = replace(await read_day(session, period.start, period.end, ()), now=instant(NOW))
            (told,) = await agent_intervals(session, period, now=NOW)
            _, lost, differing = check_agents(rows, told.agents)
            assert [*check(rows), *check_attempts(rows), *lost, *differing] == []


async def test_loading_again_changes_nothing(loaded: tuple[str, tuple[DemoLogin, ...]], site: Database):
    async with site.begin() as session:
        before = [await _count(session, table) for table in (Customer, Contact, AgentStint)]
    load_demo(loaded[0], NOW + timedelta(hours=1))
    async with site.begin() as session:
        assert [await _count(session, table) for table in (Customer, Contact, AgentStint)] == before


def test_a_site_that_rested_for_two_days_gets_the_days_it_missed(
    loaded: tuple[str, tuple[DemoLogin, ...]], tmp_path: Path
):
    path = tmp_path / "rested.db"
    copy(loaded[0].removeprefix("sqlite+aiosqlite:///"), path)
    load_demo(f"sqlite+aiosqlite:///{path}", NOW + timedelta(days=2))

    import sqlite3

    with sqlite3.connect(path) as connection:
        (latest,) = connection.execute("SELECT max(started_at) FROM contact").fetchone()
    assert latest.startswith("2026-11-20")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_demo_loads_into_postgresql_too(database_url: str, db: Database):
    load_demo(database_url, NOW)
    async with db.begin() as session:
        assert await _count(session, Case) > 500
        session.add(Customer(name="新客户", created_at=NOW))  # the ids go on behind the demo's


async def test_a_known_owner_proves_who_it_is_by_the_plate_and_has_a_recall_to_hear_of(site: Database):
    async with site.begin() as session:
        phone = await session.scalar(select(CustomerPhone.e164).where(CustomerPhone.customer_id == 1).limit(1))
        proven = await prove(session, phone, "30618")
        assert proven is not None
        assert proven.vehicle_id is not None
        (recall,) = await open_recalls(session, [proven.vehicle_id])
        assert (recall.code, recall.title) == ("YC-2026-02", "空调压缩机支架紧固")


async def test_no_vehicle_is_part_of_a_recall_that_was_over_before_it_was_sold(site: Database):
    async with site.begin() as session:
        rows = await session.execute(select(VehicleRecall, Vehicle).join(Vehicle))
        pairs = [(recall, vehicle) for recall, vehicle in rows]
    assert len({recall.code for recall, _ in pairs}) == 2
    assert any(recall.done_on for recall, _ in pairs)
    assert all(vehicle.sold_on < recall.announced_on for recall, vehicle in pairs)
    assert all(recall.done_on is None or recall.announced_on < recall.done_on <= NOW.date() for recall, _ in pairs)
