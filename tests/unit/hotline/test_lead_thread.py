"""A leader whose loop is busy keeps its lease; one whose loop hangs ends itself, with the place where it hangs."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crm_core.leading.file_lease import FileLease
from hotline.lead_thread import LOOP_HANGS
from hotline.pulse import Pulse

SECONDS = 0.6
LEADER = """
import asyncio, sys, time
from contextlib import asynccontextmanager
from pathlib import Path
from crm_core.leading.file_lease import FileLease
from hotline.lead import Candidate
from hotline.lead_thread import renewed
from hotline.leader_note import LeaderNote

def falls_asleep(seconds):
    time.sleep(seconds)

@asynccontextmanager
async def lease():
    yield FileLease(Path(sys.argv[1]) / "lead", float(sys.argv[2]))

async def main():
    async with lease() as first:
        lead = await Candidate(first, LeaderNote(Path(sys.argv[1]))).lead()
    async with renewed(lead, lease):
        lead.pulse.limit = float(sys.argv[3])
        await asyncio.sleep(0.6)
        print("busy", flush=True)
        falls_asleep(float(sys.argv[4]))
        print("awake", flush=True)
        await asyncio.sleep(0.3)

asyncio.run(main())
"""


def leader(folder: Path, *, limit: float, sleeps: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LEADER, str(folder), str(SECONDS), str(limit), str(sleeps)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_busy(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any(line == "busy\n" for line in process.stdout)


async def test_a_loop_that_is_busy_for_longer_than_the_lease_keeps_it_and_gives_it_back_at_the_end(tmp_path: Path):
    lease = FileLease(tmp_path / "lead", SECONDS)
    with leader(tmp_path, limit=30.0, sleeps=SECONDS * 3) as process:
        until_busy(process)
        busy = time.monotonic()
        while time.monotonic() < busy + SECONDS * 2.5:
            assert not (await lease.look()).free
            await asyncio.sleep(0.1)
        said, complaints = process.communicate(timeout=50)
        assert (process.returncode, "awake" in said) == (0, True), complaints
    seen = await lease.look()
    assert (seen.free, seen.holder) == (True, "")


def test_a_loop_that_hangs_ends_its_process_and_says_where(tmp_path: Path):
    with leader(tmp_path, limit=1.0, sleeps=60.0) as process:
        until_busy(process)
        hung = time.monotonic()
        said, complaints = process.communicate(timeout=50)
        assert process.returncode == LOOP_HANGS
        assert time.monotonic() - hung < 30.0  # on a machine with far too much to do; it would sleep for a minute
        assert "loop_hangs" in said
        assert "in falls_asleep" in complaints


def test_a_process_that_was_stopped_for_long_is_not_taken_for_one_that_hangs(tmp_path: Path):
    with leader(tmp_path, limit=1.0, sleeps=0.1) as process:
        until_busy(process)
        process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        process.send_signal(signal.SIGCONT)
        said, complaints = process.communicate(timeout=50)
        assert (process.returncode, "awake" in said) == (0, True), complaints


async def test_time_in_which_the_machine_had_no_processor_for_the_loop_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The kernel's count grows as fast as the clock: the loop wants to run all the time and may not."""
    pulse = Pulse()
    pulse.limit, pulse._schedule = 0.3, tmp_path / "schedstat"
    monkeypatch.setattr("hotline.pulse.BEAT_SECONDS", 0.05)
    began = time.monotonic()

    async def machine() -> None:
        while True:
            waited = time.monotonic() - began
            pulse._schedule.write_text(f"5 {int(waited * 1e9)} 7")
            await asyncio.sleep(0.01)

    overloaded = asyncio.create_task(machine())
    listening = asyncio.create_task(pulse.silent())
    await asyncio.sleep(1.0)
    assert not listening.done()
    overloaded.cancel()  # from here on the machine would let it run
    assert await asyncio.wait_for(listening, 5.0) > 0.3
