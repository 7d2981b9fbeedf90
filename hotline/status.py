"""`hotline status`: where each part is, and whether it answers, asked in a way that disturbs nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import make_url

from agent_desktop.words import N_
from crm_core.errors import PlatformError, Sentence
from hotline import looks, run_folder
from hotline.addresses import reached_at
from hotline.settings import Settings
from hotline.terminal import told

SECONDS = 3.0
WARNING = "warning: "
WIDTH_OF_A_FILE = 240


NAMES = {
    "web": N_("Web pages"),
    "sip": N_("Telephones (SIP)"),
    "browser phones": N_("Browser phones"),
    "ami": N_("Asterisk's control (AMI)"),
    "fastagi": N_("Menus (FastAGI)"),
    "lead": N_("Who leads"),
    "database": N_("Database"),
    "recordings": N_("Recordings"),
    "public address": N_("Public address"),
    "door": N_("Door (https)"),
    "second sip": N_("Second Asterisk (SIP)"),
    "second ami": N_("Second Asterisk (AMI)"),
    "kamailio": N_("Kamailio"),
    "redis": N_("Redis"),
    "web workers": N_("Web workers"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """`told` is what it answered, or what is wrong."""

    name: str
    address: str
    ok: bool
    told: Sentence

    @property
    def detail(self) -> str:
        """In English, for programs; a warning begins with WARNING."""
        return (WARNING if isinstance(self.told, looks.Warned) else "") + str(self.told)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Tell address and health of each part; exit status 1 when one does not answer."""
    settings = Settings()
    parts = asyncio.run(look(settings.model_copy(update={"bind": run_folder.bound(settings.run_dir)})))
    if as_json:
        typer.echo(json.dumps({"ok": all(part.ok for part in parts), "parts": [_for_programs(part) for part in parts]}))
    else:
        _show(parts)
    raise typer.Exit(0 if all(part.ok for part in parts) else 1)


def _for_programs(part: Part) -> dict[str, object]:
    return {"name": part.name, "address": part.address, "ok": part.ok, "detail": part.detail}


def _show(parts: list[Part]) -> None:
    folded = Column(told(N_("Address")), overflow="fold")
    table = Table(told(N_("Part of the site")), folded, told(N_("Health")), Column("", overflow="fold"), box=None)
    for part in parts:
        well = N_("watch") if isinstance(part.told, looks.Warned) else N_("fine")
        health, colour = (well, "yellow" if well == "watch" else "green") if part.ok else (N_("down"), "red")
        detail = escape(told(part.told.message_id, **part.told.values))
        table.add_row(told(NAMES[part.name]), escape(part.address), f"[{colour}]{told(health)}[/]", detail)
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, WIDTH_OF_A_FILE)  # who reads it finds each address in one piece
    console.print(table)


async def look(settings: Settings) -> list[Part]:
    """All parts, looked at side by side; never raises."""
    host, telephones, sip = settings.host, settings.telephone_host, settings.sip_port
    public = settings.public_url or told(N_("HOTLINE_PUBLIC_URL is not set"))
    checks: dict[str, tuple[str, Callable[[], Awaitable[Sentence]]]] = {
        "web": (settings.web_address, lambda: looks.web(settings)),
        "sip": (f"sip:{telephones}:{sip}", lambda: looks.ask_sip(reached_at(telephones), sip)),
        "browser phones": (
            f"ws://{host}:{settings.asterisk_http_port}/ws",
            lambda: looks.accepts(host, settings.asterisk_http_port),
        ),
        "ami": (f"{host}:{settings.ami_port}", lambda: looks.ami(host, settings.ami_port)),
        "fastagi": (f"agi://{host}:{settings.agi_port}/menu", lambda: looks.accepts(host, settings.agi_port)),
        "lead": (str(settings.run_dir.resolve() / "leader"), lambda: looks.lead(settings)),
        "database": (_without_password(settings.database), lambda: looks.database(settings.database)),
        "recordings": (str(settings.recordings_dir), lambda: looks.recordings(settings)),
        "public address": (public, lambda: looks.public(settings)),
    }
    if settings.is_open:
        door = (reached_at(settings.bind), settings.https_port)
        checks["door"] = (f"{settings.peoples_address} (port {door[1]})", lambda: looks.accepts(*door))
    if settings.nodes > 1:
        checks |= _second(settings)
    if settings.redis_url:
        address = _without_password(settings.redis_url)
        checks["redis"] = (address, lambda: looks.redis(settings))
        checks["web workers"] = (address, lambda: looks.workers(settings))
    return list(await asyncio.gather(*(_part(name, *check) for name, check in checks.items())))


def _second(settings: Settings) -> dict[str, tuple[str, Callable[[], Awaitable[Sentence]]]]:
    host, port, ami = reached_at(settings.telephone_host), settings.second_sip_port, settings.second_ami_port
    return {
        "second sip": (f"sip:{host}:{port}", lambda: looks.ask_sip(host, port)),
        "second ami": (f"{settings.host}:{ami}", lambda: looks.ami(settings.host, ami)),
        "kamailio": (f"sip:{settings.proxy_host}:{settings.proxy_port}", lambda: looks.kamailio(settings)),
    }


async def _part(name: str, address: str, check: Callable[[], Awaitable[Sentence]]) -> Part:
    try:
        async with asyncio.timeout(SECONDS):
            return Part(name, address, True, await check())
    except looks.NotWell as ill:
        found = ill.told
    except TimeoutError:
        found = looks.said(N_("no answer within {seconds} s"), seconds=f"{SECONDS:.0f}")
    except ConnectionRefusedError:
        found = looks.said(N_("nobody listens"))
    except PlatformError as refused:
        found = Sentence(refused.message_id, refused.values)
    except Exception as wrong:  # a status command tells every fault and goes on
        found = looks.said("{wrong}", wrong=(str(wrong).splitlines() or [type(wrong).__name__])[0])
    return Part(name, address, False, found)


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
