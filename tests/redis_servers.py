"""Real Redis servers for tests: the machine's, else Debian's package. Skipped only where neither can be had."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_conf.debian_packages import PackagesUnavailable
from benchmarks.own_redis import own_redis, redis_server
from hotline.settings import Settings


@pytest.fixture(scope="session")
def redis_command() -> Sequence[str]:
    try:
        return redis_server(Settings().cache_dir.resolve())
    except PackagesUnavailable as refused:
        pytest.skip(f"no redis-server here: {refused}")


@pytest.fixture
def redis_url(redis_command: Sequence[str], tmp_path: Path) -> Iterator[str]:
    with own_redis(redis_command, tmp_path) as url:
        yield url


@contextmanager
def a_redis_of(version: str) -> Iterator[int]:
    """Speaks as much of Redis' protocol as a client asks of it to learn the version."""
    facts = f"# Server\r\nredis_version:{version}\r\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as server:
        answers = {b"INFO": b"$%d\r\n%s\r\n" % (len(facts), facts), b"AUTH": b"+OK\r\n"}

        def serve() -> None:
            link, _ = server.accept()
            with link:
                while asked := link.recv(4096):
                    for command in re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)", asked):
                        link.sendall(answers.get(command, b"-ERR unknown command\r\n"))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
