"""A clock that runs fast through the day and leaves the night out, the same in every process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 11, 16, 19, 20, tzinfo=ZONE)  # a Monday, 40 minutes before the last call
LATE, EARLY = timedelta(hours=20, minutes=10), timedelta(hours=8, minutes=55)
SPEED = 240.0


@dataclass(frozen=True, slots=True)
class FastDays:
    """`began` is when the first day's clock stood at FIRST, in seconds of the monotonic clock of this machine."""

    began: float

    def __call__(self) -> float:
        return self.at(time.monotonic())

    def at(self, monotonic: float) -> float:
        gone = (monotonic - self.began) * SPEED
        first = (LATE - _of_day(FIRST)).total_seconds()
        if gone < first:
            return FIRST.timestamp() + gone
        whole = (LATE - EARLY).total_seconds()
        days, rest = divmod(gone - first, whole)
        morning = FIRST.replace(hour=0, minute=0) + timedelta(days=1 + int(days)) + EARLY
        return morning.timestamp() + rest


def _of_day(at: datetime) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def told(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZONE).isoformat(timespec="seconds")
