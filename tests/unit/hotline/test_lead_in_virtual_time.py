"""Whatever happens to processes, database and clocks, in whatever order: no former leader acts after a later one."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.hotline.virtual_processes import VirtualLoop, World

FAULTS = ("stop", "go on", "kill", "start", "cut off", "reach again", "all away", "all back", "clock")
Happening = tuple[float, str, int, float]
HAPPENINGS = st.lists(
    st.tuples(
        st.floats(0.01, 4.5),
        st.sampled_from(FAULTS),
        st.integers(0, 5),
        st.sampled_from((-20.0, -2.0, 1.5, 3.5, 20.0)),
    ),
    max_size=25,
)
REACHES = ("kills", "sees", "elsewhere")
QUIET_SECONDS = 50.0  # a clock that was set back by 20 s keeps a lease for so much longer


def happen(world: World, fault: str, which: int, step: float) -> None:
    living = [process for process in world.processes if not process.dead]
    process = living[which % len(living)] if living else None
    match fault:
        case "start" if len(living) < 3:
            world.start()
        case "all away" | "all back":
            world.all_cut = fault == "all away"
        case "clock":
            world.clock_ahead += step
        case "kill" if process is not None:
            process.dead = True
        case "stop" | "go on" if process is not None:
            process.goes_on(stopped=fault == "stop")
        case "cut off" | "reach again" if process is not None:
            process.cut = fault == "cut off"


async def live(world: World, happenings: list[Happening]) -> None:
    world.start()
    world.start()
    for seconds, fault, which, step in happenings:
        await asyncio.sleep(seconds)
        happen(world, fault, which, step)
    world.all_cut = False
    for process in world.processes:
        process.cut = False
        process.goes_on(stopped=False)
    world.start()  # as whoever keeps them does for each that has ended
    await asyncio.sleep(QUIET_SECONDS)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def lived(happenings: list[Happening], reach: str, patience: float, monkeypatch: pytest.MonkeyPatch) -> World:
    folder, loop = Path(tempfile.mkdtemp()), VirtualLoop()
    monkeypatch.setattr("hotline.lead._now", loop.time)
    world = World(folder, loop, reach, patience)
    try:
        loop.run_until_complete(live(world, happenings))
    finally:
        shutil.rmtree(folder)
        loop.close()
    return world


@pytest.mark.parametrize("examples", [40, pytest.param(3_000, marks=pytest.mark.full)])
@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.timeout(3_600)
def test_no_two_ever_act_and_when_all_is_quiet_again_one_does(
    reach: str, examples: int, monkeypatch: pytest.MonkeyPatch
):
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(HAPPENINGS, st.sampled_from((1.0, 7.0)))
    def check(happenings: list[Happening], patience: float) -> None:
        world = lived(happenings, reach, patience, monkeypatch)
        epochs = [epoch for _, epoch in world.acts]
        assert all(before <= after for before, after in pairwise(epochs)), "a former leader acted after a later one"
        assert world.acts, "nobody ever led"
        assert world.acts[-1][0] > world.loop.time() - 1.0, "nobody leads although all is well again"

    check()
