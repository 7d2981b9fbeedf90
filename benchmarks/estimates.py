"""From simulated batches to figures with standard errors: plain batch means, or corrected by control variates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from acd.simulate import Batch
from benchmarks.control_variates import FIGURES, Numbers, Seen, Weights, seen
from reports.staffing import Load

BATCHES = 30
WARM_UP = 0.1
ERRORS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over the batches and its standard error."""

    value: float
    error: float

    def agrees_with(self, exact: float, errors: float = ERRORS) -> bool:
        return abs(self.value - exact) <= errors * self.error + 1e-12

    @property
    def percent(self) -> float:
        """Four standard errors in percent of the value."""
        if self.error == 0:
            return 0.0
        return 100 * ERRORS * self.error / abs(self.value) if self.value else inf


def counted(batches: Sequence[Batch]) -> list[Sequence[Batch]]:
    """What comes after the warm-up, in 30 groups of equal size; the warm-up is a tenth or a little more."""
    size = int(len(batches) * (1 - WARM_UP)) // BATCHES
    kept = batches[len(batches) - size * BATCHES :]
    return [kept[first : first + size] for first in range(0, len(kept), size)]


def plain(groups: Sequence[Sequence[Batch]], agents: int) -> dict[str, Estimate]:
    """Of all calls that came: who waited or was blocked, mean wait, answered in time, gave up; and the occupancy."""
    means = _means(groups, [seen(group, agents, _states([group])) for group in groups], agents)
    return {name: _batch_means(means[name]) for name in FIGURES}


def controlled(groups: Sequence[Sequence[Batch]], load: Load, *, blocking: bool) -> dict[str, Estimate]:
    """The same, each batch corrected by a regression on its control variates."""
    states = _states(groups)
    weights = Weights(load, states, blocking=blocking)
    sights = [seen(group, load.agents, states) for group in groups]
    means = _means(groups, sights, load.agents)
    calls = np.array([sum(batch.calls for batch in group) for group in groups], dtype=np.float64)
    spans = np.array([float(sight.seconds.sum()) for sight in sights])
    pace = spans * load.per_second / calls - 1  # so many calls took longer or shorter than they should
    estimates = {}
    for name in FIGURES:
        noise = np.array([weights.controls(name, sight) for sight in sights])
        per = spans if name == "occupancy" else calls
        estimates[name] = _regressed(means[name], np.column_stack([noise / per[:, None], pace]))
    return estimates


def _states(groups: Sequence[Sequence[Batch]]) -> int:
    return max(len(batch.seconds) for group in groups for batch in group)


def _means(groups: Sequence[Sequence[Batch]], sights: Sequence[Seen], agents: int) -> dict[str, Numbers]:
    calls = np.array([sum(batch.calls for batch in group) for group in groups], dtype=np.float64)

    def per_call(name: str) -> Numbers:
        sums = [sum(getattr(batch, name) for batch in group) for group in groups]
        return np.divide(np.array(sums, dtype=np.float64), calls)

    occupancy = np.array([float(sight.busy.sum() / sight.seconds.sum()) / agents for sight in sights])
    return {
        "occupancy": occupancy,
        "waits": per_call("waited"),
        "mean_wait": per_call("wait"),
        "in_time": per_call("in_time"),
        "gives_up": per_call("abandoned"),
    }


def _batch_means(values: Numbers) -> Estimate:
    return Estimate(value=float(values.mean()), error=float(values.std(ddof=1)) / sqrt(len(values)))


def _regressed(values: Numbers, controls: Numbers) -> Estimate:
    """The value at controls of zero, and its standard error, by least squares."""
    used = controls[:, np.abs(controls).max(axis=0) > 0]
    scaled = used / np.abs(used).max(axis=0)
    design = np.column_stack([np.ones(len(values)), scaled])
    inverse = np.linalg.pinv(design)
    coefficients = inverse @ values
    rest = values - design @ coefficients
    freedom = len(values) - design.shape[1]
    variance = float(rest @ rest) / freedom
    return Estimate(value=float(coefficients[0]), error=sqrt(variance * float(inverse[0] @ inverse[0])))
