"""The floor: a leader sees and steers the own teams, a supervisor all; each act is on the audit log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy.exc import OperationalError

from agent_desktop.floor.live import FloorHub, own_phone
from agent_desktop.floor.model import alarm_of
from agent_desktop.floor.queries import Ground
from agent_desktop.floor.scope import scope_of
from crm_core import clock
from crm_core.shifts.model import PlannedShift
from crm_core.workforce import queries
from crm_core.workforce.actions import LENT
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.browser.floor_people import (
    ENGLISH_LEADER,
    LEADER,
    SUPERVISOR,
    TEAM_ONE,
    TEAM_TWO,
)
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.floor_web import act, at_work, audited, regions


@pytest.fixture
async def floor(web: WebSite) -> WebSite:
    return await at_work(web)


async def test_a_leader_sees_the_own_team_and_a_supervisor_everybody(floor: WebSite):
    own = await regions(floor, LEADER)
    assert "林晓梅" in own["agents"]
    assert "邓飞" not in own["agents"]
    assert "投诉专线" not in own["queues"] + own["waiting"]
    everybody = await regions(floor, SUPERVISOR)
    assert "邓飞" in everybody["agents"]
    assert "投诉专线" in everybody["waiting"]
    narrowed = await regions(floor, SUPERVISOR, TEAM_TWO)
    assert "林晓梅" not in narrowed["agents"]
    assert "邓飞" in narrowed["agents"]


async def test_a_leader_cannot_widen_the_view_by_the_address(floor: WebSite):
    assert "邓飞" not in (await regions(floor, LEADER, TEAM_TWO))["agents"]


async def test_exceptions_come_first(floor: WebSite):
    html = (await regions(floor, SUPERVISOR))["agents"]
    order = [html.index(f'id="r-{agent}"') for agent in ("1040", "1029", "1021", "1032", people.AGENT, "1026")]
    assert order == sorted(order)


async def test_who_should_be_here_by_the_plan_and_is_not_is_told_to_the_own_leader_alone(floor: WebSite):
    zone, at = ZoneInfo("Asia/Shanghai"), clock.now()
    midnight = datetime.combine(at.astimezone(zone).date(), time(), zone)
    minute = int((at - midnight).total_seconds() // 60)
    async with floor.db.begin() as session:
        for agent in ("1015", "1018"):
            begins, ends = max(minute - 30, 0), min(minute + 30, 1439)
            shift = PlannedShift(agent=agent, day=midnight.date(), published=True, kind="early")
            shift.begins, shift.ends = begins, ends
            session.add(shift)
    floor.telephony.set_desk("1015", state="offline")
    told = (await regions(floor, SUPERVISOR))["agents"]
    missing = told[told.index("应到未到") : told.index("<table")]
    assert "刘洋" in missing
    assert "林晓梅" not in missing  # who is here
    assert "应到未到" not in (await regions(floor, SUPERVISOR, TEAM_TWO))["agents"]


async def test_the_floor_reads_in_english_too(floor: WebSite):
    html = (await regions(floor, ENGLISH_LEADER))["agents"]
    assert "Lin Xiaomei" in html
    assert "Over 15 min" in html


@pytest.mark.parametrize("number", [people.AGENT, people.ADMIN])
async def test_who_leads_nobody_sees_no_floor(floor: WebSite, number: str):
    await floor.enter(number)
    assert (await floor.client.get("/floor")).status_code == 403
    assert await act(floor, number, "promote", call="w1") == 403


async def test_a_leaders_page_shows_the_chosen_agent(floor: WebSite):
    await floor.enter(LEADER)
    page = await floor.client.get("/floor?agent=1018&filter=talking")
    assert page.status_code == 200
    assert 'data-agent="1018" data-filter="talking"' in page.text
    assert "为什么分给这位坐席" in page.text
    assert (await floor.client.get("/floor/agents/1018")).status_code == 200
    assert (await floor.client.get("/floor/agents/1040")).status_code == 404


ACTS: dict[str, dict[str, Any]] = {
    "supervise": {"agent": "1018", "mode": "listen"},
    "take-over": {"agent": "1018"},
    "force": {"agent": "1018", "state": "break", "reason": "rest"},
    "promote": {"call": "w1"},
    "move": {"call": "w1", "queue": "enquiry"},
    "assign": {"call": "w1", "agent": "1019"},
    "call-now": {"callback": "k1"},
    "call-off": {"callback": "k1"},
    "message": {"agents": ["1018"], "teams": [], "text": "请尽快就绪"},
}


@pytest.mark.parametrize("path", ACTS)
async def test_each_act_is_carried_out_and_on_the_audit_log(floor: WebSite, path: str):
    assert await act(floor, LEADER, path, **ACTS[path]) == 200
    wish = floor.telephony.wishes[-1]
    assert (wish[0], wish[1]) == ("cancel" if path == "call-off" else path.replace("-", "_"), LEADER)
    [(actor, action, _, _)] = await audited(floor)
    assert actor == LEADER
    assert action == ("floor_listen" if path == "supervise" else f"floor_{path.replace('-', '_')}")


FOREIGN: dict[str, dict[str, Any]] = {
    "supervise": {"agent": "1040", "mode": "listen"},
    "take-over": {"agent": "1040"},
    "force": {"agent": "1040", "state": "offline"},
    "promote": {"call": "w4"},
    "move": {"call": "w1", "queue": "complaint"},
    "assign": {"call": "w1", "agent": "1040"},
    "call-now": {"callback": "k4"},
    "call-off": {"callback": "k4"},
    "message": {"agents": ["1040"], "teams": [], "text": "x"},
}


@pytest.mark.parametrize("path", FOREIGN)
async def test_no_act_reaches_another_leaders_team(floor: WebSite, path: str):
    before = list(floor.telephony.wishes)
    assert await act(floor, LEADER, path, **FOREIGN[path]) == 404
    assert floor.telephony.wishes == before
    assert await audited(floor) == []


async def test_a_supervisor_acts_on_every_team(floor: WebSite):
    assert await act(floor, SUPERVISOR, "supervise", agent="1040", mode="listen") == 200


async def test_a_message_goes_to_those_of_the_team_who_are_signed_in(floor: WebSite):
    teams = [TEAM_ONE, TEAM_TWO]
    assert await act(floor, LEADER, "message", agents=[], teams=teams, text="全员就绪") == 200
    assert floor.telephony.wishes[-1][2] == "1015,1018,1019,1021,1029,1032"


async def test_a_caller_who_has_gone_cannot_be_placed(floor: WebSite):
    assert await act(floor, SUPERVISOR, "promote", call="gone") == 404


async def test_only_who_edits_the_workforce_turns_a_queues_switch(floor: WebSite):
    assert await act(floor, LEADER, "intake", queue="repair", is_open=False) == 403
    assert await act(floor, SUPERVISOR, "intake", queue="enquiry", is_open=False) in (200, 409)


async def test_an_agent_is_lent_to_a_queue_and_taken_from_it_at_once(floor: WebSite):
    async def skills() -> dict[str, int]:
        async with floor.db.begin() as session:
            return dict(next(one for one in await queries.agents(session) if one.number == "1018").skills)

    before = await skills()
    async with floor.db.begin() as session:
        queue = next(one for one in await queries.queues(session) if one.skill not in before)
    assert await act(floor, LEADER, "staff", agent="1018", queue=queue.id, serves=True) == 403
    assert await act(floor, SUPERVISOR, "staff", agent="1018", queue=queue.id, serves=True) == 200
    assert await skills() == {**before, queue.skill: LENT}
    assert await act(floor, SUPERVISOR, "staff", agent="1018", queue=queue.id, serves=False) == 200
    assert await skills() == before
    for wrong in ({"agent": "9999", "queue": queue.id}, {"agent": "1018", "queue": "no-such"}):
        assert await act(floor, SUPERVISOR, "staff", serves=True, **wrong) == 404


async def test_what_a_leader_should_look_at_first(floor: WebSite):
    now, ground = 10_000.0, Ground(at=0.0, break_minutes={"rest": 10})
    desk = replace(floor.telephony.desk("1019"), state="ready", since=now - 10, reachable=True, call=None, reason="")
    call = replace(a_call("c9", people.NEW_NUMBER), phase="talking", answered_at=now - 30)

    def word(**changes: Any) -> str:
        alarm = alarm_of(replace(desk, **changes), ground, now)
        return alarm.word if alarm else ""

    assert word() == ""
    assert word(reachable=False) == "unreachable"
    assert word(state="offline", reachable=False) == ""
    assert word(state="talking", call=call) == ""
    assert word(state="talking", call=replace(call, answered_at=now - 1000)) == "long_talk"
    assert word(state="hold", call=replace(call, hold_since=now - 61)) == "long_hold"
    assert word(state="wrap_up", since=now - 121) == "long_wrap_up"
    assert word(state="break", since=now - 599, reason="rest") == ""
    assert word(state="break", since=now - 601, reason="rest") == "over_break"
    assert word(state="break", reason="missed") == "missed"


async def test_the_readers_own_phone_is_told_whom_it_listens_to(floor: WebSite):
    await floor.telephony.floor_control.supervise(SUPERVISOR, people.AGENT, "whisper")
    told = own_phone(floor.telephony.desk(SUPERVISOR), floor.telephony.floor())
    assert (told["agent"], told["mode"], told["connected"]) == (people.AGENT, "whisper", True)
    assert own_phone(floor.telephony.desk(LEADER), floor.telephony.floor())["agent"] == ""


def test_the_page_names_no_colour_of_its_own():
    css = (Path(__file__).parents[3] / "agent_desktop/static/css/floor.css").read_text()
    assert "#" not in css.replace("#grid", "")
    assert "rgb(" not in css


async def test_while_the_records_are_away_the_floor_says_so_and_goes_on_showing_who_talks(
    floor: WebSite, monkeypatch: pytest.MonkeyPatch
):
    hub: FloorHub = floor.app.state.floor
    user = (await floor.enter(SUPERVISOR)).user
    async with floor.db.begin() as session:
        scope = await scope_of(session, user, "")
    monkeypatch.setattr("agent_desktop.floor.live.GROUND_SECONDS", 0.0)

    def away() -> NoReturn:
        raise OperationalError("SELECT", {}, ConnectionRefusedError())

    async def agents() -> str:
        hub._groups.clear()
        async with hub.watching(user, scope, "") as watcher:
            await hub._push_all()
            message = await watcher.take()
        assert message is not None
        return str(orjson.loads(message)["regions"]["agents"])

    before = await agents()
    assert "业务数据中断" not in before
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(floor.db, "begin", away)
        told = await agents()
    assert "业务数据中断：通话实时，姓名与当日数字暂停更新。" in told
    assert all(name in told for name in re.findall(r'data-agent="(\d+)"', before))
    assert "业务数据中断" not in await agents()
