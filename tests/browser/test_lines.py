"""The pages of lines in a real browser: a trunk and a number by keyboard, a test call, the monitor, each refusal."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.lines import queries
from cti.dial_caps import CapHit
from cti.line_plan import TrunkWay
from cti.line_tests import Step
from cti.trunk_watch import TrunkState, TrunkView
from tests.browser import people
from tests.browser.desk_site import DeskSite, a_tab, running_site
from tests.browser.test_pages import enter
from tests.scripted_telephony import ScriptedTelephony

pytestmark = pytest.mark.browser
LINES = "/admin/lines"
SECRET = "c4rr1er-s3cret"
UNICOM = TrunkWay(
    id="unicom",
    endpoint="trunk-unicom",
    name="中国联通吉林分公司 SIP 中继",
    server="sbc01.jl.chinaunicom.example.com:5060",
    registers=True,
    capacity=30,
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DeskSite]:
    async with running_site(tmp_path, ScriptedTelephony(people.AGENT, people.ENGLISH_AGENT)) as running:
        yield running


async def type_into(tab: Page, **fields: str) -> None:
    """By keyboard: each field gets the focus, what stands there is overwritten."""
    for name, value in fields.items():
        await tab.locator(f"form.editor [name={name}]").focus()
        await tab.keyboard.press("Control+a")
        await tab.keyboard.type(value)


async def new_trunk(tab: Page, **more: str) -> None:
    fields = {"id": "unicom", "name": "联通", "host": "192.0.2.10", "username": "hotline01", "secret": SECRET}
    await type_into(tab, **(fields | more))
    await tab.keyboard.press("Control+Enter")


async def test_a_trunk_is_entered_and_a_number_published_by_keyboard_and_the_page_says_what_answers(
    tab: Page, site: DeskSite
):
    await enter(tab, site, path=f"{LINES}/trunks/new")
    await new_trunk(tab)
    await expect(tab.locator(".toast.saved")).to_contain_text("已保存并生效")
    assert ("lines_changed",) in site.telephony.wishes
    await expect(tab.locator("[name=secret]")).to_have_value("")
    assert SECRET not in await tab.content()
    await tab.goto(f"{site.address}{LINES}/numbers/new")
    await type_into(tab, number="043188883318", name="长春")
    await tab.locator("[name=queue]").focus()
    await tab.keyboard.press("End")
    await tab.locator("[name=trunks][value=unicom]").focus()
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator(".toast.saved")).to_contain_text("已保存并生效")
    async with site.db.begin() as session:
        [number] = await queries.numbers(session)
    assert (number.number, number.queue != "", number.trunks) == ("043188883318", True, ["unicom"])
    await tab.goto(f"{site.address}{LINES}/test")
    await tab.fill("[name=asked]", "+8643188883318")
    await tab.select_option("section.block:last-child [name=trunk]", "unicom")
    await tab.locator("[name=asked]").press("Enter")
    await expect(tab.locator(".facts")).to_contain_text("0431-8888-3318")
    await tab.goto(f"{site.address}{LINES}/test?asked=88883318&trunk=settings")
    await expect(tab.locator(".facts")).to_contain_text("不经此中继")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("id", "Unicom!", "请用小写字母和数字组成的词。"),
        ("host", "a;b", "请填写运营商服务器的域名或 IPv4 地址。"),
        ("port", "70000", "请填 1 到 65535 的数字。"),
        ("username", "x y", "请填写运营商给您的用户名"),
        ("secret", "有空格 的", "密码为 1 至 128 个字母、数字或符号，不含空格。"),
        ("sources", "127.0.0.2", "127.0.0.2 已属于其他线路或话机。"),
        ("sources", "10.0.0.0/8", "10.0.0.0/8 不是 IPv4 地址"),
        ("capacity", "many", "请填 0 到 10000 的数字。"),
    ],
)
async def test_what_cannot_be_a_trunk_is_told_at_its_field_which_has_the_focus(
    tab: Page, site: DeskSite, *, field: str, typed: str, sentence: str
):
    await enter(tab, site, path=f"{LINES}/trunks/new")
    await new_trunk(tab, **{field: typed})
    await expect(tab.locator(f"#{field}-error")).to_contain_text(sentence)
    await expect(tab.locator(f"[name={field}]")).to_be_focused()
    await expect(tab.locator("[name=secret]")).to_have_value("")
    await expect(tab.locator("[name=username]")).to_have_value("x y" if field == "username" else "hotline01")


async def test_who_watches_sees_a_trunk_fail_and_a_limit_met_without_touching_the_page(tab: Page, site: DeskSite):
    lines, at = site.telephony.lines, time.time()
    lines.views = (TrunkView(way=UNICOM, state=TrunkState.REGISTERED, since=at, calls=29),)
    await enter(tab, site, path=f"{LINES}/trunks")
    await expect(tab.locator("#trunk-unicom .tag")).to_have_text("已登录")
    lines.views = (TrunkView(way=UNICOM, state=TrunkState.REJECTED, since=at, fault=403, fault_at=at),)
    lines.hits.append(CapHit("menu", "4930123456", "NumberNotAllowed", at))
    lines.tell()
    await expect(tab.locator("#trunk-unicom .tag").first).to_have_text("登录被拒")
    await expect(tab.locator(".hits")).to_contain_text("来电流程")
    await expect(tab.locator(".remedy")).to_contain_text("请重新填写密码")
    await expect(tab.locator(".hits")).to_contain_text("不允许的目的地")


async def test_a_test_call_tells_its_steps_as_they_come(tab: Page, site: DeskSite):
    await enter(tab, site, path=f"{LINES}/test")
    await tab.fill("[name=number]", "13812345678")
    await tab.locator("[name=number]").press("Enter")
    await expect(tab.locator("#test-steps")).to_contain_text("13812345678@trunk")
    lines = site.telephony.lines
    begun = lines.tests[people.ADMIN]
    for steps, said in (((Step.SENT,), "已发往运营商"), ((Step.SENT, Step.RINGING), "振铃")):
        lines.tests[people.ADMIN] = replace(begun, steps=tuple((step, time.time()) for step in steps))
        lines.tell()
        await expect(tab.locator("#test-steps li").last).to_contain_text(said)
    over = tuple((step, time.time()) for step in (Step.SENT, Step.ENDED))
    lines.tests[people.ADMIN] = replace(begun, steps=over, sip=486)
    lines.tell()
    await expect(tab.locator("#test-steps .form-note")).to_contain_text("线路正常")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [1440, 1920])
async def test_no_page_of_lines_is_wider_than_its_window(
    browser: Browser, site: DeskSite, *, language: str, width: int
):
    site.telephony.lines.views = (TrunkView(way=UNICOM, state=TrunkState.UNREACHABLE, since=time.time(), fault=408),)
    async with site.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
    async with a_tab(browser, width=width) as tab:
        await enter(tab, site, path=f"{LINES}/trunks")
        for page in ("trunks", "trunks/new", "numbers", "numbers/new", "outgoing", "limits", "test?asked=1&caller=2"):
            await tab.goto(f"{site.address}{LINES}/{page}")
            assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
