"""Every state of the desk can be drawn, for every kind of caller, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desktop.live import DeskHub
from agent_desktop.ports import CallbackView
from crm_core.clock import now
from crm_core.history.model import Contact
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.conftest import WebSite

CALLERS = {
    "known": a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)),
    "shared number": a_call("c1", people.SHARED_NUMBER, matches=(people.LI_MIN, people.LI_QIANG)),
    "stranger": a_call("c1", people.NEW_NUMBER, topic="rescue"),
    "hidden number": a_call("c1", "", topic=""),
    "called by us": replace(a_call("c1", people.NEW_NUMBER, topic=""), direction="outbound", queue="", queued_at=0.0),
}


@pytest.mark.parametrize("number", [people.AGENT, people.ENGLISH_AGENT])
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("phase", ["ringing", "dialling", "talking", "hold", "wrap_up"])
async def test_every_phase_of_every_call_can_be_drawn(web: WebSite, caller: str, phase: str, number: str):
    hub: DeskHub = web.app.state.hub
    user = (await web.enter(number)).user
    call = CALLERS[caller]
    async with web.db.begin() as session:
        session.add(Contact(id="c1", direction=call.direction, caller=call.caller, started_at=now(), agent=number))
    if phase == "wrap_up":
        web.telephony.set_desk(number, state="wrap_up", last_call="c1", wrap_up_until=now().timestamp() + 30)
    else:
        web.telephony.set_desk(number, state="talking", call=replace(call, phase=phase))
    _, regions = await hub.picture(user)
    assert f'class="st {"talking" if phase == "dialling" else phase}' in regions["callbar"]
    assert ("record-form" in regions["record"]) is (phase != "ringing")


@pytest.mark.parametrize("state", ["offline", "ready", "break", "wrap_up"])
async def test_every_state_without_a_call_can_be_drawn(web: WebSite, state: str):
    hub: DeskHub = web.app.state.hub
    user = (await web.enter()).user
    web.telephony.set_desk(people.AGENT, state=state, reason="a reason nobody listed" if state == "break" else "")
    _, regions = await hub.picture(user)
    assert regions["record"].strip() == ""
    assert f'class="st {state}' in regions["callbar"]


async def test_an_agent_without_open_cases_reads_what_will_appear(web: WebSite):
    hub: DeskHub = web.app.state.hub
    user = (await web.enter(people.ENGLISH_AGENT)).user
    _, regions = await hub.picture(user)
    assert "Nothing waits for you now." in regions["work"]


async def test_who_waits_for_a_callback_in_ones_own_queues_is_listed_in_turn(web: WebSite):
    hub: DeskHub = web.app.state.hub
    user = (await web.enter()).user
    kept = CallbackView(
        callback="k1", call="c7", number=people.CHEN_NUMBER, queue="repair", since=1.0, attempts=1, due=60.0, position=0
    )
    first = replace(kept, callback="k2", number=people.SHARED_NUMBER, attempts=0, due=0.0, position=1)
    web.telephony.places = [kept, first, replace(first, callback="k3", queue="rescue")]
    _, regions = await hub.picture(user)
    rows = regions["work"].split("等回呼的客户")[1]
    assert rows.index("第 1 位") < rows.index("08:01 再拨")
    assert "138 **** 7706" in rows
    assert "rescue" not in rows
