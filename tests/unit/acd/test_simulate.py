"""The engine in virtual time agrees with what is known exactly, and its work does not grow with the site."""

import csv
import sys
from random import Random

import pytest

from acd.simulate import Simulation
from benchmarks.engine import Site
from benchmarks.erlang import ROWS, SEED, compare, traffic_of

with ROWS.open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
SMALL_ROWS = [row for row in TABLE if int(row["agents"]) <= 14]


@pytest.mark.parametrize("row", SMALL_ROWS, ids=lambda row: f"{row['model']}-{row['agents']}-agents")
def test_a_simulated_queue_agrees_with_the_exact_values(row):
    figures = Simulation(traffic_of(row), Random(SEED)).run(12_000)
    for name, (estimate, exact) in compare(row, figures).items():
        assert estimate.agrees_with(exact), (name, estimate, exact)


def test_the_same_seed_plays_the_same_day():
    traffic = traffic_of(SMALL_ROWS[-1])
    assert Simulation(traffic, Random(7)).run(2_000) == Simulation(traffic, Random(7)).run(2_000)


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
