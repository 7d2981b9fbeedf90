"""The dialers that ours is compared with: VICIdial's published rule, and one that knows what can be known."""

from __future__ import annotations

from collections import deque

from acd.dialer import Staffing, Work

EVERY, DROPS_EVERY, AVERAGED = 15.0, 60.0, 15
LEAST_LEVEL, MOST_LEVEL = 1.0, 3.0


def next_level(level: float, difference: float, agents: float) -> float:
    """Intensity 0: the level grows by the share of the agents who waited for calls, and falls likewise."""
    if not agents:
        return level
    return min(max(round(level * (1 + difference / agents), 3), LEAST_LEVEL), MOST_LEVEL)


class HardLimit:
    """ADAPT_HARD_LIMIT of VICIdial with its defaults: each second the readings, each 15 s the level, each minute drops.

    Lines in use, talks among them, are brought up to level x agents in every loop. By the source agents in after-call
    work are not counted then; with `counts_wrap_up` they are.
    """

    def __init__(self, limit_percent: float, *, counts_wrap_up: bool) -> None:
        self._limit, self._counts_wrap_up = limit_percent, counts_wrap_up
        self.level = LEAST_LEVEL
        self._readings: deque[tuple[int, int, int]] = deque(maxlen=AVERAGED)
        self._lines: set[str] = set()
        self._calls_at: deque[float] = deque()
        self._drops_at: deque[float] = deque()
        self._calls = self._answers = self._drops = 0
        self._minute_calls, self._minute_percent, self._day_calls, self._day_percent = 0, 0.0, 0, 0.0
        self._level_due, self._drops_due = EVERY, DROPS_EVERY

    def placed(self, attempt: str, at: float) -> None:
        self._lines.add(attempt)
        self._calls += 1
        self._calls_at.append(at)

    def answered(self, attempt: str, at: float) -> None:
        self._answers += 1

    def connected(self, attempt: str, at: float) -> None:
        """Is seen in the readings."""

    def dropped(self, attempt: str, at: float) -> None:
        self._lines.discard(attempt)
        self._drops += 1
        self._drops_at.append(at)

    def ended(self, attempt: str, at: float) -> None:
        self._lines.discard(attempt)

    def talked(self, seconds: float) -> None:
        """Is not used."""

    def wrapped(self, seconds: float) -> None:
        """Is not used."""

    def wanted(self, staffing: Staffing) -> int:
        talking = sum(busy.work is Work.TALK for busy in staffing.busy)
        self._readings.append((staffing.ready, staffing.waiting_outbound, staffing.ready + len(staffing.busy)))
        if staffing.at >= self._drops_due:
            self._count_drops(staffing.at)
        if staffing.at >= self._level_due:
            self._set_level(staffing.at)
        active = staffing.ready + (len(staffing.busy) if self._counts_wrap_up else talking)
        return max(round(self.level * active) - len(self._lines), 0)

    def _count_drops(self, at: float) -> None:
        self._drops_due = at + DROPS_EVERY
        for times in (self._calls_at, self._drops_at):
            while times and times[0] <= at - 60:
                times.popleft()
        self._minute_calls = len(self._calls_at)
        self._minute_percent = 100 * len(self._drops_at) / max(self._minute_calls, 1)
        self._day_calls, self._day_percent = self._calls, 100 * self._drops / max(self._answers, 1)

    def _set_level(self, at: float) -> None:
        self._level_due = at + EVERY
        count = len(self._readings)
        ready, waiting, agents = (sum(column) / count for column in zip(*self._readings, strict=True))
        self.level = next_level(self.level, ready - waiting, agents)
        if self._minute_calls > 20 and self._minute_percent > 50:
            self.level /= 2
        if self._day_calls > 50 and self._day_percent > self._limit:
            self.level = LEAST_LEVEL
        self.level = max(self.level, LEAST_LEVEL)
