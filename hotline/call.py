"""`hotline call`: one real SIP call into the running platform, and its timeline as the history tells it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.errors import Invalid, PlatformError, Sentence
from crm_core.history.model import Contact
from crm_core.lines.queries import served_numbers
from crm_core.phone import to_e164
from hotline.call_steps import line, plain, steps_of
from hotline.demo.caller import CustomerCall, TrunkSide
from hotline.demo.speech import demo_speech
from hotline.settings import Settings

Show = Callable[[str, datetime, Sentence], None]

LOOK_SECONDS = 0.2
LONGEST_SECONDS = 300.0


class NoPlatform(PlatformError):
    """Nobody answers: `make run` is not up in this run folder."""

    status = 503


class WrongNumber(PlatformError):
    """None of the numbers that the site answers was dialled."""

    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the customer of this call does."""

    number: str
    entry: str  # "" = the first that is published
    keys: str
    talk: float


@dataclass(slots=True)
class Timeline:
    """What is known of the call, in order; each step once."""

    steps: dict[str, datetime] = field(default_factory=dict)
    details: dict[str, Sentence] = field(default_factory=dict)

    def add(self, step: str, at: datetime | None, detail: Sentence) -> bool:
        if at is None or step in self.steps:
            return False
        self.steps[step], self.details[step] = at, detail
        return True


def call(
    menu: Annotated[
        str, typer.Option(help="Keys pressed in the menu; a new customer chooses the language first.")
    ] = "14",
    talk: Annotated[float, typer.Option(help="Seconds of talk before the customer hangs up.")] = 5.0,
    number: Annotated[str, typer.Option(help="The customer's number; empty = a new one.")] = "",
    entry: Annotated[str, typer.Option(help="The hotline number dialled; empty = the first that is published.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Dial the hotline as a customer and print what happened."""
    settings = Settings()
    wish = Wish(
        number=number or f"139{secrets.randbelow(10**8):08d}",
        entry=entry,
        keys=menu,
        talk=talk,
    )
    result = asyncio.run(_place(settings, wish, None if as_json else _printer(settings)))
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    if result["outcome"] == "wrong_number":
        told_ones = ", ".join(result["published"])
        raise WrongNumber(
            "{number} is not published. Answered are: {numbers}.", number=result["entry"], numbers=told_ones
        )


def _printer(settings: Settings) -> Show:
    console, zone = Console(highlight=False), ZoneInfo(settings.site_zone)

    def show(step: str, at: datetime, detail: Sentence) -> None:
        moment = f"{at.astimezone(zone):%H:%M:%S.%f}"[:-3]
        console.print(f"{moment}  {line(step, detail)}", markup=False)

    return show


async def _place(settings: Settings, wish: Wish, show: Show | None) -> dict[str, Any]:
    caller = to_e164(wish.number)
    if caller is None:
        raise Invalid("{number} is not a telephone number.", number=wish.number)
    if not settings.database_url and not (settings.run_dir / "hotline.db").exists():
        raise NoPlatform("No platform runs here. Start it with: make run")
    trunk = TrunkSide(
        local_host=settings.trunk_sources[0],
        asterisk_host=settings.calls_to[0],
        asterisk_port=settings.calls_to[1],
        speech=demo_speech(settings.cache_dir),
    )
    database = Database(make_engine(settings.database))
    async with database.begin() as session:
        published = await served_numbers(session, settings.hotline_numbers)
    if not published:
        raise WrongNumber("No number is answered: none of those at /admin/lines/numbers is in use.")
    entry = wish.entry or published[0]
    dialled = now()
    timeline = Timeline()
    timeline.add("dialled", dialled, plain(f"{wish.number} -> {entry}"))
    if show:
        show("dialled", dialled, timeline.details["dialled"])
    one = CustomerCall(trunk, wish.number, entry, wish.keys)
    try:
        await one.dial()
        contact: Contact | None = None
        async for contact in _watch(database, caller, dialled):
            _tell(timeline, contact, show)
            if _talked(contact, wish.talk):
                one.hang_up()
        await one.ended()
    finally:
        await one.stop()
        await database.close()
    return {**_result(timeline, contact), "entry": entry, "published": published}


async def _watch(database: Database, caller: str, since: datetime) -> AsyncIterator[Contact]:
    """The contact's row whenever it is looked at, until it has ended."""
    deadline = time.monotonic() + LONGEST_SECONDS
    seen = False
    statement = (
        select(Contact)
        .where(Contact.caller == caller, Contact.started_at >= since - timedelta(seconds=2))
        .order_by(Contact.started_at.desc())
        .options(selectinload(Contact.legs), selectinload(Contact.visits))
        .limit(1)
    )
    while time.monotonic() < deadline:
        async with database.begin() as session:
            contact = await session.scalar(statement)
        if contact is not None:
            seen = True
            yield contact
            if contact.ended_at is not None:
                return
        if not seen and time.monotonic() > deadline - LONGEST_SECONDS + 10:
            raise NoPlatform("The call did not reach the platform within 10 s. Is it up? Try: hotline status")
        await asyncio.sleep(LOOK_SECONDS)


def _talked(contact: Contact, talk: float) -> bool:
    began = [leg.answered_at for leg in contact.legs if leg.answered_at is not None]
    return bool(began) and now() - began[0] >= timedelta(seconds=talk)


def _tell(timeline: Timeline, contact: Contact, show: Show | None) -> None:
    for step, at, detail in steps_of(contact):
        if timeline.add(step, at, detail) and show:
            show(step, timeline.steps[step], detail)


def _result(timeline: Timeline, contact: Contact | None) -> dict[str, Any]:
    steps = [
        {"step": step, "at": at.isoformat(), "detail": str(timeline.details[step])}
        for step, at in timeline.steps.items()
    ]
    return {
        "contact": contact.id if contact else None,
        "outcome": contact.outcome if contact else None,
        "timeline": steps,
    }
