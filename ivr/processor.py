"""What processes have taken of the processor, and what the machine has left. Linux; elsewhere nothing is known."""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """User and system time of a process since it began; 0 when it is no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


class IdleCores:
    """How many cores had nothing to do since the look before; all of them when nobody can tell."""

    def __init__(self) -> None:
        self._at, self._idle = time.monotonic(), _idle_seconds()

    def __call__(self) -> float:
        at, idle = time.monotonic(), _idle_seconds()
        seconds, free = at - self._at, idle - self._idle
        self._at, self._idle = at, idle
        return free / seconds if idle and seconds > 0 else float(os.cpu_count() or 1)


def _idle_seconds() -> float:
    """Of all cores together; time in which the machine waited for its disk is idle, too."""
    try:
        with Path("/proc/stat").open() as lines:
            fields = lines.readline().split()
    except OSError:
        return 0.0
    return (int(fields[4]) + int(fields[5])) / _TICKS
