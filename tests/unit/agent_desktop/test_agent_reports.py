"""The agents' report: a day counted by hand, own teams only, calls and states behind each figure; reports on paper."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.workforce.model import AgentRow, Team, TeamLeader
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.report_day import DAY, LEADER, QUEUES, at, seen, settle

AGENTS = f"/reports/agents?from={DAY}&to={DAY}"


async def test_an_agents_day_is_counted_as_by_hand(web: WebSite):
    await settle(web)
    page = await seen(web, AGENTS)
    # 30 min of talk, 10 of after-call work, 80 ready, 20 of a break; four talks in 120 min without the break.
    assert "林晓梅 1018 一组 4 0 4 0 30:00 00:00 10:00 1:20:00 20:00 10:00 33.3% 25.0% 2.0" in page
    assert "占用率 33.3%" in page
    assert "在岗时长 2:20:00 其中小休 20:00" in page


@pytest.mark.parametrize(
    ("of", "told", "lines"),
    [
        ("handled", "通话 4 通", ["10:21 李敏 · 售后服务 03:00", "10:02 陈建国 · 售后服务 03:00"]),
        ("missed", "漏接 0 通", []),
        ("occupancy", "状态记录 5 条", ["10:00 通话 30:00", "10:40 小休 20:00"]),
        ("average_handling_time", "10:00 = 40:00 4 通处理", []),
    ],
)
async def test_each_figure_of_an_agent_opens(web: WebSite, of: str, told: str, lines: list[str]):
    await settle(web)
    panel = await seen(web, f"{AGENTS}&row={people.AGENT}&of={of}", 200, **{"HX-Request": "true"})
    assert told in panel
    for line in lines:
        assert line in panel, panel


async def test_the_whole_list_has_as_many_lines_as_the_figure(web: WebSite):
    await settle(web)
    for of, count in {"handled": 4, "offered": 4, "missed": 0, "occupancy": 5}.items():
        page = (await web.client.get(f"/reports/agents/calls?from={DAY}&to={DAY}&row=all&of={of}")).text
        assert len(re.findall("<tr data-key", page)) == count, of


async def test_a_leader_sees_the_own_teams_only(web: WebSite):
    await settle(web, LEADER)
    assert "林晓梅 1018" not in await seen(web, AGENTS)
    async with web.db.begin() as session:
        session.add(Team(id="one", name_zh="一组", name_en="Team one"))
        await session.flush()
        leader = (
            await session.execute(update(User).where(User.number == LEADER).values(theme="light").returning(User.id))
        ).scalar_one()
        session.add(TeamLeader(user_id=leader, team="one"))
        await session.execute(update(AgentRow).where(AgentRow.user_id == 1).values(team="one"))
    page = await seen(web, AGENTS)
    assert "林晓梅 1018" in page
    assert "王芳" not in page
    assert "没有班组 nosuch" in await seen(web, f"{AGENTS}&team=nosuch", 422)


@pytest.mark.parametrize("path", [QUEUES, AGENTS, f"{QUEUES}&step=15"])
async def test_the_pdf_shows_chinese_with_page_numbers_and_a_drawn_chart(web: WebSite, path: str):
    await settle(web)
    answer = await web.client.get(path.replace("?", "/export/pdf?"))
    assert answer.headers["content-type"] == "application/pdf"
    document = PdfReader(io.BytesIO(answer.content))
    text = document.pages[0].extract_text()
    assert "7 月 16 日 周四" in text
    assert ("队列时段" if "queues" in path else "各状态时长") in text or "坐席" in text
    assert f"1 / {len(document.pages)}" in text
    assert "远辰客户中心" in text
    fonts = {str(font["/BaseFont"]) for page in document.pages for font in page["/Resources"]["/Font"].values()}
    assert all("NotoSansSC" in font for font in fonts), fonts
    assert len(answer.content) < 200_000  # the letters that are used, not the whole font


async def test_a_long_table_has_its_head_on_every_page_of_the_pdf(web: WebSite):
    await settle(web)
    answer = await web.client.get("/reports/queues/export/pdf?from=2026-01-01&to=2026-07-31&step=day")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) > 5
    assert all("平均应答时长" in page for page in pages)


@pytest.mark.parametrize(("now", "than"), [("10:10", ""), ("11:00", "上周四 +0.0% ")])
async def test_a_day_that_still_runs_is_compared_with_the_same_hours_of_the_earlier_one(
    web: WebSite, monkeypatch: pytest.MonkeyPatch, now: str, than: str
):
    await settle(web)  # the Thursday before had four calls, all at a quarter past ten
    monkeypatch.setattr("crm_core.clock.now", lambda: at(now))
    page = await seen(web, AGENTS)
    assert f"处理量 4 {than}漏接" in page, page


async def test_single_agents_are_chosen_among_those_one_leads_and_the_link_says_so(web: WebSite):
    await settle(web)
    page = await seen(web, AGENTS)
    assert "更多条件" in page
    assert "王芳" in page
    chosen = await seen(web, f"{AGENTS}&agent={people.AGENT}")
    assert "更多条件 1 位坐席" in chosen
    html = (await web.client.get(f"{AGENTS}&agent={people.AGENT}")).text
    assert f'value="{people.AGENT}" checked' in html
    table = html[html.index("<tbody") : html.index("</tbody>")]
    assert people.ENGLISH_AGENT not in table
