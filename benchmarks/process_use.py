"""Memory and processor time of the platform's process and of the one that does its long work, read from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

EVERY = 0.1  # seconds
_TICKS = os.sysconf("SC_CLK_TCK")
_WORDS = (b"hotline.long_work", b"crm_core.imports.apart")


class Watch:
    """Looks every tenth of a second, in a thread, from entering to leaving."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir, self._over = run_dir, threading.Event()
        self._used: dict[int, float] = {}
        self.platform_peak_mb = self.work_peak_mb = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def work_cpu_s(self) -> float:
        """Of all processes that did long work or read a file."""
        return sum(self._used.values())

    def platform(self) -> int:
        return int((self._run_dir / "platform.pid").read_text())

    def kill_platform(self) -> None:
        os.kill(self.platform(), signal.SIGKILL)

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            with contextlib.suppress(OSError, ValueError):
                pid = self.platform()
                self.platform_peak_mb = max(self.platform_peak_mb, _private_mb(pid))
                for child in _workers(pid):
                    self.work_peak_mb = max(self.work_peak_mb, _private_mb(child))
                    self._used[child] = _cpu_s(child)


def _workers(parent: int) -> Iterator[int]:
    children = Path(f"/proc/{parent}/task").glob("*/children")
    for pid in {int(word) for path in children for word in path.read_text().split()}:
        with contextlib.suppress(OSError):
            if set(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")) & set(_WORDS):
                yield pid


def _private_mb(pid: int) -> float:
    """What the process holds, but for files that it shares with others."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / _TICKS
