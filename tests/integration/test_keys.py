"""Keys of every kind of line are heard in the menu: RFC 4733, tones in the sound itself, SIP INFO."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.korean_speech import mu_law
from benchmarks.telephone import Telephone
from cti.agi import AgiServer
from cti.directory import CallerCard
from cti.menu import Left, MenuDesk, MenuReport, serve_caller
from cti.prompt_line import PromptFolder
from ivr.flow_file import read_flow
from ivr.line import Enqueue
from ivr.runner import run_menu
from ivr.telephone_audio import read_sound, write_sound
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.integration.test_first_menu import Directory, ShortHum

MENU = """
name: main
languages: [zh-CN]
start: main
give_up: agent
nodes:
  main: {kind: menu, prompts: [menu], keys: {4: number}, give_up: agent, tries: 1}
  number:
    {kind: collect, fact: proof, prompts: [menu], min: 4, max: 8, tries: 1, seconds: 3, then: repair, give_up: agent}
  repair: {kind: queue, queue: repair, topic: repair}
  agent: {kind: queue, queue: enquiry, topic: enquiry}
"""
_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
_PAD = ("123", "456", "789", "*0#")


def tones(keys: str) -> bytes:
    """As an analogue telephone sends them: 100 ms each, 100 ms apart; mu-law."""
    times, silence = np.arange(800) / 8000, np.zeros(800)
    parts = [silence]
    for key in keys:
        row, column = next((r, line.index(key)) for r, line in enumerate(_PAD) if key in line)
        two = sum(np.sin(2 * np.pi * hertz * times) for hertz in (_ROWS[row], _COLUMNS[column]))
        parts += [6_000 * two, silence]  # type: ignore[list-item]
    return mu_law(np.concatenate(parts).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    (folder / "zh-CN").mkdir()
    write_sound(folder / "zh-CN" / "menu.wav", read_sound(next(iter(ShortHum().speak(["menu"], folder)))))
    return folder


async def pressed(telephone: Telephone, keys: str, way: str) -> None:
    match way:
        case "events":
            for key in keys:
                await telephone.press(key)
                await asyncio.sleep(0.1)
        case "tones":
            telephone.speak(tones(keys))
            await asyncio.sleep(0.2 * len(keys))
        case "info":
            for key in keys:
                telephone.inform(key)
                await asyncio.sleep(0.2)


@pytest.mark.parametrize("way", ["events", "tones", "info"])
async def test_a_key_and_a_row_of_digits_are_heard_whatever_the_line_sends(
    telephone_site: SiteUnderTest, prompts: Path, way: str
) -> None:
    reports: asyncio.Queue[MenuReport] = asyncio.Queue()
    desk = MenuDesk(
        menu=partial(run_menu, read_flow(MENU)),
        directory=Directory(CallerCard(language="zh-CN")),
        prompts=PromptFolder(prompts, prompts / "joined"),
        report=reports.put_nowait,
        clock=time.time,
    )
    server = AgiServer({"menu": lambda session: serve_caller(session, desk)})
    await server.start(telephone_site.site.host, telephone_site.site.agi_port)
    heard = asyncio.Event()
    telephone = await Telephone.dial(
        (telephone_site.site.host, telephone_site.site.sip_port),
        number="4001718888",
        caller="13900000001",
        host=CUSTOMERS,
        hear=lambda *_: heard.set(),
        events=way == "events",
    )
    try:
        async with asyncio.timeout(15):
            await heard.wait()
            await pressed(telephone, "4", way)
            await asyncio.sleep(0.4)
            await pressed(telephone, "30618#", way)
            while not isinstance(report := await reports.get(), Left):
                continue
    finally:
        await telephone.hang_up()
        await server.stop()
    assert isinstance(report.result, Enqueue)
    assert report.result.walked is not None
    assert [(visit.node, visit.by) for visit in report.result.walked.visits] == [
        ("main", ""), ("number", "4"), ("repair", "given"),
    ]  # fmt: skip
    assert telephone_site.log_trouble() == []
