"""The audit page: filters, paging, export, and the check of the chain; the pages about other systems."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desktop.admin.audit_words import action_words
from agent_desktop.admin.keys_words import advice
from crm_core.access.actions import SignedIn
from crm_core.access.audit import audit
from crm_core.access.model import AuditEntry
from crm_core.clock import now
from crm_core.integration.model import ApiKey, Webhook
from crm_core.integration.trouble import Trouble
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


@pytest.fixture
async def admin(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        for number in range(70):
            subject = f"customer/{number}"
            await audit(session, at=now(), actor="1018", action="customer_seen", subject=subject, detail="=1+1")
    return await web.enter(people.ADMIN)


async def post(web: WebSite, admin: SignedIn, path: str, **form: Any):
    return await web.client.post(path, data={"csrf_token": admin.csrf, **form})


async def test_entries_read_as_words_and_lead_to_their_subject_and_to_older_ones(web: WebSite, admin: SignedIn):
    page = (await web.client.get("/admin/audit?person=1018&action=customer_seen")).text
    assert "客户查看" in page
    assert "客户 69" in page
    assert "/customers/69" not in page, "an administrator may not open a customer"
    assert "/admin/audit?person=1018&amp;action=customer_seen&amp;before=" in page
    older = (await web.client.get("/admin/audit?person=1018&before=21")).text
    assert "customer/19" in older
    assert "customer/20" not in older
    assert "没有符合条件的内容" in (await web.client.get("/admin/audit?person=4711")).text
    for hostile in ("?since=9999-99-99", "?since=0001-01-01&until=9999-12-31", "?subject=%25'--", "?person=%00"):
        assert (await web.client.get(f"/admin/audit{hostile}")).status_code == 200


async def test_the_export_is_safe_in_a_spreadsheet_and_is_on_the_log_itself(web: WebSite, admin: SignedIn):
    lines = (await web.client.get("/admin/audit/export?subject=customer/6")).text.splitlines()
    assert len(lines) == 1 + 11
    assert all(",'=1+1," in line for line in lines[1:])
    async with web.db.begin() as session:
        last = await session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()))
    assert (last.action, last.detail) == ("audit_exported", "subject=customer%2F6")


async def test_the_check_of_the_chain_names_the_first_broken_entry(web: WebSite, admin: SignedIn):
    for broken, told in ((False, "链条完整"), (True, "第 7 条被改动")):
        if broken:
            async with web.db.begin() as session:
                await session.execute(update(AuditEntry).where(AuditEntry.id == 7).values(actor="9001"))
        await post(web, admin, "/admin/audit/check")
        await web.app.state.chain.finished()
        assert (await web.client.get("/admin/audit/check")).json()["running"] is False
        assert told in (await web.client.get("/admin/audit")).text


async def test_a_key_is_shown_once_and_revoked_with_a_way_back(web: WebSite, admin: SignedIn):
    wrong = await post(web, admin, "/admin/keys/new", name="", networks="nowhere", per_minute="0")
    assert (wrong.status_code, "请写使用这把密钥的系统名称" in wrong.text) == (422, True)
    made = await post(web, admin, "/admin/keys/new", name="ERP", scopes=["dealers:read"], per_minute="60")
    token = made.text.partition('id="token">')[2].partition("<")[0]
    asked = await web.client.get("/api/v1/dealers", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 200
    assert token not in (await web.client.get("/admin/keys/1")).text
    gone = await post(web, admin, "/admin/keys/1/revoke")
    assert "/admin/keys/1/restore" in (await web.client.get(gone.headers["location"])).text
    async with web.db.begin() as session:
        assert (await session.get_one(ApiKey, 1)).revoked_at is not None


async def test_a_webhook_is_subscribed_and_a_wrong_address_is_told_under_its_field(web: WebSite, admin: SignedIn):
    wrong = await post(web, admin, "/admin/keys/webhooks/new", name="CRM", url="crm", kinds=["*"])
    assert 'id="url-error">请写完整地址' in wrong.text
    made = await post(web, admin, "/admin/keys/webhooks/new", name="CRM", url="https://crm.example.com/h", kinds=["*"])
    assert "whsec_" in made.text
    page = await web.client.get("/admin/keys/webhooks/1")
    assert "whsec_" not in page.text
    await post(web, admin, "/admin/keys/webhooks/1/pause")
    async with web.db.begin() as session:
        assert (await session.get_one(Webhook, 1)).pause_reason == "by_hand"
    late = await post(web, admin, "/admin/keys/webhooks/1/replay", since="2026-13-40")
    assert 'id="since-error">请选择日期和时间' in late.text


async def test_a_delivery_that_failed_says_in_words_what_to_do_about_it(web: WebSite, admin: SignedIn):
    inside = "https://127.0.0.1:1/hook"
    await post(web, admin, "/admin/keys/webhooks/new", name="DMS", url=inside, kinds=["*"])
    assert (await post(web, admin, "/admin/keys/webhooks/1/test")).status_code == 303
    assert (
        "这个地址指向内部网络。运维人员可以用 HOTLINE_WEBHOOK_NETWORKS 放行。"
        in (await web.client.get("/admin/keys/webhooks/1")).text
    )


def test_every_way_to_fail_has_its_advice_and_a_good_answer_none():
    told = {advice(trouble, None) for trouble in Trouble}
    assert all(told)
    assert len(told) == len(Trouble)
    assert advice(Trouble.ANSWER, 401) != advice(Trouble.ANSWER, 404) != advice(Trouble.ANSWER, 500)
    assert advice("", 200) == advice("something from before", None) == ""


async def test_a_screen_pop_address_is_shown_as_it_will_look(web: WebSite, admin: SignedIn):
    await post(web, admin, "/admin/keys/pops/hosts", host="crm.example.com")
    template = "https://crm.example.com/?t={caller_e164}"
    told = (await web.client.get("/admin/keys/pops/preview", params={"template": template})).json()
    assert told == {"url": "https://crm.example.com/?t=%2B8613843107706"}
    told = (await web.client.get("/admin/keys/pops/preview", params={"template": "https://evil.test/"})).json()
    assert told == {"error": "evil.test 不在允许的主机中，请先添加。"}
    facts = {"name": "客户系统", "template": template, "moment": "ringing", "opens": "button", "active": "1"}
    assert (await post(web, admin, "/admin/keys/pops/new", **facts)).status_code == 303
    assert "客户系统" in (await web.client.get("/admin/keys/pops")).text


def test_actions_are_words_in_both_languages_and_unknown_ones_their_code():
    assert action_words("case_opened", lambda word: word, "en") == "Case file opened"
    assert action_words("webhook_secret_turned", lambda word: word, "en") == "Webhook secret renewed"
    assert action_words("somebody_flew", lambda word: word, "en") == "somebody flew"
