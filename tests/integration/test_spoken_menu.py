"""A menu of the product is answered by voice: from the words of its file to the queue, on a real Asterisk.

The Korean model stands in for the English one, which no package registry has; the menu's English words are Korean.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.korean_speech import CAR, OTHER_WORDS, REPAIR, RESERVE, spoken
from cti.agi import AgiServer
from cti.directory import CallerCard
from cti.menu import Left, MenuDesk, MenuReport, Pressed, serve_caller
from cti.prompt_line import PromptFolder
from cti.speech_line import Ears
from ivr.flow_file import read_flow
from ivr.line import Enqueue
from ivr.recogniser_pool import Recognisers
from ivr.runner import run_menu
from ivr.telephone_audio import read_sound, write_sound
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.integration.test_first_menu import Directory, ShortHum
from tests.korean_model import korean_model

pytestmark = pytest.mark.asyncio(loop_scope="module")

MENU = f"""
name: main
languages: [en]
start: main
entries: {{"4001718888": main, "8008201111": main}}
give_up: agent
nodes:
  main:
    kind: menu
    prompts: [menu]
    keys: {{4: repair, 1: enquiry}}
    words: {{en: {{4: [{REPAIR}], 1: [{RESERVE}]}}}}
    tries: 3
    give_up: agent
  repair: {{kind: queue, queue: repair, topic: repair, prompts: [transfer]}}
  enquiry: {{kind: queue, queue: enquiry, topic: enquiry, prompts: [transfer]}}
  agent: {{kind: queue, queue: enquiry, topic: "", prompts: [transfer]}}
"""

ASKS = f"""
name: main
languages: [en]
start: what
give_up: agent
nodes:
  what:
    kind: ask
    fact: wish
    prompts: [menu]
    words: {{en: {{mend: [{REPAIR}], keep: [{RESERVE}]}}}}
    by_key: [invalid]
    keys: {{1: mend}}
    tries: 2
    then: which
    give_up: agent
  which: {{kind: decide, cases: [{{when: {{wish: mend}}, then: repair}}], otherwise: agent}}
  repair: {{kind: queue, queue: repair, topic: repair, prompts: [transfer]}}
  agent: {{kind: queue, queue: enquiry, topic: "", prompts: [transfer]}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears() -> AsyncIterator[Ears]:
    mine = Ears(Recognisers({"en": korean_model()}, others={"en": OTHER_WORDS}))
    await mine.start()
    async with asyncio.timeout(60):
        await mine.recognisers.until_ready("en")
    yield mine
    await mine.stop()


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second each."""
    folder = tmp_path_factory.mktemp("prompts")
    (folder / "en").mkdir()
    for name in ("menu", "transfer", "invalid", "no-key"):
        next(iter(ShortHum().speak([name], folder))).rename(folder / "raw.wav")
        write_sound(folder / "en" / f"{name}.wav", read_sound(folder / "raw.wav"))
    return folder


async def story(
    site: SiteUnderTest, ears: Ears, prompts: Path, words: tuple[str, ...], flow: str = MENU
) -> tuple[list[str], Enqueue | None]:
    """The caller says one word at each question; what was reported of each, and where it led."""
    reports: asyncio.Queue[MenuReport] = asyncio.Queue()
    desk = MenuDesk(
        menu=partial(run_menu, read_flow(flow)),
        directory=Directory(CallerCard(matches=(7,), language="en")),
        prompts=PromptFolder(prompts, prompts / "joined"),
        report=reports.put_nowait,
        clock=time.time,
        line=ears.line,
    )
    server = AgiServer({"menu": lambda session: serve_caller(session, desk)})
    await server.start(site.site.host, site.site.agi_port)
    answers: list[str] = []
    with Mouth(CUSTOMERS) as mouth:
        site.call("4001718888", mouth.spoken(scenarios.caller()))
        async with asyncio.timeout(40):
            for word in words:
                await asyncio.to_thread(mouth.prompt_again, 10.0)
                mouth.say(spoken(word))
                while not isinstance(report := await reports.get(), Pressed):
                    continue
                answers.append(report.key)
            while not isinstance(report := await reports.get(), Left):
                continue
    await server.stop()
    return answers, report.result if isinstance(report.result, Enqueue) else None


async def test_a_spoken_word_leads_to_its_queue(telephone_site: SiteUnderTest, ears: Ears, prompts: Path) -> None:
    answers, result = await story(telephone_site, ears, prompts, (REPAIR,))
    assert answers == ["said"]
    assert result is not None
    assert (result.queue, result.path) == ("repair", ("main", "repair"))
    assert telephone_site.log_trouble() == []


async def test_who_is_not_understood_is_asked_again(telephone_site: SiteUnderTest, ears: Ears, prompts: Path) -> None:
    answers, result = await story(telephone_site, ears, prompts, (CAR, RESERVE))
    assert answers == ["said", "said"]
    assert result is not None
    assert (result.queue, result.topic) == ("enquiry", "enquiry")
    assert telephone_site.log_trouble() == []


async def test_a_fact_that_is_asked_for_by_voice_decides_the_way(
    telephone_site: SiteUnderTest, ears: Ears, prompts: Path
) -> None:
    answers, result = await story(telephone_site, ears, prompts, (REPAIR,), ASKS)
    assert answers == ["said"]
    assert result is not None
    assert result.walked is not None
    assert [(visit.node, visit.by) for visit in result.walked.visits] == [
        ("what", ""), ("which", "given"), ("repair", "1"),
    ]  # fmt: skip
    assert telephone_site.log_trouble() == []
