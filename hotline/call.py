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
from rich.cells import set_cell_size
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_desktop.words import ENDED_BY, N_, OUTCOMES, WHYS
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.errors import Invalid, PlatformError, Sentence
from crm_core.history.model import Contact
from crm_core.phone import to_e164
from hotline.demo.caller import CustomerCall, TrunkSide
from hotline.demo.speech import demo_speech
from hotline.settings import Settings
from hotline.terminal import told

Show = Callable[[str, datetime, Sentence], None]

LOOK_SECONDS = 0.2
LONGEST_SECONDS = 300.0
STEPS = {
    "dialled": N_("number dialled"),
    "answered": N_("picked up"),
    "menu": N_("menu"),
    "queued": N_("queued"),
    "offered": N_("offered"),
    "agent answered": N_("agent answered"),
    "ended": N_("call ended"),
    "contact": N_("number of the call"),
}
OFFERED_AGAIN = N_("offered {time}")
_WORDS = {**WHYS, **ENDED_BY, **OUTCOMES}


class NoPlatform(PlatformError):
    """Nobody answers: `make run` is not up in this run folder."""

    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the customer of this call does."""

    number: str
    entry: str
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
    menu: Annotated[str, typer.Option(help="Keys pressed in the menu, e.g. 14.")] = "4",
    talk: Annotated[float, typer.Option(help="Seconds of talk before the customer hangs up.")] = 5.0,
    number: Annotated[str, typer.Option(help="The customer's number; empty = a new one.")] = "",
    entry: Annotated[str, typer.Option(help="The hotline number dialled; empty = the first one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Dial the hotline as a customer and print what happened."""
    settings = Settings()
    wish = Wish(
        number=number or f"139{secrets.randbelow(10**8):08d}",
        entry=entry or settings.hotline_numbers[0],
        keys=menu,
        talk=talk,
    )
    result = asyncio.run(_place(settings, wish, None if as_json else _printer(settings)))
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))


def _printer(settings: Settings) -> Show:
    console, zone = Console(highlight=False), ZoneInfo(settings.site_zone)

    def show(step: str, at: datetime, detail: Sentence) -> None:
        moment = f"{at.astimezone(zone):%H:%M:%S.%f}"[:-3]
        console.print(f"{moment}  {line(step, detail)}", markup=False)

    return show


def line(step: str, detail: Sentence) -> str:
    """A step of the call for who sits at this terminal."""
    return f"{set_cell_size(_step(step), 15)} {_detail(detail)}"


def _step(step: str) -> str:
    name, _, time = step.partition(" ") if step.startswith("offered ") else (step, "", "")
    return told(OFFERED_AGAIN, time=time) if time else told(STEPS[name])


def _detail(detail: Sentence) -> str:
    """The platform's codes in it become words: why an agent was chosen, the outcome, who ended the call."""
    values = {
        name: told(_WORDS[value]) if isinstance(value, str) and value in _WORDS else value
        for name, value in detail.values.items()
    }
    return told(detail.message_id, **values) if detail.message_id else ""


def _plain(text: str) -> Sentence:
    return Sentence("{text}" if text else "", {"text": text} if text else {})


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
    dialled = now()
    timeline = Timeline()
    timeline.add("dialled", dialled, _plain(f"{wish.number} -> {wish.entry}"))
    if show:
        show("dialled", dialled, timeline.details["dialled"])
    database = Database(make_engine(settings.database))
    one = CustomerCall(trunk, wish.number, wish.entry, wish.keys)
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
    return _result(timeline, contact)


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
    for step, at, detail in _steps(contact):
        if timeline.add(step, at, detail) and show:
            show(step, timeline.steps[step], detail)


def _steps(contact: Contact) -> list[tuple[str, datetime | None, Sentence]]:
    visit = contact.visits[0] if contact.visits else None
    answered = next((leg for leg in contact.legs if leg.answered_at is not None), None)
    offers = [
        (
            "offered" if index == 0 else f"offered {index + 1}",
            leg.offered_at,
            Sentence(N_("agent {agent} ({why})"), {"agent": leg.agent, "why": leg.why}),
        )
        for index, leg in enumerate(contact.legs)
    ]
    ended_at = contact.ended_at
    by_agent = Sentence(N_("agent {agent}"), {"agent": answered.agent}) if answered else _plain("")
    ending = Sentence(N_("{outcome} by {who}"), {"outcome": contact.outcome or "", "who": contact.ended_by})
    return [
        ("answered", contact.answered_at, _plain("")),
        ("menu", visit.entered_at if visit else ended_at, _plain(contact.menu_path.replace(">", " > "))),
        ("queued", visit.entered_at if visit else None, _plain(contact.queue)),
        *offers,
        ("agent answered", answered.answered_at if answered else None, by_agent),
        ("ended", ended_at, ending),
        ("contact", ended_at, _plain(contact.id)),
    ]


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
