"""A telephony process and a web worker that meet on a bus, each bus in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cti.wire.bus import Bus, InProcessBus
from cti.wire.redis_bus import RedisBus
from tests import redis_servers

redis_command, redis_url = redis_servers.redis_command, redis_servers.redis_url


@pytest.fixture(params=["in this process", "over Redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "in this process":
        yield InProcessBus()
        return
    over_redis = RedisBus(request.getfixturevalue("redis_url"))
    yield over_redis
    await over_redis.close()
