"""Erlang B, C and A against exact fractions and an independent integral, to 1e-9."""

from __future__ import annotations

import csv
import sys
from fractions import Fraction
from math import exp, expm1, inf
from pathlib import Path
from types import FrameType

import pytest

from reports.staffing import Load, blocked, performance

ROWS = Path(__file__).parents[3] / "benchmarks" / "erlang-rows.csv"
with ROWS.open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
FIGURES = {
    "occupancy": "occupancy",
    "p_wait_or_block": "waits",
    "asa_s": "mean_wait",
    "sl_answered_in_T_of_offered": "in_time",
    "p_abandon": "gives_up",
    "p_abandon_within_T": "gives_up_in_time",
    "sl_excl_short_abandon": "in_time_without_short",
    "sl_given_served": "in_time_of_served",
    "mean_queue": "mean_queue",
}


def close(value: float, exact: float | Fraction) -> bool:
    return abs(value - float(exact)) <= 1e-9 * max(1.0, abs(float(exact)))


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row["model"] != "Erlang-B"], ids=lambda row: str(row["agents"])
)
def test_every_figure_of_the_reference_table_is_met_to_its_last_digit(row):
    load = Load(
        calls_per_hour=float(row["calls_per_hour"]),
        talk=float(row["aht_s"]),
        agents=int(row["agents"]),
        patience=float(row["patience_s"] or inf),
        target=float(row["target_s"]),
    )
    computed = performance(load)
    for column, name in FIGURES.items():
        if row[column]:
            assert close(getattr(computed, name), float(row[column])), column


def exactly_blocked(erlangs: Fraction, agents: int) -> Fraction:
    term = total = Fraction(1)
    for busy in range(1, agents + 1):
        term = term * erlangs / busy
        total += term
    return term / total


@pytest.mark.parametrize(("erlangs", "agents"), [(1, 1), (5, 3), (45, 60), (480, 500), (900, 500)])
def test_blocking_equals_the_exact_fraction(erlangs, agents):
    assert close(blocked(erlangs, agents), exactly_blocked(Fraction(erlangs), agents))


@pytest.mark.parametrize(("erlangs", "agents"), [(Fraction(1, 2), 1), (10, 11), (480, 500), (499, 500)])
def test_waiting_without_end_equals_the_exact_fraction(erlangs, agents):
    blocking = exactly_blocked(Fraction(erlangs), agents)
    waits = agents * blocking / (agents - erlangs * (1 - blocking))
    found = performance(Load(calls_per_hour=float(erlangs * 20), talk=180, agents=agents, target=20))
    assert close(found.waits, waits)
    assert close(found.mean_wait, waits * 180 / (agents - erlangs))
    assert close(found.in_time, 1 - float(waits) * exp(-float(agents - erlangs) * 20 / 180))


IMPATIENT = [
    Load(calls_per_hour=20, talk=180, agents=1, patience=60, target=10),  # one agent
    Load(calls_per_hour=200, talk=180, agents=10, patience=120, target=20),
    Load(calls_per_hour=400, talk=180, agents=10, patience=30, target=5),  # twice what they can do
    Load(calls_per_hour=9600, talk=180, agents=480, patience=90, target=20),
    Load(calls_per_hour=1999, talk=180, agents=100, patience=3000, target=30),  # nearly as patient as Erlang C
    Load(calls_per_hour=200, talk=180, agents=12, patience=0.05, target=20),  # hardly any patience
]


def by_integral(load: Load) -> tuple[float, float, float]:
    """Waits, gives up, in time by the density of the offered wait (Baccelli & Hebuterne 1981), Simpson's rule."""
    coming, talks, leaving = load.per_second, load.agents / load.talk, 1 / load.patience

    def density(x: float) -> float:
        return coming * exp(coming / leaving * -expm1(-leaving * x) - talks * x)

    def integral(function, until: float) -> float:
        steps = 200_000
        width = until / steps
        inner = sum((4 if step % 2 else 2) * function(step * width) for step in range(1, steps))
        return (function(0.0) + inner + function(until)) * width / 3

    far = 40 / talks + 60 * load.patience if load.patience < 1000 else 4000.0
    far = min(far, 800 / (talks - min(coming, talks * 0.99)) if coming < talks else far)
    free = float(1 / exactly_blocked(Fraction(load.erlangs), load.agents - 1))
    late = integral(density, far)
    last_free = 1 / (free + late)
    stays = integral(lambda x: density(x) * exp(-leaving * x), far)
    in_time = free + integral(lambda x: density(x) * exp(-leaving * x), min(load.target, far))
    return late * last_free, (late - stays) * last_free, in_time * last_free


@pytest.mark.parametrize("load", IMPATIENT, ids=lambda load: f"{load.agents}-agents-{load.patience:g}-s")
def test_impatient_callers_agree_with_an_independent_integral(load):
    found = performance(load)
    waits, gives_up, in_time = by_integral(load)
    assert found.waits == pytest.approx(waits, abs=1e-9)
    assert found.gives_up == pytest.approx(gives_up, abs=1e-9)
    assert found.in_time == pytest.approx(in_time, abs=1e-9)
    assert found.mean_wait == pytest.approx(found.gives_up * load.patience, rel=1e-12)
    assert found.occupancy == pytest.approx(load.erlangs * (1 - gives_up) / load.agents, abs=1e-9)


def test_more_work_than_agents_can_do_has_no_steady_state_without_patience():
    found = performance(Load(calls_per_hour=200, talk=180, agents=10))
    assert (found.waits, found.mean_wait, found.in_time) == (1.0, inf, 0.0)


def test_where_no_float_holds_the_chance_of_waiting_nobody_waits():
    found = performance(Load(calls_per_hour=2_000, talk=900, agents=4_096, patience=30))
    assert (found.waits, found.gives_up, found.in_time) == (0.0, 0.0, 1.0)


def test_the_work_grows_with_the_agents_and_not_with_their_square():
    assert _lines_run(agents=500) < 15 * _lines_run(agents=50)


def _lines_run(*, agents: int) -> int:
    """How many lines of Python one performance takes: what a clock would say of it on any machine."""
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> object:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)  # type: ignore[arg-type]
    try:
        performance(Load(calls_per_hour=20 * agents, talk=180, agents=agents, patience=120))
    finally:
        sys.settrace(before)
    return lines
