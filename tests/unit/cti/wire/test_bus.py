"""What the two buses promise alike; and what Redis may do without harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.own_redis import own_redis
from cti.wire.bus import Bus, BusAway
from cti.wire.redis_bus import RedisBus, RedisUnusable


async def taken(messages: AsyncIterator[bytes], count: int, seconds: float = 8.0) -> list[bytes]:
    found: list[bytes] = []
    async with asyncio.timeout(seconds):
        while len(found) < count:
            found.append(await anext(messages))
    return found


async def test_everybody_who_follows_a_line_reads_all_of_it_in_order(bus: Bus):
    async with bus.follow("hotline:told") as one, bus.follow("hotline:told") as other:
        for number in range(300):
            await bus.append("hotline:told", b"%d" % number)
        wanted = [b"%d" % number for number in range(300)]
        assert await taken(one, 300) == wanted
        assert await taken(other, 300) == wanted


async def test_who_comes_later_reads_what_is_said_from_then_on(bus: Bus):
    await bus.append("hotline:told", b"before")
    async with bus.follow("hotline:told") as messages:
        await bus.append("hotline:told", b"after")
        assert await taken(messages, 1) == [b"after"]


async def test_nothing_is_lost_between_entering_and_the_first_reading(bus: Bus):
    async with bus.follow("hotline:asked") as messages:
        await bus.append("hotline:asked", b"at once")
        await asyncio.sleep(0.05)
        assert await taken(messages, 1) == [b"at once"]


async def test_lines_do_not_mix(bus: Bus):
    async with bus.follow("hotline:asked") as asked, bus.follow("hotline:told") as told:
        await bus.append("hotline:told", b"told")
        await bus.append("hotline:asked", b"asked")
        assert (await taken(asked, 1), await taken(told, 1)) == ([b"asked"], [b"told"])


async def test_a_message_is_any_bytes(bus: Bus):
    async with bus.follow("hotline:told") as messages:
        await bus.append("hotline:told", bytes(range(256)) * 500)
        assert await taken(messages, 1) == [bytes(range(256)) * 500]


async def test_a_reader_goes_on_when_redis_was_emptied(redis_url: str):
    bus = RedisBus(redis_url)
    async with bus.follow("hotline:told") as messages:
        await bus.append("hotline:told", b"1")
        assert await taken(messages, 1) == [b"1"]
        async with Redis.from_url(redis_url.removeprefix("redis+")) as redis:
            await redis.flushall()
        await bus.append("hotline:told", b"2")
        assert await taken(messages, 1) == [b"2"]
    await bus.close()


async def test_a_reader_goes_on_when_redis_was_killed_and_is_there_again(redis_command: Sequence[str], tmp_path: Path):
    with own_redis(redis_command, tmp_path) as url:
        bus = RedisBus(url)
        following = bus.follow("hotline:told")
        messages = await following.__aenter__()
        await bus.append("hotline:told", b"1")
        assert await taken(messages, 1) == [b"1"]
    with pytest.raises(BusAway):
        await bus.append("hotline:told", b"nobody")
    with own_redis(redis_command, tmp_path):
        waiting = asyncio.create_task(taken(messages, 1))
        await asyncio.sleep(0.5)
        await bus.append("hotline:told", b"2")
        assert await waiting == [b"2"]
        await following.__aexit__(None, None, None)
    await bus.close()


async def test_at_the_start_a_redis_that_is_not_there_is_a_sentence_with_what_to_do(tmp_path: Path):
    bus = RedisBus(f"redis+unix://{tmp_path / 'nobody'}")
    with pytest.raises(RedisUnusable, match="Start redis-server, or correct HOTLINE_REDIS_URL"):
        await bus.require()
    await bus.close()


async def test_redis_of_debian_is_new_enough(redis_url: str):
    bus = RedisBus(redis_url)
    await bus.require()
    await bus.close()
