"""A menu connects callers with somebody outside, on a real Asterisk: reached, not reached, refused, after a kill."""

from __future__ import annotations

from pathlib import Path

from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from tests.integration import scenarios
from tests.integration.platform import menu_of, platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_call_control import silence, two_channels
from tests.integration.test_recovery import HOTLINE, each_contact_once, happened, platform_process

STATION, CALLER = "8613812345678", "13900000007"


def flow(target: str, first: str = "station") -> str:
    return f"""
name: t
languages: [zh-CN]
start: {first}
give_up: agent
nodes:
  station: {{kind: transfer, {target}, ring: 10, topic: repair, unreachable: other}}
  other: {{kind: transfer, number: "{STATION}", ring: 10, unreachable: agent}}
  agent: {{kind: queue, queue: repair, topic: repair}}
"""


BY_NUMBER = flow(f'number: "{STATION}"')


class Station:
    """The records know one dealer."""

    async def number(self, dealer: str) -> str:
        return f"+{STATION}" if dealer == "17" else ""


async def test_a_caller_is_connected_with_a_station_and_the_call_is_no_agents(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(hang_up_after=0.5))
    menu = menu_of(flow('dealer: "17"'))
    async with platform(telephone_site, tmp_path, menu=menu, dealers=Station()) as running:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.PUT_THROUGH, EndedBy.SYSTEM)
        assert running.story(end.call) == [
            "ContactStarted", "CallerIdentified", "ContactAnswered", "MenuLeft", "CallTransferred", "PartyJoined",
            "PartyLeft", "ContactEnded",
        ]  # fmt: skip
        (given,), (joined,) = running.of(feed.CallTransferred), running.of(feed.PartyJoined)
        assert (given.by, given.kind, given.target, given.leg) == ("", "dealer", "17", joined.leg)
        await silence(telephone_site)
    assert telephone_site.log_trouble() == []


async def test_who_hangs_up_in_the_talk_with_the_station_has_ended_it(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers())
    async with platform(telephone_site, tmp_path, menu=menu_of(BY_NUMBER)) as running:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=1.5))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.PUT_THROUGH, EndedBy.CUSTOMER)
        await silence(telephone_site)


async def test_who_is_not_reached_leaves_the_caller_in_the_menu_which_goes_on_to_an_agent(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rejects(), calls=2)
    telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    async with platform(telephone_site, tmp_path, menu=menu_of(BY_NUMBER)) as running:
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller(CALLER))
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        assert [given.kind for given in running.of(feed.CallTransferred)] == ["number", "number"]
        assert [ended.result for ended in running.of(feed.ConsultEnded)] == ["not_reached", "not_reached"]
        left = running.of(feed.MenuLeft)
        assert [(one.first, [visit.split("|")[:2] for visit in one.visits]) for one in left] == [
            (0, [["station", ""]]),
            (1, [["other", "unreachable"]]),
            (2, [["agent", "unreachable"]]),
        ]
        (talk,) = running.of(feed.TalkBegan)
        assert talk.agent == "1001"
        await silence(telephone_site)


async def test_a_caller_who_hangs_up_while_the_station_rings_was_in_the_menu_only(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rings())
    async with platform(telephone_site, tmp_path, menu=menu_of(BY_NUMBER)) as running:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=1.0))
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.MENU_ONLY, EndedBy.CUSTOMER)
        await silence(telephone_site)


async def test_what_the_site_may_not_dial_is_never_dialled_whoever_wrote_it(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    """The site allows mobiles in China: neither a number in Germany, nor a dealer that the records do not have."""
    abroad = flow('number: "+493012345678"').replace(f'number: "{STATION}"', 'dealer: "99"')
    async with platform(telephone_site, tmp_path, menu=menu_of(abroad), dealers=Station()) as running:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=1.0))
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ABANDONED
        assert running.of(feed.CallTransferred) == []
        assert [queued.queue for queued in running.of(feed.CallQueued)] == ["repair"]


async def test_a_talk_with_a_station_outlives_our_process_and_is_counted_once(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers())
    (tmp_path / "flow.yaml").write_text(BY_NUMBER)
    with platform_process(telephone_site, tmp_path) as process:
        customer = telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=5.0))
        happened(tmp_path, feed.PartyJoined)
        process.kill()
        process.wait()
    async with platform(telephone_site, tmp_path, menu=menu_of(BY_NUMBER)) as running:
        await two_channels(telephone_site)
        assert running.of(feed.ContactEnded) == []
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.PUT_THROUGH
        each_contact_once(running.records)
        assert [type(one) for one in running.records].count(feed.PartyJoined) == 1
        await silence(telephone_site)
    del customer


async def test_a_talk_with_a_station_that_ended_while_our_process_was_away_is_counted_as_one(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(ring=1.0))
    (tmp_path / "flow.yaml").write_text(BY_NUMBER)
    with platform_process(telephone_site, tmp_path) as process:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=2.5))
        happened(tmp_path, feed.CallTransferred)
        wait_until(lambda: bool(telephone_site.channel_in("hl-external")))  # it is on record before it is dialled
        process.kill()
        process.wait()
    wait_until(telephone_site.asterisk.at_rest, 15)
    async with platform(telephone_site, tmp_path, menu=menu_of(BY_NUMBER)) as running:
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.PUT_THROUGH
        each_contact_once(running.records)


async def test_who_is_not_reached_while_our_process_is_away_is_led_through_the_menu_again(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rings(), calls=3)
    short = BY_NUMBER.replace("ring: 10", "ring: 2")
    (tmp_path / "flow.yaml").write_text(short)
    with platform_process(telephone_site, tmp_path) as process:
        telephone_site.call(HOTLINE, scenarios.caller(CALLER, hang_up_after=12.0))
        happened(tmp_path, feed.CallTransferred)
        wait_until(lambda: bool(telephone_site.channel_in("hl-external")))
        process.kill()
        process.wait()
    async with platform(telephone_site, tmp_path, menu=menu_of(short)) as running:
        await running.until(lambda: bool(running.of(feed.CallQueued)), 20)
        assert {ended.result for ended in running.of(feed.ConsultEnded)} == {"not_reached"}
        (end,) = await running.until_ended(1, 20)
        assert (end.outcome, end.by) == (Outcome.ABANDONED, EndedBy.CUSTOMER)
        each_contact_once(running.records)
        await silence(telephone_site)
