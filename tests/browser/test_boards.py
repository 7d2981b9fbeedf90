"""A supervisor lays out a wallboard by mouse and keyboard; a screen on the wall shows it with its link."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.app import create_app
from agent_desktop.config import WebConfig
from agent_desktop.site import Site
from crm_core.access.model import User
from crm_core.boards import actions
from crm_core.boards.model import Wallboard
from crm_core.boards.settings import PRESETS, STANDARD, BoardSettings
from crm_core.clock import now
from crm_core.history.events import AgentStateChanged, CallQueued
from crm_core.history.model import Contact, QueueVisit
from crm_core.media.model import MediaAction
from crm_core.media.responses import add_responses
from crm_core.questionnaires import actions as questionnaires
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.templates import FOUR_WEEKS
from crm_core.surveys.model import SurveyRound, SurveyScore
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site, served
from tests.browser.test_every_page import faults_of, speak
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony
from tests.settled_databases import settled_database

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        async with running.db.begin() as session:
            await session.execute(update(User).where(User.number == people.ADMIN).values(roles="supervisor"))
        yield running


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Page]:
    async with a_tab(browser) as page:
        yield page


async def a_board(site: DeskSite, settings: BoardSettings = STANDARD) -> int:
    async with site.db.begin() as session:
        return (await actions.make_board(session, "一组", settings, actor=people.ADMIN, at=now())).id


async def stored(site: DeskSite) -> Wallboard:
    async with site.db.begin() as session:
        return (await session.scalars(select(Wallboard))).one()


def panel(row: Wallboard, kind: str, page: int = 0) -> list[int]:
    return next(cells for name, *cells in row.settings["pages"][page] if name == kind)


async def test_a_supervisor_makes_a_board_moves_a_panel_by_mouse_and_sees_it_on_the_wall(tab: Page, site: DeskSite):
    await enter(tab, site, path="/wallboard/boards")
    await tab.fill("form[action='/wallboard/boards'] [name=name]", "夜班")
    await tab.select_option("[name=preset]", "team")
    await tab.click("form[action='/wallboard/boards'] button")
    message = tab.locator("[gs-id=message]")
    await message.locator("button").click()
    await expect(message).to_have_count(0)
    await tab.click("#palette [data-kind=clock]")
    clock = tab.locator("[gs-id=clock] b")
    await clock.hover()
    box = await clock.bounding_box()
    assert box
    await tab.mouse.down()
    await tab.mouse.move(box["x"] + 60, box["y"] + 4, steps=8)
    await tab.mouse.move(box["x"] + 300, box["y"] + 4, steps=8)
    await tab.mouse.up()
    await tab.fill("[name=message]", "八点开早会")
    await tab.click(".side-foot .pri")
    await expect(tab.locator(".toast.saved")).to_contain_text("已保存")
    row = await stored(site)
    assert panel(row, "clock")[0] > 12
    await tab.goto(f"{site.address}/wallboard?board={row.id}&tv=1")
    await expect(tab.locator("header .name")).to_have_text("夜班")
    await expect(tab.locator("#big-clock")).to_contain_text(":")


async def test_a_panel_is_moved_sized_and_taken_off_by_keyboard_and_each_step_is_taken_back(tab: Page, site: DeskSite):
    board = await a_board(site, PRESETS["team"])
    await enter(tab, site, path=f"/wallboard/boards/{board}")
    await tab.locator("[gs-id=message]").focus()
    await tab.keyboard.press("Shift+ArrowLeft")
    await tab.keyboard.press("Shift+ArrowUp")
    await tab.keyboard.press("ArrowRight")
    await expect(tab.locator("[gs-id=message]")).to_have_attribute("gs-x", "13")
    await tab.keyboard.press("Delete")
    await expect(tab.locator("[gs-id=message]")).to_have_count(0)
    await tab.keyboard.press("Control+z")
    await expect(tab.locator("[gs-id=message]")).to_have_attribute("gs-x", "13")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".toast.saved")).to_be_visible()
    assert panel(await stored(site), "message") == [13, 9, 11, 2]
    await tab.click(".toast.saved button")
    await expect(tab.locator(".toast.saved")).to_contain_text("已撤销")
    assert panel(await stored(site), "message") == [12, 9, 12, 3]


async def test_what_cannot_be_saved_says_why_and_keeps_what_was_typed(tab: Page, site: DeskSite):
    board = await a_board(site)
    await enter(tab, site, path=f"/wallboard/boards/{board}")
    await tab.fill("[name=name]", "夜班")
    await tab.fill("[name=limit_longest_warn]", "90")
    await tab.click(".side-foot .pri")
    await expect(tab.locator("#limit_longest-error")).to_have_text("红色界限必须比黄色更严重。")
    await expect(tab.locator("[name=name]")).to_have_value("夜班")
    assert (await stored(site)).name == "一组"


async def test_a_limit_of_the_board_colours_and_is_heard_until_it_is_silenced(tab: Page, site: DeskSite):
    limits = {**STANDARD.limits, "waiting": (1, 2)}
    board = await a_board(site, BoardSettings(pages=STANDARD.pages, limits=limits, sounds=("waiting",)))
    await enter(tab, site, path=f"/wallboard?board={board}")
    await tab.click("#sound")
    await expect(tab.locator("#sound")).to_have_attribute("aria-pressed", "true")
    await expect(tab.locator("#silence")).to_be_hidden()
    for call in range(3):
        site.telephony.tell(CallQueued(at=time.time(), call=f"c{call}", queue="repair"))
    await expect(tab.locator("#waiting")).to_have_class("breach")
    await expect(tab.locator("#waiting-flag")).to_have_text("超 2")
    await expect(tab.locator("body")).to_have_attribute("data-sounded", "2")  # the try at the switch, and the red
    await tab.click("#silence")
    await expect(tab.locator("#silence")).to_be_hidden()


AWAY_SECONDS = 4.0  # long enough for several tries of a board, each later than the one before
BACK_SECONDS = 2.0


async def test_an_open_board_is_right_again_within_two_seconds_after_the_platform_was_away(tmp_path: Path, tab: Page):
    db = await settled_database(tmp_path / "board.db")
    config = WebConfig(site=Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai")), files=tmp_path, imports=tmp_path)
    telephony = ScriptedTelephony(people.AGENT)
    async with served(create_app(db, telephony, config)) as port:
        await enter(tab, DeskSite(f"http://127.0.0.1:{port}", db, telephony))
        telephony.tell(CallQueued(at=time.time(), call="gone", queue="repair"))
        await expect(tab.locator("#waiting")).to_have_text("1")
    await expect(tab.locator("#content")).to_have_class(re.compile("blind"))
    await asyncio.sleep(AWAY_SECONDS)  # the time for which the platform is away is what is tested
    async with db.begin() as session:
        for call in ("one", "two"):
            session.add(Contact(id=call, direction="inbound", caller="", entry="4001718888", started_at=now()))
            await session.flush()
            session.add(QueueVisit(contact_id=call, queue="repair", entered_at=now()))
    async with served(create_app(db, ScriptedTelephony(people.AGENT), config), port):
        await expect(tab.locator("#waiting")).to_have_text("2", timeout=1000 * BACK_SECONDS)
        await expect(tab.locator("#content")).not_to_have_class(re.compile("blind"), timeout=500)
    await db.close()


async def test_a_board_of_one_team_names_only_its_people_the_longest_over_their_time_first(tab: Page, site: DeskSite):
    board = await a_board(site, BoardSettings(pages=PRESETS["team"].pages, teams=("一组",)))
    await enter(tab, site, path=f"/wallboard?board={board}")
    await expect(tab.locator("#no-people")).to_be_visible()
    at = time.time()
    site.telephony.tell(AgentStateChanged(at=at - 30, agent=people.ENGLISH_AGENT, state="ready"))
    site.telephony.tell(AgentStateChanged(at=at - 400, agent=people.AGENT, state="wrap_up"))
    site.telephony.tell(AgentStateChanged(at=at, agent="7777", state="ready"))
    await expect(tab.locator("#people li")).to_have_count(2)
    await expect(tab.locator("#people li").first).to_contain_text("林晓梅")
    await expect(tab.locator("#people li time").first).to_have_class("breach")


async def test_a_screen_shows_its_board_without_a_sign_in_until_it_is_revoked(
    tab: Page, browser: Browser, site: DeskSite
):
    await a_board(site, PRESETS["outreach"])
    await enter(tab, site, path="/wallboard/boards")
    await tab.fill("form[action='/wallboard/screens'] [name=name]", "大厅左侧")
    await tab.select_option("form[action='/wallboard/screens'] [name=board]", label="一组")
    await tab.click("form[action='/wallboard/screens'] button")
    link = await tab.locator("#link").inner_text()
    async with a_tab(browser, width=1920, height=1080) as wall:
        await wall.goto(link)
        await wall.wait_for_url(f"{site.address}/tv")
        await expect(wall.locator("header .name")).to_have_text("一组")
        site.telephony.tell(CallQueued(at=time.time(), call="c1", queue="repair"))
        await expect(wall.locator("#waiting")).to_have_text("1")
        await wall.goto(f"{site.address}/wallboard")
        assert "/login" in wall.url
        await wall.goto(f"{site.address}/tv")
        await tab.reload()
        tab.on("dialog", lambda dialog: dialog.accept())
        await tab.click("form[action$='/revoke'] button")
        await expect(tab.locator(".toast.saved")).to_contain_text("已吊销")
        await expect(wall.locator(".no-board")).to_contain_text("此链接不能显示大屏", timeout=20_000)


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080)])
async def test_every_kind_of_board_and_its_editor_fit_in_both_languages_light_and_dark(
    browser: Browser, site: DeskSite, size: tuple[int, int]
):
    boards = [await a_board(site, preset) for preset in PRESETS.values()]
    boards.append(await a_board(site, replace(STANDARD, theme="light")))
    paths = ["/wallboard/boards", f"/wallboard/boards/{boards[0]}", "/wallboard"]
    paths += [f"/wallboard?board={board}" for board in boards] + [f"/wallboard?board={boards[1]}&tv=1"]
    async with a_tab(browser, width=size[0], height=size[1]) as page:
        await enter(page, site)
        for language in ("zh-CN", "en"):
            await speak(page, site, language)
            for path in paths:
                await page.goto(site.address + path)
                await page.wait_for_load_state("load")
                assert not await faults_of(page, language), f"{language} {path}"


async def test_what_customers_answered_today_stands_on_the_board_and_follows_the_next_answer(tab: Page, site: DeskSite):
    async with site.db.begin() as session:
        asked = await questionnaires.create(session, FOUR_WEEKS, actor=people.ADMIN, at=now())
        await questionnaires.publish(session, asked.id, actor=people.ADMIN, at=now())
        for place, (score, promoter) in enumerate(((5, 10), (4, 9), (1, 3))):
            await _answered(session, asked.id, place, score, promoter)
    board = await a_board(site, PRESETS["outreach"])
    await enter(tab, site, path=f"/wallboard?board={board}")
    await expect(tab.locator("#csat")).to_contain_text("3.33", timeout=20_000)
    await expect(tab.locator("#nps")).to_have_text("+33")
    await expect(tab.locator("#csat-note")).to_contain_text("低分 1")
    async with site.db.begin() as session:
        await _answered(session, asked.id, 3, 5, 10)
    await expect(tab.locator("#nps")).to_have_text("+50", timeout=25_000)
    await expect(tab.locator("#csat")).to_contain_text("3.75")


async def _answered(session: AsyncSession, questionnaire: int, place: int, score: int, promoter: int) -> None:
    """A score after a call, and a questionnaire of a customer."""
    contact = Contact(id=f"s-{place}", direction="inbound", caller="", entry="400", started_at=now())
    session.add(contact)
    await session.flush()
    same = {
        "contact_id": contact.id,
        "agent": people.AGENT,
        "queue": "repair",
        "version": 1,
        "leg_id": f"{contact.id}-1",
    }
    session.add(SurveyRound(asked=1, offered_at=now(), result="complete", **same))
    told = SurveyScore(question="overall", value=score, low=score <= 2, at=now(), **same)
    response = Response(
        call=f"q-{place}", questionnaire_id=questionnaire, version=1, customer_id=people.CHEN, how="key"
    )
    response.began_at, response.result = now(), "complete"
    session.add_all([told, response])
    await session.flush()
    answer = Answer(response_id=response.id, question="recommend", questionnaire_id=questionnaire, value=promoter)
    answer.at = now()
    session.add(answer)


async def test_responses_to_the_media_stand_on_the_board_while_an_action_runs(tab: Page, site: DeskSite):
    today = now().date()
    async with site.db.begin() as session:
        ran = MediaAction(name="央视十秒", medium="tv", first_day=today - timedelta(days=1), at=now())
        ran.last_day = today + timedelta(days=1)
        session.add_all([ran, Contact(id="m-1", direction="inbound", caller="", entry="400", started_at=now())])
        await add_responses(session, "website", 42, now(), at=now())
    board = await a_board(site, PRESETS["media"])
    await enter(tab, site, path=f"/wallboard?board={board}")
    await expect(tab.locator("#media-actions")).to_have_text("央视十秒", timeout=20_000)
    visits = tab.locator("#responses tr", has_text="官网访问")
    await expect(visits.locator("td").first).to_have_text("42")
    async with site.db.begin() as session:
        await add_responses(session, "website", 8, now(), at=now())
    await expect(visits.locator("td").first).to_have_text("50", timeout=25_000)
