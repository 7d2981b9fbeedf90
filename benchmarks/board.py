"""From an event in Asterisk to the pixel on the wallboard, with 200 watchers; and whether every board is true (P8).

Real calls (sipp) wait, talk and give up. The clock begins at the time that Asterisk writes into its CEL, and ends
with the frame of a Chromium that shows the feed number which the event became, or with the message at each of the
other watchers. Every message and every screen is then compared with a recount of the journal up to the number it shows.
"""

from __future__ import annotations

import asyncio
import csv
import pickle
import socket
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from playwright.async_api import Page, async_playwright

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import CALLERS, OURS, PHONES, SECRET, asterisk, bridge_config, free_port, sipp
from benchmarks.board_platform import QUEUES
from benchmarks.board_truth import expected_message, expected_screen, told_by_message, truth_at
from benchmarks.board_watchers import watchers
from benchmarks.load import wait_until
from benchmarks.offer import percentile, render_scenario
from benchmarks.pop import CHROMIUM, FLAGS
from crm_core import clock
from crm_core.access.actions import sign_in
from crm_core.access.model import User
from crm_core.access.passwords import hashed_now
from crm_core.db import Database, make_engine
from crm_core.history import events
from crm_core.history.events import FeedRecord
from crm_core.history.journal import Journal
from crm_core.migrate import upgrade
from crm_core.workforce.model import QueueRow
from reports.queries import queue_counts

WATCHERS = 200
PASSWORD = "measurement-1"  # noqa: S105 - of a throw-away database
SETTLE_SECONDS = 3.0

# After the frame that shows a new number: its time by the page's clock, and what stands on the screen.
READ = """
const seen = window.boardSeen = [];
const text = (s) => document.querySelector(s)?.textContent ?? '';
const look = () => {
  const board = document.getElementById('content');
  const number = Number(board.dataset.feed);
  const shown = {number, waiting: text('#waiting'), abandon: text('#abandon'), level: text('#level'),
    counts: text('#abandon-note').replaceAll(',', '').match(/\\d+/g) ?? [],
    states: Object.fromEntries([...document.querySelectorAll('#agents [data-state]')].map(
      (item) => [item.dataset.state, item.querySelector('.n').textContent])),
    queues: [...document.querySelectorAll('#queues tr:not([hidden])')].map(
      (row) => [row.cells[1].textContent, row.cells[3].textContent.replaceAll(',', '')])};
  const channel = new MessageChannel();
  channel.port1.onmessage = () => seen.push({...shown, at: (performance.timeOrigin + performance.now()) / 1000});
  channel.port2.postMessage(0);
};
addEventListener('DOMContentLoaded', () => {
  const board = document.getElementById('content');
  if (!board) return;
  new MutationObserver(() => requestAnimationFrame(look)).observe(board, {attributeFilter: ['data-feed']});
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    calls_per_second: float
    seconds: int
    talk_ms: int


SHORT = Size(agents=12, calls_per_second=3, seconds=20, talk_ms=3000)
FULL = Size(agents=30, calls_per_second=8, seconds=120, talk_ms=4000)


@dataclass(slots=True)
class Seen:
    """What the browser painted and what the others heard; `asterisk` maps an event to its time, `lost` counts cuts."""

    screens: list[dict[str, Any]] = field(default_factory=list)
    heard: list[tuple[int, float, dict[str, Any]]] = field(default_factory=list)
    asterisk: dict[tuple[str, str], float] = field(default_factory=dict)
    records: list[FeedRecord] = field(default_factory=list)
    cut: int = 0
    rows_agree: bool = False


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    return result(size, asyncio.run(measure(size)))


async def measure(size: Size, *, workers: int = 0, redis_url: str = "") -> Seen:
    """With so many web workers; 0 = the pages are in the platform's process."""
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    with TemporaryDirectory(prefix="hotline-board-") as name:
        folder, phone_port = Path(name), free_port(socket.SOCK_DGRAM, PHONES)
        with asterisk(folder, agents, phone_port) as process:
            token = await _furnish(folder)
            port = free_port(socket.SOCK_STREAM)
            phones = render_scenario("phones", folder, talk_ms=size.talk_ms)
            with (
                sipp(folder, "-sf", phones, "-i", PHONES, "-p", str(phone_port)),
                _platform(process, folder, agents, port, redis_url),
                _pages(folder, port, workers, redis_url),
            ):
                seen = await _watch(size, process, folder, port, token)
            seen.asterisk = dict(_cel(process.site.cel_file))
            seen.records = list(Journal(folder / "journal").read(0))
            seen.rows_agree = await _rows_agree(folder, seen.records)
    return seen


async def _watch(size: Size, process: AsteriskProcess, folder: Path, port: int, token: str) -> Seen:
    """All watchers look while the calls come, and until the board stands still."""
    seen, address = Seen(), f"127.0.0.1:{port}"
    async with _browser(address, token) as page, watchers(folder, address, token, WATCHERS - 1) as crowd:
        await asyncio.to_thread(_calls, size, process, folder)
        await asyncio.sleep(SETTLE_SECONDS)
        seen.screens = await page.evaluate("() => window.boardSeen")
        out, _ = await crowd.communicate(b"")
        seen.cut = int(out.split()[-1])
    lines = (folder / "heard.jsonl").read_bytes().splitlines()
    seen.heard = [tuple(orjson.loads(line)) for line in lines]
    return seen


def _calls(size: Size, process: AsteriskProcess, folder: Path) -> None:
    """Two in three callers wait until they were served, one in three gives up after a few seconds."""
    calls = int(size.calls_per_second * size.seconds)
    where = f"{process.site.host}:{process.site.sip_port}"
    running = []
    for name, share, more in (("patient", 2, {}), ("hasty", 1, {"patience_ms": 1500})):
        own = folder / name
        own.mkdir()
        port = str(free_port(socket.SOCK_DGRAM, CALLERS))
        rate = f"{size.calls_per_second * share / 3:.2f}"
        options = ("-m", str(calls * share // 3), "-r", rate, "-l", "500", "-i", CALLERS, "-p", port, where)
        running.append((own, ("-sf", render_scenario("callers", own, **more), "-s", OURS, *options)))
    (first, patient), (second, hasty) = running
    with sipp(first, *patient) as one, sipp(second, *hasty) as two:
        for calling in (one, two):
            calling.wait(timeout=20 * size.seconds)


async def _furnish(folder: Path) -> str:
    """A database with the queues and one who watches; gives the sign-in's token."""
    url = f"sqlite+aiosqlite:///{folder / 'hotline.db'}"
    upgrade(url)
    database = Database(make_engine(url))
    try:
        async with database.begin() as session:
            session.add(User(number="3001", name="看板", roles="quality", password_hash=hashed_now(PASSWORD)))
            for position, queue in enumerate(QUEUES):
                session.add(QueueRow(id=queue, name_zh=queue, name_en=queue, skill="service", position=position))
        async with database.begin() as session:
            signed = await sign_in(session, number="3001", password=PASSWORD, address="127.0.0.1", at=clock.now())
            return signed.token
    finally:
        await database.close()


@contextmanager
def _platform(
    process: AsteriskProcess, folder: Path, agents: tuple[str, ...], port: int, redis_url: str
) -> Iterator[None]:
    config = bridge_config(process.site, folder, SECRET)
    (folder / "board.pickle").write_bytes(pickle.dumps((config, agents, port, redis_url)))
    command = [sys.executable, "-m", "benchmarks.board_platform", str(folder)]
    said = folder / "said"
    with said.open("wb") as out, (folder / "platform.log").open("wb") as log:
        platform = subprocess.Popen(command, stdout=out, stderr=log)
    try:
        wait_until(lambda: "ready\n" in said.read_text() or platform.poll() is not None)
        if platform.poll() is not None:
            raise RuntimeError((folder / "platform.log").read_text()[-2_000:])
        yield
    finally:
        platform.kill()
        platform.wait()


@contextmanager
def _pages(folder: Path, port: int, workers: int, redis_url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.workers_pages", str(folder), str(port), redis_url]
    with (folder / "web.log").open("wb") as log:
        running = [subprocess.Popen(command, stdout=log, stderr=log) for _ in range(workers)]
    try:
        if workers:
            wait_until(lambda: _whole(port, workers))
        yield
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def _whole(port: int, workers: int) -> bool:
    """Enough answers in a row that telephony is there: the kernel chooses which worker is asked."""
    try:
        for _ in range(4 * workers):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if orjson.loads(answer.read())["telephony"] != "ok":
                    return False
    except OSError:
        return False
    return True


@asynccontextmanager
async def _browser(address: str, token: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
            await context.add_cookies([{"name": "hl_session", "value": token, "url": f"http://{address}"}])
            await context.add_init_script(READ)
            page = await context.new_page()
            await page.goto(f"http://{address}/wallboard?tv=1&rotate=0")
            await page.wait_for_selector("#content[data-feed]")
            yield page
        finally:
            await browser.close()


def _cel(file: Path) -> Iterator[tuple[tuple[str, str], float]]:
    """Our own events in Asterisk's log, the first of each kind and call, with Asterisk's time."""
    found: set[tuple[str, str]] = set()
    with file.open(newline="") as lines:
        for line in csv.reader(lines):
            key = (line[10], line[3])
            if line[10] and key not in found:
                found.add(key)
                yield key, float(line[1])


def events_on_board(records: Sequence[FeedRecord]) -> Iterator[tuple[tuple[str, str], int]]:
    """What Asterisk's event became: the first record that the board shows it by."""
    found: set[tuple[str, str]] = set()
    for record in records:
        match record.event:
            case events.CallQueued(call=call):
                key = ("HLQUEUE", call)
            case events.TalkBegan(call=call):
                key = ("HLTALK", call)
            case events.ContactEnded(call=call):
                key = ("HLEND", call)
            case _:
                continue
        if key not in found:
            found.add(key)
            yield key, record.number


def delays(
    shown: Sequence[tuple[int, float]], asterisk: dict[tuple[str, str], float], numbers: dict[tuple[str, str], int]
) -> list[float]:
    """Milliseconds per event: until a watcher, who saw `shown` (number, time), saw its number or a later one."""
    found, index = [], 0
    by_number = sorted((number, asterisk[key]) for key, number in numbers.items() if key in asterisk)
    for number, at in by_number:
        while index < len(shown) and shown[index][0] < number:
            index += 1
        if index < len(shown) and shown[index][1] >= at and shown[0][0] < number:
            found.append(1_000 * (shown[index][1] - at))
    return found


async def _rows_agree(folder: Path, records: Sequence[FeedRecord]) -> bool:
    """Whether the database, at the end, counts as the journal does."""
    database = Database(make_engine(f"sqlite+aiosqlite:///{folder / 'hotline.db'}"))
    try:
        async with database.begin() as session:
            rows = await queue_counts(session, clock.from_instant(0), clock.now())
    finally:
        await database.close()
    truth = truth_at(records, records[-1].number)
    return all((truth.queue(q)[1], truth.queue(q)[2]) == (c.offered, c.abandoned) for q, c in rows.items())


def _wrong(seen: Seen) -> int:
    """Messages and screens that differ from the recount at the number that they show."""
    shown = {s["number"] for s in seen.screens} | {board["number"] for _, _, board in seen.heard}
    truths = {number: truth_at(seen.records, number) for number in shown}
    messages = {number: expected_message(truth) for number, truth in truths.items()}
    screens = {number: expected_screen(truth) for number, truth in truths.items()}
    wrong = sum(told_by_message(board) != messages[board["number"]] for _, _, board in seen.heard)
    for screen in seen.screens:
        texts = screens[screen["number"]]
        wrong += {name: screen[name] for name in texts} != texts
    return wrong


def result(size: Size, seen: Seen) -> dict[str, Any]:
    numbers = dict(events_on_board(seen.records))
    painted = delays([(s["number"], s["at"]) for s in seen.screens], seen.asterisk, numbers)
    by_watcher: dict[int, list[tuple[int, float]]] = {}
    for watcher, at, board in seen.heard:
        by_watcher.setdefault(watcher, []).append((board["number"], at))
    crowd = [delay for heard in by_watcher.values() for delay in delays(heard, seen.asterisk, numbers)]
    return {
        "name": "board",
        "figures": {
            "p50_ms": statistics.median(painted),
            "p95_ms": percentile(painted, 95),
            "worst_ms": max(painted),
            "heard_p95_ms": percentile(crowd, 95),
            "wrong_samples": _wrong(seen),
            "samples": len(seen.screens) + len(seen.heard),
            "watchers": WATCHERS - seen.cut,
            "rows_disagree": int(not seen.rows_agree),
        },
        "ratios": {},
        "runs": len(painted),
        "conditions": (
            f"{size.agents} SIP agents, {size.calls_per_second} calls/s for {size.seconds} s, one in three gives up; "
            f"{len(painted)} events by Asterisk's own time (queued, answered, ended) to the painted frame of one "
            f"Chromium at 1920, {WATCHERS - 1} more by WebSocket from another process, all on this machine"
        ),
    }
