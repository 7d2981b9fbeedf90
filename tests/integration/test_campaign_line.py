"""A campaign's calls on a real Asterisk: who answers, who does not, who gets an agent, and who hears our apology."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.campaign_ports import DialOrder, call_id
from tests.integration import scenarios
from tests.integration.platform import Platform, platform
from tests.integration.site import SiteUnderTest

CUSTOMER = "8613900000001"
_entries = itertools.count(1)


def order(
    *, digits: str = CUSTOMER, queue: str = "repair", ring: int = 15, campaign: int = 7, **more: object
) -> DialOrder:
    entry = next(_entries)
    values = {
        "call": call_id(campaign, entry, 1),
        "campaign": campaign,
        "entry": entry,
        "digits": digits,
        "customer_id": 11,
        "language": "zh-CN",
        "ring_seconds": ring,
        "queue": queue,
    }
    return DialOrder(**(values | more))  # type: ignore[arg-type]


async def end_of(running: Platform, one: DialOrder, seconds: float = 15.0) -> told.AttemptEnded:
    """The attempt's end; there must be no second one."""
    await running.until(lambda: any(end.call == one.call for end in running.of(feed.ContactEnded)), seconds)
    await running.until(lambda: any(end.call == one.call for end in running.of(told.AttemptEnded)), 1)
    (end,) = [end for end in running.of(told.AttemptEnded) if end.call == one.call]
    return end


async def test_who_answers_talks_to_an_agent_at_once(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=1.0))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.3))
    async with platform(telephone_site, tmp_path) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        assert await running.bridge.campaign_line.live() <= {one.call}
        end = await end_of(running, one)
        assert (end.result, end.settled_by) == ("answered", "event")
        story = [name for name in running.story(one.call) if name.startswith("Attempt")]
        assert story == ["AttemptPlaced", "AttemptRang", "AttemptAnswered", "AttemptConnected", "AttemptEnded"]
        (contact,) = running.of(feed.ContactStarted)
        assert (str(contact.direction), contact.caller, contact.customer_id) == ("outbound", f"+{CUSTOMER}", 11)
        (finished,) = running.of(feed.ContactEnded)
        assert (str(finished.outcome), str(finished.by)) == ("reached", "agent")
        (talk,) = running.of(feed.TalkBegan)
        (answered,) = running.of(feed.ContactAnswered)
        assert talk.at - answered.at < 0.4
        assert len(running.of(feed.RecordingStarted)) == 1
    assert telephone_site.log_trouble() == []


@pytest.mark.parametrize(
    ("phone", "result", "code"),
    [
        (scenarios.phone_rejects("486 Busy Here"), "busy", 486),
        (scenarios.phone_rejects("603 Decline"), "refused", 603),
        (scenarios.phone_rejects("403 Forbidden"), "refused", 403),
        (scenarios.phone_rejects("480 Temporarily Unavailable"), "no_answer", 480),
        (scenarios.phone_rejects("404 Not Found"), "failed", 404),
        (scenarios.phone_rejects("500 Server Internal Error"), "failed", 500),
        (scenarios.phone_rejects("503 Service Unavailable"), "failed", 503),
    ],
)
async def test_who_does_not_answer_is_told_apart(
    telephone_site: SiteUnderTest, tmp_path: Path, phone: str, result: str, code: int
) -> None:
    telephone_site.outside_phone(phone)
    async with platform(telephone_site, tmp_path) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        end = await end_of(running, one)
        assert (end.result, end.sip_code) == (result, code)
        assert not running.of(told.AttemptAnswered)
        assert [str(contact.outcome) for contact in running.of(feed.ContactEnded)] == ["not_reached"]


async def test_a_phone_that_rings_out_is_no_answer_after_the_campaigns_time(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rings())
    async with platform(telephone_site, tmp_path) as running:
        one = order(ring=15)
        await running.bridge.campaign_line.place(one)
        end = await end_of(running, one, 20)
        placed, rang = running.of(told.AttemptPlaced)[0], running.of(told.AttemptRang)[0]
        assert end.result == "no_answer"
        assert 14.5 < end.at - placed.at < 16.5
        assert rang.at - placed.at < 1


async def test_without_an_agent_the_customer_hears_who_called_within_two_seconds(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    async with platform(telephone_site, tmp_path) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        end = await end_of(running, one, 25)
        assert end.result == "dropped"
        (left,) = running.of(feed.ContactEnded)
        (answered,) = running.of(told.AttemptAnswered)
        assert not running.of(feed.CallQueued), "no caller waited: the service level knows nothing of it"
        assert 1.5 < left.at - answered.at < 2.2


async def test_who_hangs_up_before_an_agent_comes_was_not_dropped(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1, hang_up_after=0.3))
    async with platform(telephone_site, tmp_path) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        assert (await end_of(running, one)).result == "hung_up"


async def test_the_same_attempt_is_never_ordered_twice(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.outside_phone(scenarios.phone_rejects("486 Busy Here"))
    async with platform(telephone_site, tmp_path) as running:
        one = order()
        await running.bridge.campaign_line.place(one)
        with pytest.raises(Exception, match="made already"):
            await running.bridge.campaign_line.place(one)
        await end_of(running, one)
        with pytest.raises(Exception, match="made already"):
            await running.bridge.campaign_line.place(one)
        assert len(running.of(told.AttemptPlaced)) == 1
