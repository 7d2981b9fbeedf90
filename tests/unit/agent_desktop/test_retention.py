"""The page of how long recordings are kept: setting, warning, next list, holds, proof."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.history.model import Recording
from crm_core.retention.listing import list_due
from crm_core.retention.model import RecordingHold
from crm_core.retention.settings import retention_rules
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = "/admin/recordings"


async def test_fewer_than_thirty_days_are_refused_with_a_warning_until_they_are_confirmed(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"csrf_token": entered.user.csrf, "base": "0", "days": "14"}
    assert "当前设置为全部保存" in (await web.client.get(PAGE)).text
    refused = await web.client.post(PAGE, data=form)
    assert refused.status_code == 422
    assert "证据至少要保存 30 天" in refused.text
    assert 'value="14"' in refused.text
    assert (await web.client.post(PAGE, data={**form, "short": "1"})).status_code == 303


async def test_what_goes_next_is_shown_with_its_calls_and_one_is_held_from_the_list(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"csrf_token": entered.user.csrf}
    assert (await web.client.post(PAGE, data={**form, "base": "0", "days": "30"})).status_code == 303
    async with web.db.begin() as session:
        await session.execute(update(Recording).values(started_at=now() - timedelta(days=50), status="ready"))
        run = await list_due(session, await retention_rules(session), now())
        assert run
    shown = (await web.client.get(PAGE)).text
    assert '<a class="t mono" href="/contacts/old-1">' in shown
    held = await web.client.post(f"{PAGE}/hold", data={**form, "contact": "old-1", "why": "诉讼 2026-17"})
    assert held.status_code == 303
    assert "诉讼 2026-17" in (await web.client.get(PAGE)).text
    proof = (await web.client.get(f"{PAGE}/{run.id}/proof.csv")).text
    assert "old-1" in proof
    assert "尚未处理" in proof
    assert (await web.client.get(f"{PAGE}/99/proof.csv")).status_code == 404
    assert (await web.client.post(f"{PAGE}/release", data={**form, "contact": "old-1"})).status_code == 303
    async with web.db.begin() as session:
        assert list(await session.scalars(select(RecordingHold))) == []


async def test_a_hold_needs_a_call_that_exists_and_a_reason(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"csrf_token": entered.user.csrf, "contact": "nobody", "why": "x"}
    unknown = await web.client.post(f"{PAGE}/hold", data=form)
    assert (unknown.status_code, "没有这通电话" in unknown.text) == (404, True)
    empty = await web.client.post(f"{PAGE}/hold", data={**form, "contact": "old-1", "why": " "})
    assert (empty.status_code, "请写明为什么必须保留" in empty.text) == (422, True)


async def test_an_agent_neither_sees_nor_changes_it(web: WebSite):
    entered = await web.enter(people.AGENT)
    assert (await web.client.get(PAGE)).status_code == 403
    form = {"csrf_token": entered.user.csrf, "contact": "old-1", "why": "x"}
    assert (await web.client.post(f"{PAGE}/hold", data=form)).status_code == 403


async def test_a_supervisor_holds_the_recordings_of_a_call_on_the_calls_own_page_and_lets_them_go(web: WebSite):
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(roles="supervisor"))
    entered = await web.enter(people.ADMIN)
    form = {"csrf_token": entered.user.csrf, "contact": "old-1", "back": "call"}
    assert "为什么必须保留" in (await web.client.get("/contacts/old-1")).text
    answer = await web.client.post(f"{PAGE}/hold", data={**form, "why": "诉讼 2026-17"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/contacts/old-1")
    shown = (await web.client.get("/contacts/old-1")).text
    assert "不论存了多久都保留：诉讼 2026-17" in shown
    assert (await web.client.post(f"{PAGE}/release", data=form)).status_code == 303
    assert "诉讼 2026-17" not in (await web.client.get("/contacts/old-1")).text
