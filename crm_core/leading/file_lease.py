"""The lease of a site on SQLite, where all processes are on one machine: a small file in the run folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from crm_core.leading.lease import LEASE_SECONDS, Seen

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def since_boot() -> float:
    """Seconds by a clock that nobody sets, and that counts while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class _Kept:
    """`until` is by the machine's clock since its start `boot`, which nobody sets."""

    epoch: int = 0
    holder: str = ""
    until: float = 0.0
    boot: str = ""


class FileLease:
    """Read and written under a lock that is held for the moment only: a process that is stopped never keeps it.

    Raises OSError.
    """

    patience = 7.0  # whoever works on this machine can reach the file, too, and is only late

    def __init__(self, file: Path, seconds: float = LEASE_SECONDS, *, clock: Callable[[], float] = since_boot) -> None:
        self._file, self.seconds, self._clock = file, seconds, clock
        self._boot = _BOOT.read_text().strip()

    async def look(self) -> Seen:
        kept = self._read()
        return Seen(kept.epoch, kept.holder, free=self._is_over(kept))

    async def take(self, holder: str, seen: Seen, *, gone: bool = False, above: int = 0) -> int | None:
        with self._locked():
            kept = self._read()
            if kept.epoch != seen.epoch or not (gone or self._is_over(kept)):
                return None
            self._write(max(kept.epoch, above) + 1, holder, self.seconds)
            return max(kept.epoch, above) + 1

    async def renew(self, epoch: int) -> bool:
        return self._again(epoch, self.seconds)

    async def give_back(self, epoch: int) -> None:
        self._again(epoch, 0.0)

    def _again(self, epoch: int, seconds: float) -> bool:
        with self._locked():
            kept = self._read()
            if kept.epoch == epoch:
                self._write(epoch, kept.holder if seconds else "", seconds)
            return kept.epoch == epoch

    def _is_over(self, kept: _Kept) -> bool:
        return kept.boot != self._boot or kept.until <= self._clock()

    def _read(self) -> _Kept:
        try:
            return _Kept(**orjson.loads(self._file.read_bytes()))
        except FileNotFoundError:
            return _Kept()
        except (ValueError, TypeError):  # written by another version: its holder, if it lives, finds the epoch gone
            return _Kept()

    def _write(self, epoch: int, holder: str, seconds: float) -> None:
        until = self._clock() + seconds
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(_Kept(epoch, holder, until, self._boot))))
        fresh.replace(self._file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Freed by the kernel, too, when we die in it."""
        lock = os.open(self._file.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
