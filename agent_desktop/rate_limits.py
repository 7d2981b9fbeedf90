"""How often somebody may ask within a minute, counted for the whole site when there is a Redis, else by this process.

Redis is no truth here: while it does not answer, each process counts alone, so that an outage neither refuses
everybody nor lets everything pass.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from crm_core.access.counted import counted_as

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 0.25  # a request may wait so long for the count; on the same machine it takes 1 ms
LEFT_ALONE_SECONDS = 5.0  # then Redis is asked again


class RateLimits:
    """Kept at `app.state.rate_limits`. `redis_url` "" = this process counts alone."""

    def __init__(self, redis_url: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._clock, self._left_alone_until = clock, 0.0

    async def hit(self, most: int, what: str, who: str) -> bool:
        """Count one request of `who`; False = it is more than `most` within a minute."""
        wanted, who = RateLimitItemPerMinute(most), counted_as(who)
        if self._shared is not None and self._clock() >= self._left_alone_until:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._shared.hit(wanted, what, who)
            except (RedisError, OSError) as away:  # OSError: also TimeoutError
                self._left_alone_until = self._clock() + LEFT_ALONE_SECONDS
                log.warning("rate_limits_counted_alone", error=type(away).__name__)
        return await self._own.hit(wanted, what, who)


def _redis(url: str) -> RedisStorage:
    return RedisStorage(f"async+{url}", implementation="redispy", key_prefix="hotline-limits")
