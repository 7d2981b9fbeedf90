"""As many talks become text as recognition has room for; the others say so, and nothing that fails reaches a call."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_desktop.live_text.words import NOTES
from benchmarks.korean_speech import RESERVE, spoken
from crm_core.history import events as feed
from cti.live_texts import LiveTexts
from cti.talk_text import Side, TextState
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest, wait_until
from tests.integration.test_live_text import HOTLINE, PHONE, live_texts, talk

AGENTS = ("1001", "1002", "1003", "1004")
ROOM = 3  # talks that a site with one process takes before it has measured anything


@dataclass(frozen=True, slots=True)
class Talks:
    running: Platform
    texts: LiveTexts
    agents: dict[str, Mouth]

    def state(self, agent: str) -> TextState | None:
        view = self.texts.of(agent)
        return view.state if view is not None else None

    async def until(self, wanted: dict[str, TextState], seconds: float = 30.0) -> None:
        with ExitStack() as stack:
            news = [stack.enter_context(self.texts.watching(agent)) for agent in wanted]
            try:
                async with asyncio.timeout(seconds):
                    while {agent: self.state(agent) for agent in wanted} != wanted:
                        waiting = [asyncio.create_task(one.wait()) for one in news]
                        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                        for one, task in zip(news, waiting, strict=True):
                            task.cancel()
                            one.clear()
            except TimeoutError:
                raise AssertionError(f"not {wanted}: {[(a, self.state(a)) for a in wanted]}") from None


@asynccontextmanager
async def four_talks(site: SiteUnderTest, folder: Path) -> AsyncIterator[Talks]:
    """One after the other, each with an agent and a customer who are quiet."""
    texts = live_texts()
    with ExitStack() as stack:
        agents = {agent: stack.enter_context(Mouth(DESK_PHONES)) for agent in AGENTS}
        customers = [stack.enter_context(Mouth(CUSTOMERS)) for _ in AGENTS]
        async with platform(site, folder, texts=texts) as running:
            talks = Talks(running, texts, agents)
            for number, (agent, mouth) in enumerate(agents.items()):
                site.phone(agent, mouth.spoken(scenarios.phone_answers()))
                await running.bridge.desk.sign_in(agent, ready=True)
                site.call(HOTLINE, customers[number].spoken(scenarios.caller(f"1390000009{number}")))
                await running.until(lambda number=number: len(running.of(feed.TalkBegan)) == number + 1)
            yield talks


async def test_three_talks_become_text_the_fourth_says_later_and_follows_when_one_is_over(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with four_talks(telephone_site, tmp_path) as talks:
        listening = dict.fromkeys(AGENTS[:ROOM], TextState.LISTENING)
        await talks.until(listening | {AGENTS[ROOM]: TextState.LATER}, 60.0)
        assert NOTES[TextState.LATER] == (
            "The machine is busy with other calls. This one becomes text after it has ended."
        )
        assert talks.texts.figures.talks == ROOM
        talks.agents["1002"].say(spoken(RESERVE))
        await talks.running.bridge.desk.hang_up("1001")
        await talks.until({AGENTS[ROOM]: TextState.LISTENING}, 30.0)
        assert len(talks.running.of(feed.TalkEnded)) == 1


async def test_a_recogniser_that_hangs_costs_the_text_and_nothing_of_the_talk(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    texts = live_texts()
    async with talk(telephone_site, tmp_path, texts) as t:
        begin = time.monotonic()
        [pid] = texts.recognisers.pids("zh-CN")
        os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(6):
                t.customer.say(spoken(RESERVE))
            await t.until(lambda: t.text.state is not TextState.LISTENING, 40.0)
            assert t.text.state in {TextState.LATER, TextState.AWAY}
        finally:
            os.kill(pid, signal.SIGCONT)
        await asyncio.to_thread(t.agent.hears_for, 1.0)
        assert t.agent.longest_gap(begin) < 0.5
        assert t.running.of(feed.TalkEnded) == []


async def test_nothing_of_a_pause_is_written_down(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        desk = t.running.bridge.desk
        await desk.recordings.pause(PHONE, "button")
        await t.until(lambda: t.text.state is TextState.PAUSED)
        t.customer.say(spoken(RESERVE))
        t.agent.say(spoken(RESERVE))
        await asyncio.to_thread(wait_until, lambda: not t.customer.speaking and not t.agent.speaking, 15.0)
        await asyncio.sleep(0.5)  # what would have come of it
        assert t.text.lines == ()
        await desk.recordings.resume(PHONE, "button")
        await t.until(lambda: t.text.state is TextState.LISTENING)
        t.customer.say(spoken(RESERVE))
        await t.until(lambda: bool(t.said(Side.CUSTOMER)), 20.0)
        assert len(t.text.lines) == 1
