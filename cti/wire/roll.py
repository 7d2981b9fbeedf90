"""Which web workers there are, on this machine or another, and how each is: one calls, each answers by itself."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import suppress

import structlog

from cti.views import FloorView
from cti.wire.bus import ROLL, Bus, BusAway, answered
from cti.wire.messages import Present, RollCall, Unreadable, read, to_bytes

log = structlog.get_logger(__name__)

SECONDS = 1.5


async def answer_rolls(bus: Bus, floor: Callable[[], FloorView]) -> None:
    """In a web worker, until cancelled."""
    async with bus.follow(ROLL) as messages:
        async for message in messages:
            try:
                called = read(RollCall, message)
            except Unreadable as wrong:
                log.error("roll_call_not_understood", reason=str(wrong)[:300])
                continue
            seen = floor()
            here = Present(machine=os.uname().nodename, pid=os.getpid(), connected=seen.connected, number=seen.number)
            with suppress(BusAway):
                await bus.append(answered(called.id), to_bytes(here))


async def call_roll(bus: Bus, expected: int, *, seconds: float = SECONDS) -> list[Present]:
    """Who answers in time; sooner when as many as expected have. Raises BusAway."""
    if not await bus.answers():
        raise BusAway
    call, found = RollCall(id=f"roll-{secrets.token_hex(8)}"), list[Present]()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), bus.follow(answered(call.id)) as messages:
            await bus.append(ROLL, to_bytes(call))
            async for message in messages:
                found.append(read(Present, message))
                if len(found) == expected:
                    break
    return sorted(found, key=lambda one: (one.machine, one.pid))
