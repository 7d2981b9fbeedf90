"""Free loopback ports for tests: none is given twice, and none lies where the kernel picks ports for connections."""

from __future__ import annotations

import fcntl
import functools
import itertools
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Between the RTP ranges of the tests' sites (below 23000) and the kernel's own choice (from 32768 on): a port from
# there would be free now and taken by any program's outgoing connection before Asterisk binds it.
FIRST, EACH, WORKERS = 23000, 1000, 9


@functools.cache
def _claim() -> tuple[int, IO[str]]:
    """This process's place among all that run tests on this machine, and the lock that goes with the process."""
    folder = Path(tempfile.gettempdir()) / f"hotline-test-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(WORKERS):
        lock = (folder / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            return number, lock
    raise OSError(f"{WORKERS} processes run tests already, each with its range of ports ({folder})")


def worker_number() -> int:
    """0, 1, … for each process that runs tests, whoever started it, so that each takes its own range of ports."""
    return _claim()[0]


_offsets = itertools.count(random.randrange(EACH))


def _is_free(kind: int, host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(kind: int = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """The next port of this worker's range that nobody has bound; OSError when the whole range is taken."""
    start = FIRST + EACH * (worker_number() % WORKERS)
    for offset in itertools.islice(_offsets, EACH):
        port = start + offset % EACH
        if _is_free(kind, host, port):
            return port
    raise OSError(f"no free port from {start} to {start + EACH - 1} on {host}")


def free_media_port(host: str) -> int:
    """An even port with the next three free as well: sipp takes audio, video and their RTCP."""
    run: list[int] = []
    while len(run) < 4:
        port = free_port(socket.SOCK_DGRAM, host)
        if run and port != run[-1] + 1:
            run = []
        if run or port % 2 == 0:
            run.append(port)
    return run[0]
