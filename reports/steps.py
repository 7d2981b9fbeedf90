"""Quarters and days added up to the steps of a report. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from operator import add

from crm_core.figures.quarters import quarter_of
from reports.periods import Period

Numbers = list[int]
EVERYBODY = ""


class Steps:
    """Whole numbers per step of a period and subject; `together` adds all subjects up under EVERYBODY."""

    def __init__(self, period: Period, *, together: bool = False) -> None:
        spans = period.spans()
        self.period, self.together = period, together
        self.first, self.last = quarter_of(period.start), quarter_of(period.end)
        self._steps: list[dict[str, Numbers]] = [{} for _ in spans]
        self._starts = [quarter_of(span.start) for span in spans]
        self._days = [span.day for span in spans]

    def quarter(self, quarter: int, subject: str, numbers: Sequence[int]) -> None:
        self._add(bisect_right(self._starts, quarter) - 1, subject, numbers)

    def day(self, day: date, subject: str, numbers: Sequence[int]) -> None:
        """Of a period whose steps are made of days."""
        self._add(bisect_right(self._days, day) - 1, subject, numbers)

    def told(self) -> list[dict[str, Numbers]]:
        """Per step those of whom there is anything, in order."""
        return [{subject: step[subject] for subject in sorted(step) if any(step[subject])} for step in self._steps]

    def _add(self, place: int, subject: str, numbers: Sequence[int]) -> None:
        step = self._steps[place]
        subject = EVERYBODY if self.together else subject
        known = step.get(subject)
        step[subject] = list(numbers) if known is None else list(map(add, known, numbers))
