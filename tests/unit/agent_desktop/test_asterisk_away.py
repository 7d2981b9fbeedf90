"""One Asterisk of two, or Kamailio, is away: whoever can do something about it sees it, in words, on every page."""

from __future__ import annotations

import pytest

from agent_desktop.board.live import STANDARD_ID, BoardHub
from agent_desktop.floor.regions import regions_of
from agent_desktop.floor.scope import scope_of
from tests.browser import people
from tests.browser.floor_people import LEADER, SUPERVISOR, settle_floor
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.test_board_hub import told

AWAY = {
    "zh-CN": "2 台 Asterisk 中的第 2 台无应答：其上的通话已中断，新来电转由另一台接听。",
    "en": "Asterisk 2 of 2 does not answer: its calls are cut off, new ones go to the other.",
}


@pytest.fixture
async def site(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await settle_floor(session)
    web.telephony.asterisks = 2
    return web


def lose_the_second(site: WebSite) -> None:
    site.telephony.asterisks_away = (2,)


async def rail(site: WebSite, number: str, path: str) -> str:
    await site.enter(number)
    page = await site.client.get(path)
    assert page.status_code == 200
    return page.text.partition('<nav class="rail"')[2].partition("</nav>")[0]


@pytest.mark.parametrize(
    ("number", "path", "leads_to"),
    [
        (people.ADMIN, "/admin", "/admin/lines"),
        (SUPERVISOR, "/floor", "/admin/lines"),
        (LEADER, "/floor", "/floor"),
    ],
)
async def test_the_rail_has_an_alarm_that_leads_to_the_words(site: WebSite, number: str, path: str, leads_to: str):
    assert "alarm" not in await rail(site, number, path)
    lose_the_second(site)
    shown = await rail(site, number, path)
    assert f'<a href="{leads_to}" class="alarm">' in shown.replace(' aria-current="page"', "")
    assert "告警" in shown
    assert AWAY["zh-CN"] in (await site.client.get(leads_to, follow_redirects=True)).text


async def test_an_agent_who_can_do_nothing_about_it_has_no_alarm(site: WebSite):
    lose_the_second(site)
    assert "alarm" not in await rail(site, people.AGENT, "/desk")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_floor_says_it_in_the_readers_language(site: WebSite, language: str):
    lose_the_second(site)
    site.telephony.proxy_away = True
    user = (await site.enter(SUPERVISOR)).user
    hub = site.app.state.floor
    async with site.db.begin() as session:
        scope = await scope_of(session, user, "")
    picture, ground = await hub.picture(scope)
    object.__setattr__(user, "language", language)
    shown = regions_of(hub._rendering, picture, ground, user)["agents"]
    assert AWAY[language] in shown
    assert ("Kamailio 无应答" if language == "zh-CN" else "Kamailio does not answer") in shown


async def test_a_wallboard_is_told_within_seconds(site: WebSite):
    hub: BoardHub = site.app.state.board
    async with hub.running(), hub.watching(STANDARD_ID) as messages:
        await told(messages, asterisks_away=[], proxy_away=False)
        lose_the_second(site)
        await told(messages, asterisks_away=[2])


async def test_metrics_tell_of_each_asterisk_and_of_kamailio(site: WebSite):
    lose_the_second(site)
    text = (await site.app.state.monitoring.text()).decode()
    for line in (
        'hotline_asterisk_node_up{node="1"} 1.0',
        'hotline_asterisk_node_up{node="2"} 0.0',
        'hotline_proxy_up{proxy="kamailio"} 1.0',
    ):
        assert line in text
