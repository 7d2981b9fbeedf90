"""The real engine in virtual time against the exact values of Erlang B, C and A, row by row (P4)."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from math import inf, sqrt
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from acd.simulate import Simulation, Traffic
from benchmarks.control_variates import present_at_first
from benchmarks.erlang_rows import COLUMN_OF, Row, read
from benchmarks.estimates import BATCHES, ERRORS, WARM_UP, Estimate, controlled, counted, plain
from reports.staffing import Load

ROWS = Path(__file__).with_name("erlang-rows.csv")
SEED = 20260716
BATCHES_PLAYED = 100  # per number of calls asked for: ten warm up, three make one of the thirty counted
MOST_SECONDS = 600.0  # of processor time that one row may take until its errors are small enough
PROOF_CALLS = 1_000_000
PERCENT = 2.0
FEW = 400  # events; from fewer nobody can tell how far apart they come


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`percent`: a row is played on until four standard errors are no more than that; 0 = `calls` and no more."""

    calls: int = PROOF_CALLS
    seed: int = SEED
    percent: float = PERCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`estimates` are corrected by control variates where `corrected` says so; `needed` calls would be enough."""

    row: Row
    seed: int
    calls: int
    seconds: float
    estimates: dict[str, Estimate]
    uncorrected: dict[str, Estimate]
    needed: int = 0

    @property
    def outside(self) -> list[str]:
        wrong = [name for name, exact in self.row.exact.items() if not self.estimates[name].agrees_with(exact)]
        return ["steady_state"] if self.row.impossible else wrong


Progress = Callable[[int, int], object]
"""Is told how many calls were played, of how many."""


def run(rows: Path = ROWS, wanted: Wanted | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """The form of every measurement, and `rows_detail`. Each row has a seed of its own and a processor core."""
    wanted = wanted or Wanted()
    found = list(_play_all(read(rows), wanted, progress))
    outside = [result.row.line for result in found if result.outside]
    wide = [result.row.line for result in found if result.needed]
    seconds = sum(result.seconds for result in found)
    played = sum(result.calls for result in found)
    return {
        "name": "simulate",
        "figures": {
            "rows": len(found),
            "rows_outside": len(outside),
            "rows_over_percent": len(wide),
            "calls_per_s": played / seconds if seconds else 0.0,
        },
        "ratios": {},
        "runs": 1,
        "conditions": f"{wanted.calls} calls a row or more, {BATCHES} batches, first {WARM_UP:.0%} dropped, "
        f"{ERRORS:g} standard errors, seed {wanted.seed} plus the row's number; lines outside: {outside or 'none'}; "
        f"lines with an error over {wanted.percent:g} %: {wide or 'none'}; speed by processor time of one core",
        "rows_detail": [_detail(result) for result in found],
    }


def _detail(found: Found) -> dict[str, Any]:
    row = found.row
    figures = {
        COLUMN_OF[name]: {
            "exact": exact,
            "estimate": found.estimates[name].value,
            "standard_error": found.estimates[name].error,
            "four_errors_percent": None if found.estimates[name].percent == inf else found.estimates[name].percent,
            "control_variate": found.estimates[name] is not found.uncorrected[name],
            "plain_estimate": found.uncorrected[name].value,
            "plain_standard_error": found.uncorrected[name].error,
            "within": found.estimates[name].agrees_with(exact),
        }
        for name, exact in row.exact.items()
    }
    return {
        "line": row.line,
        "model": row.model,
        "agents": row.load.agents,
        "erlangs": row.load.erlangs,
        "seed": found.seed,
        "calls": found.calls,
        "seconds": found.seconds,
        "within": not found.outside,
        "calls_needed_for_percent": found.needed or None,
        "note": row.note,
        "figures": figures,
    }


def _play_all(rows: Sequence[Row], wanted: Wanted, progress: Progress | None) -> Iterator[Found]:
    """In the order of the file; several rows at a time where there are several cores."""
    played: Synchronized[int] = multiprocessing.Value("q", 0)
    total = sum(wanted.calls for row in rows if row.exact)
    show = progress or _nothing
    workers = min(len(rows), len(os.sched_getaffinity(0)))
    if workers <= 1:
        _share(played)
        for number, row in enumerate(rows):
            yield play(row, wanted, wanted.seed + number)
            show(played.value, max(total, played.value))
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_share, initargs=(played,)) as pool:
        futures: list[Future[Found]] = [
            pool.submit(play, row, wanted, wanted.seed + number) for number, row in enumerate(rows)
        ]
        waiting: set[Future[Found]] = set(futures)
        while waiting:
            waiting = wait(waiting, timeout=0.3).not_done
            show(played.value, max(total, played.value))
        yield from (future.result() for future in futures)


def _nothing(done: int, of: int) -> None:
    """Nobody looks."""


_played: Synchronized[int] | None = None


def _share(played: Synchronized[int]) -> None:
    global _played  # noqa: PLW0603 - of this worker process: what its parent counts
    _played = played


def play(row: Row, wanted: Wanted, seed: int) -> Found:
    """One row: so many calls, and more while an error is over the percent and ten minutes are not."""
    if not row.exact:
        return Found(row=row, seed=seed, calls=0, seconds=0.0, estimates={}, uncorrected={})
    began, chance, load = process_time(), Random(seed), row.load
    traffic = Traffic(
        calls_per_hour=load.calls_per_hour,
        talk=load.talk,
        agents=load.agents,
        patience=0.0 if row.blocking else load.patience,
        target=load.target,
    )
    simulation = Simulation(
        traffic,
        chance,
        batch_calls=wanted.calls // BATCHES_PLAYED,
        present=present_at_first(load, chance.random(), blocking=row.blocking),
    )
    batches = 0
    while True:
        batches += max(BATCHES_PLAYED, batches)
        _play_to(simulation, batches)
        uncorrected, estimates = figures(row, simulation, batches, wanted.percent)
        spent = process_time() - began
        worst = max(estimates[name].percent for name in row.exact)
        enough = wanted.percent <= 0 or worst <= wanted.percent
        if enough or 3 * spent > MOST_SECONDS:
            break
    needed = 0 if enough else _calls_needed(simulation.calls, worst / wanted.percent)
    return Found(
        row=row,
        seed=seed,
        calls=simulation.calls,
        seconds=spent,
        estimates=estimates,
        uncorrected=uncorrected,
        needed=needed,
    )


def _calls_needed(calls: int, too_wide: float) -> int:
    return 0 if too_wide == inf else int(calls * too_wide**2)


def _play_to(simulation: Simulation, batches: int) -> None:
    before = simulation.calls
    for number in range(len(simulation.batches) + 1, batches + 1):
        simulation.play(number)
        if _played is not None:
            with _played.get_lock():
                _played.value += simulation.calls - before
        before = simulation.calls


def figures(
    row: Row, simulation: Simulation, batches: int, percent: float
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Plain estimates; and those to go by, corrected where the plain error is too wide or cannot be trusted."""
    groups, load = counted(simulation.batches[:batches]), row.load
    calls = sum(batch.calls for group in groups for batch in group)
    uncorrected = {
        name: _at_least(plain_, row, name, calls)
        for name, plain_ in plain(groups, load.agents).items()
        if name in row.exact
    }
    better = controlled(groups, load, blocking=row.blocking)
    long_enough = calls / load.per_second / BATCHES > 10 * _memory(row)
    chosen = {}
    for name, estimate in uncorrected.items():
        good = long_enough and estimate.percent <= max(percent, 0.0)
        chosen[name] = estimate if good or _is_rare(row, name, calls) else better[name]
    return uncorrected, chosen


def _memory(row: Row) -> float:
    """Seconds after which a queue has about forgotten what it was: the relaxation time of M/M/n, or patience."""
    load = row.load
    slow = load.talk
    if not row.blocking and load.erlangs < load.agents:
        slow = max(slow, (sqrt(load.agents / load.talk) - sqrt(load.per_second)) ** -2)
    return min(slow, max(load.patience, load.talk))


def _is_rare(row: Row, name: str, calls: int) -> bool:
    share = row.exact.get("waits" if name == "mean_wait" else name, 1.0)
    return name != "occupancy" and 0 < calls * min(share, 1 - share) < FEW


def _at_least(estimate: Estimate, row: Row, name: str, calls: int) -> Estimate:
    """Where hardly anything happened, batches agree by chance: the error is then that of counting clusters."""
    if not _is_rare(row, name, calls):
        return estimate
    exact, waits = row.exact[name], row.exact["waits"]
    cluster = 1 / (1 - min(row.load.erlangs / row.load.agents, 0.99))
    variance = 2 * exact**2 / waits if name == "mean_wait" else exact * (1 - exact)
    return Estimate(value=estimate.value, error=max(estimate.error, sqrt(variance * cluster / calls)))


def load_of(traffic: Traffic) -> Load:
    """The same traffic for the formulas."""
    return Load(
        calls_per_hour=traffic.calls_per_hour,
        talk=traffic.talk,
        agents=traffic.agents,
        patience=traffic.patience or inf,
        target=traffic.target,
    )
