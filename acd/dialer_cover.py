"""How many lines may ring when so many answers at once can be covered: by free agents, or by drops still allowed."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from math import log

MOST_COVER = 300
MORE_THAN_SEEN, AND = 1.5, 0.05
"""The answer rate is taken to be half as high again as it was, and five points more: lists change, the day does."""


TRIED = 5, 200
"""Before so many times the calls that ring have ended, and so many, nothing is known: the first to end are failures."""


def cautious(rate: float, ended: float, ringing: int) -> float:
    """The answer rate to reckon with, when of `ended` calls such a share was answered. 1 = everybody may answer."""
    times, least = TRIED
    return min(MORE_THAN_SEEN * rate + AND, 1.0) if ended >= max(times * ringing, least) else 1.0


class Cover:
    """`doubt` is the chance that more lines are answered than are covered; 0 = as many lines as answers covered.

    It is bounded for lines that are answered independently of each other at a `rate` (W. Hoeffding, "Probability
    inequalities for sums of bounded random variables", JASA 58 (1963), theorem 1): P(answers >= k) is at most
    exp(-n D(k/n, rate)), with n lines and D the Kullback-Leibler divergence.
    """

    def __init__(self, doubt: float) -> None:
        self._doubt = doubt

    def lines(self, covered: int, rate: float) -> int:
        """The most lines, no fewer than `covered`; 0 for nothing covered."""
        if covered <= 0:
            return 0
        if not self._doubt or covered > MOST_COVER:
            return covered
        return _table(round(100 * rate), self._doubt)[covered]

    def needed(self, lines: int, rate: float) -> int:
        """How many answers have to be covered for so many lines."""
        if not self._doubt or lines <= 0:
            return max(lines, 0)
        table = _table(round(100 * rate), self._doubt)
        return min(bisect_left(table, lines), lines)


@lru_cache(maxsize=128)
def _table(percent: int, doubt: float) -> tuple[int, ...]:
    """By answers covered, for this answer rate."""
    rate, least, found = percent / 100, log(doubt), [0]
    for covered in range(1, MOST_COVER + 1):
        lines = max(found[-1], covered)
        while rate < 1 and _log_chance(lines + 1, covered + 1, rate) <= least:
            lines += 1
        found.append(lines)
    return tuple(found)


def _log_chance(lines: int, answers: int, rate: float) -> float:
    """A bound of the logarithm of the chance that so many are answered, or more."""
    share = answers / lines
    if share <= rate or rate <= 0:
        return 0.0
    rest = (1 - share) * log((1 - share) / (1 - rate)) if share < 1 else 0.0
    return -lines * (share * log(share / rate) + rest)
