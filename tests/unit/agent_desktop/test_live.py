"""What is pushed to a desk: everything at first, then only what changed, to that agent alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from agent_desktop.desk.live import BACKLOG, Watcher
from agent_desktop.live import DeskHub
from crm_core.access.actions import SignedInUser
from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.history.events import CallerIdentified
from crm_core.history.model import Contact
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.conftest import WebSite


async def told(watcher: Watcher) -> dict[str, Any]:
    message = await asyncio.wait_for(watcher.take(), 5)
    assert message is not None
    found: dict[str, Any] = orjson.loads(message)
    return found


@asynccontextmanager
async def open_desk(web: WebSite, number: str = people.AGENT) -> AsyncIterator[tuple[SignedInUser, Watcher]]:
    hub: DeskHub = web.app.state.hub
    user = (await web.enter(number)).user
    async with hub.running(), hub.watching(user) as watcher:
        yield user, watcher


async def test_a_fresh_page_gets_every_region(web: WebSite):
    async with open_desk(web) as (_, watcher):
        first = await told(watcher)
    assert first["whole"] is True
    assert set(first["regions"]) == {"callbar", "tabs", "notices", "customer", "record", "assist", "work"}


async def test_the_offer_brings_the_card_with_the_number_at_which_it_is_true(web: WebSite):
    async with open_desk(web) as (_, watcher):
        await told(watcher)
        web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
        pushed = await told(watcher)
    assert pushed["number"] == 1
    assert pushed["desk"]["phase"] == "ringing"
    assert "陈建国" in pushed["regions"]["customer"]
    assert "可能在问：空调压缩机异响，等配件" in pushed["regions"]["record"]
    assert "陈建国" in pushed["desk"]["alert"]
    assert people.CHEN_NUMBER not in orjson.dumps(pushed).decode()


async def test_a_break_changes_the_call_bar_and_nothing_else(web: WebSite):
    await web.telephony.sign_in(people.AGENT, ready=True)
    async with open_desk(web) as (_, watcher):
        await told(watcher)
        await web.telephony.take_break(people.AGENT, "lunch")
        pushed = await told(watcher)
    assert set(pushed["regions"]) == {"callbar"}
    assert "午餐" in pushed["regions"]["callbar"]


async def test_a_desk_says_that_telephony_is_away_and_that_it_is_back(web: WebSite):
    async with open_desk(web) as (_, watcher):
        assert not (await told(watcher))["desk"]["telephony_away"]
        web.telephony.go_away()
        assert (await told(watcher))["desk"]["telephony_away"]
        web.telephony.come_back()
        assert not (await told(watcher))["desk"]["telephony_away"]


async def test_another_agents_call_is_not_pushed(web: WebSite):
    async with open_desk(web) as (_, watcher):
        await told(watcher)
        web.telephony.ring(people.ENGLISH_AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
        await web.telephony.take_break(people.AGENT, "rest")
        pushed = await told(watcher)
    assert pushed["desk"]["contact"] == ""


async def test_snapshot_and_events_together_equal_a_fresh_snapshot(web: WebSite):
    hub: DeskHub = web.app.state.hub
    async with open_desk(web) as (user, watcher):
        seen = (await told(watcher))["regions"]
        web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
        seen |= (await told(watcher))["regions"]
        async with web.db.begin() as session:
            row = Contact(id="c1", direction="inbound", caller=people.CHEN_NUMBER, started_at=now())
            row.customer_id, row.agent = people.CHEN, people.AGENT
            session.add(row)
        web.telephony.answer(people.AGENT)
        seen |= (await told(watcher))["regions"]
        web.telephony.end(people.AGENT)
        seen |= (await told(watcher))["regions"]
        _, fresh = await hub.picture(user)
    assert seen == fresh


async def test_several_pages_of_one_agent_share_one_rendering(web: WebSite):
    hub: DeskHub = web.app.state.hub
    async with open_desk(web) as (user, first), hub.watching(user) as second:
        await told(first)
        await told(second)
        web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
        assert await first.take() is await second.take()


async def test_a_page_that_is_too_slow_is_told_to_start_again():
    watcher = Watcher()
    for number in range(BACKLOG + 5):
        watcher.put(b"%d" % number)
    assert await watcher.take() is None


async def test_a_caller_read_during_the_menu_is_shown_at_once_and_then_read_again(web: WebSite):
    hub: DeskHub = web.app.state.hub
    async with open_desk(web) as (_, watcher):
        await told(watcher)
        web.telephony.tell(CallerIdentified(at=now().timestamp(), call="c1", matches=(people.CHEN,)))
        await web.telephony.take_break(people.AGENT, "rest")
        await told(watcher)
        await hub.callers.settled()
        async with web.db.begin() as session:
            (await session.get_one(Customer, people.CHEN)).preference = "只用短信"
        web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
        first, second = await told(watcher), await told(watcher)
    assert "陈建国" in first["regions"]["customer"]
    assert "只用短信" not in first["regions"]["customer"]
    assert set(second["regions"]) == {"customer", "assist"}
    assert "只用短信" in second["regions"]["customer"]
