"""When a report goes out next: a day and a minute of the site's clock, also over a clock change. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY = ("daily", "weekly", "monthly")
LAST_MONTH_DAY = 28  # every month has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """As the fields of SavedReport."""

    every: str
    minute: int
    weekday: int = 1
    month_day: int = 1

    def falls_on(self, day: date) -> bool:
        if self.every == "weekly":
            return day.isoweekday() == self.weekday
        return self.every == "daily" or day.day == self.month_day

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first time after `at`, aware UTC. An hour that the clock skips is taken when it would have been."""
        day = at.astimezone(zone).date()
        for _ in range(63):  # two months
            clock = datetime.combine(day, time(self.minute // 60, self.minute % 60), zone).astimezone(UTC)
            if self.falls_on(day) and clock > at:
                return clock
            day += timedelta(days=1)
        raise ValueError(f"no such day: {self}")
