"""A note in the run folder that says which process leads: for whoever leads next, and for one that was stopped."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import structlog

log = structlog.get_logger(__name__)

END_SECONDS = 2.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """A process, named so that no later one with the same pid is taken for it. `machine`: this start of this kernel,
    and the pids that it counts.
    """

    epoch: int
    pid: int
    started: int
    machine: str

    @property
    def is_here(self) -> bool:
        return self.machine == _machine()

    @property
    def is_gone(self) -> bool:
        """Known to be dead; False where we cannot know."""
        return self.is_here and _started(self.pid) != self.started

    @property
    def is_at_work(self) -> bool:
        """It lives here and is not stopped: when it is silent it is late or cut off."""
        return self.is_here and not self.is_gone and _state(self.pid) not in "Tt"

    @property
    def is_stopped(self) -> bool:
        """By a signal; one that a debugger holds is only late."""
        return self.is_here and not self.is_gone and _state(self.pid) == "T"

    async def end(self) -> bool:
        """Kill it, also when it is stopped; False when it is elsewhere or not ours, so that it may still be at work."""
        if not self.is_here:
            return False
        if self.pid == os.getpid():
            return True  # we have led before and given it back
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if _started(self.pid) != self.started:
                return True
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], END_SECONDS)
            return bool(ended)
        except PermissionError:
            log.error("former_leader_not_ended", pid=self.pid, remedy="run both processes as the same user")
            return False
        finally:
            os.close(handle)


class LeaderNote:
    """Replaced whole, before its writer does anything as the leader. Raises OSError."""

    def __init__(self, run_dir: Path) -> None:
        self._file = run_dir / "leader"

    def read(self) -> Leader | None:
        try:
            return Leader(**orjson.loads(self._file.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, epoch: int) -> bool:
        """False when somebody has led since: whoever was stopped before this line must not take the note back."""
        lock = os.open(self._file.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            last = self.read()
            if last is not None and last.epoch >= epoch:
                return False
            self._put(epoch)
            return True
        finally:
            os.close(lock)

    def _put(self, epoch: int) -> None:
        me = Leader(epoch=epoch, pid=os.getpid(), started=_started(os.getpid()) or 0, machine=_machine())
        fresh = self._file.with_suffix(f".{me.pid}")
        fresh.write_bytes(orjson.dumps(asdict(me)))
        fresh.replace(self._file)


def _machine() -> str:
    return f"{_BOOT.read_text().strip()}/{Path('/proc/self/ns/pid').stat().st_ino}"


def _state(pid: int) -> str:
    """As proc(5) has it; T = stopped, which also answers for a process that has just gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "T"


def _started(pid: int) -> int | None:
    """In ticks since the kernel's start; None = no such process, or one that has ended and is only not waited for."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(rest[18])
