"""A Redis server of one's own for a test run: the machine's, else a private copy of Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf.debian_packages import private_program

PROGRAM = "usr/bin/redis-server"
START_SECONDS = 10


def redis_server(cache_dir: Path) -> tuple[str, ...]:
    """The command that runs redis-server; fetches one (some seconds, 30 MB, once) when there is none.

    Raises PackagesUnavailable.
    """
    if installed := shutil.which("redis-server"):
        return (installed,)
    return private_program(cache_dir, "redis-server", PROGRAM, folder="redis")


@contextmanager
def own_redis(command: Sequence[str], folder: Path) -> Iterator[str]:
    """The URL of a running server, reached by a file in this folder: no port to share. Nothing is kept."""
    socket = folder / "redis.sock"
    words = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)  # it tells nobody that it listens
        yield f"redis+unix://{socket}"
    finally:
        server.terminate()
        server.wait()
