"""The real engine in virtual time against the exact values of Erlang B, C and A, row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from math import inf
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from acd.simulate import Estimate, Figures, Simulation, Traffic

ROWS = Path(__file__).with_name("erlang-rows.csv")
SEED = 20260716
DEFAULT_TALK = 180.0  # Erlang-B rows give the load only


def traffic_of(row: Mapping[str, str]) -> Traffic:
    """The traffic of one row; blocked calls of Erlang-B leave, callers of Erlang-C wait for ever."""
    talk = float(row["aht_s"] or DEFAULT_TALK)
    patience = {"Erlang-B": "0", "Erlang-C": "inf", "Erlang-A": row["patience_s"]}[row["model"]]
    return Traffic(
        calls_per_hour=float(row["calls_per_hour"] or float(row["erlangs"]) * 3600 / talk),
        talk=talk,
        agents=int(row["agents"]),
        patience=float(patience),
        target=float(row["target_s"] or inf),
    )


def compare(row: Mapping[str, str], figures: Figures) -> dict[str, tuple[Estimate, float]]:
    """Every figure for which the row has an exact value."""
    simulated = {
        "occupancy": figures.occupancy,
        "p_wait_or_block": figures.waited,
        "asa_s": figures.mean_wait,
        "sl_answered_in_T_of_offered": figures.answered_in_time,
        "p_abandon": figures.abandoned,
    }
    return {name: (estimate, float(row[name])) for name, estimate in simulated.items() if row[name]}


def run(rows: Path = ROWS, calls: int = 100_000) -> dict[str, Any]:
    """Each row with so many calls; a row is outside when a figure is over four standard errors off."""
    outside, played, spent = [], 0, 0.0
    with rows.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for number, row in enumerate(table):
        began = process_time()
        figures = Simulation(traffic_of(row), Random(SEED + number)).run(calls)
        spent += process_time() - began
        played += calls
        if not all(estimate.agrees_with(exact) for estimate, exact in compare(row, figures).values()):
            outside.append(number + 2)
    return {
        "name": "simulate",
        "figures": {"rows": len(table), "rows_outside": len(outside), "calls_per_s": played / spent},
        "ratios": {},
        "runs": 1,
        "conditions": f"{calls} calls a row, 30 batches, first tenth dropped, four standard errors, seed {SEED} plus "
        f"the row; lines outside: {outside or 'none'}; speed by processor time of one core",
    }
