"""A rate holds for the whole site where there is a Redis, and for each process while Redis is away."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from agent_desktop.rate_limits import ANSWER_SECONDS, LEFT_ALONE_SECONDS, RateLimits
from tests import redis_servers

redis_command, redis_url = redis_servers.redis_command, redis_servers.redis_url


async def taken(limits: RateLimits, most: int, tries: int, who: str = "7") -> int:
    """How many of so many requests are let in."""
    return sum([await limits.hit(most, "key", who) for _ in range(tries)])


async def test_without_redis_a_process_counts_alone():
    one, other = RateLimits(), RateLimits()
    assert await taken(one, 3, 5) == 3
    assert await taken(other, 3, 5) == 3
    assert await taken(one, 3, 1, who="8") == 1


async def test_with_redis_two_processes_together_let_in_what_one_would(redis_url: str):
    one, other = RateLimits(redis_url), RateLimits(redis_url)
    assert await taken(one, 5, 3) + await taken(other, 5, 9) == 5
    assert await taken(other, 5, 1, who="8") == 1


async def test_of_many_requests_at_once_not_one_too_many_is_let_in(redis_url: str):
    one, other = RateLimits(redis_url), RateLimits(redis_url)
    found = await asyncio.gather(*(limits.hit(20, "key", "7") for limits in (one, other) for _ in range(40)))
    assert sum(found) == 20


async def test_a_redis_that_is_not_there_refuses_nobody_and_opens_nothing(tmp_path: Path):
    limits = RateLimits(f"redis+unix://{tmp_path / 'nobody'}")
    assert await taken(limits, 3, 5) == 3


async def test_a_redis_that_does_not_answer_holds_up_one_request_and_is_then_left_alone():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(1)
        await reader.read()
        writer.close()

    asked: list[int] = []
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    at = 0.0
    limits = RateLimits(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", clock=lambda: at)
    began = time.monotonic()
    assert await taken(limits, 3, 20) == 3
    assert time.monotonic() - began < ANSWER_SECONDS + 1
    before = len(asked)
    at += LEFT_ALONE_SECONDS
    await limits.hit(3, "key", "7")
    assert len(asked) > before, "after a while it is asked again"
    server.close()
