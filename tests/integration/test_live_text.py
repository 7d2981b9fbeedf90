"""What is said in a talk is text while it is said: on a real Asterisk, with the one Vosk model of a package registry.

The Korean model shows the machinery: sides, times, holds, faults. Its words say nothing of other languages.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.korean_speech import AGENT as COUNSELLOR
from benchmarks.korean_speech import RESERVE, spoken
from crm_core.history import events as feed
from cti.live_texts import LiveTexts
from cti.talk_text import Side, TalkTextView, TextState
from ivr.recogniser_pool import Recognisers
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import Platform, platform
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.korean_model import korean_model

HOTLINE, PHONE = "4001718888", "1001"


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


@asynccontextmanager
async def talk(site: SiteUnderTest, folder: Path) -> AsyncIterator[Talk]:
    """An agent and a customer talk, and both are listened to."""
    texts = LiveTexts(Recognisers({"zh-CN": korean_model()}))
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


@pytest.mark.usefixtures("telephone_site")
async def test_each_side_is_written_down_while_it_speaks(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with talk(telephone_site, tmp_path) as t:
        t.customer.say(spoken(RESERVE))
        await t.until(lambda: bool(t.said(Side.CUSTOMER)))
        t.agent.say(spoken(COUNSELLOR))
        await t.until(lambda: bool(t.said(Side.AGENT)))
        customer, agent = t.text.lines
        assert (customer.side, agent.side) == (Side.CUSTOMER, Side.AGENT)
    assert telephone_site.log_trouble() == []
