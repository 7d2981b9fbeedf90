"""What goes wrong with a campaign's call, one after the other; the customer is never left in silence, nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from acd.model import WayOut
from crm_core.errors import PlatformError
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.frames import HostileValue
from tests.integration import scenarios
from tests.integration.platform import Everybody, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_campaign_line import CUSTOMER, end_of, order
from tests.integration.test_recovery import each_contact_once

HOTLINE = "4001718888"


async def test_an_agent_whose_phone_does_not_answer_leaves_the_customer_to_the_next_one(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_rejects("480 Temporarily Unavailable"))
    telephone_site.phone("1002", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        await asyncio.sleep(0.05)
        await running.bridge.desk.sign_in("1002", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one)).result == "answered"
        assert [event.agent for event in running.of(told.AttemptConnected)] == ["1002"]


async def test_an_agent_who_is_lost_while_being_connected_means_the_message_in_time(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_rings())
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one, 20)).result == "dropped"
        (left,), (answered,) = running.of(feed.ContactEnded), running.of(feed.ContactAnswered)
        assert left.at - answered.at < 2.3
        each_contact_once(running.records)


async def test_a_customer_who_hangs_up_while_the_agents_phone_rings_frees_the_agent(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_rings())
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1, hang_up_after=0.6))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one)).result == "hung_up"
        assert [event.result for event in running.of(feed.OfferEnded)] == ["caller_gone"]
        assert running.bridge.desk.desk("1001").state == "ready"


async def test_a_queue_that_is_closed_for_callers_says_so_to_nobody_whom_we_called(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    closed = Everybody(longest_wait_seconds=1, when_too_long=WayOut.GOODBYE)
    async with platform(telephone_site, tmp_path, workforce=closed) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one, 20)).result == "dropped"
        (left,), (answered,) = running.of(feed.ContactEnded), running.of(feed.ContactAnswered)
        assert 1.7 < left.at - answered.at < 2.3


async def test_two_campaigns_share_the_agents_and_keep_their_figures_apart(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.phone("1002", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1), calls=2)
    async with platform(telephone_site, tmp_path) as running:
        for agent in ("1001", "1002"):
            await running.bridge.desk.sign_in(agent, ready=True)
        first, second = order(campaign=7), order(campaign=8, queue="enquiry", digits="8613900000002")
        await asyncio.gather(*(running.bridge.campaign_line.place(one) for one in (first, second)))
        assert {(await end_of(running, one)).campaign for one in (first, second)} == {7, 8}
        assert {event.campaign for event in running.of(told.AttemptConnected)} == {7, 8}
        assert len({event.agent for event in running.of(told.AttemptConnected)}) == 2


async def test_a_caller_who_waits_longer_is_served_before_an_answered_customer(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5), calls=2)
    telephone_site.outside_phone(scenarios.phone_answers(ring=1.5))
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.call(HOTLINE, scenarios.caller("13900000009"))
        await running.until(lambda: bool(running.of(feed.CallQueued)))
        one = order()
        await running.bridge.campaign_line.place(one)
        await running.until(lambda: bool(running.of(told.AttemptAnswered)))
        await running.bridge.desk.sign_in("1001", ready=True)
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        assert running.of(feed.TalkBegan)[0].call != one.call
        await end_of(running, one, 20)


async def test_a_customer_who_was_connected_and_loses_the_agent_is_kept_as_every_caller(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05), calls=2)
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        await running.until(lambda: bool(running.of(told.AttemptConnected)))
        legs = telephone_site.asterisk.rx("core show channels concise").splitlines()
        agents = next(row.split("!")[0] for row in legs if row.startswith("PJSIP/1001-"))
        telephone_site.asterisk.rx(f"channel request hangup {agents}")
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2, 20)
        assert [talk.call for talk in running.of(feed.TalkBegan)] == [one.call, one.call]
        assert len(running.of(told.AttemptConnected)) == 1
        telephone_site.asterisk.rx("channel request hangup all")
        assert (await end_of(running, one)).result == "answered"


@pytest.mark.parametrize(
    "bad",
    [
        {"digits": "110"},
        {"digits": "8613900000001\r\nAction: Hangup"},
        {"digits": "8613900000001@evil"},
        {"digits": "8613900000001,Local/x"},
        {"digits": "4420712345678"},
        {"digits": ""},
        {"queue": "repair,HL_X=1"},
        {"queue": "repair\r\nAction: Originate"},
        {"language": "../../etc"},
        {"ring": 3},
        {"ring": 600},
        {"call": "ob-7-1-1\r\nAction: Hangup"},
        {"call": "out-1"},
        {"call": "ob-9-9-9"},
    ],
    ids=str,
)
async def test_a_hostile_order_dials_nothing_and_leaves_no_trace(
    telephone_site: SiteUnderTest, tmp_path: Path, bad: dict[str, object]
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        with pytest.raises((PlatformError, HostileValue)):
            await running.bridge.campaign_line.place(order(**bad))  # type: ignore[arg-type]
        assert not running.of(told.AttemptPlaced)
        assert not running.of(feed.ContactStarted)
        assert await running.bridge.campaign_line.live() == frozenset()


async def test_the_number_that_the_customer_sees_is_the_hotlines(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    look = f'<ereg regexp="sip:{HOTLINE}@" search_in="hdr" header="From" check_it="true" assign_to="shown"/>'
    busy = scenarios.phone_rejects("486 Busy Here").replace(
        'crlf="true" rrs="true"/>', f'crlf="true" rrs="true"><action>{look}</action></recv>'
    )
    phone = telephone_site.outside_phone(busy.replace("</scenario>", '<Reference variables="shown"/></scenario>'))
    async with platform(telephone_site, tmp_path) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one)).result == "busy"
        assert await asyncio.to_thread(phone.wait) == 0, phone.complaints()
        (contact,) = running.of(feed.ContactStarted)
        assert contact.caller == f"+{CUSTOMER}"
