"""Keys, webhooks, the audit log and one's own password in a real browser: by keyboard, in both languages and widths."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from crm_core.access.audit import audit
from crm_core.access.model import AuditEntry, User
from crm_core.clock import now
from crm_core.integration.screen_pops import allow_host, save_pop
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site, signed_in
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
PAGES = (
    "/admin/keys/new",
    "/admin/keys/webhooks/new",
    "/admin/keys/pops/new",
    "/admin/audit",
    "/api/v1/docs",
    "/password",
)
BY = {"actor": "9001"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def test_a_key_is_made_by_keyboard_used_and_found_on_the_audit_log(tab: Page, site: DeskSite):
    await enter(tab, site, path="/admin/keys/new")
    await tab.fill("[name=name]", "SAP ERP")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator("#scopes-error")).to_have_text("请至少选一项权限范围。")
    await expect(tab.locator("[name=name]")).to_have_value("SAP ERP")
    await tab.check("[value='cases:write']")
    await tab.keyboard.press("Control+Enter")
    token = (await tab.locator("#token").text_content() or "").strip()
    case = {"customer_id": 1, "kind": "repair", "title": "空调不制冷"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
    made = await tab.request.post(f"{site.address}/api/v1/cases", data=case, headers=headers)
    assert made.status == 201
    await tab.goto(f"{site.address}/admin/audit?person=key:1")
    await expect(tab.locator("tbody tr")).to_contain_text(["工单新建"])


async def test_a_screen_pop_address_is_previewed_while_it_is_typed_and_stands_on_the_desk(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        await allow_host(session, "crm.example.com", at=now(), **BY)
    await enter(tab, site, path="/admin/keys/pops/new")
    await tab.fill("[name=template]", "https://evil.test/")
    await expect(tab.locator("#preview")).to_contain_text("不在允许的主机中")
    await tab.fill("[name=template]", "https://crm.example.com/?t=")
    await tab.click("[data-insert='{caller_e164}']")
    await expect(tab.locator("#preview")).to_have_text("https://crm.example.com/?t=%2B8613843107706")
    await tab.fill("[name=name]", "客户系统")
    await tab.keyboard.press("Control+Enter")
    await tab.wait_for_url("**/admin/keys/pops")
    await signed_in(tab, site)
    call = await site.caller("c1", people.CHEN_NUMBER, matches=(people.CHEN,))
    site.telephony.ring(people.AGENT, call)
    await expect(tab.locator("#pops a")).to_have_attribute("href", "https://crm.example.com/?t=%2B8613804317706")


async def test_a_page_by_itself_opens_once_for_a_call_in_one_tab(tab: Page, site: DeskSite):
    facts = {"name": "客户系统", "template": "https://crm.example.com/{linkedid}", "moment": "ringing", "opens": "tab"}
    async with site.db.begin() as session:
        await allow_host(session, "crm.example.com", at=now(), **BY)
        await save_pop(session, None, **facts, active=True, at=now(), **BY)
    await tab.context.route("https://crm.example.com/**", lambda route: route.fulfill(body="crm"))
    await signed_in(tab, site)
    for call_id in ("c1", "c2"):
        call = await site.caller(call_id, people.CHEN_NUMBER, matches=(people.CHEN,))
        site.telephony.ring(people.AGENT, call)
        await expect(tab.locator("#pops a")).to_have_attribute("href", f"https://crm.example.com/{call_id}")
        await tab.wait_for_timeout(300)
        assert [page.url for page in tab.context.pages[1:]] == [f"https://crm.example.com/{call_id}"]


async def test_a_changed_entry_is_found_with_its_progress_shown(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        for number in range(30):
            await audit(session, at=now(), actor="1018", action="customer_seen", subject=f"customer/{number}")
    await enter(tab, site, path="/admin/audit")
    await tab.click("text=检查链条")
    await expect(tab.locator("#chain b")).to_have_text("链条完整")
    async with site.db.begin() as session:
        await session.execute(update(AuditEntry).where(AuditEntry.id == 11).values(detail="x"))
    await tab.click("text=检查链条")
    await expect(tab.locator("#chain b")).to_contain_text("第 11 条被改动")


async def test_a_one_time_password_leads_to_ones_own(tab: Page, browser: Browser, site: DeskSite):
    await enter(tab, site, path="/admin/people/1018?part=account")
    await tab.click("[data-reveal=resetting]")
    await tab.click("#resetting .danger")
    one_time = (await tab.locator("#one-time").text_content() or "").strip()
    async with a_tab(browser) as other:
        await other.goto(f"{site.address}/login")
        await other.fill("#number", "1018")
        await other.fill("#password", one_time)
        await other.click("button.pri")
        await other.wait_for_url("**/password")
        await other.fill("[name=old]", one_time)
        await other.fill("[name=new]", "battery staple")
        await other.fill("[name=again]", "battery staple")
        await other.keyboard.press("Enter")
        await other.wait_for_url("**/desk")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_fits_both_widths_without_a_fault(browser: Browser, site: DeskSite, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).values(language=language))
    for width, height in ((1440, 900), (1920, 1080)):
        async with a_tab(browser, width=width, height=height) as tab:
            faults: list[str] = []
            tab.on(  # type: ignore[call-overload]
                "console", lambda message, found=faults: found.append(message.text) if message.type == "error" else 0
            )
            await enter(tab, site)
            for path in PAGES:
                await tab.goto(f"{site.address}{path}")
                wide = await tab.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{path} is {wide} px wide at {width}"
            assert faults == []
