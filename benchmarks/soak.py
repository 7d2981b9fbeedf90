"""Hours of calls at a steady rate (R10): does a process grow, does it keep descriptors, does a channel stay behind?

One Asterisk; our platform with journal, history, finished recordings, pages and the process of reports; a reader who
asks for a report and a board again and again. What each process holds for itself alone is read from /proc; the slope is
that of the straight line through the samples after the first third, in which caches fill.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from sqlalchemy import func, select

from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import CALLERS, OURS, PHONES, SECRET, asterisk, bridge_config, free_port, sipp
from benchmarks.load import TONE, wait_until
from benchmarks.offer import render_scenario
from benchmarks.process_samples import Samples, settled, slope, tenths
from crm_core import clock
from crm_core.access.actions import sign_in
from crm_core.access.model import User
from crm_core.access.passwords import hashed_now
from crm_core.db import Database, make_engine
from crm_core.history.model import Contact
from crm_core.migrate import upgrade

READER, PASSWORD = "2001", "soak"
PAGES = ("/reports/queues?period=today", "/reports/agents?period=today", "/wallboard")
SETTLED = 1 / 3  # of the time: before it caches fill and Python's memory finds its size
WRITTEN_SECONDS = 20.0
LAST_SECONDS = 90.0  # for the last talks to end and their recordings to be finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    calls_per_second: float
    seconds: int
    talk_ms: int
    every: float  # seconds between two samples
    ask_every: float


SHORT = Size(agents=40, calls_per_second=5, seconds=600, talk_ms=4000, every=2.0, ask_every=10.0)
FULL = Size(agents=40, calls_per_second=5, seconds=7200, talk_ms=4000, every=5.0, ask_every=10.0)


@dataclass(slots=True)
class Told:
    processes: dict[str, Samples] = field(default_factory=dict)
    answered: int = 0  # pages
    otherwise: int = 0
    channels_left: int | None = None  # nobody could tell
    contacts: int = 0
    not_ended: int = 0


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    return result(size, asyncio.run(measure(size)))


async def measure(size: Size) -> Told:
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    told = Told()
    with TemporaryDirectory(prefix="hotline-soak-") as name:
        folder, phone_port, port = Path(name), free_port(socket.SOCK_DGRAM, PHONES), free_port(socket.SOCK_STREAM)
        (folder / "tone.ul").write_bytes(TONE)
        token = await _furnish(folder)
        with asterisk(folder, agents, phone_port) as process, _platform(process, folder, agents, port) as pid:
            pids = {"asterisk": process.pid or 0, "platform": pid}
            with _calls(size, process, folder, phone_port):
                await asyncio.gather(_look(size, told, pids), _ask(size, told, port, token))
            await asyncio.to_thread(wait_until, lambda: channels(process) == 0)
            told.channels_left = channels(process)
            await _count(folder, told)
    return told


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'hotline.db'}"


async def _furnish(folder: Path) -> str:
    """A database with one who reads; gives the sign-in's token."""
    upgrade(_url(folder))
    database = Database(make_engine(_url(folder)))
    try:
        async with database.begin() as session:
            session.add(User(number=READER, name="读者", roles="supervisor", password_hash=hashed_now(PASSWORD)))
        async with database.begin() as session:
            signed = await sign_in(session, number=READER, password=PASSWORD, address="127.0.0.1", at=clock.now())
            return signed.token
    finally:
        await database.close()


@contextmanager
def _platform(process: AsteriskProcess, folder: Path, agents: tuple[str, ...], port: int) -> Iterator[int]:
    told = (bridge_config(process.site, folder, SECRET), process.site.recordings, agents, port)
    (folder / "soak.pickle").write_bytes(pickle.dumps(told))
    environment = os.environ | {"HOTLINE_DATABASE_URL": _url(folder), "HOTLINE_RUN_DIR": str(folder)}
    command = [sys.executable, "-m", "benchmarks.soak_platform", str(folder)]
    said = folder / "said"
    with said.open("wb") as out, (folder / "platform.log").open("wb") as log:
        platform = subprocess.Popen(command, stdout=out, stderr=log, env=environment)
    try:
        wait_until(lambda: "ready\n" in said.read_text() or platform.poll() is not None)
        if platform.poll() is not None:
            raise RuntimeError((folder / "platform.log").read_text()[-2_000:])
        yield platform.pid
    finally:
        platform.kill()
        platform.wait()


@contextmanager
def _calls(size: Size, process: AsteriskProcess, folder: Path, phone_port: int) -> Iterator[None]:
    """At a steady rate for the whole time, with sound both ways."""
    audio, calls = folder / "tone.ul", int(size.calls_per_second * size.seconds)
    phones = render_scenario("phones", folder, talk_ms=size.talk_ms, longest_ms=size.talk_ms + 1, audio=audio)
    callers = render_scenario("callers", folder, audio=audio)
    counts = ("-m", str(calls), "-r", str(size.calls_per_second), "-l", "500")
    port = str(free_port(socket.SOCK_DGRAM, CALLERS))
    where = ("-i", CALLERS, "-p", port, f"{process.site.host}:{process.site.sip_port}")
    with (
        sipp(folder, "-sf", phones, "-i", PHONES, "-p", str(phone_port)),
        sipp(folder, "-sf", callers, "-s", OURS, *counts, *where) as calling,
    ):
        yield
        with contextlib.suppress(subprocess.TimeoutExpired):
            calling.wait(LAST_SECONDS)
        wait_until(lambda: channels(process) == 0)


async def _look(size: Size, told: Told, pids: dict[str, int]) -> None:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < size.seconds:
        for name, pid in {**pids, **reports_of(pids["platform"])}.items():
            with contextlib.suppress(OSError):  # it ended meanwhile
                told.processes.setdefault(name, Samples()).put(passed, pid)
        await asyncio.sleep(size.every)


def reports_of(parent: int, proc: Path = Path("/proc")) -> dict[str, int]:
    """The process of reports, which the platform starts; others of it come and go, as do the platform's threads."""
    found = {}
    for path in (proc / str(parent) / "task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread ended after it was listed
            for pid in path.read_text().split():
                with contextlib.suppress(OSError):
                    if b"hotline.report_process" in (proc / pid / "cmdline").read_bytes():
                        found["reports"] = int(pid)
    return found


async def _ask(size: Size, told: Told, port: int, token: str) -> None:
    until, turn = time.monotonic() + size.seconds, 0
    cookies = {"Cookie": f"hl_session={token}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=cookies, timeout=60) as client:
        while time.monotonic() < until:
            with contextlib.suppress(httpx2.TransportError):
                answer = await client.get(PAGES[turn % len(PAGES)])
                told.answered += answer.status_code == 200
                told.otherwise += answer.status_code != 200
            turn += 1
            await asyncio.sleep(size.ask_every)


def channels(process: AsteriskProcess) -> int | None:
    """None when Asterisk is too busy to answer, or gone: hours of samples are not thrown away for that."""
    try:
        said = process.rx("core show channels count")
    except AsteriskUnavailable:
        return None
    count = re.search(r"^(\d+) active channel", said, re.MULTILINE)
    return int(count[1]) if count else None


async def _count(folder: Path, told: Told) -> None:
    """The history is written a moment after the calls are over."""
    database, until = Database(make_engine(_url(folder))), time.monotonic() + WRITTEN_SECONDS
    try:
        while True:
            async with database.begin() as session:
                told.contacts = await session.scalar(select(func.count()).select_from(Contact)) or 0
                still = select(func.count()).select_from(Contact).where(Contact.ended_at.is_(None))
                told.not_ended = await session.scalar(still) or 0
            if not told.not_ended or time.monotonic() > until:
                return
            await asyncio.sleep(1)
    finally:
        await database.close()


def result(size: Size, told: Told) -> dict[str, Any]:
    figures: dict[str, float | str] = {}
    for name, samples in told.processes.items():
        late = settled(samples, SETTLED * size.seconds)
        figures[f"{name}_mb_per_h"] = slope(late.at, late.memory)
        figures[f"{name}_mb_each_tenth"] = tenths(samples, size.seconds)
        figures[f"{name}_descriptors_per_h"] = slope(late.at, late.descriptors)
        figures[f"{name}_descriptors_most"] = float(max(samples.descriptors, default=0))
    figures |= {
        "channels_left": "unknown" if told.channels_left is None else told.channels_left,
        "calls": int(size.calls_per_second * size.seconds),
        "contacts": told.contacts,
        "contacts_not_ended": told.not_ended,
        "pages_answered": told.answered,
        "pages_otherwise": told.otherwise,
    }
    load = " ".join(Path("/proc/loadavg").read_text().split()[:3])
    return {
        "name": "soak",
        "figures": figures,
        "ratios": {},
        "runs": 1,
        "conditions": (
            f"{size.seconds} s at {size.calls_per_second} calls/s, {size.agents} SIP agents, talks of "
            f"{size.talk_ms} ms with sound, recorded; a page every {size.ask_every:g} s; memory is RssAnon, its slope "
            f"after the first third; load of the machine at the end {load}"
        ),
    }
