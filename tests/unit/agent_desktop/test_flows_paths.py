"""The list of a menu's nodes: what callers did there, in the order that is asked for, as a page and as a file."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from sqlalchemy import update

from agent_desktop.flows.paths import COLUMNS, PathFigures, Period, in_order, period_of
from crm_core import clock
from crm_core.access.model import User
from crm_core.errors import Invalid
from crm_core.flows.model import MenuVisit
from crm_core.history.model import Contact
from ivr.flow_file import shipped_flow
from reports.menu_paths import NodeCount
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

TODAY = date(2026, 11, 26)


async def called(web: WebSite, call: str, *nodes: str, days_ago: int = 0, hung_up: bool = False) -> None:
    at = clock.now() - timedelta(days=days_ago)
    async with web.db.begin() as session:
        session.add(Contact(id=call, direction="inbound", caller="", entry="", started_at=at))
        await session.flush()
        for number, node in enumerate(nodes):
            last = number == len(nodes) - 1
            visit = MenuVisit(contact_id=call, number=number, flow="main", version=0, node=node, entered_at=at)
            visit.seconds, visit.hung_up = 4.0, hung_up and last
            session.add(visit)


async def supervisor(web: WebSite) -> None:
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.AGENT).values(roles="supervisor"))
    await web.enter(people.AGENT)


async def rows(web: WebSite, query: str) -> list[list[str]]:
    file = await web.client.get(f"/flows/main/paths.csv?{query}")
    assert file.status_code == 200, file.text
    return list(csv.reader(StringIO(file.text.removeprefix("\ufeff"))))[1:]


async def test_the_file_has_each_node_with_its_figures_in_the_order_asked_for(web: WebSite):
    await supervisor(web)
    await called(web, "c1", "main", "self", hung_up=True)
    await called(web, "c2", "main", "repair")
    await called(web, "c3", "main", hung_up=True)
    found = await rows(web, "sort=entered")
    assert [(row[0], row[2:]) for row in found] == [
        ("main", ["3", "3", "2", "1", "0.3333", "1", "4", "0", "0"]),
        ("repair", ["1", "1", "1", "0", "0", "0", "4", "0", "0"]),
        ("self", ["1", "1", "0", "1", "1", "1", "4", "0", "0"]),
    ]
    assert [row[0] for row in await rows(web, "sort=hang_up_rate")] == ["self", "main", "repair"]
    assert [row[0] for row in await rows(web, "sort=node&rising=true")] == ["main", "repair", "self"]


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "挂机率"), ("en", "Hang-up rate")])
async def test_the_page_and_the_drawing_tell_figures_in_the_readers_language(web: WebSite, language: str, word: str):
    await supervisor(web)
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.AGENT).values(language=language))
    await called(web, "c1", "main", "repair")
    for path in ("/flows/main/paths?days=7&sort=hung_up", "/flows/main?node=main"):
        page = await web.client.get(path)
        assert page.status_code == 200
        assert word in page.text
    assert word in (await web.client.get("/flows/main/paths.csv")).text


async def test_the_head_that_sorts_turns_the_order(web: WebSite):
    await supervisor(web)
    await called(web, "c1", "main", "repair")
    page = await web.client.get("/flows/main/paths?days=7&sort=hung_up")
    (sorted_head,) = re.findall(r'<th[^>]*aria-sort="descending"><a href="[?]([^"]*)"', page.text)
    assert "sort=hung_up&rising=true" in sorted_head


async def test_calls_of_other_days_are_not_counted(web: WebSite):
    await supervisor(web)
    await called(web, "old", "main", days_ago=40)
    assert await rows(web, "days=30") == []
    day = clock.now().astimezone(web.app.state.site.zone).date() - timedelta(days=40)
    assert [row[0] for row in await rows(web, f"first={day}&last={day}")] == ["main"]


async def test_a_period_that_is_none_is_told_and_counts_nothing_strange(web: WebSite):
    await supervisor(web)
    for query in ("first=gestern", "first=2026-11-26&last=2026-11-01", "first=1999-01-01", "last=9999-12-31"):
        assert (await web.client.get(f"/flows/main/paths?{query}")).status_code == 422, query
        assert (await web.client.get(f"/flows/main/paths.csv?{query}")).status_code == 422, query


async def test_an_unknown_flow_or_version_has_no_list(web: WebSite):
    await supervisor(web)
    assert (await web.client.get("/flows/none/paths")).status_code == 404
    assert (await web.client.get("/flows/main/paths.csv?version=7")).status_code == 404


async def test_who_may_not_see_flows_sees_no_figures(web: WebSite):
    await web.enter(people.ENGLISH_AGENT)
    assert (await web.client.get("/flows/main/paths")).status_code == 403
    assert (await web.client.get("/flows/main/paths.csv")).status_code == 403


def test_a_period_is_whole_days_with_today_among_them():
    assert period_of("", "", 1, TODAY) == Period(TODAY, TODAY)
    assert period_of("", "", 7, TODAY).first == date(2026, 11, 20)
    assert period_of("2026-11-01", "2026-11-03", 7, TODAY) == Period(date(2026, 11, 1), date(2026, 11, 3))
    with pytest.raises(Invalid):
        period_of("2026-11-02", "2026-11-01", 7, TODAY)


def test_every_column_sorts_both_ways():
    def node(name: str, more: int) -> NodeCount:
        return NodeCount(
            node=name,
            entered=2 + more,
            calls=1 + more,
            left=1 + more,
            hung_up=more,
            seconds=more,
            served=more,
            gave_up=more,
        )

    few, many = node("a", 0), node("b", 1)
    for column in COLUMNS:
        assert in_order([few, many], column, rising=False) == [many, few], column
        assert in_order([many, few], column, rising=True) == [few, many], column
    assert in_order([many, few], "of no column", rising=True) == [few, many]


async def test_figures_are_counted_once_in_a_minute(web: WebSite, monkeypatch: pytest.MonkeyPatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    figures, flow = PathFigures(), shipped_flow()
    days = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    async with web.db.begin() as session:
        before = await figures.of(session, flow, 0, days)
    await called(web, "c1", "main")
    async with web.db.begin() as session:
        assert await figures.of(session, flow, 0, days) is before
        assert (await figures.of(session, flow, 0, (days[0], days[1] + timedelta(days=1)))).calls == 1
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=1))
        assert (await figures.of(session, flow, 0, days)).calls == 1
