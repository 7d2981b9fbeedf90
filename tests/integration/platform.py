"""Our telephone side, in this process, on the Asterisk of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from acd.model import AgentId, Queue, QueueId, Skill
from asterisk_conf.site import AsteriskSite
from crm_core.history import events as feed
from crm_core.history.events import HistoryEvent
from crm_core.history.journal import Journal
from cti.accounts import CommandLine
from cti.ami import AmiAccount
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.directory import CallerCard, DealerDirectory
from cti.kept_places import CallbackRules
from cti.line_plan import LineSource
from cti.live_texts import LiveTexts
from cti.menu import Menu
from cti.questionnaire import QuestionnaireSource
from cti.speech_line import Ears
from cti.survey import SurveySource
from cti.workforce import AgentProfile, Workforce
from ivr.flow_file import read_flow
from ivr.line import Caller, Enqueue, Finish, Line
from ivr.runner import run_menu
from tests.integration.site import SiteUnderTest

E = TypeVar("E", bound=HistoryEvent)
AGENTS = ("1001", "1002", "1003", "1004", "1018")


async def straight_to_repair(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue | Finish:
    """A menu without prompts: everybody wants a repair."""
    report("main", "4")
    return Enqueue(queue="repair", topic="repair", path=("main", "repair"), language="zh-CN")


def menu_of(text: str) -> Menu:
    """The menu that is written here, without records."""
    return partial(run_menu, read_flow(text))


class Everybody:
    """All agents know everything; wrap-up is short, announcements are off unless told otherwise."""

    def __init__(self, **of_each_queue: Any) -> None:
        self._of_each_queue = {"first_announcement_seconds": 0, "announce_every_seconds": 0} | of_each_queue

    async def current(self) -> Workforce:
        skill = Skill("service")
        queues = tuple(
            Queue(id=QueueId(name), skill=skill, ring_seconds=3, wrap_up_seconds=1, **self._of_each_queue)
            for name in ("repair", "enquiry")
        )
        return Workforce(queues, {AgentId(agent): AgentProfile(skills={skill: 5}) for agent in AGENTS})

    async def changed(self) -> Workforce:
        return await self.current()


class Cards:
    """A directory that knows the cards it is given, by number."""

    def __init__(self, cards: dict[str, CallerCard] | None = None) -> None:
        self._cards = cards or {}

    async def caller(self, number: str, entry: str) -> CallerCard:
        return self._cards.get(number, CallerCard())

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        return None


class Platform:
    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.records: list[HistoryEvent] = [record.event for record in bridge.feed.since(0)]
        self._news = asyncio.Condition()

    async def follow(self) -> None:
        async with self.bridge.desk.follow() as records:
            async for record in records:
                self.records.append(record.event)
                async with self._news:
                    self._news.notify_all()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.records if isinstance(event, kind)]

    async def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait until the feed makes it true."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            story = "\n".join(repr(event) for event in self.records)
            raise AssertionError(f"not within {seconds} s; the feed says:\n{story}") from None

    async def until_ended(self, contacts: int, seconds: float = 15.0) -> list[feed.ContactEnded]:
        await self.until(lambda: len(self.of(feed.ContactEnded)) >= contacts, seconds)
        return self.of(feed.ContactEnded)

    def story(self, call: str) -> list[str]:
        return [type(event).__name__ for event in self.records if getattr(event, "call", "") == call
                and not isinstance(event, feed.AgentStateChanged)]  # fmt: skip


def config_for(site: AsteriskSite, folder: Path, *, secret: str, ami_port: int = 0) -> BridgeConfig:
    return BridgeConfig(
        ami=AmiAccount(host="127.0.0.1", port=ami_port or site.ami_port, username="hotline", secret=secret),
        agi_host="127.0.0.1",
        agi_port=site.agi_port,
        prompts=folder / "prompts",
        prompt_cache=folder / "prompt-cache",
        memory_file=folder / "telephony.json",
        cel_file=site.cel_file,
        realtime_database=site.realtime_database,
        sip_domain="127.0.0.1",
        websocket_url=f"ws://127.0.0.1:{site.http_port}/ws",
        dial_prefixes=("861",),
        shown_number="4001718888",
    )


def bridge_for(
    config: BridgeConfig,
    folder: Path,
    *,
    menu: Menu = straight_to_repair,
    cards: dict[str, CallerCard] | None = None,
    command_line: CommandLine | None = None,
    workforce: Everybody | None = None,
    surveys: SurveySource | None = None,
    dealers: DealerDirectory | None = None,
    ears: Ears | None = None,
    questionnaires: QuestionnaireSource | None = None,
    texts: LiveTexts | None = None,
    lines: LineSource | None = None,
) -> Bridge:
    return Bridge(
        config,
        journal=Journal(folder / "journal"),
        workforce=workforce or Everybody(),
        directory=Cards(cards),
        menu=menu,
        command_line=command_line,
        surveys=surveys,
        dealers=dealers,
        ears=ears,
        questionnaires=questionnaires,
        texts=texts,
        lines=lines,
    )


@asynccontextmanager
async def platform(
    site: SiteUnderTest,
    folder: Path,
    *,
    menu: Menu = straight_to_repair,
    cards: dict[str, CallerCard] | None = None,
    ami_port: int = 0,
    workforce: Everybody | None = None,
    callbacks: CallbackRules | None = None,
    surveys: SurveySource | None = None,
    dealers: DealerDirectory | None = None,
    ears: Ears | None = None,
    questionnaires: QuestionnaireSource | None = None,
    texts: LiveTexts | None = None,
    lines: LineSource | None = None,
) -> AsyncIterator[Platform]:
    """Started, and in step with Asterisk; stopped at the end."""

    async def command_line(command: str) -> str:
        return await asyncio.to_thread(site.asterisk.rx, command)

    config = config_for(site.site, folder, secret=site.ami_secret, ami_port=ami_port)
    config = replace(config, callbacks=callbacks or config.callbacks)
    parts: dict[str, Any] = {
        "menu": menu,
        "cards": cards,
        "workforce": workforce,
        "surveys": surveys,
        "dealers": dealers,
        "ears": ears,
        "questionnaires": questionnaires,
        "texts": texts,
        "lines": lines,
    }
    bridge = bridge_for(config, folder, command_line=command_line, **parts)
    await bridge.start()
    running = Platform(bridge)
    follower = asyncio.get_running_loop().create_task(running.follow())
    try:
        async with asyncio.timeout(15):
            await bridge.ready.wait()
        yield running
    finally:
        follower.cancel()
        await bridge.stop()
