"""`hotline status`: where each part is, and whether it answers, asked in a way that disturbs nothing."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy import make_url, text

from asterisk_conf.proxy_control import ProxyControl
from crm_core.db import make_engine
from cti.wire.redis_bus import RedisBus
from cti.wire.roll import call_roll
from hotline import run_folder
from hotline.addresses import reached_at
from hotline.leader_note import LeaderNote
from hotline.settings import Settings
from recording.volume import is_away

SECONDS = 3.0
LEAST_FREE_BYTES = 1_000_000_000
WARNING = "warning: "


@dataclass(frozen=True, slots=True)
class Part:
    """`detail` is what it answered, or what is wrong."""

    name: str
    address: str
    ok: bool
    detail: str


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Tell address and health of each part; exit status 1 when one does not answer."""
    settings = Settings()
    parts = asyncio.run(look(settings.model_copy(update={"bind": run_folder.bound(settings.run_dir)})))
    if as_json:
        typer.echo(json.dumps({"ok": all(part.ok for part in parts), "parts": [asdict(part) for part in parts]}))
    else:
        table = Table("part", Column("address", overflow="fold"), "health", Column("", overflow="fold"), box=None)
        for part in parts:
            warned = "[yellow]warning[/]" if part.detail.startswith(WARNING) else "[green]ok[/]"
            detail = escape(part.detail.removeprefix(WARNING))
            table.add_row(part.name, part.address, warned if part.ok else "[red]down[/]", detail)
        Console().print(table)
    raise typer.Exit(0 if all(part.ok for part in parts) else 1)


async def look(settings: Settings) -> list[Part]:
    """All parts, looked at side by side; never raises."""
    host, telephones = settings.host, settings.telephone_host
    checks: dict[str, tuple[str, Callable[[], Awaitable[str]]]] = {
        "web": (settings.web_address, lambda: _web(settings)),
        "sip": (f"sip:{telephones}:{settings.sip_port}", lambda: ask_sip(reached_at(telephones), settings.sip_port)),
        "browser phones": (
            f"ws://{host}:{settings.asterisk_http_port}/ws",
            lambda: _accepts(host, settings.asterisk_http_port),
        ),
        "ami": (f"{host}:{settings.ami_port}", lambda: _ami(host, settings.ami_port)),
        "fastagi": (f"agi://{host}:{settings.agi_port}/menu", lambda: _accepts(host, settings.agi_port)),
        "lead": (str(settings.run_dir.resolve() / "leader"), lambda: _lead(settings)),
        "database": (_without_password(settings.database), lambda: _database(settings.database)),
        "recordings": (str(settings.recordings_dir), lambda: _recordings(settings)),
        "public address": (settings.public_url or "HOTLINE_PUBLIC_URL is not set", lambda: _public(settings)),
    }
    if settings.is_open:
        door = (reached_at(settings.bind), settings.https_port)
        checks["door"] = (f"{settings.peoples_address} (port {door[1]})", lambda: _accepts(*door))
    if settings.nodes > 1:
        checks |= _second(settings)
    if settings.redis_url:
        address = _without_password(settings.redis_url)
        checks |= {"redis": (address, lambda: _redis(settings)), "web workers": (address, lambda: _workers(settings))}
    return list(await asyncio.gather(*(_part(name, *check) for name, check in checks.items())))


def _second(settings: Settings) -> dict[str, tuple[str, Callable[[], Awaitable[str]]]]:
    host, port, ami = reached_at(settings.telephone_host), settings.second_sip_port, settings.second_ami_port
    return {
        "second sip": (f"sip:{host}:{port}", lambda: ask_sip(host, port)),
        "second ami": (f"{settings.host}:{ami}", lambda: _ami(settings.host, ami)),
        "kamailio": (f"sip:{settings.proxy_host}:{settings.proxy_port}", lambda: _kamailio(settings)),
    }


async def _redis(settings: Settings) -> str:
    bus = RedisBus(settings.redis_url)
    try:
        return f"Redis {await bus.require()}"
    finally:
        await bus.close()


async def _workers(settings: Settings) -> str:
    """By themselves: one that hangs does not answer."""
    bus, wanted = RedisBus(settings.redis_url), settings.web_workers
    try:
        found = await call_roll(bus, wanted)
    finally:
        await bus.close()
    if len(found) < wanted:
        raise ValueError(f"{len(found)} of {wanted} answer")
    if not found:
        return "none: the pages are in the platform's process"
    told = ", ".join(f"{one.machine}/{one.pid}" + ("" if one.connected else " without telephony") for one in found)
    return ("" if all(one.connected for one in found) else WARNING) + f"{len(found)} answer: {told}"


async def _kamailio(settings: Settings) -> str:
    await ask_sip(settings.proxy_host, settings.proxy_port, settings.proxy_host)
    up = await asyncio.to_thread(ProxyControl(settings.proxy_dir).nodes_up)
    if not all(up.values()):
        return WARNING + "gets no calls: " + ", ".join(node for node, is_up in up.items() if not is_up)
    return f"answers OPTIONS, deals calls to {len(up)} Asterisks"


async def _part(name: str, address: str, check: Callable[[], Awaitable[str]]) -> Part:
    try:
        async with asyncio.timeout(SECONDS):
            return Part(name, address, True, await check())
    except TimeoutError:
        return Part(name, address, False, f"no answer within {SECONDS:.0f} s")
    except ConnectionRefusedError:
        return Part(name, address, False, "nobody listens")
    except Exception as wrong:  # a status command tells every fault and goes on
        return Part(name, address, False, str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__)


async def _web(settings: Settings) -> str:
    async with httpx2.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(f"{settings.web_address}/healthz")
        except httpx2.ConnectError as refused:
            raise ConnectionRefusedError from refused
    answer.raise_for_status()
    return ", ".join(f"{part} {word}" for part, word in answer.json().items())


async def ask_sip(host: str, port: int, source: str = "") -> str:
    """OPTIONS: any answer shows that SIP is served; a stranger gets 401. `source` = the address that we ask from."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setblocking(False)
        if source:
            link.bind((source, 0))
        link.connect((host, port))
        here, here_port = link.getsockname()
        lines = (
            f"OPTIONS sip:{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here}:{here_port};branch=z9hG4bK{secrets.token_hex(8)};rport",
            f"From: <sip:status@{here}>;tag={secrets.token_hex(4)}",
            f"To: <sip:{host}:{port}>",
            f"Call-ID: {secrets.token_hex(8)}@{here}",
            f"CSeq: 1 OPTIONS\r\nContact: <sip:status@{here}:{here_port}>\r\nMax-Forwards: 70\r\nContent-Length: 0",
        )
        await loop.sock_sendall(link, ("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = await loop.sock_recv(link, 4096)
    first = answer.split(b"\r\n", 1)[0].decode(errors="replace")
    if not first.startswith("SIP/2.0 "):
        raise ValueError("what answers is not SIP")
    return "answers OPTIONS"


async def _ami(host: str, port: int) -> str:
    reader, writer = await asyncio.open_connection(host, port)
    banner = (await reader.readline()).decode(errors="replace").strip()
    writer.close()
    if not banner.startswith("Asterisk Call Manager"):
        raise ValueError("what answers is not Asterisk")
    return banner


async def _accepts(host: str, port: int) -> str:
    """Connect and leave: the menu's server takes it for the port scan that it is built to outlive."""
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return "accepts connections"


async def _database(url: str) -> str:
    file = make_url(url).database or ""
    if url.startswith("sqlite") and not await asyncio.to_thread(Path(file).exists):  # to look would make an empty one
        raise ValueError("not made yet")
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            version = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
            contacts = (await connection.execute(text("SELECT count(*) FROM contact"))).scalar_one()
    finally:
        await engine.dispose()
    return f"schema {version}, {contacts} contacts"


async def _lead(settings: Settings) -> str:
    leader = LeaderNote(settings.run_dir).read()
    if leader is None or leader.is_gone:
        raise ValueError("no process leads")
    told = f"process {leader.pid}, epoch {leader.epoch}"
    if not settings.standby:
        return told
    others = run_folder.platforms(settings.run_dir) - {leader.pid}
    return f"{told}; process {others.pop()} stands by" if others else f"{WARNING}{told}; nobody stands by"


async def _recordings(settings: Settings) -> str:
    folder = settings.recordings_dir
    if is_away(folder):
        raise ValueError("the volume with the recordings is not there")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError("missing or not writable")
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise ValueError(f"only {free / 1e9:.1f} GB free")
    return f"{free / 1e9:.0f} GB free"


async def _public(settings: Settings) -> str:
    """No fault: a site without links by message needs none."""
    if not settings.public_url:
        return f"{WARNING}links in messages to customers open only on this machine"
    if not settings.public_url.startswith("https://"):
        return f"{WARNING}telephones give their position to pages by https only"
    return "used in messages to customers"


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
