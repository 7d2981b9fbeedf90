"""Cases at work: reminders and escalations by the clock, pauses, merges, rescue, radar, lists. On real databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases import desk_actions, merging, rescue_actions, rules
from crm_core.cases.actions import close_case, open_case
from crm_core.cases.clock_jobs import watch_clock
from crm_core.cases.model import Case, CaseEvent, CaseNotice
from crm_core.cases.queries import CaseFilter, case_counts, case_lines
from crm_core.cases.radar_queries import problems, title_groups
from crm_core.cases.timing import JOB
from crm_core.db import Database
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.jobs.model import Job
from crm_core.jobs.runner import JobRunner
from crm_core.vehicles.model import VehicleOrder
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import AgentRow, Team, TeamLeader
from tests.unit.crm_core.builders import a_contact, a_customer, a_dealer, a_vehicle

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 13, 1, 12, tzinfo=UTC)
AGENT, LEADER, DIRECTOR, REGION = "1018", "1101", "2001", "7001"


@pytest.fixture
async def house(db: Database) -> Database:
    """An agent, the team's leader, the supervisor, a regional manager; two customers of one dealer."""
    async with db.begin() as session:
        dealer = await a_dealer(session)
        dealer.region, dealer.rescue_phone, dealer.services = "东北", "+8643186001112", ["sales", "workshop", "rescue"]
        people = (
            User(number=AGENT, name="林晓梅", password_hash="x", roles="agent"),
            User(number=LEADER, name="班长", password_hash="x", roles="team_leader"),
            User(number=DIRECTOR, name="主管", password_hash="x", roles="supervisor"),
            User(number=REGION, name="区域", password_hash="x", roles="regional_manager", region="东北"),
        )
        session.add_all(people)
        session.add(Team(id="one", name_zh="一组", name_en="One"))
        await session.flush()
        session.add(AgentRow(user_id=people[0].id, team="one"))
        session.add(TeamLeader(user_id=people[1].id, team="one"))
        for name in ("陈建国", "赵敏"):
            await a_vehicle(session, await a_customer(session, name, dealer_id=dealer.id), plate=f"吉A{name[0]}")
    return db


async def opened(db: Database, **more: Any) -> Case:
    facts: dict[str, Any] = {
        "customer_id": 1,
        "kind": "repair",
        "title": "空调异响",
        "actor": AGENT,
        "at": NOW,
        "zone": ZONE,
    }
    async with db.begin() as session:
        return await open_case(session, **facts | more)


async def notices(db: Database) -> list[tuple[str, str]]:
    async with db.begin() as session:
        rows = await session.execute(select(CaseNotice.number, CaseNotice.kind).order_by(CaseNotice.id))
        return [(number, kind) for number, kind in rows]


def runner(db: Database) -> JobRunner:
    return JobRunner(db, {JOB: watch_clock})


async def test_a_case_nobody_works_on_is_told_to_the_owner_then_the_leader_then_above(house: Database):
    case = await opened(house, kind="enquiry", title="预约试驾")
    assert (case.respond_by, case.due_at) == (NOW + timedelta(days=1), NOW + timedelta(days=3))
    clock = runner(house)
    assert await clock.run_due(NOW + timedelta(hours=23)) == 0
    for hours in (24, 28):  # no answer: owner, then the team's leader
        await clock.run_due(NOW + timedelta(hours=hours))
    assert await notices(house) == [(AGENT, "escalate"), (LEADER, "escalate")]
    for hours in (48, 68, 72, 76, 96, 120):
        await clock.run_due(NOW + timedelta(hours=hours))
    told = (await notices(house))[2:]
    assert told == [
        (AGENT, "remind"),
        (AGENT, "remind"),
        (AGENT, "escalate"),
        (LEADER, "escalate"),
        (DIRECTOR, "escalate"),
        (DIRECTOR, "escalate"),  # no dealer, so no region: above everybody else
    ]
    assert await clock.run_due(NOW + timedelta(days=30)) == 0


async def test_the_regional_manager_of_the_dealer_hears_last(house: Database):
    await opened(house)
    for hours in (96, 100, 120, 144):
        await runner(house).run_due(NOW + timedelta(hours=hours))
    assert (await notices(house))[-1] == (REGION, "escalate")


async def test_a_platform_that_was_away_tells_the_latest_reminder_once(house: Database):
    await opened(house)
    await runner(house).run_due(NOW + timedelta(days=3, hours=23))
    told = await notices(house)
    assert [kind for _, kind in told].count("remind") == 1


async def test_a_closed_case_rings_no_more(house: Database):
    case = await opened(house)
    async with house.begin() as session:
        await close_case(session, case.id, actor=AGENT, at=NOW + timedelta(hours=1))
        assert list(await session.scalars(select(Job))) == []


async def test_a_pause_stops_the_clock_and_ends_by_itself_at_its_longest(house: Database):
    case = await opened(house)
    async with house.begin() as session:
        with pytest.raises(Invalid):
            await desk_actions.pause(session, case.id, "coffee", words="", reach=EVERYTHING, actor=AGENT, at=NOW)
        await desk_actions.pause(
            session, case.id, "customer", words="", reach=EVERYTHING, actor=AGENT, at=NOW + timedelta(hours=2)
        )
    assert await runner(house).run_due(NOW + timedelta(hours=73)) == 0
    assert await runner(house).run_due(NOW + timedelta(hours=74)) == 1
    async with house.begin() as session:
        again = await session.get_one(Case, case.id)
        assert (again.status, again.due_at) == ("open", NOW + timedelta(days=4, hours=72))


async def test_a_longer_word_of_level_shortens_the_clock_from_the_opening(house: Database):
    case = await opened(house, kind="complaint", title="交车延迟")
    async with house.begin() as session:
        case = await desk_actions.set_level(
            session, case.id, "major", words="媒体", actor=DIRECTOR, at=NOW + timedelta(hours=5)
        )
        assert case.due_at == NOW + timedelta(days=3)
        with pytest.raises(Invalid):
            await desk_actions.set_level(session, case.id, "huge", words="", actor=DIRECTOR, at=NOW)


async def test_danger_words_raise_a_new_case_at_once_and_the_rule_that_chose_the_owner_is_kept(house: Database):
    case = await opened(house, kind="complaint", title="行驶中气囊弹出")
    assert (case.level, case.dealer_id, case.owner) == ("major", 1, AGENT)
    assert "经销商" in case.why_owner


async def test_a_rule_gives_the_work_to_the_member_of_a_team_with_the_least(house: Database):
    async with house.begin() as session:
        body = {
            "rules": [
                {
                    **rules.shipped("assignment")["rules"][3],
                    "name": "救援组",
                    "name_en": "",
                    "kind": "enquiry",
                    "owner": "team:one",
                }
            ]
        }
        await rules.save_rules(session, "assignment", body, base=0, actor=DIRECTOR, at=NOW)
    case = await opened(house, kind="enquiry", actor=DIRECTOR)
    assert (case.owner, case.why_owner) == (AGENT, "救援组")


async def test_repeats_become_one_case_and_can_be_taken_apart(house: Database):
    async with house.begin() as session:
        chen = await session.get_one(Case, (await opened(house)).id)
        for place in range(3):
            await a_contact(session, f"c{place}", None, days_ago=1)
    first = chen
    second = await opened(house, contact_id="c0")
    third = await opened(house, contact_id="c1", kind="complaint")
    stranger = await opened(house, customer_id=2)
    at = NOW + timedelta(hours=1)
    async with house.begin() as session:
        with pytest.raises(Refused):
            await merging.merge(session, first.id, stranger.id, actor=AGENT, at=at)
        await merging.merge(session, third.id, second.id, actor=AGENT, at=at)
        await merging.merge(session, first.id, third.id, actor=AGENT, at=at)
    async with house.begin() as session:
        family = list(await session.scalars(select(Case.id).where(Case.merged_into_id == first.id).order_by(Case.id)))
        assert family == [second.id, third.id]
        back = await merging.unmerge(session, third.id, actor=AGENT, at=at)
        assert (back.closed_at, back.stage) == (None, "accept")
        jobs = set(await session.scalars(select(Job.key)))
        assert f"case/{third.id}" in jobs
        assert f"case/{second.id}" not in jobs


async def test_a_rescue_is_sent_to_the_nearest_station_arrives_and_ends_with_the_customers_word(house: Database):
    case = await opened(house, kind="rescue", title="无法启动", fields={"place": "景阳大路", "safe": "yes"})
    assert case.due_at == NOW + timedelta(hours=2)
    by: dict[str, Any] = {"actor": "6101", "reach": Reach(frozenset({1}))}
    async with house.begin() as session:
        place = rescue_actions.Place(road="景阳大路", latitude=43.88, longitude=125.26)
        await rescue_actions.set_place(session, case.id, place, actor=AGENT, at=NOW)
        [station] = await rescue_actions.stations_near(session, case.id, at=NOW, zone=ZONE)
        await rescue_actions.dispatch(session, case.id, station.dealer_id, actor=AGENT, at=NOW + timedelta(minutes=2))
        with pytest.raises(NotFound):
            await rescue_actions.accept_rescue(session, case.id, reach=Reach(frozenset({9})), actor="6201", at=NOW)
        await rescue_actions.accept_rescue(session, case.id, at=NOW + timedelta(minutes=4), **by)
        with pytest.raises(Invalid):
            await rescue_actions.under_way(session, case.id, minutes=0, at=NOW, **by)
        await rescue_actions.under_way(
            session, case.id, minutes=25, truck="吉A救01", at=NOW + timedelta(minutes=6), **by
        )
        await rescue_actions.arrived(session, case.id, at=NOW + timedelta(minutes=30), **by)
        await rescue_actions.helped(session, case.id, words="搭电启动", at=NOW + timedelta(minutes=40), **by)
        done = await rescue_actions.confirm_rescue(
            session, case.id, helped=True, score=5, words="", actor=AGENT, at=NOW + timedelta(hours=1)
        )
    assert (done.status, done.satisfaction, done.responded_at) == ("closed", 5, NOW + timedelta(minutes=4))


async def test_a_station_that_does_not_accept_within_minutes_is_noticed(house: Database):
    case = await opened(house, kind="rescue", title="爆胎", fields={"place": "京哈高速", "safe": "yes"})
    async with house.begin() as session:
        await rescue_actions.dispatch(session, case.id, 1, actor=AGENT, at=NOW + timedelta(minutes=2))
    await runner(house).run_due(NOW + timedelta(minutes=7))
    async with house.begin() as session:
        clocks = list(await session.scalars(select(CaseNotice.clock).where(CaseNotice.kind == "escalate")))
    assert "accept" in clocks


async def test_an_intent_order_becomes_a_vehicle_order(house: Database):
    fields = {"model": "远辰 E8", "colour": "白", "promised_on": "2026-09-01"}
    case = await opened(house, kind="order", sub_kind="vehicle", title="意向订单 E8", fields=fields)
    async with house.begin() as session:
        [order] = await session.scalars(select(VehicleOrder))
    assert (order.kind, order.model, order.customer_id, order.dealer_id) == ("intent", "远辰 E8", case.customer_id, 1)


async def test_a_missing_required_field_opens_nothing(house: Database):
    with pytest.raises(Unusable) as refused:
        await opened(house, kind="rescue", fields={"place": " "})
    assert {one.values["field"] for one in refused.value.problems} == {"field.place", "field.safe"}
    async with house.begin() as session:
        assert list(await session.scalars(select(Case))) == []


async def test_the_radar_counts_a_part_of_a_model_against_the_time_before(house: Database):
    for days in (1, 3, 5, 40):
        at = NOW - timedelta(days=days)
        await opened(house, vehicle_id=1, title="压缩机异响", part_name="空调压缩机", at=at)
    await opened(house, vehicle_id=1, title="天窗漏水", at=NOW - timedelta(days=2))
    async with house.begin() as session:
        [problem] = await problems(session, NOW, days=30, threshold=3)
        [group] = await title_groups(session, NOW, days=30, threshold=3)
    assert (problem.model, problem.part, problem.now, problem.before) == ("远辰 E6 四驱", "空调压缩机", 3, 1)
    assert sum(problem.weeks) == 4
    assert group.words == "压缩机异响"


async def test_a_group_is_told_the_same_and_only_cases_without_a_loop_are_closed(house: Database):
    ids = [(await opened(house)).id, (await opened(house, kind="complaint", title="压缩机异响")).id]
    async with house.begin() as session:
        result = await merging.tell_group(session, ids, "已发技术通报", close=True, actor=DIRECTOR, at=NOW)
        said = list(await session.scalars(select(CaseEvent.text).where(CaseEvent.kind == "notice")))
    assert (result.told, result.closed, result.waiting) == (2, 1, 1)
    assert said == ["已发技术通报"] * 2


async def lines(db: Database, **wanted: Any) -> list[str]:
    async with db.begin() as session:
        found = await case_lines(
            session, CaseFilter(**wanted), now=NOW + timedelta(days=5), today_ends=NOW + timedelta(days=6)
        )
        return [line.case.title for line in found]


async def test_the_list_is_sorted_by_time_left_and_narrowed_by_each_filter(house: Database):
    await opened(house, title="甲修", kind="repair")
    await opened(house, title="乙诉", kind="complaint", customer_id=2)
    await opened(house, title="丙询", kind="enquiry", owner=DIRECTOR)
    assert await lines(house) == ["丙询", "甲修", "乙诉"]
    assert await lines(house, kind="complaint") == ["乙诉"]
    assert await lines(house, whose="mine", me=DIRECTOR) == ["丙询"]
    assert await lines(house, whose="team", team="one") == ["甲修", "乙诉"]
    assert await lines(house, due="over") == ["丙询", "甲修"]
    assert await lines(house, q="赵敏") == ["乙诉"]
    assert await lines(house, q="TS-0713") == ["乙诉"]
    assert await lines(house, stage="accept") == ["乙诉"]
    assert await lines(house, dealer_id=99) == []


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "%", "_", "<script>alert(1)</script>", "\0", "甲" * 500, "\\"])
async def test_hostile_words_find_nothing_and_break_nothing(house: Database, hostile: str):
    await opened(house)
    assert await lines(house, q=hostile) in ([], ["空调异响"] if not hostile.strip("\0") else [])


async def test_the_counts_belong_to_the_same_filter(house: Database):
    await opened(house)
    await opened(house, kind="complaint", title="起火")
    async with house.begin() as session:
        counts = await case_counts(
            session, CaseFilter(kind="complaint"), now=NOW + timedelta(days=5), today_ends=NOW + timedelta(days=6)
        )
    assert (counts.total, counts.over, counts.raised, counts.paused) == (1, 1, 1, 0)


async def test_old_entries_read_by_the_form_in_which_they_were_written(house: Database):
    case = await opened(house, kind="suggestion", title="座椅", fields={"may_call": "yes"})
    async with house.begin() as session:
        await rules.save_rules(session, "form/suggestion", {"fields": []}, base=0, actor=DIRECTOR, at=NOW)
    async with house.begin() as session:
        assert (await rules.form_of(session, "suggestion")) == ((), 1)
        assert [one.code for one in await rules.form_then(session, "suggestion", case.form_version)] == ["may_call"]


async def test_a_dealer_that_is_gone_gets_nothing(house: Database):
    case = await opened(house)
    async with house.begin() as session:
        (await session.get_one(Dealer, 1)).active = False
        with pytest.raises(Invalid):
            await desk_actions.give_to_dealer(session, case.id, 1, actor=AGENT, at=NOW)
