"""The menus' editor in a real browser: a supervisor changes a node, sees what callers meet, publishes, goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.flows.model import MenuVisit
from crm_core.flows.queries import draft_of, published_texts
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import queues
from ivr.flow_file import read_flow
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
QUEUES = {"complaint": "投诉", "suggestion": "建议", "rescue": "道路救援"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            there = {queue.id for queue in await queues(session)}
            for position, (name, word) in enumerate(QUEUES.items(), start=10):
                if name not in there:
                    session.add(QueueRow(id=name, name_zh=word, name_en=name, skill=name, position=position))
        yield running


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        yield page


async def test_a_changed_prompt_is_a_draft_until_it_is_published(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=self")
    await tab.fill("[name='title.zh-CN']", "自助查询")
    await tab.fill("[name='text.zh-CN.self-menu']", "查进度请按一，人工请按零。")
    await tab.click(".node-form .pri")
    await expect(tab.locator(".bar .tag.warn")).to_have_text("草稿 v1")
    await expect(tab.locator(".inspector h2")).to_contain_text("自助查询")
    async with site.db.begin() as session:
        assert await published_texts(session) == []  # callers still meet the menu as delivered
    await tab.click("a[href='/flows/main/publish']")
    await expect(tab.locator(".differences")).to_contain_text("查进度请按一，人工请按零。")
    await tab.click("form[action='/flows/main/publish'] .pri")
    await tab.wait_for_url("**/flows/main?done=published")
    async with site.db.begin() as session:
        (published,) = await published_texts(session)
    assert read_flow(published.text).texts["zh-CN"]["self-menu"] == "查进度请按一，人工请按零。"
    await expect(tab.locator(".bar")).to_contain_text("线上 v1")


async def test_a_node_that_leads_nowhere_is_told_and_keeps_the_flow_from_being_published(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=main")
    await tab.click(".palette button[value=say]")
    await expect(tab.locator(".inspector small .mono")).to_have_text("say-1")
    await expect(tab.locator(".checks li.breach")).to_contain_text("say-1")
    await tab.click("a[href='/flows/main/publish']")
    await expect(tab.locator("form[action='/flows/main/publish'] .pri")).to_have_count(0)
    await expect(tab.locator(".publish")).to_contain_text("没有错误")


async def test_a_node_put_behind_another_is_on_its_way_at_once(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=greeting")
    await tab.locator(".palette button[value=announce]").focus()
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".inspector small .mono")).to_have_text("announce-1")
    await expect(tab.locator("[name=then]")).to_have_value("language")
    await expect(tab.locator(".checks li.breach")).to_have_count(0)
    await tab.goto(f"{site.address}/flows/main?node=greeting")
    await expect(tab.locator("[name=then]")).to_have_value("announce-1")


async def test_a_walk_is_kept_as_a_test_case_and_fails_when_its_way_is_gone(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main/try")
    await tab.fill("input[name=answers]:not([type=hidden])", "5")
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".story .end")).to_contain_text("道路救援")
    await tab.fill("[name=name]", "救援")
    await tab.click("form[action*='/tests'] button")
    await tab.wait_for_url("**/flows/main")
    await expect(tab.locator(".checks .good").last).to_contain_text("1")
    await tab.goto(f"{site.address}/flows/main?node=main")
    await tab.locator("[name='keys.to']").nth(4).select_option("enquiry")
    await tab.click(".node-form .pri")
    await expect(tab.locator(".checks li.breach")).to_contain_text("救援")


async def test_two_who_change_the_same_draft_are_told_and_nothing_is_overwritten(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=self")
    other = await tab.context.new_page()
    await other.goto(f"{site.address}/flows/main?node=own")
    await other.fill("[name='title.zh-CN']", "本人车辆")
    await other.click(".node-form .pri")
    await expect(other.locator(".inspector h2")).to_contain_text("本人车辆")
    await tab.fill("[name='title.zh-CN']", "自助")
    await tab.click(".node-form .pri")
    await expect(tab.locator(".form-error")).to_be_visible()
    async with site.db.begin() as session:
        draft = await draft_of(session, "main")
    assert draft is not None
    assert read_flow(draft.text).titles["zh-CN"]["own"] == "本人车辆"
    assert read_flow(draft.text).titles["zh-CN"]["self"] == "自助服务"
    await expect(tab.locator("[name='title.zh-CN']")).to_have_value("自助")  # what was typed is still there
    await tab.click(".node-form .pri")
    await expect(tab.locator(".inspector h2")).to_contain_text("自助")
    async with site.db.begin() as session:
        draft = await draft_of(session, "main")
    assert draft is not None
    titles = read_flow(draft.text).titles["zh-CN"]
    assert (titles["own"], titles["self"]) == ("本人车辆", "自助")


async def test_the_drawing_is_walked_with_arrow_keys(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=hours")
    await tab.locator(".canvas").focus()
    await tab.keyboard.press("ArrowRight")  # onto the chosen node first
    await tab.keyboard.press("ArrowRight")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(lambda url: "node=hours" not in url)
    await expect(tab.locator(".box.chosen")).not_to_have_attribute("data-node", "hours")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1440, 1920])
async def test_the_editor_fits_in_both_languages(tab: Page, site: DeskSite, language: str, width: int):
    await tab.set_viewport_size({"width": width, "height": 900})
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
    await enter(tab, site, path="/flows")
    for path in ("/flows", "/flows/main?node=main", "/flows/main/versions", "/flows/main/publish", "/flows/main/try"):
        await tab.goto(f"{site.address}{path}")
        assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_whole_flow_fits_and_the_small_map_moves_the_view(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=main")
    canvas = tab.locator(".canvas")
    await canvas.focus()
    await tab.keyboard.press("f")
    assert await canvas.evaluate("one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")
    for _ in range(10):
        await tab.keyboard.press("+")
    await expect(tab.locator(".zoom output")).to_have_text("125%")
    await tab.locator(".minimap svg").click(position={"x": 4, "y": 40})
    assert await canvas.evaluate("one => one.scrollLeft") == 0
    await tab.locator(".minimap svg").click(position={"x": 190, "y": 40})
    assert await canvas.evaluate("one => one.scrollLeft") > 1_000


async def test_keys_lead_from_a_node_into_its_form_and_back(tab: Page, site: DeskSite):
    await enter(tab, site, path="/flows/main?node=hours")
    await tab.locator(".canvas").focus()
    await tab.keyboard.press("ArrowRight")
    await tab.keyboard.press("ArrowRight")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(lambda url: "node=hours" not in url)
    await expect(tab.locator(".box.chosen")).to_be_focused()  # the next page goes on where the keys were
    await tab.keyboard.press("e")
    await expect(tab.locator("[name='title.zh-CN']")).to_be_focused()
    await tab.keyboard.press("Escape")
    await expect(tab.locator(".box.chosen")).to_be_focused()


async def test_the_figure_in_the_boxes_is_chosen_and_stays_chosen(tab: Page, site: DeskSite):
    call = await site.caller("c1", "+8613800000001")
    async with site.db.begin() as session:
        for number, node in enumerate(("main", "repair")):
            visit = MenuVisit(contact_id=call.call, number=number, flow="main", version=0, node=node, entered_at=now())
            visit.seconds = 7.0
            session.add(visit)
    await enter(tab, site, path="/flows/main?node=main")
    main = tab.locator("a.box[data-node=main] .figures")
    await tab.select_option("[data-figures]", "seconds")
    await expect(main.locator("[data-figure=seconds]")).to_be_visible()
    await expect(main).to_contain_text("7 秒")
    assert "show=seconds" in tab.url
    await tab.click("a.box[data-node=repair]")
    await expect(tab.locator("a.box[data-node=main] [data-figure=seconds]")).to_be_visible()
    await expect(tab.locator("a.box[data-node=main] [data-figure=hung_up]")).to_be_hidden()
