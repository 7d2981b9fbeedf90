"""The list of calls and one call: who may see what, filters in the address, a listening that leaves a trace."""

from __future__ import annotations

from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.clock import now
from crm_core.history.model import Contact, Recording
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def test_nobody_sees_calls_without_signing_in(web: WebSite):
    answer = await web.client.get("/contacts?agent=1018")
    assert answer.headers["location"] == "/login?next=/contacts%3Fagent%3D1018"


async def test_an_administrator_has_no_business_with_calls(web: WebSite):
    await web.enter(people.ADMIN)
    assert (await web.client.get("/contacts")).status_code == 403


async def test_an_agent_finds_the_own_calls_and_not_a_colleagues(web: WebSite):
    await web.enter(people.AGENT)
    assert (await web.client.get("/contacts")).text.count('<a href="/contacts/old-') == 3
    await web.enter(people.ENGLISH_AGENT)
    assert "No call fits" in (await web.client.get("/contacts?agent=1018")).text
    assert "No calls yet" in (await web.client.get("/contacts")).text


async def test_a_search_names_a_customer_and_a_filter_restricts(web: WebSite):
    await web.enter()
    assert (await web.client.get("/contacts", params={"q": "陈建国"})).text.count('href="/contacts/old-') == 3
    assert (await web.client.get("/contacts", params={"q": "13804317706"})).text.count('href="/contacts/old-') == 3
    assert (await web.client.get("/contacts", params={"kind": "repair"})).text.count('href="/contacts/old-') == 1
    assert "没有符合条件的通话" in (await web.client.get("/contacts", params={"q": "没有这个人"})).text


async def test_several_customers_of_one_name_are_offered_as_a_choice(web: WebSite):
    await web.enter()
    text = (await web.client.get("/contacts", params={"q": "李"})).text
    assert "没有符合条件的通话" in text
    text = (await web.client.get("/contacts", params={"q": "li"})).text
    assert f"customer={people.LI_MIN}" in text
    assert f"customer={people.LI_QIANG}" in text


async def test_a_call_is_told_with_its_record_and_number_masked(web: WebSite):
    await web.enter()
    text = (await web.client.get("/contacts/old-1")).text
    assert "138 **** 7706" in text
    assert people.CHEN_NUMBER not in text
    assert "上坡和等红灯时空调有" in text


async def test_an_unknown_call_is_said_to_be_unknown(web: WebSite):
    await web.enter()
    answer = await web.client.get("/contacts/nothing%0d%0a")
    assert answer.status_code == 404
    assert "没有这通电话" in answer.text


async def test_a_colleagues_recording_is_closed_and_says_who_may_open_it(web: WebSite):
    await web.enter(people.ENGLISH_AGENT)
    assert "You may hear your own talks only" in (await web.client.get("/contacts/old-1")).text
    async with web.db.begin() as session:
        number = await session.scalar(select(Recording.id))
    assert (await web.client.get(f"/recordings/{number}/peaks")).status_code == 404  # as an unknown one
    assert [entry.action for entry in await _audit(web)] == ["sign_in"]


async def test_a_listening_needs_the_pages_token(web: WebSite):
    await web.enter()
    assert (await web.client.post("/recordings/1/listen")).status_code == 403


async def test_a_hostile_caller_is_shown_as_text(web: WebSite):
    async with web.db.begin() as session:
        contact = await session.get_one(Contact, "old-1")
        contact.caller, contact.note = "<b>1</b>", "<script>alert(1)</script>"
    await web.enter()
    text = (await web.client.get("/contacts/old-1")).text
    assert "<script>alert(1)" not in text
    assert "<b>1</b>" not in text


async def _audit(web: WebSite) -> list[AuditEntry]:
    async with web.db.begin() as session:
        return list(await session.scalars(select(AuditEntry)))


async def test_a_call_out_to_a_number_that_no_customer_has_is_not_told_as_a_call_in(web: WebSite):
    async with web.db.begin() as session:
        called = Contact(
            id="out-1", direction="outbound", caller="+8613912340000", agent=people.AGENT, started_at=now()
        )
        session.add(called)
    await web.enter()
    for page in ("/contacts", "/contacts/out-1"):
        text = (await web.client.get(page)).text
        assert "未登记号码" in text
        assert "未识别来电" not in text
