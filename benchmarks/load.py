"""What our process costs beside Asterisk: calls at a steady rate, talked and recorded, against the plain dialplan (P9).

100 agents' phones, 10 new calls a second, talks of 10 s with sound both ways (PCMU), one MixMonitor each, on one
Asterisk: first plain `Queue()` with MixMonitor, then ours with journal, history and finished recordings. Both are
counted in seconds of CPU that the kernel gave to the process, so that other work on the machine does not matter.
"""

from __future__ import annotations

import pickle
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from os import sysconf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from asterisk_conf.process import AsteriskProcess
from benchmarks.bare_site import CALLERS, OURS, PHONES, SECRET, asterisk, bridge_config, free_port, sipp
from benchmarks.offer import render_scenario
from crm_core.migrate import upgrade

PLAIN = "7002"
PLAIN_DIALPLAN = """
[hl-in](+)
exten => {number},1,Answer()
 same => n,MixMonitor({recordings}/plain-${{UNIQUEID}}.raw,D)
 same => n,Queue(peer)
 same => n,Hangup()
"""
TONE = bytes([0x80, 0xA0, 0xFF, 0x20, 0x00, 0x20, 0xFF, 0xA0]) * 1000  # a second of 1,000 Hz, mu-law
LEFT_OVER_SECONDS = 60  # for what is still talked, written or converted at the end
KEEPING_SECONDS = 3  # recordings are finished two seconds after the talk: that work is ours, too
TICKS = sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    agents: int
    calls_per_second: int
    calls: int
    talk_seconds: int


SHORT = Size(agents=20, calls_per_second=3, calls=45, talk_seconds=5)
FULL = Size(agents=100, calls_per_second=10, calls=600, talk_seconds=10)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU of Asterisk and of our own process for the calls of one turn."""

    asterisk: float
    ours: float = 0.0


def run(full: bool) -> dict[str, Any]:
    size = FULL if full else SHORT
    agents = tuple(str(1000 + index) for index in range(1, size.agents + 1))
    with TemporaryDirectory(prefix="hotline-load-") as name:
        folder, phone_port = Path(name), free_port(socket.SOCK_DGRAM, PHONES)
        (folder / "tone.ul").write_bytes(TONE)
        with asterisk(folder, agents, phone_port) as process:
            _add_plain_dialplan(process)
            plain = _turn(size, process, folder / "plain", (phone_port, PLAIN), lambda: 0.0)
            ours_folder = folder / "ours"
            ours_folder.mkdir()
            with own_platform(process, ours_folder, agents) as pid:
                ours = _turn(size, process, ours_folder, (phone_port, OURS), lambda: cpu_seconds(pid))
                lost_contacts, lost_recordings = _lost(process, ours_folder, size.calls)
                if lost_contacts or lost_recordings:
                    raise RuntimeError(
                        f"{lost_contacts} contacts and {lost_recordings} recordings lost: no cost to tell"
                    )
    return _result(size, plain, ours, lost_contacts, lost_recordings)


def _add_plain_dialplan(process: AsteriskProcess) -> None:
    text = PLAIN_DIALPLAN.format(number=PLAIN, recordings=process.site.recordings)
    with (process.site.folder / "etc" / "extensions.conf").open("a") as dialplan:
        dialplan.write(text)
    process.rx("dialplan reload")


@contextmanager
def own_platform(process: AsteriskProcess, folder: Path, agents: tuple[str, ...], flow: str = "") -> Iterator[int]:
    """Our process in step with Asterisk; gives its id. `flow` is the menu as YAML, "" = straight to the queue."""
    upgrade(f"sqlite+aiosqlite:///{folder / 'hotline.db'}")
    config = bridge_config(process.site, folder, SECRET)
    (folder / "load.pickle").write_bytes(pickle.dumps((config, process.site.recordings, agents, flow)))
    command = [sys.executable, "-m", "benchmarks.load_platform", str(folder)]
    with (folder / "said").open("wb") as said, (folder / "log").open("wb") as log:
        platform = subprocess.Popen(command, stdout=said, stderr=log)
    try:
        wait_until(lambda: "ready" in (folder / "said").read_text() or platform.poll() is not None)
        if platform.poll() is not None:
            raise RuntimeError((folder / "log").read_text()[-2_000:])
        yield platform.pid
    finally:
        platform.kill()
        platform.wait()


def _turn(
    size: Size, process: AsteriskProcess, folder: Path, lines: tuple[int, str], ours: Callable[[], float]
) -> Cost:
    """All the calls until the last is over and written. `lines`: the port of the phones, the number dialled."""
    phone_port, number = lines
    folder.mkdir(exist_ok=True)
    audio, milliseconds = folder.parent / "tone.ul", 1_000 * size.talk_seconds
    phones = render_scenario("phones", folder, talk_ms=milliseconds, longest_ms=milliseconds + 1, audio=audio)
    callers = render_scenario("callers", folder, audio=audio)
    port = str(free_port(socket.SOCK_DGRAM, CALLERS))
    where = ("-i", CALLERS, "-p", port, f"{process.site.host}:{process.site.sip_port}")
    counts = ("-m", str(size.calls), "-r", str(size.calls_per_second), "-l", str(size.calls))
    pid = process.pid or 0
    before = cpu_seconds(pid), ours()
    with (
        sipp(folder, "-sf", phones, "-i", PHONES, "-p", str(phone_port)),
        sipp(folder, "-sf", callers, "-s", number, *counts, *where) as calling,
    ):
        calling.wait()
    wait_until(process.at_rest)
    time.sleep(KEEPING_SECONDS)
    return Cost(cpu_seconds(pid) - before[0], ours() - before[1])


def wait_until(until: Callable[[], bool]) -> None:
    """Looks every 0.2 s, at most for `LEFT_OVER_SECONDS`."""
    deadline = time.monotonic() + LEFT_OVER_SECONDS
    while not until() and time.monotonic() < deadline:
        time.sleep(0.2)


def _lost(process: AsteriskProcess, folder: Path, calls: int) -> tuple[int, int]:
    """Contacts that are not in the database, ended; talks without a whole recording."""
    wait_until(lambda: _counted(process, folder, calls) == (0, 0))
    return _counted(process, folder, calls)


def _counted(process: AsteriskProcess, folder: Path, calls: int) -> tuple[int, int]:
    with closing(sqlite3.connect(f"file:{folder / 'hotline.db'}?mode=ro", uri=True, timeout=10)) as database:
        [(contacts,)] = database.execute("SELECT count(*) FROM contact WHERE outcome = 'answered'")
        [(talks,)] = database.execute("SELECT count(*) FROM leg WHERE answered_at IS NOT NULL")
        rows = database.execute("SELECT file FROM recording WHERE status = 'ready'").fetchall()
    kept = sum((process.site.recordings / file).exists() for (file,) in rows)
    return calls - contacts, talks - kept


def cpu_seconds(pid: int) -> float:
    """User and system time that the kernel gave to a process and its threads."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def _result(size: Size, plain: Cost, ours: Cost, lost_contacts: int, lost_recordings: int) -> dict[str, Any]:
    def each(seconds: float) -> float:
        return 1_000 * seconds / size.calls

    return {
        "name": "load",
        "figures": {
            "calls": size.calls,
            "lost_contacts": lost_contacts,
            "lost_recordings": lost_recordings,
            "our_cpu_ms_per_call": each(ours.ours),
            "asterisk_cpu_ms_per_call": each(ours.asterisk),
            "plain_asterisk_cpu_ms_per_call": each(plain.asterisk),
        },
        "ratios": {"cpu_of_asterisk": ours.ours / plain.asterisk},
        "runs": 1,
        "conditions": (
            f"{size.agents} SIP agents, {size.calls_per_second} calls/s, PCMU talks of {size.talk_seconds} s with "
            "sound, all recorded; our CPU against Asterisk's for as many calls of plain Queue() with MixMonitor"
        ),
    }
