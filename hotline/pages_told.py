"""The web workers see telephony and may act. Light to load: after a kill their boards wait for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cti.bridge import Bridge
from cti.wire.answerer import Answerer
from cti.wire.redis_bus import RedisBus
from cti.wire.teller import Teller
from hotline.background import at_work


@asynccontextmanager
async def pages_told(redis_url: str, bridge: Bridge, *, epoch: int) -> AsyncIterator[None]:
    """Until the block ends. `epoch`: see docs/meeting-points.md."""

    def calling() -> tuple[int, ...]:
        paces = bridge.desk.paces
        return () if paces is None else paces.calling

    bus = RedisBus(redis_url)
    teller = Teller(bus, bridge.desk, bridge.feed, epoch=epoch, campaigns=calling)
    answerer = Answerer(bus, bridge.desk, bridge.feed, teller, epoch=epoch, never_heard=bridge.never_heard)
    try:
        async with at_work({"teller": teller.run(), "answerer": answerer.run()}):
            yield
    finally:
        await bus.close()
