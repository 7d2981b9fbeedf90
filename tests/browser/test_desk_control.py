"""Call control at the desk: consult, give away, three at once, park, click to dial; by keys, and nothing moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from agent_desktop.ports import CallView, Target
from crm_core.errors import Refused
from crm_core.history.events import TeamMessageSent
from crm_core.history.model import Contact
from crm_core.workforce.model import AgentRow
from tests.browser import people
from tests.browser.desk_site import DeskSite, signed_in
from tests.browser.sip_peer import SipExchange
from tests.browser.test_desk_call import at_the_desk, ringing, talking

pytestmark = pytest.mark.browser
COLLEAGUE = Target(kind="agent", value=people.ENGLISH_AGENT)
WATCH_SHIFTS = """() => {
  window.shifts = [];
  const moved = (s) => `${s.node?.outerHTML?.slice(0, 90)}: x ${s.previousRect.x} to ${s.currentRect.x}`;
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts.push(...e.sources.map(moved));
  }).observe({ type: "layout-shift" });
}"""


async def in_a_call(page: Page, site: DeskSite, exchange: SipExchange) -> CallView:
    """Chen talks with 林晓梅, and 王芳 is free."""
    await site.telephony.sign_in(people.ENGLISH_AGENT, ready=True)
    await at_the_desk(page, site, exchange)
    view: CallView = await talking(page, site, exchange)
    return view


async def answered_consult(page: Page, site: DeskSite) -> None:
    await site.telephony.calls.consult(people.AGENT, COLLEAGUE)
    site.telephony.calls.party_answers(people.AGENT)
    await page.wait_for_selector("[data-do=hand-over]")


async def test_a_colleague_is_asked_and_given_the_call_by_keys_only(page: Page, site: DeskSite, exchange: SipExchange):
    view = await in_a_call(page, site, exchange)
    await page.keyboard.press("4")
    await page.keyboard.type("请接着问里程")
    await page.keyboard.press("F9")
    await page.wait_for_selector(".target")
    await page.keyboard.type("wf")
    await expect(page.locator(".target b").first).to_have_text("王芳")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-call=consulting]")
    await expect(page.locator("#transfer")).to_be_hidden()
    await expect(page.locator(".cb-call")).to_contain_text("陈建国 保持")
    await expect(page.locator(".cb-call")).to_contain_text("王芳 振铃")
    site.telephony.calls.party_answers(people.AGENT)
    await expect(page.locator("[data-do=hand-over]")).to_contain_text("转接给王芳")
    await page.keyboard.press("Shift+F9")
    await page.wait_for_selector("[data-call=wrap_up]")
    await expect(page.locator(".cb-call")).to_contain_text("已转给 王芳，记录由对方完成")
    wishes = [wish for wish in site.telephony.wishes if wish[0] in ("consult", "hand_over")]
    assert wishes == [("consult", people.AGENT, "agent", people.ENGLISH_AGENT), ("hand_over", people.AGENT)]
    async with site.db.begin() as session:
        assert (await session.get_one(Contact, view.call)).note == "请接着问里程"


async def test_nothing_moves_while_a_call_goes_through_its_states(page: Page, site: DeskSite, exchange: SipExchange):
    await in_a_call(page, site, exchange)
    await page.wait_for_selector("#saved, #record-form")
    await page.evaluate(WATCH_SHIFTS)
    bar, form = await page.locator(".callbar").bounding_box(), await page.locator("#record-form").bounding_box()
    telephony = site.telephony
    await telephony.calls.consult(people.AGENT, COLLEAGUE)
    await page.wait_for_selector("[data-call=consulting]")
    telephony.calls.party_answers(people.AGENT)
    await page.wait_for_selector("[data-do=hand-over]")
    await telephony.calls.conference(people.AGENT)
    await page.wait_for_selector("[data-call=conference]")
    await telephony.calls.drop_party(people.AGENT)
    await page.wait_for_selector("[data-call=talking]")
    telephony.hold(people.AGENT)
    await page.wait_for_selector("[data-call=hold]")
    telephony.tell(TeamMessageSent(at=1.0, by=people.ADMIN, agents=(people.AGENT,), text="16 点开会"))
    await page.wait_for_selector(".notice")
    assert await page.locator(".callbar").bounding_box() == bar
    assert await page.locator("#record-form").bounding_box() == form
    assert await page.evaluate("window.shifts") == []


async def test_a_busy_colleague_says_why_and_is_not_rung(page: Page, site: DeskSite, exchange: SipExchange):
    await in_a_call(page, site, exchange)
    await site.telephony.take_break(people.ENGLISH_AGENT, "lunch")
    await page.keyboard.press("F9")
    await page.wait_for_selector(".target")
    await page.keyboard.type("王芳")
    busy = page.locator(".target[aria-disabled=true]")
    await expect(busy).to_contain_text("小休")
    await page.keyboard.press("Enter")
    await expect(page.locator("#e-transfer")).to_have_text("王芳 现在不能选：小休。")
    assert not [wish for wish in site.telephony.wishes if wish[0] == "consult"]


async def test_ctrl_enter_gives_the_call_to_a_queue_and_finishes_no_record(
    page: Page, site: DeskSite, exchange: SipExchange
):
    view = await in_a_call(page, site, exchange)
    await page.keyboard.press("F9")
    await page.wait_for_selector(".target")
    await page.keyboard.type("产品")
    await expect(page.locator(".target b").first).to_have_text("产品咨询")
    await page.keyboard.press("Enter")
    await expect(page.locator("#e-transfer")).to_have_text("队列不能咨询，按 Ctrl+Enter 直接转接。")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("[data-call=wrap_up]")
    assert ("transfer", people.AGENT, "queue", "enquiry") in site.telephony.wishes
    async with site.db.begin() as session:
        assert (await session.get_one(Contact, view.call)).recorded_at is None


async def test_a_number_typed_into_the_panel_is_rung_and_stays_at_hand(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await in_a_call(page, site, exchange)
    await page.keyboard.press("F9")
    await page.wait_for_selector(".target")
    await page.keyboard.type("0431 8888 0012")
    await expect(page.locator(".target b").first).to_have_text("0431 8888 0012")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-call=consulting]")
    assert ("consult", people.AGENT, "number", "+8643188880012") in site.telephony.wishes
    site.telephony.calls.party_gone(people.AGENT, "not_reached")
    await page.wait_for_selector("[data-call=talking]")
    await page.keyboard.press("F9")
    await expect(page.locator(".target b").first).to_have_text("0431 8888 0012")
    await expect(page.locator(".tgroup").first).to_have_text("最近用过")
    await page.keyboard.press("Escape")
    await expect(page.locator("#transfer")).to_be_hidden()


async def test_a_colleague_who_does_not_answer_leaves_the_choice(page: Page, site: DeskSite, exchange: SipExchange):
    await in_a_call(page, site, exchange)
    await site.telephony.calls.consult(people.AGENT, COLLEAGUE)
    site.telephony.calls.party_fails(people.AGENT, "no_answer")
    await expect(page.locator(".cb-call")).to_contain_text("王芳 无人接听")
    await expect(page.locator("[data-do=hand-over]")).to_have_count(0)
    await page.keyboard.press("F9")
    await page.wait_for_selector("#target-text")
    await page.keyboard.press("Escape")
    await page.click("[data-do=back]")
    await page.wait_for_selector("[data-call=talking]")


async def test_three_talk_and_each_button_does_what_it_says(page: Page, site: DeskSite, exchange: SipExchange):
    await in_a_call(page, site, exchange)
    await answered_consult(page, site)
    await page.click("[data-do=conference]")
    await page.wait_for_selector("[data-call=conference]")
    for name in ("陈建国", "王芳", "您"):
        await expect(page.locator(".two.three")).to_contain_text(name)
    await page.click("[data-do=drop-party]")
    await page.wait_for_selector("[data-call=talking]")
    await answered_consult_again(page, site)
    await page.click("[data-do=back]")
    await page.wait_for_selector("[data-call=talking]")
    done = [wish[0] for wish in site.telephony.wishes]
    assert [word for word in done if word in ("conference", "drop_party", "back_to_customer")] == [
        "conference",
        "drop_party",
        "back_to_customer",
    ]


async def answered_consult_again(page: Page, site: DeskSite) -> None:
    site.telephony.set_desk(people.ENGLISH_AGENT, state="ready", call=None)
    await answered_consult(page, site)


async def test_a_number_on_the_screen_is_dialled_without_being_shown(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await page.fill("#search input", "王静")
    await page.click(".hitline .tel")
    await expect(page.locator("#dial-line")).to_contain_text("王静怡")
    await expect(page.locator("#dial-shown")).to_have_text("137 **** 0099")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-call=dialling]")
    assert ("dial", people.AGENT, "+8613704320099") in site.telephony.wishes
    assert "3704320099" not in await page.content()


async def test_a_refused_dial_says_so_where_it_was_asked(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)

    async def refuse(*_given: Any) -> str:
        raise Refused("After-call work was already extended.")

    site.telephony.dial = refuse
    await page.click(".mine-todo .tel >> nth=0")
    await page.keyboard.press("Enter")
    await expect(page.locator("#dial-note")).to_have_class("line2 cut breach")
    await page.keyboard.press("Escape")
    await expect(page.locator("#dial-line")).to_be_hidden()


async def test_a_call_that_rings_is_never_hidden_by_the_dial_line(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    await page.click(".mine-todo .tel >> nth=0")
    await expect(page.locator("#dial-line")).to_be_visible()
    await ringing(page, site, exchange)
    await expect(page.locator("#dial-line")).to_be_hidden()
    await page.keyboard.press("F2")
    await exchange.until("200")


async def test_the_list_of_calls_dials_by_the_desk_of_the_other_tab(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    second = await page.context.new_page()
    await second.goto(f"{site.address}/contacts")
    await second.click("tbody .tel >> nth=0")
    await second.keyboard.press("Enter")
    await page.wait_for_selector("[data-call=dialling]")
    await expect(second.locator("#dial-note")).to_contain_text("工作台")
    assert ("dial", people.AGENT, people.CHEN_NUMBER) in site.telephony.wishes


async def test_without_a_desk_open_the_list_of_calls_leads_to_one_that_asks(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    await page.goto(f"{site.address}/contacts")
    await page.click("tbody .tel >> nth=0")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk*")
    await expect(page.locator("#dial-name")).to_have_text("陈建国")
    assert not [wish for wish in site.telephony.wishes if wish[0] == "dial"]


async def test_a_parked_call_is_seen_by_all_and_picked_up_once(page: Page, site: DeskSite, exchange: SipExchange):
    await at_the_desk(page, site, exchange)
    view = await site.caller("c5", people.SHARED_NUMBER)
    await site.telephony.sign_in(people.ENGLISH_AGENT, ready=True)
    site.telephony.ring(people.ENGLISH_AGENT, view)
    site.telephony.answer(people.ENGLISH_AGENT)
    await site.telephony.calls.park(people.ENGLISH_AGENT)
    await expect(page.locator(".parked")).to_contain_text("王芳 停放")
    await page.click("[data-do=pick-up]")
    await expect(page.locator(".parked")).to_have_count(0)
    assert ("pick_up", people.AGENT, "P1") in site.telephony.wishes


async def test_keys_of_the_pad_reach_the_other_side_by_a_desk_phone(page: Page, site: DeskSite):
    async with site.db.begin() as session:
        await session.execute(
            update(AgentRow).where(AgentRow.user_id == 1).values(phone_contact="sip:1018@10.0.0.5:5060")
        )
    await site.telephony.sign_in(people.AGENT, ready=True)
    await signed_in(page, site)
    view = await site.caller("c1", people.CHEN_NUMBER, matches=(people.CHEN,))
    site.telephony.ring(people.AGENT, view)
    site.telephony.answer(people.AGENT)
    await page.wait_for_selector("[data-call=talking][data-phone=fixed]")
    await page.click("[data-do=keypad]")
    async with page.expect_response("**/api/call/digits"):
        await page.keyboard.type("1")
    async with page.expect_response("**/api/call/digits"):
        await page.click("[data-key='#']")
    await expect(page.locator("#dial-form input")).to_have_value("1#")
    sent = [wish for wish in site.telephony.wishes if wish[0] == "send_digits"]
    assert sent == [("send_digits", people.AGENT, "1"), ("send_digits", people.AGENT, "#")]


async def test_an_asked_colleague_reads_the_case_and_the_record_and_writes_nothing(
    page: Page, site: DeskSite, exchange: SipExchange
):
    await at_the_desk(page, site, exchange)
    view = await site.caller("c1", people.CHEN_NUMBER, matches=(people.CHEN,))
    await site.write_talk(view, people.ENGLISH_AGENT)
    async with site.db.begin() as session:
        (await session.get_one(Contact, "c1")).note = "Noise uphill"
    await site.telephony.sign_in(people.ENGLISH_AGENT, ready=True)
    site.telephony.ring(people.ENGLISH_AGENT, view)
    site.telephony.answer(people.ENGLISH_AGENT)
    await site.telephony.calls.consult(people.ENGLISH_AGENT, Target(kind="agent", value=people.AGENT))
    await expect(page.locator(".cb-call")).to_contain_text("同事咨询：王芳")
    site.telephony.calls.party_answers(people.ENGLISH_AGENT)
    await page.wait_for_selector("[data-call=consulting]")
    await expect(page.locator("#record")).to_contain_text("Noise uphill")
    await expect(page.locator("#customer h2")).to_have_text("陈建国")
    await expect(page.locator("#record-form")).to_have_count(0)
    await site.telephony.calls.hand_over(people.ENGLISH_AGENT)
    await page.wait_for_selector("#record-form")
    await expect(page.locator(".others")).to_contain_text("Noise uphill")


async def test_a_page_that_was_reloaded_in_a_call_answers_the_call_that_comes_back(
    page: Page, site: DeskSite, exchange: SipExchange
):
    view = await in_a_call(page, site, exchange)
    await page.reload()
    await page.wait_for_selector("[data-phone=ok]")
    site.telephony.ring(people.AGENT, replace(view, why="resume"))
    await expect(page.locator(".if-returning")).to_have_text("正在回到通话… · ")
    assert await page.get_attribute("body", "data-call") == "talking"
    exchange.done.remove("200")
    await exchange.invite()
    await exchange.until("200")
    assert not await page.evaluate("performance.getEntriesByName('hotline:tone').length")
