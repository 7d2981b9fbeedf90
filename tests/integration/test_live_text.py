"""What is said in a talk is text while it is said: on a real Asterisk, with the one Vosk model of a package registry.

The Korean model shows the machinery: sides, times, holds, faults. Its words say nothing of other languages.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.korean_speech import AGENT as COUNSELLOR
from benchmarks.korean_speech import RESERVE, SENTENCE, spoken
from crm_core.history import events as feed
from crm_core.live_text.rules import LiveTextRules
from cti.live_texts import LiveTexts, everywhere
from cti.talk_text import Side, TalkTextView, TextState
from cti.views import Target
from ivr.live_load import LiveLoad
from ivr.recogniser_pool import Recognisers
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest, wait_until
from tests.korean_model import korean_model

HOTLINE, PHONE, COLLEAGUE = "4001718888", "1001", "1004"


@dataclass(frozen=True, slots=True)
class Talk:
    running: Platform
    texts: LiveTexts
    customer: Mouth
    agent: Mouth

    @property
    def text(self) -> TalkTextView:
        view = self.texts.of(PHONE)
        assert view is not None
        return view

    def said(self, side: Side) -> list[str]:
        return [line.words for line in self.text.lines if line.side is side and line.over]

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> float:
        """Woken by the text's own news; gives the moment (monotonic)."""
        with self.texts.watching(PHONE) as news:
            try:
                async with asyncio.timeout(seconds):
                    while not condition():
                        await news.wait()
                        news.clear()
            except TimeoutError:
                raise AssertionError(f"not within {seconds} s; the text is {self.texts.of(PHONE)}") from None
        return time.monotonic()


ROOMY = 8.0  # idle cores: what else runs on the machine of the tests is not what they are about


def live_texts(rules: Callable[[], Awaitable[LiveTextRules]] = everywhere, *, processes: int = 1) -> LiveTexts:
    pool = Recognisers({"zh-CN": korean_model()}, processes=processes, most_legs=64)
    return LiveTexts(pool, LiveLoad(processes=processes, cores=8), idle=lambda: ROOMY, rules=rules)


@asynccontextmanager
async def talk(site: SiteUnderTest, folder: Path, texts: LiveTexts | None = None) -> AsyncIterator[Talk]:
    """An agent and a customer talk, and both are listened to."""
    texts = texts or live_texts()
    with ExitStack() as stack:
        customer, agent = stack.enter_context(Mouth(CUSTOMERS)), stack.enter_context(Mouth(DESK_PHONES))
        async with platform(site, folder, texts=texts) as running:
            site.phone(PHONE, agent.spoken(scenarios.phone_answers()))
            await running.bridge.desk.sign_in(PHONE, ready=True)
            site.call(HOTLINE, customer.spoken(scenarios.caller("13900000081")))
            await running.until(lambda: bool(running.of(feed.TalkBegan)))
            t = Talk(running, texts, customer, agent)
            await t.until(lambda: texts.of(PHONE) is not None and t.text.state is TextState.LISTENING, 30.0)
            yield t


async def test_each_side_is_written_down_while_it_speaks_and_nothing_of_a_hold(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with talk(telephone_site, tmp_path) as t:
        t.customer.say(spoken(RESERVE))
        await t.until(lambda: bool(t.said(Side.CUSTOMER)))
        t.agent.say(spoken(COUNSELLOR))
        await t.until(lambda: bool(t.said(Side.AGENT)))
        customer, agent = t.text.lines
        assert (customer.side, agent.side) == (Side.CUSTOMER, Side.AGENT)
        assert 0.0 < agent.at - customer.at < 15.0
        telephone_site.phone(COLLEAGUE, scenarios.phone_answers())
        await t.running.bridge.desk.sign_in(COLLEAGUE, ready=True)
        await t.running.bridge.desk.calls.consult(PHONE, Target(kind="agent", value=COLLEAGUE))
        await t.until(lambda: t.text.state is TextState.HELD)
        t.agent.say(spoken(COUNSELLOR))
        t.customer.say(spoken(RESERVE))
        await asyncio.to_thread(wait_until, lambda: not t.agent.speaking and not t.customer.speaking)
        await t.running.bridge.desk.calls.back_to_customer(PHONE)
        await t.until(lambda: t.text.state is TextState.LISTENING)
        t.customer.say(spoken(RESERVE))
        await t.until(lambda: len(t.said(Side.CUSTOMER)) == 2)
        assert len(t.text.lines) == 3
    assert telephone_site.log_trouble() == []


async def test_a_recogniser_that_dies_costs_the_rest_of_a_line_and_nothing_of_the_talk(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    texts = live_texts()
    async with talk(telephone_site, tmp_path, texts) as t:
        begin = time.monotonic()
        t.customer.say(spoken(SENTENCE))
        await t.until(lambda: bool(t.text.lines))
        [pid] = texts.recognisers.pids("zh-CN")
        os.kill(pid, signal.SIGKILL)
        await t.until(lambda: t.text.state is TextState.AWAY)
        assert t.text.lines[0].cut
        await t.until(lambda: t.text.state is TextState.LISTENING, 30.0)
        t.customer.say(spoken(RESERVE))
        await t.until(lambda: len(t.said(Side.CUSTOMER)) > 1, 15.0)
        assert t.agent.longest_gap(begin) < 0.5
        assert t.running.of(feed.TalkEnded) == []


async def test_whoever_listens_dies_and_the_talk_does_not_notice(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        begin = time.monotonic()
        assert channels(telephone_site, "hl-ear") == 2
        await t.texts.stop()
        await asyncio.to_thread(wait_until, lambda: channels(telephone_site, "hl-ear") == 0)
        await asyncio.to_thread(t.agent.hears_for, 1.0)
        assert t.agent.longest_gap(begin) < 0.5
        assert t.running.of(feed.TalkEnded) == []


async def test_a_switch_that_is_turned_off_ends_the_text_of_talks_that_go_on(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    rules = [LiveTextRules()]

    async def now() -> LiveTextRules:
        return rules[-1]

    async with talk(telephone_site, tmp_path, live_texts(now)) as t:
        rules.append(LiveTextRules(off_in=frozenset({"repair"})))
        await t.until(lambda: t.text.state is TextState.OFF)
        await asyncio.to_thread(wait_until, lambda: channels(telephone_site, "hl-ear") == 0)
        rules.append(LiveTextRules())
        await t.until(lambda: t.text.state is TextState.LISTENING)


def channels(site: SiteUnderTest, context: str) -> int:
    rows = site.asterisk.rx("core show channels concise").splitlines()
    return sum(row.split("!")[1] == context for row in rows if "!" in row)
