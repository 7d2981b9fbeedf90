"""Whether calls wait for reports: an agent freed to the next INVITE, alone and while 50 people ask for reports.

On one Asterisk, in turn (A B C C B A ...): A without reports, B with 50 asked at once, again and again, of a platform
that counts them in a process of their own, as ours does, C of one that counts them in the platform's own loop.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import OURS, PHONES, SECRET, asterisk, bridge_config, free_port, sipp
from benchmarks.load import wait_until
from benchmarks.offer import FILL_SECONDS, callers, hang_up_all, percentile, render_scenario
from benchmarks.report_history import build_history
from benchmarks.siplog import freed_to_next_invite
from crm_core.access.actions import sign_in
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.demo.staff import PASSWORD
from reports.rollups import build

TRIES = 3  # of a phase whose phones did not come up: somebody else had their port
SUPERVISOR = "2001"
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`order`: a letter per phase. The history is of `contacts` over `days`; `askers` ask at the same time."""

    agents: int
    waiting: int
    talk_ms: int
    phase_seconds: float
    order: str
    contacts: int
    days: int
    askers: int = 50


SHORT = Size(agents=20, waiting=20, talk_ms=1500, phase_seconds=12, order="ABCABC", contacts=20_000, days=62)
FULL = Size(agents=50, waiting=50, talk_ms=2500, phase_seconds=30, order="ABCCBAABC", contacts=300_000, days=365)


@dataclass(slots=True)
class Measured:
    """By letter: milliseconds of the offers, and how the reports were answered (status and how many)."""

    freed: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    report_ms: dict[str, list[float]] = field(default_factory=dict)


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    return _result(size, asyncio.run(measure(size)))


async def measure(size: Size) -> Measured:
    """All phases, each with a platform of its own on the same Asterisk and database."""
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    measured = Measured()
    with TemporaryDirectory(prefix="hotline-beside-") as name:
        folder, phone_port = Path(name), free_port(socket.SOCK_DGRAM, PHONES)
        token = await _furnish(folder, size)
        with asterisk(folder, agents, phone_port) as process:
            for turn, who in enumerate(size.order):
                waits: list[float] = []
                told: list[tuple[int, float]] = []
                for again in range(TRIES):
                    phase = folder / f"{turn}-{who}-{again}"
                    phase.mkdir()
                    with _platform(process, folder, phase, agents, who) as port:
                        waits, told = await _phase(size, process, phase, (phone_port, port, token), who)
                    if waits:
                        break
                measured.freed.setdefault(who, []).extend(waits)
                for status, seconds in told:
                    measured.answers.setdefault(who, Counter())[status] += 1
                    measured.report_ms.setdefault(who, []).append(1000 * seconds)
    return measured


async def _furnish(folder: Path, size: Size) -> str:
    """A history whose figures are stored; gives a supervisor's sign-in."""
    url = _url(folder)
    await asyncio.to_thread(build_history, url, size.contacts, size.days)
    database = Database(make_engine(url))
    try:
        await build(database, ZoneInfo(ZONE))
        async with database.begin() as session:
            entered = await sign_in(session, number=SUPERVISOR, password=PASSWORD, address="127.0.0.1", at=now())
    finally:
        await database.close()
    return entered.token


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'hotline.db'}"


@contextmanager
def _platform(process: AsteriskProcess, folder: Path, phase: Path, agents: tuple[str, ...], who: str) -> Iterator[int]:
    """Telephone side and pages in one process, everybody ready; gives the port of the pages."""
    port = free_port(socket.SOCK_STREAM)
    told = (bridge_config(process.site, phase, SECRET), agents, port, who != "C")
    (phase / "beside.pickle").write_bytes(pickle.dumps(told))
    environment = os.environ | {"HOTLINE_DATABASE_URL": _url(folder), "HOTLINE_RUN_DIR": str(phase)}
    command = [sys.executable, "-m", "benchmarks.beside_platform", str(phase)]
    said = phase / "said"
    with said.open("wb") as out, (phase / "platform.log").open("wb") as log:
        platform = subprocess.Popen(command, stdout=out, stderr=log, env=environment)
    try:
        wait_until(lambda: "ready\n" in said.read_text() or platform.poll() is not None)
        if platform.poll() is not None:
            raise RuntimeError((phase / "platform.log").read_text()[-2_000:])
        yield port
    finally:
        platform.kill()
        platform.wait()


async def _phase(
    size: Size, process: AsteriskProcess, folder: Path, lines: tuple[int, int, str], who: str
) -> tuple[list[float], list[tuple[int, float]]]:
    """All agents talk, the queue is full, every agent who hangs up is wanted again; beside it reports are asked."""
    phone_port, web_port, token = lines
    log = folder / "phones.log"
    phones = render_scenario("phones", folder, talk_ms=size.talk_ms)
    seconds = size.phase_seconds
    with (
        sipp(folder, "-sf", phones, "-i", PHONES, "-p", str(phone_port), log=log),
        sipp(folder, *callers(process, folder, size.agents + size.waiting, OURS)),
    ):
        await asyncio.sleep(FILL_SECONDS)
        start = time.time()
        asking = _ask(web_port, token, seconds, size) if who != "A" else asyncio.sleep(seconds, [])
        told = await asking
        end = min(time.time(), start + seconds) - 1
    await hang_up_all(process)
    return freed_to_next_invite(log, start, end), told


async def _ask(port: int, token: str, seconds: float, size: Size) -> list[tuple[int, float]]:
    """From another process: all askers at once, each again as soon as it was answered. Status and seconds of each."""
    words = (f"http://127.0.0.1:{port}", f"hl_session={token}", str(size.askers), str(seconds), str(size.days))
    asker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.beside_askers"), *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asker.communicate()
    return [(int(status), float(took)) for status, took in orjson.loads(out)]


def _result(size: Size, measured: Measured) -> dict[str, Any]:
    figures: dict[str, float] = {}
    for who, word in (("A", "alone"), ("B", "apart"), ("C", "inside")):
        waits = measured.freed[who]
        figures |= {
            f"{word}_p50_ms": statistics.median(waits),
            f"{word}_p99_ms": percentile(waits, 99),
            f"{word}_worst_ms": max(waits),
            f"{word}_offers": len(waits),
        }
        if who != "A":
            figures[f"{word}_reports_answered"] = measured.answers[who][200]
            figures[f"{word}_reports_refused"] = measured.answers[who][503]
            figures[f"{word}_reports_otherwise"] = sum(
                count for status, count in measured.answers[who].items() if status not in (200, 503)
            )
            figures[f"{word}_report_p50_ms"] = statistics.median(measured.report_ms[who])
    return {
        "name": "beside",
        "figures": figures,
        "ratios": {
            "offer_p99_apart": figures["apart_p99_ms"] / figures["alone_p99_ms"],
            "offer_p99_inside": figures["inside_p99_ms"] / figures["alone_p99_ms"],
            "offer_p50_apart": figures["apart_p50_ms"] / figures["alone_p50_ms"],
        },
        "runs": len(size.order),
        "conditions": (
            f"{size.agents} agents, {size.waiting} waiting, talks of {size.talk_ms}-{2 * size.talk_ms} ms, "
            f"{size.askers} askers of day and month reports over {size.contacts:,} contacts on SQLite, order "
            f"{size.order}; load of the machine at the end {' '.join(Path('/proc/loadavg').read_text().split()[:3])}"
        ),
    }
