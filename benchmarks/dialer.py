"""Agents' occupancy and dropped calls: ours, VICIdial's rule, the best that can be known, and who knows all (P10)."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import mean
from typing import Any

from acd.dialer import Mode, Pacer, PacingRules
from benchmarks.dialer_bound import Informed, Promise, Truth, clairvoyant_occupancy
from benchmarks.dialer_peers import HardLimit
from benchmarks.dialer_world import Cell, Customers, Day, Dialer, Outcome, scenario, worst_percent

SHORT = [Cell(agents=20, answer_percent=percent, hours=10) for percent in (10, 20, 40)]
FULL = [
    *(
        Cell(agents=agents, answer_percent=percent, hours=10)
        for agents in (5, 10, 20, 50, 100)
        for percent in (10, 20, 30, 40, 50, 60)
    ),
    *(Cell(agents=20, answer_percent=percent, hours=10, days=3) for percent in (10, 20, 30, 40)),
]
RISKS = (0.012, 0.022)
FULL_RISKS = (0.008, 0.014, 0.02, 0.03)


@dataclass(frozen=True, slots=True)
class Compared:
    """One cell. `bound` keeps the limit whatever happens, as ours does; `bound_on_average` only over the whole run."""

    cell: Cell
    ours: Outcome
    hard_limit: Outcome
    bound: float
    bound_on_average: float
    clairvoyant: float

    @property
    def counts(self) -> bool:
        """Whether the goals' mean takes it; days that do not begin cold have a figure of their own."""
        return self.cell.agents >= 20 and self.cell.answer_percent <= 40 and self.cell.days == 1


def compare(cell: Cell, told: dict[str, Any], risks: Sequence[float]) -> Compared:
    truth = Truth(Customers(told, cell))
    lines, limit = told["most_lines_per_agent"], told["limit_percent"]

    def play(dialer: Dialer) -> Outcome:
        return Day(Customers(told, cell), dialer).run()

    ours = play(our_pacer(told))
    peers = [play(HardLimit(limit, counts_wrap_up=counted)) for counted in (False, True)]
    promised = [
        play(Informed(truth, risk, lines, Promise(limit))).occupancy for risk in (None, *risks[: len(risks) // 2])
    ]
    free = [play(Informed(truth, risk, lines)) for risk in risks]
    return Compared(
        cell=cell,
        ours=ours,
        hard_limit=max(peers, key=lambda outcome: outcome.occupancy),
        bound=max(promised),
        bound_on_average=occupancy_at(limit, free),
        clairvoyant=clairvoyant_occupancy(Customers(told, cell)),
    )


def occupancy_at(percent: float, outcomes: Sequence[Outcome]) -> float:
    """What a dialer would reach that drops exactly so many, between the two of the outcomes around it."""
    below = [outcome for outcome in outcomes if outcome.drop_percent <= percent]
    above = [outcome for outcome in outcomes if outcome.drop_percent > percent]
    if not below or not above:
        return max(outcome.occupancy for outcome in below or above)
    low = max(below, key=lambda outcome: outcome.occupancy)
    high = min(above, key=lambda outcome: outcome.drop_percent)
    share = (percent - low.drop_percent) / (high.drop_percent - low.drop_percent)
    return low.occupancy + share * max(high.occupancy - low.occupancy, 0.0)


def our_pacer(told: dict[str, Any]) -> Pacer:
    """As a campaign has it that begins: nothing is known of its customers."""
    return Pacer(
        PacingRules(
            mode=Mode.PREDICTIVE,
            most_lines=1_000_000,
            abandon_limit_percent=told["limit_percent"],
            most_lines_per_agent=told["most_lines_per_agent"],
            ring_seconds=told["ring_seconds"],
            drop_after_seconds=told["drop_after_seconds"],
        )
    )


def run(full: bool) -> dict[str, Any]:
    """The form of every measurement, and `cells`."""
    told = scenario()
    cells = _compare_all(told) if full else [compare(cell, told, RISKS) for cell in SHORT]
    counted = [cell for cell in cells if cell.counts]
    longer = [cell for cell in cells if cell.cell.days > 1]
    return {
        "name": "dialer",
        "figures": {
            "worst_abandon_percent": max(_worst(cell.ours) for cell in cells),
            "abandon_percent": mean(cell.ours.drop_percent for cell in counted),
            "occupancy_percent": mean(cell.ours.occupancy for cell in counted),
            "occupancy_points_over_hard_limit": mean(c.ours.occupancy - c.hard_limit.occupancy for c in counted),
            "occupancy_points_below_bound": mean(c.bound - c.ours.occupancy for c in counted),
            "occupancy_points_below_average_bound": mean(c.bound_on_average - c.ours.occupancy for c in counted),
            "occupancy_points_below_clairvoyant": mean(c.clairvoyant - c.ours.occupancy for c in counted),
            "peer_worst_abandon_percent": max(_worst(cell.hard_limit) for cell in cells),
            **(
                {"three_days_below_average_bound": mean(c.bound_on_average - c.ours.occupancy for c in longer)}
                if longer
                else {}
            ),
        },
        "ratios": {},
        "runs": len(cells),
        "conditions": f"virtual time, cold start included, seed {told['seed']}; means over {len(counted)} cells of "
        "20 agents and more, 10-40 % answers, days of 10 h; bound: knows distributions and present answer rate, and "
        f"keeps {told['limit_percent']:g} % whoever answers; average bound: keeps it over the whole run only; worst: "
        "any 24 h with two drops or more; peer: the better of two readings of the published rule",
        "cells": [_detail(cell) for cell in cells],
    }


def _compare_all(told: dict[str, Any]) -> list[Compared]:
    """Large cells first, on all the processor cores there are."""
    order = sorted(range(len(FULL)), key=lambda number: -FULL[number].agents * FULL[number].days)
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        futures = {number: pool.submit(compare, FULL[number], told, FULL_RISKS) for number in order}
        return [futures[number].result() for number in range(len(FULL))]


def _worst(outcome: Outcome) -> float:
    return worst_percent(outcome.answers, outcome.drops)


def _detail(compared: Compared) -> dict[str, Any]:
    return {
        "agents": compared.cell.agents,
        "answer_percent": compared.cell.answer_percent,
        "days": compared.cell.days,
        "calls": compared.ours.calls,
        "answers": len(compared.ours.answers),
        "drops": len(compared.ours.drops),
        "worst_abandon_percent": _worst(compared.ours),
        "occupancy_percent": compared.ours.occupancy,
        "hard_limit": compared.hard_limit.occupancy,
        "hard_limit_worst_abandon_percent": _worst(compared.hard_limit),
        "bound": compared.bound,
        "bound_on_average": compared.bound_on_average,
        "clairvoyant": compared.clairvoyant,
    }
