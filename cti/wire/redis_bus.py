"""The bus over Redis: a line is a stream, trimmed, and gone when nobody has written it for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from cti.wire.bus import KEPT, LARGEST, BusAway

log = structlog.get_logger(__name__)

OLDEST = (6, 2)  # exact trimming that spares whole nodes, and what Debian 11 has
ANSWER_SECONDS = 1.0
BLOCK_SECONDS = 2.0
AGAIN_SECONDS = 0.2
GONE_SECONDS = 600
AT_ONCE = 200  # messages of one reading


class RedisUnusable(BusAway):
    """At the start: a sentence for the operator."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__()
        self.message_id, self.values, self.args = message_id, values, (message_id.format(**values),)


class RedisBus:
    """Closed with `close`. Redis may go and come: readers take up the line again, writers get BusAway."""

    def __init__(self, url: str) -> None:
        self._url = url = without_prefix(url)
        # Without the library's socket_timeout: with one it sends by asyncio.wait_for, which Python 3.11 lets swallow a
        # cancellation that comes together with its end, and a task goes on that was to end.
        self._redis: Redis = Redis.from_url(url, socket_timeout=None, socket_connect_timeout=ANSWER_SECONDS, retry=None)

    async def require(self) -> str:
        """Its version. Raises RedisUnusable when it does not answer or is too old."""
        # Protocol 2, which an old one understands, too: it is to say its version and not "unknown command".
        plain: Redis = Redis.from_url(self._url, protocol=2, socket_connect_timeout=ANSWER_SECONDS, retry=None)
        try:
            async with asyncio.timeout(ANSWER_SECONDS), plain:
                told = await plain.info("server")
        except (RedisError, OSError) as away:
            raise RedisUnusable(
                "Redis cannot be used: {reason}. Start redis-server, or correct HOTLINE_REDIS_URL.",
                reason=str(away).rstrip(".") or type(away).__name__,
            ) from away
        version = str(told["redis_version"])
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise RedisUnusable(
                "Redis {version} is too old: {oldest} or newer is needed. "
                "Install Debian's redis-server and name it in HOTLINE_REDIS_URL.",
                version=version,
                oldest=".".join(map(str, OLDEST)),
            )
        return version

    async def answers(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def append(self, line: str, message: bytes) -> None:
        try:
            async with self._redis.pipeline(transaction=False) as both:
                both.xadd(line, {b"m": message}, maxlen=KEPT, approximate=True)
                both.expire(line, GONE_SECONDS)
                async with asyncio.timeout(ANSWER_SECONDS):
                    await both.execute()
        except (RedisError, OSError) as away:
            raise BusAway from away

    @asynccontextmanager
    async def follow(self, line: str) -> AsyncIterator[AsyncIterator[bytes]]:
        position = await self._end_of(line, None)
        yield self._after(line, position)

    async def _end_of(self, line: str, position: bytes | None) -> bytes:
        """Of now; with `position` that one, unless Redis has forgotten it and numbers from the start again."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    last: bytes = (await self._redis.xinfo_stream(line))["last-generated-id"]
            except ResponseError:  # no such key
                last = b"0-0"
            except (RedisError, OSError):
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            if position is None:
                return last
            return position if _instant(last) >= _instant(position) else b"0-0"

    async def _after(self, line: str, position: bytes) -> AsyncIterator[bytes]:
        while True:
            try:
                found = await self._read(line, position)
            except (RedisError, OSError) as away:
                log.warning("bus_lost", line=line, reason=str(away) or type(away).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                position = await self._end_of(line, position)
                log.warning("bus_is_back", line=line)
                continue
            for at, message in found:
                position = at
                if len(message) <= LARGEST:
                    yield message

    async def _read(self, line: str, position: bytes) -> list[tuple[bytes, bytes]]:
        """Places and messages after a position; none when none came for a while."""
        async with asyncio.timeout(BLOCK_SECONDS + 2 * ANSWER_SECONDS):
            found: Any = await self._redis.xread({line: position}, count=AT_ONCE, block=int(BLOCK_SECONDS * 1000))
        return [(at, fields.get(b"m", b"")) for _, messages in found or () for at, fields in messages]

    async def close(self) -> None:
        await self._redis.aclose()


def without_prefix(url: str) -> str:
    """As Redis' library wants it: redis+unix:// is how the rates' library writes a socket's path."""
    return url.removeprefix("redis+")


def _instant(position: bytes) -> tuple[int, int]:
    milliseconds, _, count = position.partition(b"-")
    return int(milliseconds), int(count)
