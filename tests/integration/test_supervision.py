"""A supervisor's phone on real talks: who hears whom, and what is left of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile

from crm_core.errors import Refused
from crm_core.history import events as feed
from crm_core.history.events import EndedBy, Outcome
from recording.raw_audio import keep
from tests.integration import scenarios
from tests.integration.ears import RATE, Ear, level
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest, wait_until

HOTLINE = "4001718888"
AGENT, SUPERVISOR = "1001", "1004"
CUSTOMER_HERTZ, AGENT_HERTZ, SUPERVISOR_HERTZ = 440, 880, 1320
HEARD = 0.05  # of the 0.2 with which each ear speaks


@dataclass(frozen=True, slots=True)
class Talk:
    running: Platform
    call: str
    customer: Ear
    agent: Ear
    supervisor: Ear

    @property
    def supervisions(self) -> list[tuple[str, str, bool]]:
        floor = self.running.bridge.desk.floor()
        return [(one.agent, one.mode, one.connected) for one in floor.supervised]

    async def supervise(self, mode: str) -> None:
        """Until the dialplan says that the supervisor's phone is in this mode."""
        await self.running.bridge.desk.floor_control.supervise(SUPERVISOR, AGENT, mode)
        one = self.running.bridge.runtime.supervisions.of(SUPERVISOR)
        assert one is not None
        await asyncio.to_thread(wait_until, lambda: one.heard == mode, what=mode)

    async def heard(self) -> dict[str, set[int]]:
        """Which tones each of the three hears now."""
        ears = {"customer": self.customer, "agent": self.agent, "supervisor": self.supervisor}
        samples = await asyncio.gather(*(asyncio.to_thread(ear.hears, 1.0) for ear in ears.values()))
        tones = (CUSTOMER_HERTZ, AGENT_HERTZ, SUPERVISOR_HERTZ)
        return {
            who: {hertz for hertz in tones if level(heard, hertz) > HEARD}
            for who, heard in zip(ears, samples, strict=True)
        }


@asynccontextmanager
async def talk(site: SiteUnderTest, folder: Path) -> AsyncIterator[Talk]:
    """An agent talks with a customer; the supervisor's phone is plugged in."""
    with ExitStack() as stack:
        customer = stack.enter_context(Ear(CUSTOMERS, CUSTOMER_HERTZ))
        agent = stack.enter_context(Ear(DESK_PHONES, AGENT_HERTZ))
        supervisor = stack.enter_context(Ear(DESK_PHONES, SUPERVISOR_HERTZ))
        async with platform(site, folder) as running:
            site.phone(AGENT, agent.spoken(scenarios.phone_answers()))
            site.phone(SUPERVISOR, supervisor.spoken(scenarios.phone_answers()))
            await running.bridge.desk.sign_in(AGENT, ready=True)
            site.call(HOTLINE, customer.spoken(scenarios.caller("13900000071")))
            await running.until(lambda: bool(running.of(feed.TalkBegan)))
            yield Talk(running, running.of(feed.TalkBegan)[0].call, customer, agent, supervisor)


async def test_who_hears_whom_in_listen_whisper_and_barge(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        await t.supervise("listen")
        assert await t.heard() == {
            "customer": {AGENT_HERTZ},
            "agent": {CUSTOMER_HERTZ},
            "supervisor": {CUSTOMER_HERTZ, AGENT_HERTZ},
        }
        await t.supervise("whisper")
        assert await t.heard() == {
            "customer": {AGENT_HERTZ},
            "agent": {CUSTOMER_HERTZ, SUPERVISOR_HERTZ},
            "supervisor": {CUSTOMER_HERTZ, AGENT_HERTZ},
        }
        await t.supervise("barge")
        assert await t.heard() == {
            "customer": {AGENT_HERTZ, SUPERVISOR_HERTZ},
            "agent": {CUSTOMER_HERTZ, SUPERVISOR_HERTZ},
            "supervisor": {CUSTOMER_HERTZ, AGENT_HERTZ},
        }
        await t.supervise("listen")
        assert SUPERVISOR_HERTZ not in (await t.heard())["agent"]
        assert t.supervisions == [(AGENT, "listen", True)]
        await t.running.bridge.desk.hang_up(AGENT)
        await t.running.until_ended(1)
        await t.running.until(lambda: t.running.of(feed.SupervisionChanged)[-1].mode == "")
        assert t.supervisions == []
    [raw] = telephone_site.site.recordings.glob(f"*/{t.call}-1.raw")
    kept = await asyncio.to_thread(keep, raw)
    assert kept is not None
    left, right = soundfile.read(kept.path)[0].T
    assert level(left, CUSTOMER_HERTZ) > HEARD
    assert level(right, AGENT_HERTZ) > HEARD
    assert level(left, SUPERVISOR_HERTZ) < 0.001
    assert level(right, SUPERVISOR_HERTZ) < 0.001


async def test_a_change_of_mode_is_a_gap_for_nobody_in_the_talk(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        await t.supervise("listen")
        await t.heard()
        begin = time.monotonic()
        for mode in ("whisper", "barge", "listen"):
            await t.supervise(mode)
        await t.heard()
        gaps = {ear.hertz: ear.longest_gap(begin) for ear in (t.customer, t.agent, t.supervisor)}
        assert gaps[CUSTOMER_HERTZ] < 0.2, gaps  # packets come every 0.02 s; a machine that tests is busy
        assert gaps[AGENT_HERTZ] < 0.2, gaps
        assert gaps[SUPERVISOR_HERTZ] < 0.4, gaps
        print("longest gaps in ms:", {hertz: round(gap * 1000) for hertz, gap in gaps.items()})


async def test_a_supervisor_takes_the_talk_over(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        desk, running = t.running.bridge.desk, t.running
        await t.supervise("listen")
        await desk.floor_control.take_over(SUPERVISOR, AGENT)
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2)
        second = running.of(feed.TalkBegan)[1]
        assert (second.call, second.agent, second.leg) == (t.call, SUPERVISOR, f"{t.call}-2")
        [over] = running.of(feed.TalkEnded)
        assert (over.agent, over.leg) == (AGENT, f"{t.call}-1")
        assert desk.desk(AGENT).state == "wrap_up"
        view = desk.desk(SUPERVISOR)
        assert view.state == "talking"
        assert view.call is not None
        assert view.call.call == t.call
        assert t.supervisions == []
        heard = await t.heard()
        assert (heard["customer"], heard["supervisor"]) == ({SUPERVISOR_HERTZ}, {CUSTOMER_HERTZ})
        await desk.hang_up(SUPERVISOR)
        (end,) = await running.until_ended(1)
        assert (end.outcome, end.by) == (Outcome.ANSWERED, EndedBy.AGENT)
        files = [event.file for event in running.of(feed.RecordingStarted)]
        assert [file.rpartition("/")[2] for file in files] == [f"{t.call}-1.raw", f"{t.call}-2.raw"]
    kept = await asyncio.to_thread(keep, telephone_site.site.recordings / files[1])
    assert kept is not None
    left, right = soundfile.read(kept.path)[0][RATE // 4 : RATE].T
    assert level(left, CUSTOMER_HERTZ) > HEARD
    assert level(right, SUPERVISOR_HERTZ) > HEARD


async def test_a_takeover_needs_no_listening_before(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        await t.running.bridge.desk.floor_control.take_over(SUPERVISOR, AGENT)
        await t.running.until(lambda: len(t.running.of(feed.TalkBegan)) == 2)
        assert t.running.of(feed.TalkBegan)[1].agent == SUPERVISOR


async def test_listening_goes_on_over_a_restart_of_ours(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone(AGENT, scenarios.phone_answers())
    telephone_site.phone(SUPERVISOR, scenarios.phone_answers())
    async with platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        await desk.sign_in(AGENT, ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000072"))
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        call = running.of(feed.TalkBegan)[0].call
        await desk.floor_control.supervise(SUPERVISOR, AGENT, "whisper")
        await running.until(lambda: any(event.connected for event in running.of(feed.SupervisionChanged)))
    async with platform(telephone_site, tmp_path) as again:
        desk = again.bridge.desk
        [one] = desk.floor().supervised
        assert (one.supervisor, one.agent, one.call) == (SUPERVISOR, AGENT, call)
        assert (one.mode, one.connected) == ("whisper", True)
        assert desk.desk(SUPERVISOR).call is None
        view = desk.desk(AGENT).call
        assert view is not None
        assert (view.call, view.phase) == (call, "talking")
        await desk.floor_control.supervise(SUPERVISOR, AGENT, "listen")
        known = again.bridge.runtime.supervisions.of(SUPERVISOR)
        assert known is not None
        await asyncio.to_thread(wait_until, lambda: known.heard == "listen")
        await desk.floor_control.stop_supervising(SUPERVISOR)
        assert desk.floor().supervised == ()


async def test_who_listens_is_offered_nobody_and_is_ready_again_after_it(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with talk(telephone_site, tmp_path) as t:
        desk = t.running.bridge.desk
        await desk.sign_in(SUPERVISOR, ready=True)
        await t.supervise("listen")
        assert (desk.desk(SUPERVISOR).state, desk.desk(SUPERVISOR).supervising) == ("break", AGENT)
        await desk.floor_control.stop_supervising(SUPERVISOR)
        await t.running.until(lambda: desk.desk(SUPERVISOR).state == "ready")


async def test_nobody_listens_to_an_agent_without_a_talk(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        control = running.bridge.desk.floor_control
        await running.bridge.desk.sign_in(AGENT, ready=True)
        for wish in (control.supervise(SUPERVISOR, AGENT, "listen"), control.take_over(SUPERVISOR, AGENT)):
            with pytest.raises(Refused):
                await wish
        assert running.bridge.desk.floor().supervised == ()


async def test_a_supervisor_whose_phone_does_not_answer_listens_to_nobody(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone(AGENT, scenarios.phone_answers())
        telephone_site.phone(SUPERVISOR, scenarios.phone_rejects())
        await running.bridge.desk.sign_in(AGENT, ready=True)
        telephone_site.call(HOTLINE, scenarios.caller())
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        await running.bridge.desk.floor_control.supervise(SUPERVISOR, AGENT, "listen")
        await running.until(lambda: [one.mode for one in running.of(feed.SupervisionChanged)] == ["listen", ""])


async def two_who_wait(site: SiteUnderTest, running: Platform) -> tuple[str, str]:
    """The earlier and the later caller of one queue."""
    for number, count in (("13900000081", 1), ("13900000082", 2)):
        site.call(HOTLINE, scenarios.caller(number))
        await running.until(lambda count=count: len(running.of(feed.CallQueued)) == count)
    early, late = (event.call for event in running.of(feed.CallQueued))
    return early, late


async def test_who_is_put_first_is_served_first_over_a_restart_of_ours(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        early, late = await two_who_wait(telephone_site, running)
        assert [view.call for view in running.bridge.desk.floor().waiting] == [early, late]
        await running.bridge.desk.floor_control.promote(SUPERVISOR, late)
        assert [view.call for view in running.bridge.desk.floor().waiting] == [late, early]
    async with platform(telephone_site, tmp_path) as again:
        assert [view.call for view in again.bridge.desk.floor().waiting] == [late, early]
        telephone_site.phone(AGENT, scenarios.phone_answers())
        await again.bridge.desk.sign_in(AGENT, ready=True)
        await again.until(lambda: bool(again.of(feed.TalkBegan)))
        assert again.of(feed.TalkBegan)[0].call == late


async def test_a_moved_caller_waits_in_the_other_queue_over_a_restart_of_ours(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        early, _ = await two_who_wait(telephone_site, running)
        since = running.bridge.desk.floor().waiting[0].since
        await running.bridge.desk.floor_control.move(SUPERVISOR, early, "enquiry")
        await running.until(lambda: bool(running.of(feed.CallMoved)))
        [one] = running.of(feed.CallMoved)
        assert (one.call, one.queue, one.to, one.why, one.by) == (early, "repair", "enquiry", "moved", SUPERVISOR)
    async with platform(telephone_site, tmp_path) as again:
        [view] = [one for one in again.bridge.desk.floor().waiting if one.call == early]
        assert view.queue == "enquiry"
        assert abs(view.since - since) < 1.5


async def test_only_the_agent_to_whom_a_caller_is_given_may_take_the_caller(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        telephone_site.phone(AGENT, scenarios.phone_answers(hang_up_after=0.5))
        await desk.sign_in(AGENT, ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000083"))
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        telephone_site.call(HOTLINE, scenarios.caller("13900000084"))
        await running.until(lambda: len(running.of(feed.CallQueued)) == 2)
        second = running.of(feed.CallQueued)[1].call
        await desk.floor_control.assign(SUPERVISOR, second, AGENT)
        await desk.sign_in("1002", ready=True)
        await running.until(lambda: any(event.call == second for event in running.of(feed.CallOffered)))
        assert [event.agent for event in running.of(feed.CallOffered) if event.call == second] == [AGENT]
