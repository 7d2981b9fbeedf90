"""Sets the stage of the demo: the phones of the simulated people, the numbers they call from, the day's pace."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from agent_desktop.ports import Telephony
from crm_core.customers.model import CustomerPhone
from crm_core.db import Database
from crm_core.lines.queries import served_numbers
from crm_core.workforce import queries
from hotline.demo.caller import TrunkSide
from hotline.demo.day import DemoDay, Pace, national
from hotline.demo.phone import DeskPhone
from hotline.demo.speech import demo_speech
from hotline.settings import Settings

CONTACT = re.compile(r"sip:[^@]+@(?P<host>[0-9.]+):(?P<port>\d+)\Z")
KNOWN_CALLERS = 400
VOICES = 4
CUSTOMER_RINGS_MS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The simulated agents with the addresses of their phones, and the numbers customers call from."""

    phones: dict[str, tuple[str, int]]
    numbers: tuple[str, ...]


async def read_cast(database: Database) -> Cast:
    async with database.begin() as session:
        agents = await queries.agents(session)
        e164s = await session.scalars(select(CustomerPhone.e164).order_by(func.random()).limit(KNOWN_CALLERS))
    phones = {
        agent.number: (match["host"], int(match["port"]))
        for agent in agents
        if (match := CONTACT.match(agent.phone_contact))
    }
    return Cast(phones=phones, numbers=tuple(national(number) for number in e164s))


@asynccontextmanager
async def phones_plugged_in(settings: Settings, cast: Cast) -> AsyncIterator[None]:
    """The agents' desk phones, and the telephone of a customer who is called out."""
    folder = settings.run_dir.resolve() / "demo"
    voices = [demo_speech(settings.cache_dir, seed) for seed in range(1, VOICES + 1)]
    phones = [
        DeskPhone(host, port, voices[index % VOICES], 1200 + 350 * (index % 8), folder)
        for index, (host, port) in enumerate(cast.phones.values())
    ]
    if outside := CONTACT.match(settings.trunk_contact.replace("sip:", "sip:customer@")):
        phones.append(DeskPhone(outside["host"], int(outside["port"]), voices[0], CUSTOMER_RINGS_MS, folder))
    try:
        for phone in phones:
            await phone.plug_in()
        yield
    finally:
        for phone in phones:
            await phone.unplug()


async def play(settings: Settings, database: Database, telephony: Telephony) -> None:
    """The whole demo day, until cancelled."""
    cast = await read_cast(database)
    async with database.begin() as session:
        served = await served_numbers(session, settings.hotline_numbers)
    trunk = TrunkSide(
        local_host=settings.trunk_sources[0],
        asterisk_host=settings.calls_to[0],
        asterisk_port=settings.calls_to[1],
        speech=demo_speech(settings.cache_dir),
    )
    async with phones_plugged_in(settings, cast):
        day = DemoDay(
            telephony=telephony,
            database=database,
            trunk=trunk,
            entries=served,
            numbers=cast.numbers,
            agents=tuple(cast.phones),
            pace=Pace(between_calls=settings.demo_seconds_between_calls),
            seed=settings.demo_seed,
        )
        await day.run()
