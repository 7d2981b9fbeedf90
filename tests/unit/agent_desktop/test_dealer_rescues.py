"""A rescue at the station: it is told at once, answered with a time, and followed to its end; nobody else sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING
from crm_core.cases import rescue_actions
from crm_core.cases.actions import open_case
from crm_core.cases.model import Case, RescueRun
from crm_core.cases.queries import by_number
from tests import dealer_people as d
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def shop(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await d.settle_dealers(session)
    return web


async def sent_to(web: WebSite, dealer_id: int, title: str = "爆胎，停在应急车道") -> str:
    """A rescue at which this station was sent; its number."""
    by: dict[str, Any] = {"actor": people.AGENT, "at": datetime.now(UTC)}
    async with web.db.begin() as session:
        case = await open_case(session, customer_id=people.CHEN, kind="rescue", title=title, zone=ZONE, **by)
        place = rescue_actions.Place(road="G1 长春绕城", km="K12", latitude=43.9, longitude=125.3)
        await rescue_actions.set_place(session, case.id, place, **by)
        await rescue_actions.dispatch(session, case.id, dealer_id, words="请带千斤顶", **by)
        return case.number


async def step(web: WebSite, token: str, number: str, name: str, status: int = 303, **form: str) -> str:
    answer = await web.client.post(f"/dealer/rescues/{number}/{name}", data={"csrf_token": token, **form})
    assert answer.status_code == status, answer.text[:500]
    return answer.text


async def kept(web: WebSite, number: str) -> tuple[Case, RescueRun]:
    async with web.db.begin() as session:
        case = await by_number(session, number)
        assert case is not None
        return case, await session.get_one(RescueRun, case.id)


async def page(web: WebSite, path: str, status: int = 200) -> str:
    answer = await web.client.get(path)
    assert answer.status_code == status
    return answer.text


async def test_the_station_is_told_over_every_page_and_answers_with_a_time(shop: WebSite):
    who = await shop.enter(d.RELATIONS)
    assert "有车辆等待救援" not in await page(shop, "/dealer/rescues/waiting")
    number = await sent_to(shop, d.OWN)
    for path in ("/dealer/rescues/waiting", "/dealer", "/dealer/leads"):
        assert "有车辆等待救援" in await page(shop, path)
    shown = await page(shop, f"/dealer/rescues/{number}")
    assert "G1 长春绕城 K12" in shown
    assert "请带千斤顶" in shown
    assert "接受后显示完整号码" in shown
    assert "tel:" not in shown
    assert "到达" in await step(shop, who.csrf, number, "accept", status=422, minutes="soon")
    await step(shop, who.csrf, number, "accept", minutes="35")
    case, run = await kept(shop, number)
    assert case.stage == "under_way"
    assert run.eta_at is not None
    assert timedelta(minutes=33) < run.eta_at - datetime.now(UTC) <= timedelta(minutes=35)
    assert "有车辆等待救援" not in await page(shop, "/dealer/rescues/waiting")


async def test_it_is_followed_to_its_end_and_the_centre_sees_each_step(shop: WebSite):
    who = await shop.enter(d.RELATIONS)
    number = await sent_to(shop, d.OWN)
    await step(shop, who.csrf, number, "accept", minutes="35")
    assert "tel:" in await page(shop, f"/dealer/rescues/{number}")
    await step(shop, who.csrf, number, "under-way", minutes="25", truck="吉A·救01 张师傅")
    await step(shop, who.csrf, number, "under-way", minutes="40")
    assert (await kept(shop, number))[1].truck == "吉A·救01 张师傅"
    await step(shop, who.csrf, number, "arrived")
    await step(shop, who.csrf, number, "helped", status=422, words=" ")
    await step(shop, who.csrf, number, "helped", words="换上备胎")
    case, _ = await kept(shop, number)
    assert case.stage == "confirm"
    assert "tel:" not in await page(shop, f"/dealer/rescues/{number}")
    await shop.enter(people.AGENT)
    seen = await page(shop, f"/cases/{number}")
    assert "换上备胎" in seen
    assert seen.count('<li class="done"') == 5


async def test_a_station_that_cannot_go_gives_it_back_and_sees_it_no_more(shop: WebSite):
    who = await shop.enter(d.RELATIONS)
    number = await sent_to(shop, d.OWN)
    await step(shop, who.csrf, number, "decline", status=422, words="")
    await step(shop, who.csrf, number, "decline", words="拖车在外")
    await page(shop, f"/dealer/rescues/{number}", 404)
    assert (await kept(shop, number))[0].stage == "dispatch"


async def test_the_next_station_does_not_read_what_the_one_before_it_wrote(shop: WebSite):
    number = await sent_to(shop, 3)
    by: dict[str, Any] = {"actor": people.AGENT, "at": datetime.now(UTC)}
    case, _ = await kept(shop, number)
    async with shop.db.begin() as session:
        await rescue_actions.decline(session, case.id, words="技师都休假了", reach=EVERYTHING, **by)
        await rescue_actions.dispatch(session, case.id, d.OWN, **by)
    await shop.enter(d.RELATIONS)
    assert "技师都休假了" not in await page(shop, f"/dealer/rescues/{number}")


async def test_a_foreign_rescue_is_as_unknown_and_nothing_of_it_can_be_changed(shop: WebSite):
    number = await sent_to(shop, d.FOREIGN)
    who = await shop.enter(d.RELATIONS)
    await page(shop, f"/dealer/rescues/{number}", 404)
    assert number not in await page(shop, "/dealer/rescues")
    await step(shop, who.csrf, number, "accept", status=404, minutes="10")
    assert (await kept(shop, number))[0].stage == "accept"


@pytest.mark.parametrize(
    "path", ["/dealer/rescues/%27%20OR%201=1", "/dealer/rescues/x%00y", "/dealer/rescues/" + "9" * 300]
)
async def test_an_unknown_number_is_not_found(shop: WebSite, path: str):
    await shop.enter(d.RELATIONS)
    await page(shop, path, 404)


async def test_a_step_out_of_turn_and_a_script_in_the_words_do_no_harm(shop: WebSite):
    who = await shop.enter(d.RELATIONS)
    number = await sent_to(shop, d.OWN, title="<script>alert(1)</script>")
    await step(shop, who.csrf, number, "helped", status=409, words="early")
    assert "<script>alert(1)</script>" not in await page(shop, "/dealer")


async def test_a_regional_manager_sees_the_rescues_of_the_region_and_does_nothing(shop: WebSite):
    number = await sent_to(shop, d.OWN)
    who = await shop.enter(d.REGIONAL)
    assert 'id="step"' not in await page(shop, f"/dealer/rescues/{number}")
    await step(shop, who.csrf, number, "accept", status=403, minutes="10")


async def test_the_pages_speak_english(shop: WebSite):
    number = await sent_to(shop, d.OWN, title="Flat tyre")
    async with shop.db.begin() as session:
        await session.execute(update(User).where(User.number == d.RELATIONS).values(language="en"))
    await shop.enter(d.RELATIONS)
    shown = await page(shop, f"/dealer/rescues/{number}")
    assert "A vehicle waits for your help" in shown
    assert "Accept: we go" in shown
