"""A call at the agent's desk in a real browser: the card before the ring, the phone by keys, the record to the end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from crm_core.history.model import Contact
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, signed_in
from tests.browser.sip_peer import SipExchange

pytestmark = pytest.mark.browser


async def at_the_desk(page: Page, site: DeskSite, exchange: SipExchange) -> None:
    await site.telephony.sign_in(people.AGENT, ready=True)
    await signed_in(page, site)
    await exchange.until("REGISTER")
    await page.wait_for_selector("[data-phone=ok]")


async def ringing(page: Page, site: DeskSite, exchange: SipExchange, call: str = "c1") -> Any:
    """Chen calls about his repair; the page shows it and the tone has begun."""
    view = await site.caller(call, people.CHEN_NUMBER, matches=(people.CHEN,))
    site.telephony.ring(people.AGENT, view)
    await exchange.invite()
    await page.wait_for_selector("[data-tone=on]")
    return view


async def talking(page: Page, site: DeskSite, exchange: SipExchange) -> Any:
    view = await ringing(page, site, exchange)
    await page.keyboard.press("F2")
    await exchange.until("200")
    await site.write_talk(view, people.AGENT)
    site.telephony.answer(people.AGENT)
    await page.wait_for_selector("#record-form")
    return view


async def test_the_card_is_painted_before_the_tone_and_nothing_moves(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await page.evaluate(
        "() => { window.shifts = []; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) for (const s of e.sources) window.shifts.push(s.node?.outerHTML?.slice(0, 90)); })"
        ".observe({ type: 'layout-shift' }); }"
    )
    before = await page.locator(".callbar").bounding_box()
    await ringing(page, site, exchange)
    times = await page.evaluate(
        "['invite','painted','tone'].map((name) => performance.getEntriesByName('hotline:' + name)[0].startTime)"
    )
    assert times == sorted(times)
    assert times[1] - times[0] < 1000
    assert await page.locator("#record .lead p").inner_text() == "可能在问：空调压缩机异响，等配件"
    assert await page.locator(".facts dt").count() == 4
    assert await page.locator(".callbar").bounding_box() == before
    assert await page.evaluate("window.shifts") == []
    assert await page.evaluate("document.activeElement === document.body")
    assert "陈建国" in await page.locator("#alert").inner_text()


async def test_a_call_from_answer_to_ready_by_keys_only(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    assert await page.evaluate("document.activeElement.name") == "kind"
    await page.keyboard.press("4")
    assert await page.evaluate("document.activeElement.name") == "note"
    await page.keyboard.type("客户询问配件，1 号到店？")
    await page.wait_for_selector("#saved:not([hidden])")
    await page.keyboard.press("F4")
    await exchange.until("hold")
    site.telephony.hold(people.AGENT)
    await page.wait_for_selector("[data-call=hold]")
    await page.keyboard.press("F4")
    await exchange.until("resume")
    site.telephony.resume(people.AGENT)
    await page.wait_for_selector("[data-call=talking]")
    await page.keyboard.press("F8")
    await page.wait_for_selector("body.muted")
    await page.keyboard.press("Shift+F2")
    await page.keyboard.press("Shift+F2")
    await exchange.until("BYE")
    await expect(page.locator("#toast")).to_be_empty(timeout=2000)  # "again" is said of a call that is there
    await site.write_talk(view, people.AGENT, ended=True)
    site.telephony.end(people.AGENT)
    await page.wait_for_selector("[data-call=wrap_up]")
    await expect(page.locator(".cb-call")).to_contain_text("还差：处理结果")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#e-disposition")).to_have_text("请选择处理结果")
    assert await page.evaluate("document.activeElement.name") == "disposition"
    await page.select_option("[name=disposition]", "answered")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("[data-call=ready][data-view=work]")
    async with site.db.begin() as session:
        record = await session.get_one(Contact, view.call)
    assert (record.kind, record.note, record.vehicle_id, record.case_id) == ("repair", "客户询问配件，1 号到店？", 1, 1)
    assert record.recorded_at is not None
    assert ("go_ready", people.AGENT) in site.telephony.wishes


async def test_what_was_typed_is_there_after_a_reload(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await talking(page, site, exchange)
    await page.click(".kinds label:nth-child(2)")
    await page.keyboard.type("客户投诉等待时间")
    await page.reload()
    await page.wait_for_selector("#record-form")
    await expect(page.locator("[name=note]")).to_have_value("客户投诉等待时间")
    assert await page.is_checked("[name=kind][value=complaint]")
    assert await page.locator(".cb-state .timer").inner_text() != ""


async def test_returning_a_call_declines_it(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await ringing(page, site, exchange)
    await page.keyboard.press("Shift+F2")
    await exchange.until("603")


async def test_an_outgoing_call_is_answered_by_itself(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await page.click("[data-do=open-dialpad]")
    await page.keyboard.type("0431 88880012")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-call=dialling]")
    await exchange.invite()
    await exchange.until("200")
    assert ("dial", people.AGENT, "+8643188880012") in site.telephony.wishes
    assert not await page.evaluate("performance.getEntriesByName('hotline:tone').length")


async def test_a_shared_number_gives_a_choice_and_the_choice_gives_the_card(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    view = await site.caller("c2", people.SHARED_NUMBER, matches=(people.LI_MIN, people.LI_QIANG))
    await site.write_talk(view, people.AGENT)
    site.telephony.ring(people.AGENT, view)
    await page.wait_for_selector(".choice")
    assert await page.locator(".choice").count() == 2
    await page.click(".choice:nth-child(2)")
    await page.wait_for_selector("#customer h2:has-text('李强')")


async def test_an_unknown_caller_becomes_a_customer_in_place(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = await site.caller("c3", people.NEW_NUMBER)
    await site.write_talk(view, people.AGENT)
    site.telephony.ring(people.AGENT, view)
    await page.click("#new-customer button")
    await expect(page.locator("#e-name")).to_have_text("请填写客户姓名。")
    await page.fill("#new-customer [name=name]", "周海燕")
    await page.click("#new-customer button")
    await page.wait_for_selector("#customer h2:has-text('周海燕')")


async def test_the_next_call_does_not_cover_a_record_that_is_being_written(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    view = await talking(page, site, exchange)
    await exchange.bye()
    await site.write_talk(view, people.AGENT, ended=True)
    site.telephony.end(people.AGENT)
    await page.click("textarea[name=note]")
    await page.keyboard.type("还没写")
    site.telephony.wrap_up_over(people.AGENT)
    await ringing(page, site, exchange, "c9")
    await page.keyboard.type("完")
    assert await page.input_value("[name=note]") == "还没写完"
    assert await page.locator("#tab-call").is_visible()
    assert await page.locator("#tab-c1").get_attribute("aria-selected") == "true"


async def test_only_one_tab_holds_the_phone(browser: Browser, page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    second = await page.context.new_page()
    await second.goto(f"{site.address}/desk")
    await second.wait_for_selector("#taken:not([hidden])")
    await second.click("[data-do=take-phone]")
    await second.wait_for_selector("[data-phone=ok]")
    await page.wait_for_selector("#taken:not([hidden])")
    assert await page.get_attribute("body", "data-phone") == "elsewhere"


async def test_the_secret_is_kept_nowhere_in_the_browser(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "secret-of" not in kept + await page.content()


async def test_a_lost_phone_is_said_and_found_again(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await exchange.cut()
    await page.wait_for_selector("[data-phone=lost]")
    await expect(page.locator(".cb-call .line1.if-lost")).to_be_visible()
    await page.wait_for_selector("[data-phone=ok]")


async def test_a_registration_that_a_starting_exchange_swallowed_is_sent_again_at_once(
    page: Page, site: DeskSite, exchange: SipExchange
) -> None:
    await at_the_desk(page, site, exchange)
    exchange.loading = True
    exchange.done.clear()
    await exchange.cut()
    await exchange.until("REGISTER")
    exchange.loading = False
    await page.wait_for_selector("[data-phone=ok]", timeout=15_000)  # JsSIP alone waits 32 s for the lost answer


async def test_english_readers_read_english(browser: Browser, site: DeskSite):
    await site.telephony.sign_in(people.ENGLISH_AGENT, ready=True)
    async with a_tab(browser) as tab:
        await signed_in(tab, site, people.ENGLISH_AGENT)
        view = await site.caller("c1", people.CHEN_NUMBER, matches=(people.CHEN,))
        site.telephony.ring(people.ENGLISH_AGENT, view)
        await tab.wait_for_selector(".brief")
        assert await tab.locator("#record .lead p").inner_text() == "Probably asks about: 空调压缩机异响，等配件"
        assert await tab.get_attribute("html", "lang") == "en"
