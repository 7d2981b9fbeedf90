"""What is likely in the next seconds: which lines are answered, which agents are free, and whether the two meet.

Times are counted in steps of two seconds. Sums of many independent chances are taken as normal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

STEP = 2.0
LONGEST_STEPS = 600
"""Of a talk or of after-call work; what takes longer counts as twenty minutes."""

Floats = NDArray[np.float64]


def steps(seconds: float) -> int:
    return max(int(-(-seconds // STEP)), 1)


class AnswerTimes:
    """When lines are answered that have rung for so long.

    `share` of all calls are answered, with `when` the chance of each step given that it is; `failed` are ended by the
    other side before (busy, no such number), with `fails` likewise. The rest rings until it is given up.
    """

    def __init__(self, share: float, when: Floats, failed: float, fails: Floats) -> None:
        self.share, self.when = share, when
        count = len(when)
        known = np.concatenate(([0.0], np.cumsum(when), np.ones(count)))
        gone = np.concatenate(([0.0], np.cumsum(fails), np.ones(count)))
        middle = (known[:-1] + known[1:]) / 2
        alive = np.maximum(1 - share * known[:count] - failed * gone[:count], 0.02)
        later = sliding_window_view(middle, count)[:count] - known[:count, None]
        self.by_age = np.clip(share * later / alive[:, None], 0.0, 1.0)
        self.spread = self.by_age * (1 - self.by_age)
        self.new = self.by_age[0]
        self.new_spread = self.spread[0]


class FreeTimes:
    """When agents are free who have talked, or written up, for so long; by the end of each step from now on.

    `talk` and `wrap` are the chances of each step at which a talk, or the work after it, ends. `grace` more steps a
    customer who has answered may wait for the agent.
    """

    def __init__(self, talk: Floats, wrap: Floats, count: int, grace: int) -> None:
        window = count + grace
        done = np.cumsum(wrap)[:window]
        middle = (np.concatenate(([0.0], done[:-1])) + done) / 2
        after = np.zeros((window, window))
        for step in range(window):
            after[step, step:] = middle[: window - step]
        self.talk = (_ends(talk, window) @ after)[:, grace:]
        self.wrap = np.cumsum(_ends(wrap, window), axis=1)[:, grace:]
        self.talk_spread, self.wrap_spread = self.talk * (1 - self.talk), self.wrap * (1 - self.wrap)


def _ends(chances: Floats, window: int) -> Floats:
    """Row: steps so far; column: the chance that it ends in this step from now on."""
    length = len(chances)
    remaining = np.cumsum(chances[::-1])[::-1]
    coming = sliding_window_view(np.concatenate((chances, np.zeros(window))), window)[:length]
    ends: Floats = coming / np.maximum(remaining, 1e-9)[:, None]
    return ends


class Forecast:
    """Free agents less answers, step by step from now: its mean and variance, and what more calls would change.

    By the last step so many `answers` are expected, and so many agents `free`.
    """

    def __init__(self, certain: int, answers: AnswerTimes) -> None:
        self._answers = answers
        self._mean = np.full(len(answers.when), float(certain))
        self._variance = np.full(len(answers.when), 0.01)
        self.answers, self.free = 0.0, float(certain)

    def rings(self, seconds: Sequence[float]) -> None:
        """Lines that have rung for so long."""
        if seconds:
            ages = _indexes(seconds, len(self._answers.when))
            coming = self._answers.by_age[ages].sum(axis=0)
            self._mean -= coming
            self.answers += float(coming[-1])
            self._variance += self._answers.spread[ages].sum(axis=0)

    def busy(self, seconds: Sequence[float], free: Floats, spread: Floats) -> None:
        """Agents who are in one kind of work for so long; `free` and `spread` are that kind's of FreeTimes."""
        if seconds:
            since = _indexes(seconds, len(free))
            coming = free[since].sum(axis=0)
            self._mean += coming
            self.free += float(coming[-1])
            self._variance += spread[since].sum(axis=0)

    def callers(self, rate: float) -> None:
        """So many others in a second take an agent, too, at random."""
        if rate > 0:
            coming = rate * STEP * np.arange(0.5, len(self._mean))
            self._mean -= coming
            self.free -= float(coming[-1])
            self._variance += coming

    def risk(self, more: int) -> float:
        """The chance that the last one of `more` calls placed now, once a person answers it, finds no agent."""
        others = more - 1
        mean = self._mean - others * self._answers.new
        variance = self._variance + others * self._answers.new_spread
        return float(self._answers.when @ _below((0.5 - mean) / np.sqrt(variance)))

    def most(self, risk: float, limit: int) -> int:
        """The most calls, up to `limit`, of which none has a higher risk."""
        low, high = 0, 1
        while high <= limit and self.risk(high) <= risk:
            low, high = high, 2 * high
        high = min(high, limit + 1)
        while high - low > 1:
            middle = (low + high) // 2
            if self.risk(middle) <= risk:
                low = middle
            else:
                high = middle
        return low


def _indexes(seconds: Sequence[float], count: int) -> NDArray[np.intp]:
    return np.minimum(np.asarray(seconds) / STEP, count - 1).astype(np.intp)


def _below(deviations: Floats) -> Floats:
    """The normal distribution's chance of less than so many deviations, within 0.0003 (E. Page, 1977)."""
    odds: Floats = 0.5 * (1 + np.tanh(0.7978845608 * (deviations * (1 + 0.044715 * deviations * deviations))))
    return odds
