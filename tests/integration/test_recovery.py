"""Our process killed, the link cut, hostile peers: no call is lost, none is counted twice, nothing stops."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from crm_core.history import events as feed
from crm_core.history.codec import decode
from crm_core.history.events import HistoryEvent, Outcome
from tests.integration import scenarios
from tests.integration.platform import Platform, config_for, platform
from tests.integration.site import SiteUnderTest, wait_until

HOTLINE = "4001718888"


@contextmanager
def platform_process(site: SiteUnderTest, folder: Path, *agents: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that `kill` ends as `kill -9` does."""
    config = folder / "config.pickle"
    config.write_bytes(pickle.dumps((config_for(site.site, folder, secret=site.ami_secret), folder)))
    command = [sys.executable, "-m", "tests.integration.platform_process", str(config), *agents]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    try:
        assert process.stdout is not None
        assert b"ready\n" in process.stdout, (folder / "log").read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def journal(folder: Path) -> list[HistoryEvent]:
    lines = [line for path in sorted((folder / "journal").glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    return [decode(line).event for line in lines]


def happened(folder: Path, kind: type[HistoryEvent], count: int = 1) -> None:
    def enough() -> bool:
        return sum(isinstance(event, kind) for event in journal(folder)) >= count

    wait_until(enough, 15, f"{count} {kind.__name__}")


def each_contact_once(records: list[HistoryEvent]) -> None:
    started = Counter(event.call for event in records if isinstance(event, feed.ContactStarted))
    ended = Counter(event.call for event in records if isinstance(event, feed.ContactEnded))
    assert set(started.values()) <= {1}
    assert set(ended.values()) <= {1}
    assert set(ended) <= set(started)


async def test_a_talk_and_a_waiting_caller_outlive_our_process(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    with platform_process(telephone_site, tmp_path, "1001") as process:
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        happened(tmp_path, feed.TalkBegan)
        telephone_site.call(HOTLINE, scenarios.caller("13900000002"))
        happened(tmp_path, feed.CallQueued, 2)
        process.kill()
        process.wait()
    telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=0.5))
    began = time.monotonic()
    async with platform(telephone_site, tmp_path) as running:
        assert time.monotonic() - began < 2.0
        desk = running.bridge.desk
        assert desk.desk("1001").state == "talking"
        assert [caller.caller for caller in desk.floor().waiting] == ["13900000002"]
        await desk.sign_in("1002", ready=True)
        await running.until(lambda: any(event.agent == "1002" for event in running.of(feed.TalkBegan)))
        await desk.hang_up("1001")
        ends = await running.until_ended(2)
        assert {end.outcome for end in ends} == {Outcome.ANSWERED}
        each_contact_once(running.records)


async def test_a_call_that_came_and_went_meanwhile_is_one_contact(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    with platform_process(telephone_site, tmp_path, "1001") as process:
        talking = telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=3.0))
        happened(tmp_path, feed.TalkBegan)
        waiting = telephone_site.call(HOTLINE, scenarios.caller("13900000002", hang_up_after=2.5))
        happened(tmp_path, feed.CallQueued, 2)
        process.kill()
        process.wait()
    stranger = telephone_site.call(HOTLINE, scenarios.caller("13900000003", hang_up_after=0.2))
    wrong = telephone_site.call("4001710000", scenarios.raw_invite(expect=404))
    for sipp in (talking, waiting, stranger, wrong):
        assert await asyncio.to_thread(sipp.wait) == 0
    async with platform(telephone_site, tmp_path) as running:
        callers = {event.call: event.caller for event in running.of(feed.ContactStarted)}
        outcomes = {(callers[end.call], str(end.outcome)) for end in running.of(feed.ContactEnded)}
        assert outcomes == {
            ("13900000001", "answered"),
            ("13900000002", "abandoned"),
            ("13900000003", "menu_only"),
            ("13900000001", "wrong_number"),
        }
        assert len(callers) == len(running.of(feed.ContactEnded)) == 4
        each_contact_once(running.records)
        assert running.bridge.desk.desk("1001").state in ("wrap_up", "ready")
        assert not running.bridge.desk.floor().waiting


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.full)])
async def test_kills_one_after_the_other_lose_and_double_nothing(
    telephone_site: SiteUnderTest, tmp_path: Path, kills: int
) -> None:
    customers = []
    for round_ in range(kills):
        with platform_process(telephone_site, tmp_path):
            customers.append(telephone_site.call(HOTLINE, scenarios.caller(f"1390000{round_:04}", hang_up_after=2.5)))
            happened(tmp_path, feed.ContactStarted, round_ + 1)
    for sipp in customers:
        assert await asyncio.to_thread(sipp.wait) == 0
    async with platform(telephone_site, tmp_path) as running:
        assert len(running.of(feed.ContactStarted)) == len(running.of(feed.ContactEnded)) == kills
        each_contact_once(running.records)


class Cutter:
    """A TCP proxy between us and AMI that can be cut, or fall silent."""

    def __init__(self, port: int) -> None:
        self._to, self._writers = port, set[asyncio.StreamWriter]()
        self.silent = asyncio.Event()
        self.garbage = b""

    async def serve(self) -> tuple[asyncio.Server, int]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return server, server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, to_writer}
        from_us = asyncio.create_task(self._copy(reader, to_writer))
        await self._copy(to_reader, writer, to_us=True)
        await from_us

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_us: bool = False) -> None:
        try:
            while data := await reader.read(65536):
                if not self.silent.is_set():
                    writer.write(self.garbage + data if to_us else data)
                    self.garbage = b"" if to_us else self.garbage
        except (ConnectionError, asyncio.CancelledError):
            pass
        writer.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@asynccontextmanager
async def cut_platform(site: SiteUnderTest, folder: Path) -> AsyncIterator[tuple[Platform, Cutter]]:
    cutter = Cutter(site.site.ami_port)
    server, port = await cutter.serve()
    try:
        async with platform(site, folder, ami_port=port) as running:
            yield running, cutter
    finally:
        server.close()


async def link_is(running: Platform, connected: bool, count: int, seconds: float) -> None:
    def enough() -> bool:
        return sum(event.connected is connected for event in running.of(feed.TelephonyLinkChanged)) >= count

    await running.until(enough, seconds)


async def test_a_cut_link_is_back_at_once_and_nothing_is_doubled(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    async with cut_platform(telephone_site, tmp_path) as (running, cutter):
        await running.bridge.desk.sign_in("1001", ready=True)
        customer = telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=1.5))
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        cutter.cut()
        await link_is(running, False, 1, 1.0)
        await link_is(running, True, 2, 1.5)
        assert running.bridge.desk.desk("1001").state == "talking"
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        assert await asyncio.to_thread(customer.wait) == 0
        each_contact_once(running.records)


async def test_a_silent_link_is_noticed_within_three_seconds(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    telephone_site.phone("1001", scenarios.phone_answers())
    async with cut_platform(telephone_site, tmp_path) as (running, cutter):
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=2.0))
        await running.until(lambda: bool(running.of(feed.TalkBegan)))
        cutter.silent.set()
        await link_is(running, False, 1, 3.0)
        await asyncio.to_thread(wait_until, telephone_site.asterisk.at_rest)
        cutter.silent.clear()
        (end,) = await running.until_ended(1, 5.0)
        assert end.outcome == Outcome.ANSWERED
        each_contact_once(running.records)


async def test_a_garbage_stream_is_dropped_and_the_call_goes_on(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with cut_platform(telephone_site, tmp_path) as (running, cutter):
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=1.5))
        await running.until(lambda: bool(running.of(feed.CallQueued)))
        call = running.of(feed.CallQueued)[0].call
        cutter.garbage = b"\xff\x00garbage\r\n\r\nEvent: Hangup\r\nUniqueid: " + call.encode() + b"\r\n\r\n"
        await link_is(running, False, 1, 3.0)
        await link_is(running, True, 2, 2.0)
        assert not running.of(feed.ContactEnded)
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ABANDONED


async def test_a_port_scan_of_the_menu_server_harms_no_caller(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        for noise in (b"", b"\n", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 100_000, b"agi_network_script: root\n\n"):
            for _ in range(10):
                _, writer = await asyncio.open_connection("127.0.0.1", telephone_site.site.agi_port)
                writer.write(noise)
                writer.close()
        telephone_site.call(HOTLINE, scenarios.caller("13900000001", hang_up_after=3.0))
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ABANDONED
