"""How `hotline status` asks each part whether it answers: a sentence when it does, NotWell when it does not."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
from pathlib import Path

import httpx2
from sqlalchemy import make_url, text

from agent_desktop.words import N_
from asterisk_conf.proxy_control import ProxyControl
from crm_core.db import make_engine
from crm_core.errors import Sentence
from cti.wire.redis_bus import RedisBus
from cti.wire.roll import call_roll
from hotline import run_folder
from hotline.leader_note import LeaderNote
from hotline.settings import Settings
from hotline.shape import plainly
from recording.volume import is_away

LEAST_FREE_BYTES = 1_000_000_000


class Warned(Sentence):
    """It answers, and somebody should look."""


class NotWell(ValueError):
    """It does not answer as it should."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__(message_id.format(**values))
        self.told = Sentence(message_id, values)


def said(message_id: str, **values: object) -> Sentence:
    return Sentence(message_id, values)


def warned(message_id: str, **values: object) -> Sentence:
    return Warned(message_id, values)


async def redis(settings: Settings) -> Sentence:
    bus = RedisBus(settings.redis_url)
    try:
        return said("Redis {version}", version=await bus.require())
    finally:
        await bus.close()


async def workers(settings: Settings) -> Sentence:
    """By themselves: one that hangs does not answer."""
    bus, wanted = RedisBus(settings.redis_url), settings.web_workers
    try:
        found = await call_roll(bus, wanted)
    finally:
        await bus.close()
    if len(found) < wanted:
        raise NotWell(N_("{count} of {wanted} answer"), count=len(found), wanted=wanted)
    if not found:
        return said(N_("none: the pages are in the platform's process"))
    names = ", ".join(f"{one.machine}/{one.pid}" for one in found)
    deaf = ", ".join(f"{one.machine}/{one.pid}" for one in found if not one.connected)
    if deaf:
        return warned(
            N_("{count} answer: {names}; without telephony: {deaf}"), count=len(found), names=names, deaf=deaf
        )
    return said(N_("{count} answer: {names}"), count=len(found), names=names)


async def kamailio(settings: Settings) -> Sentence:
    await ask_sip(settings.proxy_host, settings.proxy_port, settings.proxy_host)
    up = await asyncio.to_thread(ProxyControl(settings.proxy_dir).nodes_up)
    if not all(up.values()):
        names = ", ".join(node for node, is_up in up.items() if not is_up)
        return warned(N_("gets no calls: {names}"), names=names)
    return said(N_("answers OPTIONS, deals calls to {count} Asterisks"), count=len(up))


async def web(settings: Settings) -> Sentence:
    async with httpx2.AsyncClient(trust_env=False, verify=plainly()) as client:
        try:
            answer = await client.get(f"{settings.web_address}/healthz")
        except httpx2.ConnectError as refused:
            raise ConnectionRefusedError from refused
    answer.raise_for_status()
    return said("{parts}", parts=", ".join(f"{part} {word}" for part, word in answer.json().items()))


async def ask_sip(host: str, port: int, source: str = "") -> Sentence:
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
        raise NotWell(N_("what answers is not SIP"))
    return said(N_("answers OPTIONS"))


async def ami(host: str, port: int) -> Sentence:
    reader, writer = await asyncio.open_connection(host, port)
    banner = (await reader.readline()).decode(errors="replace").strip()
    writer.close()
    if not banner.startswith("Asterisk Call Manager"):
        raise NotWell(N_("what answers is not Asterisk"))
    return said("{banner}", banner=banner)


async def accepts(host: str, port: int) -> Sentence:
    """Connect and leave: the menu's server takes it for the port scan that it is built to outlive."""
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return said(N_("accepts connections"))


async def database(url: str) -> Sentence:
    file = make_url(url).database or ""
    if url.startswith("sqlite") and not await asyncio.to_thread(Path(file).exists):  # to look would make an empty one
        raise NotWell(N_("not made yet"))
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            version = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
            contacts = (await connection.execute(text("SELECT count(*) FROM contact"))).scalar_one()
    finally:
        await engine.dispose()
    return said(N_("schema {version}, {count} contacts"), version=version, count=contacts)


async def lead(settings: Settings) -> Sentence:
    leader = LeaderNote(settings.run_dir).read()
    if leader is None or leader.is_gone:
        raise NotWell(N_("no process leads"))
    who = {"pid": leader.pid, "epoch": leader.epoch}
    if not settings.standby:
        return said(N_("process {pid}, epoch {epoch}"), **who)
    others = run_folder.platforms(settings.run_dir) - {leader.pid}
    if others:
        return said(N_("process {pid}, epoch {epoch}; process {other} stands by"), **who, other=others.pop())
    return warned(N_("process {pid}, epoch {epoch}; nobody stands by"), **who)


async def recordings(settings: Settings) -> Sentence:
    folder = settings.recordings_dir
    if is_away(folder):
        raise NotWell(N_("the volume with the recordings is not there"))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotWell(N_("missing or not writable"))
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise NotWell(N_("only {free} GB free"), free=f"{free / 1e9:.1f}")
    return said(N_("{free} GB free"), free=f"{free / 1e9:.0f}")


async def public(settings: Settings) -> Sentence:
    """No fault: a site without links by message needs none."""
    if not settings.public_url:
        return warned(N_("links in messages to customers open only on this machine"))
    if not settings.public_url.startswith("https://"):
        return warned(N_("telephones give their position to pages by https only"))
    return said(N_("used in messages to customers"))
