"""The nodes of a menu on a real Asterisk, walked by a telephone that hears each prompt before it presses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.consent.model import Consent, DoNotContact
from crm_core.db import Database
from crm_core.dealers.areas import city_of_area_code
from crm_core.history import events as feed
from crm_core.history.events import Outcome
from crm_core.self_service.acts import acts_of
from crm_core.self_service.model import SurveyAnswer
from crm_core.vehicles.recalls import VehicleRecall
from cti.directory import CallerCard
from cti.menu import Menu
from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_flow
from ivr.operations import Spoken
from ivr.prompts import make_prompts
from ivr.runner import World, run_menu
from ivr.self_service.asking import MenuSite
from ivr.self_service.desk import SelfService
from ivr.spoken import say
from tests.empty_databases import sqlite_database
from tests.integration.platform import Cards, Platform, platform
from tests.integration.site import SiteUnderTest
from tests.platform.listening_customer import CHINESE, ListeningCustomer, Melodies, dialled
from tests.unit.crm_core.builders import a_customer, a_dealer, a_vehicle

CHEN, NUMBER = "13843107706", "+8613843107706"
ASKING = """
name: asking
languages: [zh-CN, en]
start: consent
give_up: agent
nodes:
  consent: {kind: consent, purpose: news, prompts: [stop-say], yes: survey, no: agent, unavailable: agent}
  survey:
    kind: survey
    questions: [{id: service, prompts: [first-say]}, {id: speed, prompts: [second-say], most: 9}]
    then: number
  number:
    {kind: collect, fact: callback_number, say: phone, prompts: [number-say], max: 15, then: back, give_up: agent}
  back: {kind: callback, queue: enquiry, prompts: [bye-say], refused: agent}
  agent: {kind: queue, queue: enquiry, topic: ""}
texts:
  zh-CN: {stop-say: 可以打电话吗, first-say: 满意吗, second-say: 快吗, number-say: 请输入号码, bye-say: 再见}
  en: {stop-say: May we call, first-say: How was it, second-say: How fast was it, number-say: Number, bye-say: We will}
"""


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A melody of a quarter of a second for each."""
    folder = tmp_path_factory.mktemp("melodies")
    make_prompts(
        folder, tell=lambda _: None, voices=lambda *_: [Melodies(0.05)], flows=[shipped_flow(), read_flow(ASKING)]
    )
    return folder


@asynccontextmanager
async def records(folder: Path) -> AsyncIterator[Database]:
    """Chen's car has a recall and a next service; one station, open round the clock, is in Changchun."""
    city_of_area_code("0431")  # the first look-up loads data for half a second, and for many on a busy machine
    database = sqlite_database(folder / "records.db")
    async with database.begin() as session:
        customer = await a_customer(session, "陈建国", NUMBER)
        vehicle = await a_vehicle(session, customer, next_service_on=date(2026, 12, 24))
        session.add(VehicleRecall(vehicle_id=vehicle.id, code="R2026-01", announced_on=date(2026, 5, 1)))
        await a_dealer(session, services=["workshop"], station_at=now(), opens="00:00", closes="23:59")
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def on_the_line(
    site: SiteUnderTest, folder: Path, prompts: Path, flow: Flow, database: Database
) -> AsyncIterator[tuple[Platform, ListeningCustomer]]:
    """Chen has dialled and our telephone side has answered."""
    (folder / "prompts").symlink_to(prompts)
    place = MenuSite(zone=ZoneInfo("Asia/Shanghai"), name="远辰", base_url="", has_prompt=lambda *_: False)
    desk = SelfService(database, place)
    menu: Menu = partial(run_menu, flow, world=World(operations=desk))
    cards = {CHEN: CallerCard(matches=(1,), language=CHINESE)}
    async with platform(site, folder, menu=menu, cards=cards) as running:
        desk.callbacks = running.bridge.desk.callbacks
        async with dialled(ListeningCustomer(prompts, flow), site.site.sip_port, CHEN) as customer:
            yield running, customer


async def test_an_owner_goes_through_all_of_self_service_in_one_call(
    telephone_site: SiteUnderTest, prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: list[str] = []

    async def remember(self: Cards, customers: tuple[int, ...], language: str) -> None:
        remembered.append(language)

    monkeypatch.setattr(Cards, "remember_language", remember)
    async with (
        records(tmp_path) as database,
        on_the_line(telephone_site, tmp_path, prompts, shipped_flow(), database) as (running, chen),
    ):
        await chen.hears("self-offer")
        await chen.presses("6")
        await chen.hears("self-menu")
        await chen.presses("1")
        await chen.hears("proof")
        await chen.presses("30618#")
        await chen.hears("own-menu")
        await chen.presses("2")
        await chen.hears("recall-open")
        await chen.hears("service-plate")
        await chen.hears("service-date", *say("2026-12-24", Spoken.DATE, CHINESE))
        await chen.presses("*")
        await chen.hears("self-menu")
        await chen.presses("3")
        await chen.hears("station-key")
        await chen.presses("0431#")
        await chen.hears("station-is", "station-general", "station-phone")
        await chen.presses("*")
        await chen.hears("self-menu")
        await chen.presses("5")
        await chen.hears("material-menu")
        await chen.presses("1")
        await chen.hears("material-noted")
        await chen.presses("6")
        await chen.hears("stop-confirm")
        await chen.presses("1")
        await chen.hears("stopped", "self-menu")
        await chen.presses("7")
        await chen.hears("language")
        await chen.presses("2")
        chen.language = "en"
        await chen.hears("self-menu")
        assert chen.telephone is not None
        await chen.telephone.hang_up()
        (end,) = await running.until_ended(1)
        async with database.begin() as session:
            acts = [(act.operation, act.result) for act in await acts_of(session, end.call)]
            material = await session.scalar(select(Case.kind).where(Case.contact_id == end.call))
            stopped = list(await session.scalars(select(DoNotContact.e164)))
            refused = set(await session.scalars(select(Consent.given).where(Consent.contact_id == end.call)))
    assert acts == [
        ("identify", "right"), ("next_service", "recall"), ("nearest_station", "found"),
        ("request_material", "noted"), ("stop_calls", "stopped"),
    ]  # fmt: skip
    assert (material, stopped, refused) == ("material", [NUMBER], {False})
    assert (end.outcome, remembered) == (Outcome.MENU_ONLY, ["en"])
    assert telephone_site.log_trouble() == []


async def test_consent_scores_and_a_call_back_are_kept_as_they_were_keyed(
    telephone_site: SiteUnderTest, prompts: Path, tmp_path: Path
) -> None:
    async with (
        records(tmp_path) as database,
        on_the_line(telephone_site, tmp_path, prompts, read_flow(ASKING), database) as (running, chen),
    ):
        await chen.hears("stop-say")
        await chen.presses("1")
        await chen.hears("first-say")
        await chen.presses("4")
        await chen.hears("second-say")
        await chen.presses("9")
        await chen.hears("number-say")
        await chen.presses("13812345678#")
        await chen.hears("bye-say")
        (end,) = await running.until_ended(1)
        async with database.begin() as session:
            given = [(one.purpose, one.given) for one in await session.scalars(select(Consent))]
            scores = [(one.question, one.score) for one in await session.scalars(select(SurveyAnswer))]
    assert given == [("news", True)]
    assert sorted(scores) == [("service", 4), ("speed", 9)]
    (booked,) = running.of(feed.CallbackBooked)
    assert (booked.number, booked.queue, booked.call) == ("+8613812345678", "repair", end.call)
    assert end.outcome == Outcome.CALLBACK
    assert telephone_site.log_trouble() == []
