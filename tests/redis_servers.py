"""Real Redis servers for tests: the machine's, else Debian's package. Skipped only where neither can be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
