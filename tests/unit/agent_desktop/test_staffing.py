"""Staffing on the screen: forecast, goals and corrections; the week's plan given, undone, published, exported."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.forecasts.model import PastVolume
from crm_core.history.model import AgentStint
from crm_core.shifts.queries import shifts
from crm_core.shifts.times import monday_of
from crm_core.workforce.model import Team, TeamLeader
from reports.periods import midnight
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CHIEF, LEADER = "3001", "3002"
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = monday_of(now().date()) + timedelta(days=14)
HTMX = {"HX-Request": "true"}


async def settle(web: WebSite) -> None:
    """A supervisor, a leader of no team, and ten weeks of forty callers on each morning."""
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        for number, role in ((CHIEF, Role.SUPERVISOR), (LEADER, Role.TEAM_LEADER)):
            user = User(number=number, name="主管", name_en="Chief", roles=role.value, language="zh-CN")
            user.password_hash = known.password_hash
            session.add(user)
        session.add(Team(id="二组", name_zh="二组", name_en="Two"))
        await session.flush()
        session.add(TeamLeader(user_id=5, team="二组"))
        for ago in range(1, 71):
            counts = [0] * 16 + [5] * 8 + [0] * 24
            session.add(PastVolume(queue="repair", day=now().date() - timedelta(days=ago), counts=counts))


async def post(web: WebSite, csrf: str, path: str, body: dict, *, as_form: bool = False) -> int:
    if as_form:
        return (await web.client.post(path, data={"csrf_token": csrf, **body})).status_code
    return (await web.client.post(path, json=body, headers={"X-CSRF-Token": csrf, **HTMX})).status_code


def cells(*given: tuple[str, int, str], week: date = MONDAY) -> dict:
    days = [{"agent": agent, "day": str(week + timedelta(days=ahead)), "kind": kind} for agent, ahead, kind in given]
    return {"week": str(week), "cells": days}


async def test_a_queue_with_a_past_has_a_forecast_with_its_error_and_the_agents_it_needs(web: WebSite):
    await settle(web)
    await web.enter(CHIEF)
    page = (await web.client.get(f"/staffing?queue=repair&day={MONDAY}")).text
    for shown in ("用当时已知的数据逐周回测", "Erlang A", "08:00", "<polygon", ">40<"):
        assert shown in page, shown
    without = (await web.client.get(f"/staffing?queue=enquiry&day={MONDAY}")).text
    assert "历史不足两周" in without
    assert (await web.client.get("/staffing?queue=nothing&day=never")).status_code == 200


async def test_a_correction_needs_a_reason_changes_the_day_and_is_taken_back(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    body = {"for": "repair", "day": str(MONDAY), "hours": "", "percent": "+50 %", "reason": ""}
    assert await post(web, csrf, "/staffing/corrections", body, as_form=True) == 422
    assert await post(web, csrf, "/staffing/corrections", body | {"reason": "召回信"}, as_form=True) == 303
    page = (await web.client.get(f"/staffing?queue=repair&day={MONDAY}")).text
    assert "召回信" in page
    assert ">60<" in page
    assert await post(web, csrf, "/staffing/corrections/1/remove", {}, as_form=True) == 303
    assert ">60<" not in (await web.client.get(f"/staffing?queue=repair&day={MONDAY}")).text


async def test_a_goal_outside_its_limits_is_told_at_its_field(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    goal = {"for": "repair", "day": str(MONDAY), "occupancy_percent": "5", "shrinkage_percent": "10"}
    goal |= {"patience_seconds": "0", "model": "A"}
    assert await post(web, csrf, "/staffing/goal", goal, as_form=True) == 422
    assert await post(web, csrf, "/staffing/goal", goal | {"occupancy_percent": "70"}, as_form=True) == 303
    assert 'value="70"' in (await web.client.get(f"/staffing?queue=repair&day={MONDAY}")).text


async def test_the_week_is_given_undone_published_and_exported_with_its_types(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    given = cells((people.AGENT, 0, "early"), (people.AGENT, 1, "late"), (people.ENGLISH_AGENT, 2, "middle"))
    assert await post(web, csrf, "/staffing/plan/cells", given) == 200
    page = (await web.client.get(f"/staffing/plan?week={MONDAY}")).text
    assert "发布 · 3" in page
    assert await post(web, csrf, "/staffing/plan/cells", cells((people.AGENT, 1, ""))) == 200
    assert await post(web, csrf, "/staffing/plan/undo", {"week": str(MONDAY)}) == 200
    assert await post(web, csrf, "/staffing/plan/publish", {"week": str(MONDAY)}) == 200
    async with web.db.begin() as session:
        assert len(await shifts(session, MONDAY, MONDAY + timedelta(days=6), published=True)) == 3
    book = (await web.client.get(f"/staffing/plan/week.xlsx?week={MONDAY}")).content
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[1][3].startswith("早班 08:00-16:30")
    assert rows[1][-1] == 16.0
    text = (await web.client.get(f"/staffing/plan/week.csv?week={MONDAY}")).text
    assert text.startswith("\ufeff")
    assert "中班 09:30-18:00" in text


async def test_too_little_rest_is_told_beside_the_plan(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    night = {"kind": "new", "week": str(MONDAY), "name_zh": "夜班", "name_en": "Night", "hours": "22:00-06:00"}
    assert await post(web, csrf, "/staffing/plan/kinds", night | {"hours": "late"}, as_form=True) == 422
    assert await post(web, csrf, "/staffing/plan/kinds", night, as_form=True) == 303
    given = cells((people.AGENT, 0, "k1"), (people.AGENT, 1, "early"))
    assert await post(web, csrf, "/staffing/plan/cells", given) == 200
    page = (await web.client.get(f"/staffing/plan?week={MONDAY}")).text
    assert "距上一班只有 2 小时" in page
    assert "夜班" in page


async def test_a_leader_plans_nobody_of_other_teams(web: WebSite):
    await settle(web)
    csrf = (await web.enter(LEADER)).user.csrf
    assert await post(web, csrf, "/staffing/plan/cells", cells((people.AGENT, 0, "early"))) == 422
    assert people.AGENT not in (await web.client.get(f"/staffing/plan?week={MONDAY}")).text
    await web.enter(people.AGENT)
    assert (await web.client.get("/staffing")).status_code == 403


async def published(web: WebSite, day: date) -> None:
    """Today's early shift of Lin, late shift of Wang; Lin came at half past eight."""
    week = monday_of(day)
    csrf = (await web.enter(CHIEF)).user.csrf
    ahead = (day - week).days
    given = cells((people.AGENT, ahead, "early"), (people.ENGLISH_AGENT, ahead, "late"), week=week)
    assert await post(web, csrf, "/staffing/plan/cells", given) == 200
    assert await post(web, csrf, "/staffing/plan/publish", {"week": str(week)}) == 200


async def test_who_came_half_an_hour_late_followed_the_plan_but_for_that_half_hour(web: WebSite):
    await settle(web)
    day = monday_of(now().date()) - timedelta(days=7)
    await published(web, day)
    begins = midnight(day, ZONE) + timedelta(hours=8, minutes=30)
    async with web.db.begin() as session:
        for hours, minutes, state in ((0, 90, "ready"), (1.5, 10, "break"), (1 + 40 / 60, 410, "talking")):
            began = begins + timedelta(hours=hours)
            ended = began + timedelta(minutes=minutes)
            session.add(AgentStint(agent=people.AGENT, state=state, began_at=began, ended_at=ended))
    page = (await web.client.get(f"/staffing/adherence?day={day}")).text
    row = page.split("林晓梅")[1].split("</tr>")[0]
    assert "86.3%" in row  # 510 minutes planned, 30 late, 40 through the two later breaks
    assert "30:00" in row
    text = (await web.client.get(f"/staffing/adherence/day.csv?day={day}")).text
    assert "1018,林晓梅,510,440,86.3" in text
    week = (await web.client.get(f"/staffing/adherence?day={day}&span=week")).text
    assert "86.3%" in week


async def test_leave_is_asked_for_seen_by_the_leader_and_approved(web: WebSite):
    await settle(web)
    day = monday_of(now().date()) + timedelta(days=9)
    await published(web, day)
    csrf = (await web.enter(people.AGENT)).user.csrf
    assert "早班" in (await web.client.get("/shifts")).text
    leave = {"kind": "leave", "first": str(day), "last": str(day - timedelta(days=1)), "note": "看病"}
    assert await post(web, csrf, "/shifts/leave", leave, as_form=True) == 422
    assert await post(web, csrf, "/shifts/leave", leave | {"last": str(day)}, as_form=True) == 303
    csrf = (await web.enter(CHIEF)).user.csrf
    assert "看病" in (await web.client.get("/staffing/requests")).text
    assert await post(web, csrf, "/staffing/requests/1", {"answer": "yes", "words": "早日康复"}, as_form=True) == 303
    await web.enter(people.AGENT)
    page = (await web.client.get("/shifts")).text
    assert "早日康复" in page
    assert "休假" in page


async def test_a_swap_goes_by_the_colleague_to_the_leader(web: WebSite):
    await settle(web)
    day = monday_of(now().date()) + timedelta(days=9)
    await published(web, day)
    csrf = (await web.enter(people.AGENT)).user.csrf
    swap = {"other": people.ENGLISH_AGENT, "mine": str(day), "theirs": "", "words": "接孩子"}
    assert await post(web, csrf, "/shifts/swap", swap, as_form=True) == 303
    assert await post(web, csrf, "/shifts/wishes/1/answer", {"answer": "yes"}, as_form=True) == 404
    csrf = (await web.enter(people.ENGLISH_AGENT)).user.csrf
    assert await post(web, csrf, "/shifts/wishes/1/answer", {"answer": "yes"}, as_form=True) == 303
    csrf = (await web.enter(CHIEF)).user.csrf
    assert await post(web, csrf, "/staffing/requests/1", {"answer": "yes"}, as_form=True) == 303
    await web.enter(people.AGENT)
    assert "晚班" in (await web.client.get("/shifts")).text


def older(days: int, *, callers: str = "7") -> str:
    dates = [now().date() - timedelta(days=ago) for ago in range(1, days + 1)]
    return "queue,day,time,callers\n" + "".join(f"enquiry,{day},09:{minute},{callers}\n" for day in dates
                                                for minute in ("00", "15"))  # fmt: skip


async def bring(web: WebSite, csrf: str, text: str) -> tuple[int, str]:
    form = {"csrf_token": csrf, "for": "enquiry", "day": str(MONDAY)}
    files = {"file": ("callers.csv", text.encode("gb18030"), "text/csv")}
    answer = await web.client.post("/staffing/volumes", data=form, files=files, headers={"X-CSRF-Token": csrf})
    return answer.status_code, answer.text


async def test_callers_from_before_the_site_are_brought_and_foreseen_at_once(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    assert "历史不足两周" in (await web.client.get(f"/staffing?queue=enquiry&day={MONDAY}")).text
    assert (await bring(web, csrf, older(70)))[0] == 303
    assert ">14<" in (await web.client.get(f"/staffing?queue=enquiry&day={MONDAY}")).text
    assert (await bring(web, csrf, older(70, callers="20")))[0] == 303
    assert ">40<" in (await web.client.get(f"/staffing?queue=enquiry&day={MONDAY}")).text


async def test_a_file_that_cannot_be_meant_names_its_line_and_changes_nothing(web: WebSite):
    await settle(web)
    csrf = (await web.enter(CHIEF)).user.csrf
    wrong = {
        "": "没有“队列、日期、时间、来电数”的行",
        "nothing,2026-08-01,09:00,4\n": "第 1 行：没有队列 nothing",
        f"enquiry,{now().date() + timedelta(days=2)},09:00,4\n": "第 1 行：这一天还没有结束",
        "enquiry,2026-08-01,09:00,4\nenquiry,2026-08-01,25:00,4\n": "第 2 行无法读取",
        "enquiry,2026-08-01,09:00,many\n": "第 1 行无法读取",
    }
    for text, sentence in wrong.items():
        status, page = await bring(web, csrf, text)
        assert status == 422, text
        assert sentence in page, text
    assert "历史不足两周" in (await web.client.get(f"/staffing?queue=enquiry&day={MONDAY}")).text
