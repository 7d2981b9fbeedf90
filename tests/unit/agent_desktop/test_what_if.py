"""What if on the screen: a change is played in a process of its own, watched, stopped, kept and compared."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

from agent_desktop.staffing.plays import Plays
from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.forecasts.model import PastVolume
from crm_core.shifts import actions
from crm_core.shifts.times import monday_of
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CHIEF, OTHER = "3001", "3002"
MONDAY = monday_of(now().date()) + timedelta(days=14)


async def settle(web: WebSite) -> str:
    """Ten weeks of two hundred callers a day, and two agents on Monday; the chief's token."""
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        for number in (CHIEF, OTHER):
            user = User(number=number, name="主管", name_en="Chief", roles=Role.SUPERVISOR.value, language="zh-CN")
            user.password_hash = known.password_hash
            session.add(user)
        for ago in range(1, 71):
            counts = [0] * 16 + [12] * 17 + [0] * 15
            session.add(PastVolume(queue="repair", day=now().date() - timedelta(days=ago), counts=counts))
        given = [(agent, MONDAY, "early") for agent in (people.AGENT, people.ENGLISH_AGENT)]
        led = [people.AGENT, people.ENGLISH_AGENT]
        await actions.set_cells(session, MONDAY, given, led=led, actor=CHIEF, at=now())
    return (await web.enter(CHIEF)).user.csrf


async def ask(web: WebSite, csrf: str, day: date = MONDAY, **changed: Any) -> tuple[int, str]:
    form = {"csrf_token": csrf, "day": str(day), "days": "10", **changed}
    answer = await web.client.post("/staffing/what-if", data=form)
    return answer.status_code, answer.headers.get("location", answer.text)


async def ended(web: WebSite, place: str) -> dict[str, Any]:
    plays: Plays = web.app.state.plays
    play = plays.of(place.split("play=")[1], CHIEF)
    assert play.task is not None
    async with asyncio.timeout(120):
        await play.task
    return (await web.client.get(f"/staffing/what-if/plays/{play.id}")).json()


async def test_three_more_agents_answer_more_callers_and_the_scenario_is_kept(web: WebSite):
    csrf = await settle(web)
    status, place = await ask(web, csrf, more_count="3", more_skill="repair", more_hours="08:00-16:30")
    assert status == 303
    assert (await ended(web, place))["state"] == "done"
    play = web.app.state.plays.of(place.split("play=")[1], CHIEF)
    level = play.result["repair"]["service_level"]
    assert level["change"]["value"] > level["change"]["half"] > 0
    page = (await web.client.get(place)).text
    assert "95 % 置信区间" in page
    assert 'name="more_count" value="3"' in page
    keep = f"/staffing/what-if/plays/{play.id}/keep"
    assert (await web.client.post(keep, data={"csrf_token": csrf, "name": ""})).status_code == 422
    assert (await web.client.post(keep, data={"csrf_token": csrf, "name": "加三人"})).status_code == 303
    assert "加三人" in (await web.client.get("/staffing/what-if")).text
    shown = (await web.client.get("/staffing/what-if?scenario=1")).text
    assert 'name="more_count" value="3"' in shown
    assert (await web.client.post("/staffing/what-if/scenarios/1/remove", data={"csrf_token": csrf})).status_code == 303
    assert "加三人" not in (await web.client.get("/staffing/what-if")).text


async def test_a_play_is_stopped_and_its_process_is_gone(web: WebSite):
    csrf = await settle(web)
    _, place = await ask(web, csrf, days="40")
    play = web.app.state.plays.of(place.split("play=")[1], CHIEF)
    assert (
        await web.client.post(f"/staffing/what-if/plays/{play.id}/stop", data={"csrf_token": csrf})
    ).status_code == 303
    assert (await ended(web, place))["state"] == "stopped"
    assert play.process is None or play.process.returncode is not None
    assert play.result == {}


async def test_what_cannot_be_played_is_told_and_nothing_is_started(web: WebSite):
    csrf = await settle(web)
    status, text = await ask(web, csrf, day=MONDAY, **{"calls-repair": "many"})
    assert status == 422
    assert 'name="calls-repair"' in text
    status, text = await ask(web, csrf, more_count="2")
    assert status == 422
    assert "请选择他们服务的队列" in text
    status, text = await ask(web, csrf, day=MONDAY + timedelta(days=1))
    assert status == 409
    assert "这一天没有排班" in text


async def test_nobody_sees_the_play_of_somebody_else(web: WebSite):
    csrf = await settle(web)
    _, place = await ask(web, csrf)
    await web.enter(OTHER)
    assert (await web.client.get(place)).status_code == 404
    await web.enter(CHIEF)
    await ended(web, place)
