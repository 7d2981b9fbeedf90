"""The administration's pages: what they show, what they refuse, and that telephony hears of every save."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from agent_desktop.pages.admin.queues import menu_queues
from agent_desktop.ports import WaitingView
from crm_core.access.actions import SignedIn
from crm_core.clock import now
from crm_core.flows.actions import Examination, publish, save_draft
from crm_core.workforce.hours_queries import calendars, closures_now
from crm_core.workforce.queries import agent, break_reasons, queues, teams
from ivr.flow_file import shipped_text
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGES = (
    "/admin/queues",
    "/admin/queues/new",
    "/admin/queues/repair",
    "/admin/people",
    "/admin/people/new",
    "/admin/people/1018",
    "/admin/skills",
    "/admin/teams",
    "/admin/teams/new",
    "/admin/reasons",
    "/admin/hours",
    "/admin/hours/new",
    "/admin/hours?month=2026-10&day=2026-10-01",
    "/admin/versions",
)
REPAIR = {
    "base": "0",
    "name_zh": "售后服务",
    "name_en": "After-sales",
    "position": "1",
    "skill": "repair",
    "strategy": "longest_idle",
    "priority": "2",
    "ring_seconds": "25",
    "wrap_up_seconds": "30",
    "service_seconds": "20",
    "service_target_percent": "80",
    "short_abandon_seconds": "5",
    "ageing_seconds": "60",
    "sticky_seconds": "0",
    "affinity_seconds": "0",
    "most_waiting": "0",
    "when_full": "stay",
    "longest_wait_seconds": "0",
    "when_too_long": "stay",
    "first_announcement_seconds": "15",
    "announce_every_seconds": "45",
    "is_open_for_calls": "1",
    "level_after": ["0", "30", ""],
    "level_level": ["7", "3", ""],
    "overflow_to": [""],
    "overflow_after": [""],
    "overflow_expected": [""],
}


@pytest.fixture
async def admin(web: WebSite) -> SignedIn:
    return await web.enter(people.ADMIN)


async def post(web: WebSite, admin: SignedIn, path: str, **form: Any) -> Response:
    return await web.client.post(path, data={"csrf_token": admin.csrf, **form})


@pytest.mark.parametrize("path", PAGES)
async def test_an_administrator_sees_every_page_and_an_agent_none(web: WebSite, admin: SignedIn, path: str):
    assert (await web.client.get(path)).status_code == 200
    await web.enter(people.AGENT)
    assert (await web.client.get(path)).status_code == 403


async def test_a_saved_queue_is_in_effect_and_can_be_undone(web: WebSite, admin: SignedIn):
    answer = await post(web, admin, "/admin/queues/repair", **REPAIR)
    assert answer.headers["location"] == "/admin/queues/repair?saved=1"
    assert web.telephony.wishes == [("workforce_changed",)]
    async with web.db.begin() as session:
        row = (await queues(session))[0]
    assert (row.ring_seconds, row.strategy, row.levels[1]) == (25, "longest_idle", {"after_seconds": 30, "level": 3})
    page = (await web.client.get("/admin/queues/repair?saved=1")).text
    assert "撤销" in page
    assert "/admin/versions/1/undo" in page
    await post(web, admin, "/admin/versions/1/undo", next="/admin/queues/repair")
    async with web.db.begin() as session:
        assert (await queues(session))[0].ring_seconds == 20
    told = (await web.client.get("/admin/versions?version=2")).text
    assert "<del>25</del>" in told
    assert "<ins>20</ins>" in told


async def test_a_refused_queue_shows_each_sentence_under_its_field_and_keeps_what_was_typed(web, admin):
    wrong = {**REPAIR, "ring_seconds": "soon", "level_level": ["3", "7", ""], "name_zh": ""}
    answer = await post(web, admin, "/admin/queues/repair", **wrong)
    assert answer.status_code == 422
    assert 'id="ring_seconds-error">请填 5 到 120 的数字。' in answer.text
    assert 'id="levels-error">级别只能随等候放低，不能升高。' in answer.text
    assert 'id="name_zh-error">请填写中文名称。' in answer.text
    assert 'value="soon"' in answer.text
    assert web.telephony.wishes == []


async def test_the_second_editor_reads_who_saved_first_and_keeps_the_entries(web: WebSite, admin: SignedIn):
    await post(web, admin, "/admin/queues/repair", **REPAIR)
    answer = await post(web, admin, "/admin/queues/repair", **{**REPAIR, "ring_seconds": "40"})
    assert answer.status_code == 409
    assert "管理员 刚刚保存过这一项" in answer.text
    assert 'value="40"' in answer.text


async def test_a_queue_to_which_the_menu_leads_or_in_which_callers_wait_is_not_removed(web: WebSite, admin: SignedIn):
    answer = await post(web, admin, "/admin/queues/repair/remove", base="0")
    assert (answer.status_code, "请先修改菜单" in answer.text) == (409, True)
    await post(web, admin, "/admin/queues/new", **{**REPAIR, "id": "fleet", "name_zh": "车队"})
    caller = WaitingView(call="c1", queue="fleet", since=1.0, caller="+8613800000000", priority=0)
    web.telephony.waiting.append(caller)
    answer = await post(web, admin, "/admin/queues/fleet/remove", base="1")
    assert (answer.status_code, "还有 1 位客户在等" in answer.text) == (409, True)
    await post(web, admin, "/admin/queues/fleet/remove", base="1", run_empty="1")
    async with web.db.begin() as session:
        assert [row.id for row in await queues(session) if row.leaving_at] == ["fleet"]
    web.telephony.waiting.clear()
    await post(web, admin, "/admin/queues/fleet/remove", base="2")
    async with web.db.begin() as session:
        assert "fleet" not in [row.id for row in await queues(session)]


async def test_intake_is_switched_in_the_list(web: WebSite, admin: SignedIn):
    await post(web, admin, "/admin/queues/repair/intake", open="")
    async with web.db.begin() as session:
        assert (await queues(session))[0].is_open_for_calls is False


async def _skills(web: WebSite, admin: SignedIn, **body: Any) -> Response:
    headers = {"X-CSRF-Token": admin.csrf, "Accept": "application/json"}
    return await web.client.post("/admin/skills", json=body, headers=headers)


async def test_skills_of_several_agents_are_saved_together_or_not_at_all(web: WebSite, admin: SignedIn):
    both = {"1018": {"repair": 9}, "1019": {"repair": 2, "enquiry": 3}}
    answer = await _skills(web, admin, changes=both, bases={"1018": 0, "1019": 0})
    assert answer.json() == {"versions": {"1018": 1, "1019": 1}}
    answer = await _skills(web, admin, changes={"1018": {"Fork lift": 1}, "1019": {}}, bases={})
    assert (answer.status_code, answer.json()["field"]) == (422, "skills")
    answer = await _skills(web, admin, changes={"1018": {}, "1019": {}}, bases={"1018": 1, "1019": 1})
    assert (answer.status_code, answer.json()["field"]) == (409, "confirm")
    answer = await _skills(web, admin, changes={"1018": {"repair": 1}}, bases={"1018": 0})
    assert (answer.status_code, "管理员" in answer.json()["message"]) == (409, True)
    async with web.db.begin() as session:
        assert (await agent(session, "1019")).skills == {"repair": 2, "enquiry": 3}


async def test_a_new_person_has_a_phone_at_once_and_a_disabled_one_is_gone(web: WebSite, admin: SignedIn):
    form = {"number": "1020", "name": "高远", "password": "long-enough", "roles": ["agent"], "team": ""}
    assert (await post(web, admin, "/admin/people/new", **{**form, "password": "x", "roles": []})).status_code == 422
    answer = await post(web, admin, "/admin/people/new", **form)
    assert answer.headers["location"] == "/admin/people/1020"
    assert web.telephony.wishes == [("workforce_changed",)]
    await post(web, admin, "/admin/people/1020", tags="dealer:1， region:吉林", capacity_chat="3", base="0")
    async with web.db.begin() as session:
        assert (await agent(session, "1020")).tags == {"dealer:1", "region:吉林"}
    await post(web, admin, "/admin/people/1020/disable")
    async with web.db.begin() as session:
        assert await agent(session, "1020") is None
    assert (await post(web, admin, f"/admin/people/{people.ADMIN}/disable")).status_code == 422


async def test_whose_callers_go_to_an_agent_first_is_said_by_name_and_skills_are_called_as_their_queues(
    web: WebSite, admin: SignedIn
):
    await post(web, admin, "/admin/people/1018", tags="吉林、长春博众远辰", base="0")
    async with web.db.begin() as session:
        assert (await agent(session, "1018")).tags == {"dealer:2", "region:吉林"}
    page = (await web.client.get("/admin/people/1018")).text
    assert 'value="吉林, 长春博众远辰"' in page
    assert "售后服务 8" in page
    assert "dealer:" not in page
    wrong = await post(web, admin, "/admin/people/1018", tags="长春博众", base="1")
    assert (wrong.status_code, "“长春博众”不是经销商，也不是省份" in wrong.text) == (422, True)
    assert 'value="长春博众"' in wrong.text, "what was typed is still there"


async def test_a_team_and_the_reasons_are_saved(web: WebSite, admin: SignedIn):
    form = {"id": "team_one", "name_zh": "一组", "name_en": "One", "missed_limit": "2", "members": ["1018"]}
    assert (await post(web, admin, "/admin/teams/new", **form)).headers["location"] == "/admin/teams/team_one?saved=1"
    rows = {"code": ["lunch", "prayer"], "name_zh": ["午餐", ""], "name_en": ["Lunch", "Prayer"]}
    rows |= {"minutes": ["45", "x"], "active": ["1", "1"]}
    answer = await post(web, admin, "/admin/reasons", base="0", **rows)
    assert (answer.status_code, "请填写中文名称" in answer.text or "请填 0 到 240" in answer.text) == (422, True)
    rows |= {"name_zh": ["午餐", "祷告"], "minutes": ["45", "15"]}
    await post(web, admin, "/admin/reasons", base="0", **rows)
    async with web.db.begin() as session:
        assert [row.id for row in await teams(session)] == ["team_one"]
        assert [(one.code, one.minutes) for one in await break_reasons(session)] == [("lunch", 45), ("prayer", 15)]


WEEK = {"mon": "08:30-12:00, 13:00-17:30", "tue": "08:30-17:30", "sat": "", "sun": "closed"}


async def test_a_week_a_special_day_and_a_year_of_holidays_are_saved(web: WebSite, admin: SignedIn):
    names = {"name_zh": "热线", "name_en": "Hotline"}
    answer = await post(web, admin, "/admin/hours/general", base="0", **names, **{**WEEK, "tue": "17:00-9:00"})
    assert 'id="tue-error">17:00-09:00 的结束早于开始。' in answer.text
    assert 'value="17:00-9:00"' in answer.text
    await post(web, admin, "/admin/hours/general", base="0", **names, **WEEK)
    await post(web, admin, "/admin/hours/general/day", base="1", day="2026-10-10", kind="workday", as_weekday="0")
    preview = await post(web, admin, "/admin/hours/general/import", base="2", year="2026", text="")
    assert "放假 33 天，调休上班 6 天" in preview.text
    await post(web, admin, "/admin/hours/general/import", base="2", year="2026", text="", step="save")
    async with web.db.begin() as session:
        (row,) = await calendars(session)
    assert row.week[0] == [[510, 720], [780, 1050]]
    assert len(row.days) == 39
    october = (await web.client.get("/admin/hours/general?month=2026-10")).text
    assert "国庆节" in october
    answer = await post(web, admin, "/admin/hours/general/import", base="3", year="2031", text="")
    assert (answer.status_code, "产品里没有 2031 年的假日" in answer.text) == (422, True)


async def test_the_hotline_is_closed_and_opened_by_a_switch(web: WebSite, admin: SignedIn):
    answer = await post(web, admin, "/admin/closure", prompt="closure", reason="", ends_at="yesterday")
    assert answer.status_code == 422
    await post(web, admin, "/admin/closure", prompt="closure", reason="机房停电", ends_at="")
    page = (await web.client.get("/admin/hours")).text
    assert "已关闭：机房停电" in page
    await post(web, admin, "/admin/closure/1/end")
    async with web.db.begin() as session:
        from crm_core.clock import now

        assert await closures_now(session, now()) == []
    assert "已关闭：机房停电" not in (await web.client.get("/admin/hours")).text


async def test_an_undo_leads_nowhere_else(web: WebSite, admin: SignedIn):
    await post(web, admin, "/admin/queues/repair", **REPAIR)
    answer = await post(web, admin, "/admin/versions/1/undo", next="/admin/..//evil.example")
    assert answer.headers["location"] == "/admin/versions?version=2"


async def test_a_queue_of_the_menu_in_force_cannot_be_removed(web: WebSite):
    text = shipped_text().replace("queue: suggestion,", "queue: repair,")
    async with web.db.begin() as session:
        assert "suggestion" in await menu_queues(session)
        await save_draft(session, "main", text, base=0, actor="9001", at=now())
        await publish(session, "main", examine=lambda *_: Examination(), actor="9001", at=now())
        assert "suggestion" not in await menu_queues(session)
        assert "rescue" in await menu_queues(session)
