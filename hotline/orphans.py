"""What a killed platform leaves behind, e.g. the simulated phones: it becomes ours, and ends when we end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Collection, Iterator
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # <sys/prctl.h>


def adopt_orphans() -> None:
    """From now on a process whose parent died becomes our child and not that of process 1."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans(spared: Collection[int] = ()) -> None:
    """End every child we still have but these. Called last, when our own children have been ended in order."""
    for pid in set(_children(os.getpid())).difference(spared):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _children(parent: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = path.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == parent:
                yield int(path.parent.name)
