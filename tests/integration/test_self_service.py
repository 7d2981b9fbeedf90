"""Customers help themselves on a real Asterisk, by keys, on real records: proof, case, material, rescue, nuisance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm_core.cases.model import Case
from crm_core.db import Database
from crm_core.self_service.acts import acts_of
from cti.agi import AgiServer
from cti.directory import CallerCard
from cti.menu import Left, MenuDesk, MenuReport, serve_caller
from cti.prompt_line import PromptFolder
from ivr.flow_file import shipped_flow
from ivr.line import Enqueue, Finish, TakeMessage
from ivr.runner import World, run_menu
from ivr.self_service.asking import MenuSite
from ivr.self_service.desk import SelfService
from tests.empty_databases import sqlite_database
from tests.integration import scenarios
from tests.integration.site import SiteUnderTest
from tests.integration.test_first_menu import Directory, prompts
from tests.unit.crm_core.builders import a_customer, a_vehicle, an_open_case

__all__ = ["prompts"]
NUMBER = "+8613843107706"
KNOWN = CallerCard(matches=(1,), language="zh-CN")


@asynccontextmanager
async def records(folder: Path) -> AsyncIterator[Database]:
    database = sqlite_database(folder / "records.db")
    async with database.begin() as session:
        customer = await a_customer(session, "陈建国", NUMBER)
        await a_vehicle(session, customer)
        await an_open_case(session, customer, "GD-0713-0183")
    yield database
    await database.close()


async def call(
    site: SiteUnderTest,
    prompts: Path,
    database: Database,
    *,
    keys: tuple[tuple[float, str], ...],
    card: CallerCard = KNOWN,
) -> tuple[str, Enqueue | Finish | TakeMessage]:
    """One call to its end of the menu: its id and what came of it."""
    place = MenuSite(
        zone=ZoneInfo("Asia/Shanghai"), name="远辰", base_url="https://example.com", has_prompt=lambda *_: False
    )
    world = World(operations=SelfService(database, place))
    reports: asyncio.Queue[MenuReport] = asyncio.Queue()
    desk = MenuDesk(
        menu=partial(run_menu, shipped_flow(), world=world),
        directory=Directory(card),
        prompts=PromptFolder(prompts, prompts / "joined"),
        report=reports.put_nowait,
        clock=time.time,
    )
    server = AgiServer({"menu": lambda session: serve_caller(session, desk)})
    await server.start(site.site.host, site.site.agi_port)
    try:
        async with asyncio.timeout(40):
            site.call("4001718888", scenarios.caller("13843107706", keys=keys))
            while not isinstance(report := await reports.get(), Left):
                pass
            return report.call, report.result
    finally:
        await server.stop()


async def test_an_owner_proves_who_it_is_by_the_plate_hears_the_case_and_asks_for_a_person(
    telephone_site: SiteUnderTest, prompts: Path, tmp_path: Path
) -> None:
    async with records(tmp_path) as database:
        proof = ((1.5, "0"), (0.3, "6"), (0.3, "1"), (0.3, "8"), (0.3, "#"))
        keys = ((2.0, "6"), (1.5, "1"), *proof, (2.5, "1"), (9.0, "0"))
        contact, result = await call(telephone_site, prompts, database, keys=keys)
        async with database.begin() as session:
            acts = [(act.operation, act.result, act.e164) for act in await acts_of(session, contact)]
    assert acts == [("identify", "right", NUMBER), ("case_state", "found", NUMBER)]
    assert isinstance(result, Enqueue)
    assert telephone_site.log_trouble() == []


async def test_a_rescue_is_open_before_the_caller_is_in_the_queue(
    telephone_site: SiteUnderTest, prompts: Path, tmp_path: Path
) -> None:
    async with records(tmp_path) as database:
        contact, result = await call(telephone_site, prompts, database, keys=((2.0, "5"),))
        async with database.begin() as session:
            case = await session.scalar(select(Case).where(Case.kind == "rescue"))
    assert case is not None
    assert (case.contact_id, case.customer_id, case.stage) == (contact, 1, "dispatch")
    assert isinstance(result, Enqueue)
    assert result.queue == "rescue"


async def test_a_nuisance_hears_a_short_message_and_still_reaches_rescue(
    telephone_site: SiteUnderTest, prompts: Path, tmp_path: Path
) -> None:
    card = CallerCard(matches=(1,), language="zh-CN", nuisance=60, priority=-10)
    async with records(tmp_path) as database:
        _, refused = await call(telephone_site, prompts, database, keys=((2.0, "0"),), card=card)
        _, rescued = await call(telephone_site, prompts, database, keys=((2.0, "5"),), card=card)
    assert isinstance(refused, Finish)
    assert isinstance(rescued, Enqueue)
    assert rescued.queue == "rescue"
