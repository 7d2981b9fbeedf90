"""Customers press keys in the shipped menu, on a real Asterisk that plays the prompt files we make."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cti.agi import AgiServer
from cti.directory import CallerCard
from cti.menu import Left, MenuDesk, MenuReport, Pressed, serve_caller
from cti.prompt_line import PromptFolder
from ivr.flow_file import shipped_flow
from ivr.line import Enqueue, Finish, TakeMessage
from ivr.operations import Answer
from ivr.prompts import check_prompts, make_prompts
from ivr.runner import World, run_menu
from tests.integration import scenarios
from tests.integration.ami import ami_session
from tests.integration.site import SiteUnderTest
from tests.integration.test_dialplan import tone
from tests.unit.ivr.scripted_line import ScriptedRecords


class ShortHum:
    """A voice of half a second, so that a test need not listen long."""

    id = "short-hum"

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        for number, _ in enumerate(texts):
            path = folder / f"{number}.wav"
            soundfile.write(path, 0.2 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000), 16000)
            yield path


class Directory:
    """Knows one card for everybody."""

    def __init__(self, card: CallerCard) -> None:
        self.card = card

    async def caller(self, number: str, entry: str) -> CallerCard:
        return self.card

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        return None


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    make_prompts(folder, tell=lambda _: None, voices=lambda *_: [ShortHum()])
    assert check_prompts(folder) == []
    return folder


@asynccontextmanager
async def menu_of(
    telephone_site: SiteUnderTest, prompts: Path, directory: Directory, world: World | None = None
) -> AsyncIterator[asyncio.Queue[MenuReport]]:
    """The platform's menu sessions for this Asterisk; gives what they report."""
    reports: asyncio.Queue[MenuReport] = asyncio.Queue()
    desk = MenuDesk(
        menu=partial(run_menu, shipped_flow(), world=world),
        directory=directory,
        prompts=PromptFolder(prompts, prompts / "joined"),
        report=reports.put_nowait,
        clock=time.time,
    )
    server = AgiServer({"menu": lambda session: serve_caller(session, desk)})
    await server.start(telephone_site.site.host, telephone_site.site.agi_port)
    try:
        async with asyncio.timeout(30):
            yield reports
    finally:
        await server.stop()


async def story(
    reports: asyncio.Queue[MenuReport],
) -> tuple[list[tuple[str, str]], Enqueue | Finish | TakeMessage]:
    """The keys pressed at each question, and how the menu ended."""
    pressed = []
    while not isinstance(report := await reports.get(), Left):
        if isinstance(report, Pressed):
            pressed.append((report.node, report.key))
    return pressed, report.result


async def test_a_new_customer_chooses_english_and_repair(telephone_site: SiteUnderTest, prompts: Path) -> None:
    directory = Directory(CallerCard(matches=(7,)))
    async with menu_of(telephone_site, prompts, directory) as reports:
        telephone_site.call("4001718888", scenarios.caller(keys=((1.0, "2"), (1.5, "4"))))
        pressed, result = await story(reports)
    assert pressed == [("language", "2"), ("main", "4")]
    assert isinstance(result, Enqueue)
    assert (result.queue, result.language, result.path) == ("repair", "en", ("main", "repair"))
    assert telephone_site.log_trouble() == []


async def test_out_of_hours_a_known_customer_still_reaches_rescue(telephone_site: SiteUnderTest, prompts: Path) -> None:
    directory = Directory(CallerCard(matches=(7,), language="zh-CN", open=False))
    async with menu_of(telephone_site, prompts, directory) as reports:
        telephone_site.call("8008201111", scenarios.caller(keys=((1.8, "7"), (1.5, "5"))))
        pressed, result = await story(reports)
    assert pressed == [("closed", "7"), ("closed", "5")]
    assert isinstance(result, Enqueue)
    assert result.queue == "rescue"
    assert telephone_site.log_trouble() == []


async def test_a_customer_who_hangs_up_in_the_menu_is_reported_at_once(
    telephone_site: SiteUnderTest, prompts: Path
) -> None:
    directory = Directory(CallerCard(matches=(7,), language="en"))
    async with menu_of(telephone_site, prompts, directory) as reports:
        telephone_site.call("4001718888", scenarios.caller(hang_up_after=2.0))
        _, result = await story(reports)
    assert isinstance(result, Finish)
    assert (result.outcome, result.path) == ("menu_only", ("main",))


async def test_in_an_emergency_closure_callers_hear_why_and_may_leave_a_message(
    telephone_site: SiteUnderTest, prompts: Path
) -> None:
    directory = Directory(CallerCard(matches=(7,), language="zh-CN", closure="closure-weather"))
    async with menu_of(telephone_site, prompts, directory) as reports:
        with ami_session(telephone_site) as ami:
            audio = tone(telephone_site.folder, 440)
            customer = scenarios.caller(keys=((2.5, "2"),), audio=audio, hang_up_after=4.0)
            telephone_site.call("4001718888", customer)
            pressed, result = await story(reports)
            ended = await asyncio.to_thread(ami.event, "UserEvent: HLEnd")
    assert pressed == [("emergency-choices", "2")]
    assert isinstance(result, TakeMessage)
    assert (ended["State"], ended["Outcome"]) == ("message", "out_of_hours")
    assert int(ended["Spoken"]) >= 2
    assert (telephone_site.site.recordings / ended["Message"]).exists()
    assert telephone_site.log_trouble() == []


async def test_in_an_emergency_closure_rescue_still_works(telephone_site: SiteUnderTest, prompts: Path) -> None:
    directory = Directory(CallerCard(matches=(7,), language="zh-CN", closure="closure"))
    async with menu_of(telephone_site, prompts, directory) as reports:
        telephone_site.call("4001718888", scenarios.caller(keys=((2.5, "5"),)))
        _, result = await story(reports)
    assert isinstance(result, Enqueue)
    assert result.queue == "rescue"


async def test_at_night_an_owner_proves_who_it_is_by_keys_and_hears_the_state_of_the_case(
    telephone_site: SiteUnderTest, prompts: Path
) -> None:
    case = {"case_number": "42", "case_state": "moment", "case_due": "2026-11-30"}
    records = ScriptedRecords({"identify": Answer(result="right"), "case_state": Answer(result="found", facts=case)})
    directory = Directory(CallerCard(matches=(7,), language="zh-CN", open=False))
    proof = tuple((0.4, key) for key in "30618#")
    keys = ((2.5, "6"), (2.0, "1"), (2.0, proof[0][1]), *proof[1:], (2.5, "1"))
    async with menu_of(telephone_site, prompts, directory, World(operations=records)) as reports:
        telephone_site.call("4001718888", scenarios.caller(keys=keys, hang_up_after=3.0))
        pressed, result = await story(reports)
    assert pressed == [("closed", "6"), ("self", "1"), ("proof", "keyed"), ("own", "1")]
    assert records.asked == [
        ("identify", {"proof": "30618", "node": "identify"}),
        ("case_state", {"node": "own-case"}),
    ]
    assert isinstance(result, Finish)
    assert result.walked is not None
    assert result.walked.hung_up
    assert [visit.node for visit in result.walked.visits][-2:] == ["own-case-due", "own"]
    assert telephone_site.log_trouble() == []
