"""The engine in virtual time agrees with what is known exactly, and its work does not grow with the site."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

import pytest

from acd import commands, events
from acd.simulate import Engine, Simulation, Traffic, engine_for
from benchmarks.engine import Site
from benchmarks.erlang import ROWS, SEED, Wanted, figures, play, run
from benchmarks.erlang_rows import Row, read

TABLE = read(ROWS)
SMALL_ROWS = [row for row in TABLE if row.load.agents <= 14]
QUICK = Wanted(calls=12_000, percent=0)


@pytest.mark.parametrize("row", SMALL_ROWS, ids=lambda row: f"{row.model}-{row.load.agents}-agents")
def test_a_simulated_queue_agrees_with_the_exact_values(row):
    found = play(row, QUICK, SEED)
    assert found.outside == []
    plain = {name: estimate for name, estimate in found.uncorrected.items() if name in row.exact}
    assert all(estimate.agrees_with(row.exact[name]) for name, estimate in plain.items())


def test_the_same_seed_plays_the_same_day():
    row = SMALL_ROWS[-1]
    again = [play(row, QUICK, 7) for _ in range(2)]
    assert again[0].estimates == again[1].estimates


class LastComeFirstServed:
    """An engine that is wrong: who came last goes first. The mean wait stays, the service level does not."""

    def __init__(self, agents: int) -> None:
        self._engine, self._came = engine_for(agents), 0

    def handle(self, event: events.Event, /) -> list[commands.Command]:
        if isinstance(event, events.CallQueued):
            self._came += 1
            event = replace(event, priority=self._came)
        return self._engine.handle(event)


class Forgetful:
    """An engine that is wrong: every second time it sees one event too late that an agent is free."""

    def __init__(self, agents: int) -> None:
        self._engine, self._ended = engine_for(agents), 0
        self._kept: list[events.Event] = []

    def handle(self, event: events.Event, /) -> list[commands.Command]:
        due, self._kept = self._kept, []
        if isinstance(event, events.TalkEnded):
            self._ended += 1
            if self._ended % 2 == 0:
                self._kept = [event]
                return [wish for late in due for wish in self._engine.handle(replace(late, at=event.at))]
        wishes = [wish for late in due for wish in self._engine.handle(replace(late, at=event.at))]
        return wishes + self._engine.handle(event)


def outside(row: Row, engine: Engine) -> set[str]:
    load = row.load
    traffic = Traffic(
        calls_per_hour=load.calls_per_hour,
        talk=load.talk,
        agents=load.agents,
        patience=load.patience,
        target=load.target,
    )
    simulation = Simulation(traffic, Random(SEED), batch_calls=400, engine=engine)
    simulation.play(100)
    _, estimates = figures(row, simulation, 100, 0.0)
    return {name for name, exact in row.exact.items() if not estimates[name].agrees_with(exact)}


ERLANG_C = next(row for row in SMALL_ROWS if row.model == "Erlang-C" and row.load.agents == 14)


@pytest.mark.parametrize(
    ("engine", "wrong"),
    [
        (LastComeFirstServed(14), {"in_time"}),
        (engine_for(13), {"mean_wait", "in_time", "waits"}),
        (Forgetful(14), {"mean_wait", "waits"}),
    ],
    ids=["last come first served", "an agent who is never used", "an agent noticed late"],
)
def test_an_engine_that_is_wrong_is_found_out_also_with_control_variates(engine, wrong):
    assert wrong <= outside(ERLANG_C, engine)


def test_a_file_of_rows_is_played_whole_and_each_figure_is_told():
    result = run(ROWS, Wanted(calls=3_000, percent=0))
    assert result["figures"]["rows"] == len(TABLE) == len(result["rows_detail"])
    first = result["rows_detail"][0]
    assert first["seed"] == SEED
    assert set(first["figures"]) == {"occupancy", "p_wait_or_block"}


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_every_row_is_within_four_errors_and_two_percent_at_a_million_calls():
    result = run(ROWS, Wanted())
    assert result["figures"]["rows_outside"] == 0
    assert result["figures"]["rows_over_percent"] == 0
    assert result["figures"]["calls_per_s"] >= 20_000


def steps_of(agents: int) -> int:
    site = Site(agents)
    site.settle()
    steps = 0

    def count(_frame: object, _event: str, _argument: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        site.play(300)
    finally:
        sys.setprofile(None)
    return steps


def test_a_decision_among_two_thousand_agents_takes_no_more_steps_than_among_a_hundred():
    assert steps_of(2_000) <= 1.5 * steps_of(100)
