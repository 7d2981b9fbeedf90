"""Processes in one loop of virtual time, each of which can be stopped, killed and cut off from the lease's database."""

from __future__ import annotations

import asyncio
import selectors
import types
from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from crm_core.leading.file_lease import FileLease
from crm_core.leading.lease import Seen
from hotline.lead import Candidate, LeaseKeeper
from hotline.leader_note import LeaderNote

LATENCY, ACT_EVERY = 0.02, 0.1


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only when nobody has anything to do, and then at once."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        loop = self

        class Skipping(selectors.DefaultSelector):
            def select(self, timeout: float | None = None) -> Any:
                loop.seconds += timeout or 0.0
                return super().select(0)

        super().__init__(Skipping())

    def time(self) -> float:
        return self.seconds


@dataclass(eq=False)
class World:
    """`reach`: what one process can do to another: kill it, only see it (another user's), or neither (elsewhere)."""

    folder: Path
    loop: VirtualLoop
    reach: str
    patience: float
    clock_ahead: float = 0.0
    all_cut: bool = False
    note: tuple[int, Process] | None = None
    acts: list[tuple[float, int]] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)

    def start(self) -> Process:
        self.processes.append(Process(self, len(self.processes) + 1))
        return self.processes[-1]

    def database_clock(self) -> float:
        return self.loop.time() + self.clock_ahead


class Process:
    """It leads when it may, and acts all the time that it leads."""

    def __init__(self, world: World, pid: int) -> None:
        self.world, self.pid = world, pid
        self.dead = self.stopped = self.cut = False
        self._gate = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._goes_on_as(self._live())

    async def runs(self) -> None:
        """Return when it is not stopped; never when it is dead."""
        while self.dead or self.stopped:
            self._gate.clear()
            await self._gate.wait()

    def goes_on(self, *, stopped: bool) -> None:
        self.stopped = stopped
        self._gate.set()

    async def _live(self) -> None:
        lease = CutLease(self)
        lead = await Candidate(lease, cast(LeaderNote, Note(self)), end=self._end).lead()
        self._goes_on_as(lead.keep(LeaseKeeper(lease)))
        while True:
            lead.still()
            self.world.acts.append((self.world.loop.time(), lead.epoch))
            await asyncio.sleep(ACT_EVERY)

    def _goes_on_as(self, work: Coroutine[Any, Any, None]) -> None:
        async def steps() -> None:
            await self._stoppable(work)

        self._tasks.append(asyncio.create_task(steps()))

    def _end(self, _status: int) -> None:
        self.dead = True
        raise asyncio.CancelledError  # nothing after this line runs, as after os._exit

    @types.coroutine
    def _stoppable(self, work: Coroutine[Any, Any, None]) -> Generator[Any, None, None]:
        """Each step of `work` when this process is not stopped; none when it is dead."""
        while True:
            yield from self.runs().__await__()
            try:
                waits_for = work.send(None)
            except StopIteration:
                return
            yield waits_for


class CutLease:
    """A lease in a database with a clock of its own, which may be away for one process or for all."""

    def __init__(self, process: Process) -> None:
        self._process, world = process, process.world
        self._lease = FileLease(world.folder / "lead", clock=world.database_clock)
        self.seconds, self.patience = self._lease.seconds, world.patience

    async def _way(self) -> None:
        await self._process.runs()
        await asyncio.sleep(LATENCY)
        if self._process.cut or self._process.world.all_cut:
            raise ConnectionError("the server closed the connection")

    async def look(self) -> Seen:
        await self._way()
        seen = await self._lease.look()
        await self._way()
        return seen

    async def take(self, holder: str, seen: Seen, *, gone: bool = False, above: int = 0) -> int | None:
        await self._way()
        epoch = await self._lease.take(holder, seen, gone=gone, above=above)
        await self._way()  # it may be taken, and nobody hears of it
        return epoch

    async def renew(self, epoch: int) -> bool:
        await self._way()
        renewed = await self._lease.renew(epoch)
        await self._way()
        return renewed

    async def give_back(self, epoch: int) -> None:
        await self._lease.give_back(epoch)


@dataclass(frozen=True)
class FormerLeader:
    epoch: int
    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def _here(self) -> bool:
        return self.process.world.reach != "elsewhere"

    @property
    def is_gone(self) -> bool:
        return self._here and self.process.dead

    @property
    def is_at_work(self) -> bool:
        return self._here and not self.process.dead and not self.process.stopped

    @property
    def is_stopped(self) -> bool:
        return self._here and not self.process.dead and self.process.stopped

    async def end(self) -> bool:
        if self.process.world.reach == "kills":
            self.process.dead = True
        return self.process.dead and self._here


class Note:
    """As hotline.leader_note.LeaderNote."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def read(self) -> FormerLeader | None:
        found = self._process.world.note
        return FormerLeader(*found) if found is not None else None

    def write(self, epoch: int) -> bool:
        last = self._process.world.note
        if last is not None and last[0] >= epoch:
            return False
        self._process.world.note = (epoch, self._process)
        return True
