"""What a campaign learns as it goes: how many answer and when, how long talks and after-call work take."""

from __future__ import annotations

from math import exp

import numpy as np

from acd.dialer_forecast import LONGEST_STEPS, STEP, AnswerTimes, Floats, steps
from acd.model import Instant

RATE_MEMORY = 900.0
"""Seconds after which an attempt's word on the answer rate counts half... by e: the rate drifts over the day."""
LONG_MEMORY = 14_400.0
FIRST_RATE, FIRST_TRIALS = 0.4, 12.0
FIRST_WHEN = 10.0
SHAPE_KEPT = 0.999
"""Of the weight of earlier answers, at each new one, as to how long phones ring."""
DURATION_KEPT = 0.998


class Answering:
    """The share of calls that are answered, which drifts, and after how many seconds of ringing, which hardly does."""

    def __init__(self, ring_seconds: float) -> None:
        count = steps(ring_seconds)
        middles = _middles(count)
        self._when = FIRST_WHEN * _normal_sum(middles * np.exp(-middles / 5))
        self._fails = 2 * _normal_sum(np.exp(-middles / 3))
        self._answered, self._failed, self._trials = FIRST_RATE * FIRST_TRIALS, 0.0, FIRST_TRIALS
        self._ever_answered, self._ever = self._answered, self._trials
        self._at: Instant | None = None

    @property
    def share(self) -> float:
        return min(max(self._answered / self._trials, 0.005), 0.995)

    @property
    def highest(self) -> float:
        """The share of these minutes or of these hours, whichever is more: after an hour of a dead trunk it is no 0."""
        return max(self.share, self._ever_answered / self._ever)

    @property
    def ended(self) -> float:
        """Calls of the last hours that were answered or ended without."""
        return self._ever

    def answered(self, rang: float, at: Instant) -> None:
        self._fade(at)
        self._answered += 1
        self._trials += 1
        self._ever_answered += 1
        self._ever += 1
        self._when *= SHAPE_KEPT
        self._when[self._step(rang)] += 1

    def failed(self, rang: float, at: Instant) -> None:
        """The line ended without a person; whether the other side ended it or it had rung long enough, time tells."""
        self._fade(at)
        self._trials += 1
        self._ever += 1
        if rang < STEP * (len(self._when) - 1):
            self._failed += 1
            self._fails *= SHAPE_KEPT
            self._fails[self._step(rang)] += 1

    def times(self) -> AnswerTimes:
        when, fails = _smooth(self._when, 1), self._fails
        return AnswerTimes(self.share, _normal_sum(when), self._failed / self._trials, _normal_sum(fails))

    def _step(self, rang: float) -> int:
        return min(int(max(rang, 0.0) / STEP), len(self._when) - 1)

    def _fade(self, at: Instant) -> None:
        if self._at is not None and at > self._at:
            kept = exp((self._at - at) / RATE_MEMORY)
            self._answered, self._failed, self._trials = self._answered * kept, self._failed * kept, self._trials * kept
            kept = exp((self._at - at) / LONG_MEMORY)
            self._ever_answered, self._ever = self._ever_answered * kept, self._ever * kept
        self._at = at


class Durations:
    """How long one kind of work takes; `first` seconds on average until better is known."""

    def __init__(self, first: float, weight: float, smooth: int) -> None:
        self._counts = np.zeros(LONGEST_STEPS)
        self._first, self._weight, self._smooth = first, weight, smooth

    def took(self, seconds: float) -> None:
        self._counts *= DURATION_KEPT
        self._counts[min(int(max(seconds, 0.0) / STEP), LONGEST_STEPS - 1)] += 1

    def chances(self) -> Floats:
        """Of each step that the work ends in it: what was seen, and a little of an exponential for what was not."""
        middles = _middles(LONGEST_STEPS)
        seen = float(self._counts.sum())
        mean = (self._first * self._weight + float(self._counts @ middles)) / (self._weight + seen)
        prior = self._weight * _normal_sum(np.exp(-middles / mean))
        return _normal_sum(_smooth(self._counts, self._smooth) + prior)


def _middles(count: int) -> Floats:
    """Of so many steps, in seconds."""
    return np.linspace(STEP / 2, (count - 0.5) * STEP, count, dtype=np.float64)


def _normal_sum(weights: Floats) -> Floats:
    normal: Floats = weights / weights.sum()
    return normal


def _smooth(counts: Floats, width: int) -> Floats:
    """Spread over so many neighbours on either side; what would fall before the first step stays on it."""
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    wide = np.convolve(counts, kernel)
    inner: Floats = wide[width : width + len(counts)].copy()
    inner[0] += wide[:width].sum()
    inner[-1] += wide[width + len(counts) :].sum()
    return inner
