"""Who is given a customer and hangs up at once has ended the call, and has not lost the customer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from tests.integration import scenarios
from tests.integration.site import SiteUnderTest
from tests.integration.test_call_control import COLLEAGUE, a_talk, silence


@pytest.mark.parametrize("after_ms", [0, 10, 30, 100])
async def test_a_colleague_who_hangs_up_as_the_customer_comes_ends_the_call(
    telephone_site: SiteUnderTest, tmp_path: Path, after_ms: int
) -> None:
    telephone_site.phone("1002", scenarios.phone_answers())
    async with a_talk(telephone_site, tmp_path) as (running, desk):
        await desk.calls.consult("1001", COLLEAGUE)
        await running.until(lambda: bool(running.of(feed.ConsultAnswered)))
        await desk.calls.hand_over("1001")
        await running.until(lambda: len(running.of(feed.RecordingStarted)) == 2)
        await asyncio.sleep(after_ms / 1000)
        await desk.hang_up("1002")
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
        assert len(running.of(feed.CallQueued)) == 1, "the customer was not put back into the queue"
        await silence(telephone_site)
