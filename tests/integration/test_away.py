"""The platform stays away: nobody is left alone with the music, and after the return all calls are ours again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_core.history import events as feed
from crm_core.history.events import Outcome
from tests.integration import scenarios
from tests.integration.conftest import running_site
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest, wait_until
from tests.integration.test_recovery import HOTLINE, each_contact_once, happened, platform_process

ALIVE_SECONDS = 5  # longer than the platform's own beat


@pytest.fixture
def site() -> Iterator[SiteUnderTest]:
    with running_site(alive_seconds=ALIVE_SECONDS) as site:
        yield site


def in_context(site: SiteUnderTest, context: str) -> list[str]:
    """The callers' numbers that the dialplan has there now."""
    rows = (row.split("!") for row in site.asterisk.rx("core show channels concise").splitlines() if "!" in row)
    return [row[7] for row in rows if row[1] == context]


async def test_who_waits_when_the_platform_dies_is_answered_by_plain_queue_and_counted_after_the_return(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    site.phone("1001", scenarios.phone_answers(), calls=2)
    with platform_process(site, tmp_path, "1001") as process:
        first = site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=2.0))
        happened(tmp_path, feed.TalkBegan)
        site.call(HOTLINE, scenarios.caller("13900000002"))
        happened(tmp_path, feed.CallQueued, 2)
        process.kill()
        process.wait()
    assert await asyncio.to_thread(first.wait) == 0
    wait_until(lambda: "-0|file=" in site.site.cel_file.read_text(), 30, "plain Queue() has found the agent")
    async with platform(site, tmp_path) as running:
        desk = running.bridge.desk
        assert (desk.desk("1001").state, desk.desk("1001").call is not None) == ("talking", True)
        assert not desk.floor().waiting
        _, talk = running.of(feed.TalkBegan)
        assert (talk.agent, talk.leg) == ("1001", f"{talk.call}-0")
        await desk.hang_up("1001")
        ends = await running.until_ended(2)
        assert [end.outcome for end in ends] == [Outcome.ANSWERED, Outcome.ANSWERED]
        assert desk.desk("1001").state in ("wrap_up", "ready")
        each_contact_once(running.records)


async def test_who_still_waits_in_the_plain_queue_is_ours_again_and_keeps_the_place(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    with platform_process(site, tmp_path) as process:
        site.call(HOTLINE, scenarios.caller("13900000001"))
        happened(tmp_path, feed.CallQueued)
        process.kill()
        process.wait()
    site.call(HOTLINE, scenarios.caller("13900000002"))  # finds nobody in the menu, three times
    wait_until(lambda: len(in_context(site, "hl-fallback")) == 2, 40, "both in the plain queue")
    async with platform(site, tmp_path) as running:
        await running.until(lambda: len(running.of(feed.CallQueued)) == 2)
        assert not in_context(site, "hl-fallback")
        site.phone("1002", scenarios.phone_answers(hang_up_after=0.5), calls=4)
        await running.bridge.desk.sign_in("1002", ready=True)
        ends = await running.until_ended(2, 20)
        callers = {event.call: event.caller for event in running.of(feed.ContactStarted)}
        assert [(callers[end.call], end.outcome) for end in ends] == [
            ("13900000001", Outcome.ANSWERED),
            ("13900000002", Outcome.ANSWERED),
        ]
        each_contact_once(running.records)


async def test_a_platform_that_hangs_is_as_one_that_is_away(site: SiteUnderTest, tmp_path: Path) -> None:
    with platform_process(site, tmp_path) as process:
        site.call(HOTLINE, scenarios.caller("13900000001"))
        happened(tmp_path, feed.CallQueued)
        os.kill(process.pid, signal.SIGSTOP)
        site.call(HOTLINE, scenarios.caller("13900000002"))
        wait_until(lambda: len(in_context(site, "hl-fallback")) == 2, 60, "both in the plain queue")
        os.kill(process.pid, signal.SIGCONT)
        wait_until(lambda: not in_context(site, "hl-fallback"), 15, "both are ours again")


async def test_while_the_platform_lives_a_waiting_caller_stays(site: SiteUnderTest, tmp_path: Path) -> None:
    with platform_process(site, tmp_path):
        site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=2.5 * ALIVE_SECONDS))
        happened(tmp_path, feed.ContactEnded)
        assert "queue=fallback" not in site.site.cel_file.read_text()
