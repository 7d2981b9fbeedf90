"""Who works with a call marks its number; who leads looks through the list and decides."""

from __future__ import annotations

from sqlalchemy import select

from crm_core.clock import now
from crm_core.customers.model import BlockedNumber
from crm_core.history.model import Contact
from crm_core.nuisance.model import NuisanceMark
from crm_core.nuisance.queries import nuisance_score
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.leading import SUPERVISOR, enter_as_supervisor

CALLER = "+8613900000001"


async def a_call(web: WebSite, call: str = "n-1", agent: str = people.AGENT) -> None:
    at = now()
    async with web.db.begin() as session:
        over = {"started_at": at, "ended_at": at, "outcome": "answered"}
        session.add(Contact(id=call, direction="inbound", caller=CALLER, agent=agent, **over))


async def score(web: WebSite) -> int:
    async with web.db.begin() as session:
        return await nuisance_score(session, CALLER, now())


async def the_mark(web: WebSite) -> NuisanceMark:
    async with web.db.begin() as session:
        return (await session.scalars(select(NuisanceMark))).one()


async def test_an_agent_marks_the_number_on_the_calls_page_and_takes_it_back(web: WebSite):
    await a_call(web)
    form = {"csrf_token": (await web.enter()).user.csrf}
    assert "标记这个号码" in (await web.client.get("/contacts/n-1")).text
    assert (await web.client.post("/contacts/n-1/nuisance", data={"reason": "prank"})).status_code == 403
    marked = await web.client.post("/contacts/n-1/nuisance", data={**form, "reason": "prank", "note": "学小孩"})
    assert (marked.status_code, marked.headers["location"]) == (303, "/contacts/n-1")
    page = (await web.client.get("/contacts/n-1")).text
    assert "您已把这个号码标记为骚扰：恶作剧" in page
    assert await score(web) == 20
    undone = await web.client.post(f"/contacts/n-1/nuisance/{(await the_mark(web)).id}/undo", data=form)
    assert undone.status_code == 303
    assert await score(web) == 0


async def test_the_desk_marks_and_takes_back_in_the_call(web: WebSite):
    await a_call(web)
    token = {"X-CSRF-Token": (await web.enter()).user.csrf}
    marked = await web.client.post("/api/record/n-1/nuisance", json={"reason": "abusive"}, headers=token)
    assert marked.status_code == 200
    assert await score(web) == 20
    mark = (await the_mark(web)).id
    assert (
        await web.client.post("/api/record/n-1/nuisance/undo", json={"mark": mark}, headers=token)
    ).status_code == 200
    assert await score(web) == 0
    refused = await web.client.post("/api/record/n-1/nuisance", json={"reason": "because"}, headers=token)
    assert refused.status_code == 422


async def test_a_colleagues_call_and_a_colleagues_mark_do_not_exist(web: WebSite):
    await a_call(web, agent=SUPERVISOR)
    entered = await web.enter()
    token = {"X-CSRF-Token": entered.user.csrf}
    assert (
        await web.client.post("/api/record/n-1/nuisance", json={"reason": "prank"}, headers=token)
    ).status_code == 404
    form = {"csrf_token": entered.user.csrf}
    assert (await web.client.post("/contacts/n-1/nuisance", data={**form, "reason": "prank"})).status_code == 404


async def test_a_supervisor_sees_the_list_confirms_blocks_unblocks_and_releases(web: WebSite):
    await a_call(web)
    form = {"csrf_token": (await web.enter()).user.csrf}
    await web.client.post("/contacts/n-1/nuisance", data={**form, "reason": "prank"})
    assert (await web.client.get("/nuisance")).status_code == 403
    form = {"csrf_token": (await enter_as_supervisor(web)).user.csrf}
    listed = (await web.client.get("/nuisance")).text
    assert "139 **** 0001" in listed
    assert CALLER not in listed
    assert "排在其他来电之后" in listed
    mark = (await the_mark(web)).id
    for act, told in (("confirm", "听到简短提示"), ("block", "已拦截"), ("unblock", "听到简短提示")):
        assert (await web.client.post(f"/nuisance/{mark}/{act}", data=form)).headers["location"] == "/nuisance"
        assert told in (await web.client.get("/nuisance")).text
    async with web.db.begin() as session:
        assert await session.get(BlockedNumber, CALLER) is None
    assert (await web.client.post(f"/nuisance/{mark}/explode", data=form)).status_code == 404
    assert (await web.client.post("/nuisance/9999/release", data=form)).status_code == 404
    await web.client.post(f"/nuisance/{mark}/release", data=form)
    assert "现在没有被标记的号码" in (await web.client.get("/nuisance")).text
    assert await score(web) == 0
