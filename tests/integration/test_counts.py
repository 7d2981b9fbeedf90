"""Every INVITE on the trunk, in or out, is exactly one contact, whatever became of it."""

from __future__ import annotations

import asyncio
import wave
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crm_core.history import events as feed
from cti.directory import CallerCard
from ivr.line import Caller, Enqueue, Finish, Line
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest, wait_until

HOTLINE = "4001718888"


async def asks(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue | Finish:
    """Numbers that end in 1 stay in the menu, in 2 it is too late for, the others want a repair."""
    if caller.number.endswith("1"):
        await line.ask(("menu",), "zh-CN", seconds=20, digits=1)
    if caller.number.endswith("2"):
        return Finish(outcome="out_of_hours", path=("main",), language="zh-CN")
    return Enqueue(queue="repair", topic="repair", path=("main", "repair"), language="zh-CN")


def silence(folder: Path) -> None:
    folder.mkdir(parents=True)
    with wave.open(str(folder / "menu.wav"), "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", ""))
        out.writeframes(bytes(16_000 * 20))


async def test_calls_of_every_kind_are_counted_once(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    silence(tmp_path / "prompts" / "zh-CN")
    cards = {"13900000009": CallerCard(blocked=True)}
    before = {row[3] for row in telephone_site.cel()}
    async with platform(telephone_site, tmp_path, menu=asks, cards=cards) as running:
        telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.3), calls=2)
        telephone_site.phone("1002", scenarios.phone_answers())
        telephone_site.outside_phone(scenarios.phone_rejects())
        await running.bridge.desk.sign_in("1001", ready=True)
        sipps = [
            telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=1.0), calls=3),
            telephone_site.call(HOTLINE, scenarios.caller("13900000002"), calls=2),
            telephone_site.call(HOTLINE, scenarios.caller("13900000003", hang_up_after=1.5), calls=4),
            telephone_site.call(HOTLINE, scenarios.raw_invite(from_user="13900000009", expect=603), calls=2),
            telephone_site.call("4001710000", scenarios.raw_invite(expect=404), calls=3),
        ]
        await running.bridge.desk.sign_in("1002", ready=True)
        await running.bridge.desk.take_break("1002", "training")
        await running.bridge.desk.dial("1002", "13812345678")
        await running.until_ended(15, 30)
        for sipp in sipps:
            await asyncio.to_thread(sipp.wait)
        await asyncio.to_thread(wait_until, lambda: _linkedids(telephone_site) - before != set())
        started = [event.call for event in running.of(feed.ContactStarted)]
        ended = Counter(str(event.outcome) for event in running.of(feed.ContactEnded))
        assert len(started) == len(set(started)) == 15
        assert set(started) == _linkedids(telephone_site) - before
        assert ended["menu_only"] == 3
        assert ended["out_of_hours"] == 2
        assert ended["answered"] + ended["abandoned"] == 4
        assert ended["answered"] >= 1
        assert (ended["blocked"], ended["wrong_number"], ended["not_reached"]) == (2, 3, 1)


def _linkedids(site: SiteUnderTest) -> set[str]:
    return {row[3] for row in site.cel()}
