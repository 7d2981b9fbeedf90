"""`hotline status` asks which web workers there are: those answer that live, each for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from cti.views import FloorView
from cti.wire.bus import ROLL, Bus
from cti.wire.mirror import NOTHING
from cti.wire.roll import answer_rolls, call_roll


@asynccontextmanager
async def workers(bus: Bus, *floors: FloorView) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(answer_rolls(bus, lambda floor=floor: floor)) for floor in floors]
    await asyncio.sleep(0.05)  # they follow the line now
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_each_worker_says_whether_it_sees_telephony(bus: Bus):
    async with workers(bus, replace(NOTHING, connected=True, number=7), NOTHING):
        found = await call_roll(bus, 2)
    assert {(one.connected, one.number) for one in found} == {(True, 7), (False, 0)}


async def test_who_does_not_live_does_not_answer_and_noise_on_the_line_makes_nobody_deaf(bus: Bus):
    async with workers(bus, NOTHING):
        await bus.append(ROLL, b"no call")
        assert len(await call_roll(bus, 2, seconds=0.5)) == 1
