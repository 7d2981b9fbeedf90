"""A campaign's calls outlive our process and the link: each attempt gets its one result, and none is made twice."""

from __future__ import annotations

import asyncio
import pickle
from datetime import UTC, datetime
from pathlib import Path

from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent
from cti.attempts import attempt_of
from cti.campaign_ports import DialOrder, OpenAttempt
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_campaign_line import end_of, order
from tests.integration.test_recovery import (
    cut_platform,
    each_contact_once,
    happened,
    journal,
    link_is,
    platform_process,
)


async def killed_when(
    site: SiteUnderTest, folder: Path, one: DialOrder, kind: type[HistoryEvent], *, away: float = 0.0
) -> list[HistoryEvent]:
    """All records of a call whose platform was killed when it had told of `kind`, and came back."""
    (folder / "orders.pickle").write_bytes(pickle.dumps([one]))
    with platform_process(site, folder, "1001"):
        await asyncio.to_thread(happened, folder, kind)
    (folder / "orders.pickle").unlink()
    await asyncio.sleep(away)
    with platform_process(site, folder, "1001"):
        await asyncio.to_thread(happened, folder, told.AttemptEnded)
        await asyncio.to_thread(happened, folder, feed.ContactEnded)
    records = journal(folder)
    each_contact_once(records)
    return records


def result_of(records: list[HistoryEvent]) -> tuple[str, str]:
    """Of the only attempt."""
    (end,) = [event for event in records if isinstance(event, told.AttemptEnded)]
    assert len([event for event in records if isinstance(event, told.AttemptPlaced)]) == 1
    assert len([event for event in records if isinstance(event, told.AttemptConnected)]) <= 1
    return end.result, end.settled_by


async def test_a_call_that_rings_during_the_kill_still_reaches_an_agent(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=1.0))
    telephone_site.outside_phone(scenarios.phone_answers(ring=6.0))
    records = await killed_when(telephone_site, tmp_path, order(), told.AttemptRang)
    assert result_of(records) == ("answered", "event")


async def test_a_talk_goes_on_over_the_kill(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=6.0))
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.1))
    records = await killed_when(telephone_site, tmp_path, order(), told.AttemptConnected)
    assert result_of(records) == ("answered", "event")


async def test_what_was_busy_while_we_were_away_is_busy_by_the_event_log(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rejects("486 Busy Here", ring=1.0))
    records = await killed_when(telephone_site, tmp_path, order(), told.AttemptRang, away=1.5)
    assert result_of(records) == ("busy", "cel")


async def test_who_answered_while_we_were_away_heard_the_message_and_counts_as_dropped(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_answers(ring=1.0))
    records = await killed_when(telephone_site, tmp_path, order(), told.AttemptRang, away=5.0)
    assert result_of(records) == ("dropped", "cel")


async def test_a_kill_in_the_two_seconds_of_waiting_for_an_agent_delays_the_message_by_nothing(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_rings())  # unplugged, its calls would be tried again in later tests
    telephone_site.outside_phone(scenarios.phone_answers(ring=0.5))
    records = await killed_when(telephone_site, tmp_path, order(), told.AttemptAnswered, away=4.0)
    assert result_of(records)[0] == "dropped"
    (answered,) = [event for event in records if isinstance(event, feed.ContactAnswered)]
    (left,) = [event for event in records if isinstance(event, feed.ContactEnded)]
    assert 1.7 < left.at - answered.at < 2.5


async def test_a_link_cut_between_order_and_answer_changes_nothing(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers(ring=0.05, hang_up_after=0.5))
    telephone_site.outside_phone(scenarios.phone_answers(ring=3.0))
    async with cut_platform(telephone_site, tmp_path) as (running, cutter):
        await running.bridge.desk.sign_in("1001", ready=True)
        one = order()
        await running.bridge.campaign_line.place(one)
        cutter.cut()
        await link_is(running, True, 2, 3.0)
        assert (await end_of(running, one)).result == "answered"
        each_contact_once(running.records)


async def test_an_order_that_never_arrived_was_not_placed(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with cut_platform(telephone_site, tmp_path) as (running, cutter):
        cutter.silent.set()
        one = order()
        placing = asyncio.create_task(running.bridge.campaign_line.place(one))
        await link_is(running, False, 1, 5.0)
        cutter.silent.clear()
        await placing
        end = await end_of(running, one, 12)
        assert end.result == "not_placed"
        assert telephone_site.channel_in("hl-campaign-agents") == ""


async def test_the_past_and_the_present_of_attempts_are_told_apart(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.outside_phone(scenarios.phone_rejects("486 Busy Here"))
    async with platform(telephone_site, tmp_path) as running:
        line, one = running.bridge.campaign_line, order()
        await line.place(one)
        await end_of(running, one)
        telephone_site.outside_phone(scenarios.phone_answers(ring=3.0))
        rings = order()
        await line.place(rings)
        await running.until(lambda: len(running.of(told.AttemptRang)) >= 2)
        assert await line.live() == {rings.call}
        never = order()
        wanted = [OpenAttempt(call=each.call, campaign=7, placed_at=datetime.now(UTC)) for each in (one, rings, never)]
        await asyncio.to_thread(wait_until, lambda: any(one.call in row for row in telephone_site.cel()))
        past = await line.past(wanted)
        assert past[one.call].result == "busy"
        assert rings.call not in past
        assert all(attempt_of(call) for call in past)
