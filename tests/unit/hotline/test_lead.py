"""One process leads; the next takes over from one that is dead, stopped or cut off, and never two act at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from crm_core.leading.file_lease import FileLease
from crm_core.leading.lease import Lease, Seen
from hotline.lead import LEAD_LOST, STOPPED_SECONDS, Candidate, Lead, LeaseKeeper
from hotline.leader_note import LeaderNote

SECONDS = 1.0
LEADER = """
import asyncio, sys
from pathlib import Path
from crm_core.leading.file_lease import FileLease
from hotline.lead import Candidate, LeaseKeeper
from hotline.leader_note import LeaderNote

async def main():
    folder = Path(sys.argv[1])
    lease = FileLease(folder / "lead", float(sys.argv[2]))
    lead = await Candidate(lease, LeaderNote(folder)).lead()
    keeping = asyncio.create_task(lead.keep(LeaseKeeper(lease)))
    print("leading", lead.epoch, flush=True)
    while True:
        await asyncio.sleep(0.02)
        lead.still()
        with (folder / "acts").open("a") as acts:
            acts.write(f"{lead.epoch}\\n")

asyncio.run(main())
"""


@contextmanager
def another_process(folder: Path, seconds: float = SECONDS) -> Iterator[subprocess.Popen[bytes]]:
    """It leads, and acts all the time, as a platform does."""
    with subprocess.Popen([sys.executable, "-c", LEADER, str(folder), str(seconds)], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith(b"leading") for line in process.stdout)
            yield process
        finally:
            process.kill()


def candidate(folder: Path, lease: Lease | None = None) -> tuple[Candidate, list[int]]:
    ended: list[int] = []
    return Candidate(lease or FileLease(folder / "lead", SECONDS), LeaderNote(folder), end=ended.append), ended


def acts(folder: Path) -> list[str]:
    return (folder / "acts").read_text().split()


@asynccontextmanager
async def kept(lead: Lead, lease: Lease) -> AsyncIterator[None]:
    keeping = asyncio.create_task(lead.keep(LeaseKeeper(lease)))
    yield
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def test_the_next_leads_within_a_second_of_a_kill(tmp_path: Path):
    with another_process(tmp_path) as leader:
        waiting = asyncio.create_task(candidate(tmp_path)[0].lead())
        await asyncio.sleep(SECONDS * 1.5)
        assert not waiting.done()
        leader.kill()
        killed = time.monotonic()
        lead = await waiting
        assert time.monotonic() - killed < 1.0
        assert (lead.epoch, lead.unsure) == (2, False)


async def test_a_stopped_leader_is_replaced_when_its_time_is_over_and_never_acts_again(tmp_path: Path):
    with another_process(tmp_path) as leader:
        waiting = asyncio.create_task(candidate(tmp_path)[0].lead())
        await asyncio.sleep(0.5)
        os.kill(leader.pid, signal.SIGSTOP)
        stopped, before = time.monotonic(), len(acts(tmp_path))
        lead = await waiting
        assert time.monotonic() - stopped < SECONDS + 1.0
        os.kill(leader.pid, signal.SIGCONT)
        assert leader.wait(2) == -signal.SIGKILL
        assert (lead.epoch, lead.unsure) == (2, False)
        assert len(acts(tmp_path)) == before


async def test_one_that_wakes_where_nobody_could_end_it_ends_itself_before_it_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As when both run as different users."""

    def may_not(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(signal, "pidfd_send_signal", may_not)
    with another_process(tmp_path) as leader:
        waiting = asyncio.create_task(candidate(tmp_path)[0].lead())
        await asyncio.sleep(0.5)
        os.kill(leader.pid, signal.SIGSTOP)
        before = len(acts(tmp_path))
        lead = await waiting
        assert lead.unsure
        os.kill(leader.pid, signal.SIGCONT)
        assert await asyncio.to_thread(leader.wait, 2) == LEAD_LOST
        assert len(acts(tmp_path)) - before <= 1  # it may have been stopped between the question and the act


class DeafLease:
    """A lease whose database is away for one of its users only."""

    def __init__(self, lease: Lease) -> None:
        self._lease, self.away = lease, False
        self.seconds, self.patience = lease.seconds, lease.patience

    def _heard(self) -> Lease:
        if self.away:
            raise ConnectionError("the server closed the connection")
        return self._lease

    async def look(self) -> Seen:
        return await self._heard().look()

    async def take(self, holder: str, seen: Seen, *, gone: bool = False, above: int = 0) -> int | None:
        return await self._heard().take(holder, seen, gone=gone, above=above)

    async def renew(self, epoch: int) -> bool:
        return await self._heard().renew(epoch)

    async def give_back(self, epoch: int) -> None:
        await self._heard().give_back(epoch)


async def test_a_leader_whose_database_is_away_for_all_leads_on(tmp_path: Path):
    lease = DeafLease(FileLease(tmp_path / "lead", SECONDS))
    first, ended = candidate(tmp_path, lease)
    lead = await first.lead()
    async with kept(lead, lease):
        lease.away = True
        second = asyncio.create_task(candidate(tmp_path, lease)[0].lead())
        await asyncio.sleep(SECONDS + 0.5)
        lead.still()
        lease.away = False
        await asyncio.sleep(SECONDS)
        assert ended == []
        assert not second.done(), "a database that was away for a while makes nobody take over"
        second.cancel()


async def test_a_leader_who_alone_cannot_reach_the_database_is_replaced_and_ends(tmp_path: Path):
    shared = FileLease(tmp_path / "lead", SECONDS)
    cut_off = DeafLease(shared)
    first, ended = candidate(tmp_path, cut_off)
    lead = await first.lead()
    async with kept(lead, cut_off):
        await asyncio.sleep(SECONDS / 2)
        cut_off.away = True
        # Where this process may not be ended: it is the test itself.
        note = LeaderNote(tmp_path)
        seen = await shared.look()
        while not seen.free:
            await asyncio.sleep(0.05)
            seen = await shared.look()
        taken = await shared.take("two", seen)
        assert taken == 2
        note.write(taken)
        await asyncio.sleep(SECONDS / 2)
        assert set(ended) == {LEAD_LOST}


async def test_a_lead_that_was_given_back_is_taken_at_once(tmp_path: Path):
    lead = await candidate(tmp_path)[0].lead()
    await lead.give_back(LeaseKeeper(FileLease(tmp_path / "lead", SECONDS)))
    began = time.monotonic()
    assert (await candidate(tmp_path)[0].lead()).epoch == lead.epoch + 1
    assert time.monotonic() - began < 0.5


async def test_a_stopped_leader_is_ended_long_before_its_lease_is_over(tmp_path: Path):
    with another_process(tmp_path, seconds=30.0) as leader:
        waiting = asyncio.create_task(candidate(tmp_path)[0].lead())
        await asyncio.sleep(0.5)
        os.kill(leader.pid, signal.SIGSTOP)
        stopped = time.monotonic()
        assert (await waiting).epoch == 2
        assert time.monotonic() - stopped < STOPPED_SECONDS + 1.5
        assert leader.wait(2) == -signal.SIGKILL


def test_who_led_before_does_not_take_the_note_back(tmp_path: Path):
    """As one that was stopped between the lease and the note would."""
    note = LeaderNote(tmp_path)
    assert note.write(6)
    assert not note.write(5)
    found = note.read()
    assert found is not None
    assert found.epoch == 6
