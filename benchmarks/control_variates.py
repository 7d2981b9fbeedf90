"""Sums with a known mean of zero, by which a simulated figure is corrected: few calls say then what many would.

While x calls are present, calls come at a known rate, each busy agent hangs up and each waiting caller gives up at a
known rate, whatever the engine does. So "what came minus what was to be expected", weighted by any function of x, has
the mean zero (a martingale). With the weights that solve Poisson's equation for the figure it carries nearly all of
the figure's slow noise: Henderson & Glynn, "Approximating martingales for variance reduction in Markov process
simulation" (Mathematics of Operations Research 27, 2002). The seconds of the agents who were really busy are used:
an engine that lets agents idle is not excused by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from math import inf
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from acd.simulate import Batch
from reports.staffing import Load, blocked, performance, shares_ahead, tail_of_offered_wait

Numbers: TypeAlias = npt.NDArray[np.float64]
FIGURES = ("occupancy", "waits", "mean_wait", "in_time", "gives_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One batch by calls present; `busy` and `waiting` are seconds of agents and of callers."""

    seconds: Numbers
    came: Numbers
    ended: Numbers
    left: Numbers
    busy: Numbers
    waiting: Numbers


def seen(batches: Sequence[Batch], agents: int, states: int) -> Seen:
    def total(name: str) -> Numbers:
        sums = np.zeros(states)
        for batch in batches:
            column = np.asarray(getattr(batch, name), dtype=np.float64)
            sums[: len(column)] += column[:states]
        return sums

    seconds, present = total("seconds"), np.arange(states)
    busy = np.minimum(present, agents) * seconds - total("idle")
    return Seen(
        seconds=seconds,
        came=total("came"),
        ended=total("ended"),
        left=total("left"),
        busy=busy,
        waiting=present * seconds - busy,
    )


class Weights:
    """For each figure what a call that finds x present may expect, and what one more call present changes."""

    def __init__(self, load: Load, states: int, *, blocking: bool) -> None:
        self._load, self._states, self._blocking = load, states, blocking
        self._margin = 0 if blocking else _margin(load, states)
        self._found = _found(load, states + self._margin, blocking=blocking)
        self._changes = {name: self._change(name) for name in FIGURES}

    def controls(self, name: str, batch: Seen) -> tuple[float, float, float]:
        """The noise of who was present, of who came when, and of who lost patience; each has the mean zero."""
        coming, talk, patience = self._load.per_second, self._load.talk, self._load.patience
        change, found = self._changes[name], self._found[name][: self._states]
        surplus = batch.came - coming * batch.seconds
        impatient = batch.left - batch.waiting / patience if not self._blocking else batch.left
        gone = batch.ended - batch.busy / talk + impatient
        return float(change @ surplus - change[:-1] @ gone[1:]), float(found @ surplus), float(impatient.sum())

    def _change(self, name: str) -> Numbers:
        """Poisson's equation; from below while fewer calls go than come, from above where more go: both are stable."""
        load, found = self._load, self._found[name]
        present, coming = np.arange(len(found)), load.per_second
        going = np.minimum(present, load.agents) / load.talk
        if load.patience < inf:
            going = going + np.maximum(present - load.agents, 0) / load.patience
        mean = exact_figures(load, blocking=self._blocking)[name]
        change = np.zeros(len(found))
        top = len(found) - 1
        if not self._blocking:
            change[top] = (found[top] - mean) / (going[top] - coming)
        turn = int(np.searchsorted(going, coming, side="right"))
        for x in range(min(turn, top)):
            change[x] = (mean - found[x] + (going[x] * change[x - 1] if x else 0.0)) / coming
        for x in range(top, turn, -1):
            change[x - 1] = (coming * change[x] + found[x] - mean) / going[x]
        return change[: self._states]


def _margin(load: Load, states: int) -> int:
    """States above those seen, so that where the recursion begins makes no difference (a factor of 1e-9)."""
    coming, going, left = load.per_second, load.agents / load.talk, 1.0
    for more in count():
        waiting = max(states + more - load.agents, 0)
        left *= min(1.0, coming / (going + waiting / load.patience))
        if left < 1e-9:
            return more + 1
    raise AssertionError


def exact_figures(load: Load, *, blocking: bool) -> dict[str, float]:
    """Every figure by its formula; `blocking` = who finds all agents busy leaves."""
    if blocking:
        share = blocked(load.erlangs, load.agents)
        busy = load.erlangs * (1 - share) / load.agents
        return {"occupancy": busy, "waits": share, "mean_wait": 0.0, "in_time": 1 - share, "gives_up": share}
    exact = performance(load)
    return {name: getattr(exact, name) for name in FIGURES}


def _found(load: Load, states: int, *, blocking: bool) -> dict[str, Numbers]:
    present = np.arange(states)
    all_busy = (present >= load.agents).astype(np.float64)
    found = {"occupancy": np.minimum(present, load.agents) / load.agents, "waits": all_busy}
    if blocking:
        return {**found, "mean_wait": np.zeros(states), "in_time": 1 - all_busy, "gives_up": all_busy}
    in_line = np.maximum(present - load.agents, 0)
    odds = load.agents / load.talk * load.patience
    served = odds / (odds + in_line + 1) if odds < inf else np.ones(states)
    late = all_busy.copy()
    if states > load.agents and load.target < inf:
        tail = tail_of_offered_wait(load, served=odds < inf)
        late[load.agents :] = np.fromiter(islice(tail, states - load.agents), np.float64, states - load.agents)
    # By Little's law the sum of the waits is the time integral of the queue, which says more than what a call expects.
    wait = in_line / load.per_second
    in_time = np.where(all_busy > 0, served * (1 - late), 1.0)
    return {**found, "mean_wait": wait, "in_time": in_time, "gives_up": wait / load.patience}


def present_at_first(load: Load, dice: float, *, blocking: bool) -> int:
    """Calls in the house at a random moment, by a number drawn from [0, 1): a long warm-up in one step."""
    waits = exact_figures(load, blocking=blocking)["waits"]
    full = load.agents
    if dice < waits and not blocking:
        for in_line, share in enumerate(_shares_in_line(load, waits)):
            dice -= share
            if dice < 0:
                return full + in_line
    if dice < waits:
        return full
    dice, share = (dice - waits) / (1 - waits), 1.0
    below = [share := share * (present + 1) / load.erlangs for present in range(full - 2, -1, -1)]
    dice *= 1 + sum(below)
    for fewer, share in enumerate([1.0, *below]):
        dice -= share
        if dice < 0:
            return full - 1 - fewer
    return 0


def _shares_in_line(load: Load, waits: float) -> Iterable[float]:
    if load.patience < inf:
        return shares_ahead(load)
    use = load.erlangs / load.agents
    return (waits * (1 - use) * use**in_line for in_line in count())
