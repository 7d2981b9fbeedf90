"""New calls take the published menu at once, calls in a menu keep theirs, and nobody meets a silent one."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_core.db import Database, make_engine
from crm_core.flows import actions
from crm_core.flows.actions import Examination
from crm_core.tables import METADATA
from hotline.menus import PromptShelf, SiteMenus
from ivr.flow import Flow
from ivr.flow_file import shipped_text
from ivr.line import Enqueue
from ivr.runner import NoRecords
from tests.unit.ivr.scripted_line import CALLER, ScriptedLine

WHO: dict[str, Any] = {"actor": "9001", "at": datetime(2026, 11, 26, tzinfo=UTC)}
FOUR_IS_COMPLAINT = shipped_text().replace("4: repair, 5: rescue-first", "4: complaint, 5: rescue-first")


class Shelf(PromptShelf):
    """Its voice speaks when the test says so."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), None)
        self.silent, self.spoken, self.may_speak = False, 0, threading.Event()

    def missing(self, flow: Flow) -> int:
        return 1 if self.silent else 0

    def speak(self, flows: list[Flow]) -> None:
        assert self.may_speak.wait(10)
        self.spoken += 1
        self.silent = False


@pytest.fixture
async def db(tmp_path: Path):
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'menus.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.close()


def anything(flow, text, cases):
    return Examination()


async def publish(db: Database, text: str, flow: str = "main") -> None:
    async with db.begin() as session:
        await actions.save_draft(session, flow, text, base=None, **WHO)
        await actions.publish(session, flow, examine=anything, **WHO)


async def looks(db: Database, menus: SiteMenus) -> None:
    async with db.begin() as session:
        await menus.refresh(session)


async def queue_for_4(menus: SiteMenus, entry: str = "4001718888") -> tuple[str, int]:
    result = await menus(ScriptedLine("4"), replace(CALLER, entry=entry), lambda *_: None)
    assert isinstance(result, Enqueue)
    assert result.walked is not None
    return result.queue, result.walked.version


async def test_the_next_call_takes_the_published_version_without_a_restart(db: Database):
    menus = SiteMenus(NoRecords(), Shelf())
    await looks(db, menus)
    assert await queue_for_4(menus) == ("repair", 0)
    await publish(db, FOUR_IS_COMPLAINT)
    await looks(db, menus)
    assert await queue_for_4(menus) == ("complaint", 1)
    await publish(db, shipped_text())
    await looks(db, menus)
    assert await queue_for_4(menus) == ("repair", 2)
    async with db.begin() as session:
        await actions.publish_again(session, "main", 1, examine=anything, **WHO)
    await looks(db, menus)
    assert await queue_for_4(menus) == ("complaint", 1)


async def test_a_call_that_is_in_the_menu_keeps_the_version_it_began_with(db: Database):
    menus = SiteMenus(NoRecords(), Shelf())

    class Slow(ScriptedLine):
        async def ask(self, prompts, language, *, seconds, digits):
            await publish(db, FOUR_IS_COMPLAINT)
            await looks(db, menus)
            return await super().ask(prompts, language, seconds=seconds, digits=digits)

    result = await menus(Slow("4"), CALLER, lambda *_: None)
    assert isinstance(result, Enqueue)
    assert result.queue == "repair"
    assert (await queue_for_4(menus))[0] == "complaint"


async def test_with_the_database_away_the_version_known_last_goes_on(db: Database):
    menus = SiteMenus(NoRecords(), Shelf())
    await publish(db, FOUR_IS_COMPLAINT)
    await looks(db, menus)
    await db.close()
    assert await queue_for_4(menus) == ("complaint", 1)


async def test_a_version_whose_prompts_are_not_spoken_yet_waits_for_them(db: Database):
    shelf = Shelf()
    menus = SiteMenus(NoRecords(), shelf)
    await publish(db, FOUR_IS_COMPLAINT)
    shelf.silent = True
    await looks(db, menus)
    assert await queue_for_4(menus) == ("repair", 0)
    speaking = menus._speaking
    assert speaking is not None
    shelf.may_speak.set()
    await speaking
    await looks(db, menus)
    assert await queue_for_4(menus) == ("complaint", 1)
    assert shelf.spoken == 1


async def test_a_text_that_this_version_cannot_read_changes_nothing(db: Database):
    menus = SiteMenus(NoRecords(), Shelf())
    await publish(db, "kinds: that nobody knows yet")
    await looks(db, menus)
    assert await queue_for_4(menus) == ("repair", 0)


async def test_a_second_flow_answers_the_numbers_that_the_first_does_not_name(db: Database):
    menus = SiteMenus(NoRecords(), Shelf())
    sales = FOUR_IS_COMPLAINT.replace("name: main", "name: sales").replace('"8008201111"', '"95105555"')
    await publish(db, sales, flow="sales")
    await looks(db, menus)
    assert (await queue_for_4(menus, "95105555"))[0] == "complaint"
    assert (await queue_for_4(menus, "4001718888"))[0] == "repair"
    assert (await queue_for_4(menus, "somewhere else"))[0] == "repair"


def test_the_shelf_counts_what_is_not_spoken(tmp_path: Path):
    from ivr.flow_file import shipped_flow
    from ivr.saying import own_prompts

    flow, shelf = shipped_flow(), PromptShelf(tmp_path, None)
    wanted = [(language, name) for language, names in own_prompts(flow).items() for name in names]
    assert shelf.missing(flow) == len(wanted)
    for language, name in wanted[1:]:
        (tmp_path / language).mkdir(exist_ok=True)
        (tmp_path / language / f"{name}.wav").touch()
    assert shelf.missing(flow) == 1
