"""How many more answered calls of a campaign may find no agent: its limit over each rolling window, as a budget."""

from __future__ import annotations

from collections import deque
from math import exp, floor, log

from acd.model import Instant

PARTS = 1440
"""A window is kept in so many parts: minutes of a day."""


class DropBudget:
    """Drops <= max(1, `limit_percent` of the live answers) in the last `window_seconds`, at each moment of a drop.

    Answers leave the window as time goes on, and the drops made on their strength stay. So what is `left` holds for
    each moment of the next `ahead_seconds` (longer than a call rings), even if nobody answers any more. Within a part
    of the window answers are taken to leave early and drops late. 0 % allows no drop at all.
    """

    def __init__(self, limit_percent: float, window_seconds: float, ahead_seconds: float) -> None:
        self._share = limit_percent / 100
        self._part = window_seconds / PARTS
        self._ahead = floor(ahead_seconds / self._part) + 1
        self._parts: deque[list[int]] = deque()  # number of the part, answers, drops; oldest first
        self._now = 0
        self._left: int | None = None
        self.answers, self.drops = 0, 0

    def answered(self, at: Instant) -> None:
        self._last(at)[1] += 1
        self.answers += 1

    def dropped(self, at: Instant) -> None:
        """To be told of a call that was `answered` before."""
        self._last(at)[2] += 1
        self.drops += 1

    def left(self, at: Instant) -> int:
        """Calls that may yet be dropped, whenever within `ahead_seconds`; brings `answers` and `drops` up to date."""
        self._forget(at)
        if self._left is None:
            self._left = self._count()
        return self._left

    def _count(self) -> int:
        answers, drops = self.answers, self.drops
        least = self._allowed(answers, drops)
        for part, answered, dropped in self._parts:
            if part > self._now - PARTS + self._ahead:
                break
            answers -= answered
            least = min(least, self._allowed(answers, drops))
            drops -= dropped
        return least

    def _allowed(self, answers: int, drops: int) -> int:
        if not self._share:
            return 0
        return max(floor(self._share * answers + 1e-9), 1) - drops

    def _last(self, at: Instant) -> list[int]:
        self._forget(at)
        self._left = None
        if not self._parts or self._parts[-1][0] < self._now:
            self._parts.append([self._now, 0, 0])
        return self._parts[-1]

    def _forget(self, at: Instant) -> None:
        now = floor(at / self._part)
        if now <= self._now:
            return
        self._now, self._left = now, None
        while self._parts and self._parts[0][0] < now - PARTS:
            _, answered, dropped = self._parts.popleft()
            self.answers -= answered
            self.drops -= dropped


class Appetite:
    """Which risk of a drop one more call may carry.

    Calls beyond the free agents need so many allowed drops at hand, whether or not they ever use them. While there
    are hardly more than that, a drop is dear: it keeps lines idle until 33 more people have answered. Where there are
    plenty, it is cheap. The constants were found by `hotline bench dialer`; the figures change little around them.
    """

    LEAST, STEEP, ENOUGH, MOST = 0.001, 3.0, 0.8, 0.08
    MEMORY = 250.0  # seconds

    def __init__(self) -> None:
        self._need = 2.0
        self._at: Instant | None = None

    def needed(self, lines: int, at: Instant) -> None:
        """So many calls beyond the free agents were wanted at this look."""
        passed = 0.0 if self._at is None else max(at - self._at, 0.0)
        self._need += (lines - self._need) * (1 - exp(-passed / self.MEMORY))
        self._at = at

    def risk(self, left: int) -> float:
        """0 to 1, when so many drops are `left`."""
        plenty = self.STEEP * (left / max(self._need, 2.0) - self.ENOUGH)
        return self.LEAST * exp(min(plenty, log(self.MOST / self.LEAST)))
