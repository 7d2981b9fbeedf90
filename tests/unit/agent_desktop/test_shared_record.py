"""A call that goes from one agent to another takes its record along."""

from __future__ import annotations

from typing import Any

from agent_desktop.live import DeskHub
from agent_desktop.ports import Target
from crm_core.clock import now
from crm_core.history.model import Contact, Leg
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.conftest import WebSite


async def asked(web: WebSite) -> None:
    """林晓梅 talks with 陈建国 and asks 王芳, who has answered."""
    async with web.db.begin() as session:
        contact = Contact(id="c1", direction="inbound", caller=people.CHEN_NUMBER, started_at=now(), agent=people.AGENT)
        session.add(contact)
        await session.flush()
        for number, agent in enumerate((people.AGENT, people.ENGLISH_AGENT), 1):
            session.add(Leg(id=f"c1-{number}", contact_id="c1", agent=agent, offered_at=now(), answered_at=now()))
        contact.customer_id = people.CHEN
    for agent in (people.AGENT, people.ENGLISH_AGENT):
        await web.telephony.sign_in(agent, ready=True)
    web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
    web.telephony.answer(people.AGENT)
    await web.telephony.calls.consult(people.AGENT, Target(kind="agent", value=people.ENGLISH_AGENT))
    web.telephony.calls.party_answers(people.AGENT)


async def save(web: WebSite, agent: str, way: str = "", **entries: str) -> Any:
    entered = await web.enter(agent)
    send = web.client.post if way else web.client.put
    return await send(f"/api/record/c1{way}", json=entries, headers={"X-CSRF-Token": entered.csrf})


async def drawn(web: WebSite, agent: str) -> dict[str, str]:
    hub: DeskHub = web.app.state.hub
    _, regions = await hub.picture((await web.enter(agent)).user)
    return regions


async def test_the_asked_colleague_sees_card_case_and_note_and_may_not_write(web: WebSite):
    await asked(web)
    assert (await save(web, people.AGENT, kind="repair", note="上坡时有声")).status_code == 200
    seen = await drawn(web, people.ENGLISH_AGENT)
    assert "Colleague asks" in seen["callbar"]
    assert "陈建国" in seen["customer"]
    assert "Record of 林晓梅" in seen["record"] or "Record of Lin Xiaomei" in seen["record"]
    assert "上坡时有声" in seen["record"]
    assert "空调压缩机异响，等配件" in seen["record"]
    assert "record-form" not in seen["record"]
    refused = await save(web, people.ENGLISH_AGENT, kind="complaint")
    assert refused.status_code == 409
    assert "your colleague's record" in refused.json()["message"]


async def test_after_the_hand_over_the_record_goes_on_with_both_notes(web: WebSite):
    await asked(web)
    await save(web, people.AGENT, kind="repair", note="上坡时有声")
    await web.telephony.calls.hand_over(people.AGENT)
    async with web.db.begin() as session:
        (await session.get_one(Contact, "c1")).agent = people.ENGLISH_AGENT
    seen = await drawn(web, people.ENGLISH_AGENT)
    assert "record-form" in seen["record"]
    assert "上坡时有声" in seen["record"]
    assert 'value="repair" checked' in seen["record"]
    await save(web, people.ENGLISH_AGENT, kind="repair", note="已约明天")
    left = await drawn(web, people.AGENT)
    assert "已转给 王芳，记录由对方完成" in left["callbar"]
    assert "已约明天" in left["record"]
    async with web.db.begin() as session:
        assert (await session.get_one(Contact, "c1")).note == "林晓梅：上坡时有声\n王芳：已约明天"


async def test_who_gave_the_call_away_goes_ready_without_a_result(web: WebSite):
    await asked(web)
    await web.telephony.calls.hand_over(people.AGENT)
    entered = await web.enter(people.AGENT)
    answer = await web.client.post("/api/state/ready", headers={"X-CSRF-Token": entered.csrf})
    assert answer.status_code == 200


async def test_who_ended_the_call_needs_a_result_before_going_ready(web: WebSite):
    await asked(web)
    await web.telephony.calls.back_to_customer(people.AGENT)
    web.telephony.end(people.AGENT)
    entered = await web.enter(people.AGENT)
    answer = await web.client.post("/api/state/ready", headers={"X-CSRF-Token": entered.csrf})
    assert answer.status_code == 409


async def test_a_parked_call_is_said_to_be_parked_and_its_record_can_wait(web: WebSite):
    await asked(web)
    await web.telephony.calls.back_to_customer(people.AGENT)
    await web.telephony.calls.park(people.AGENT)
    assert "已停放在 P1" in (await drawn(web, people.AGENT))["callbar"]
    assert "138 **** 7706" in (await drawn(web, people.ENGLISH_AGENT))["work"]
