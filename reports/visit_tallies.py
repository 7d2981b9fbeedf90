"""Finished visits to queues counted without any threshold, so that every threshold can be applied afterwards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from crm_core.figures.quarters import quarter_of
from reports.counts import QueueCounts, Thresholds
from reports.wait_histogram import MICROSECONDS, WaitHistogram

COUNT_FIELDS = tuple(field.name for field in fields(QueueCounts))
_WAITS = ("answer_wait", "abandon_wait")
_WAIT_PLACES = tuple(COUNT_FIELDS.index(name) for name in _WAITS)


@dataclass(slots=True)
class VisitTally:
    """Of one queue in one time."""

    answered: WaitHistogram = field(default_factory=WaitHistogram)
    abandoned: WaitHistogram = field(default_factory=WaitHistogram)
    elsewhere: int = 0
    lost: int = 0
    overflowed: int = 0

    def put(self, result: str, wait: float | None) -> None:
        """One visit; `result` is a word of crm_core.history.model.QueueVisit, `wait` in seconds."""
        if result == "answered":
            self.answered.put(round((wait or 0.0) * MICROSECONDS))
        elif result == "abandoned":
            self.abandoned.put(round((wait or 0.0) * MICROSECONDS))
        elif result in ("callback", "voicemail"):
            self.elsewhere += 1
        elif result == "overflow":
            self.overflowed += 1
        else:
            self.lost += 1

    def add(self, other: VisitTally) -> None:
        self.answered.add(other.answered)
        self.abandoned.add(other.abandoned)
        self.elsewhere += other.elsewhere
        self.lost += other.lost
        self.overflowed += other.overflowed

    def numbers(self, thresholds: Thresholds) -> list[int]:
        """By these thresholds, in the order of COUNT_FIELDS; waits in microseconds."""
        short, short_spent = self.abandoned.under(thresholds.short_abandon_seconds)
        answered, abandoned = self.answered.count, self.abandoned.count
        counted = {
            "offered": answered + abandoned + self.elsewhere + self.lost,
            "answered": answered,
            "abandoned": abandoned,
            "short_abandoned": short,
            "answered_in_time": self.answered.within(thresholds.service_seconds),
            "abandoned_in_time": self.abandoned.within(thresholds.service_seconds),
            "elsewhere": self.elsewhere,
            "lost": self.lost,
            "overflowed": self.overflowed,
            "answer_wait": self.answered.spent,
            "abandon_wait": self.abandoned.spent - short_spent,
        }
        return [counted[name] for name in COUNT_FIELDS]

    def counts(self, thresholds: Thresholds) -> QueueCounts:
        return queue_counts_of(self.numbers(thresholds))


def queue_counts_of(numbers: Sequence[int]) -> QueueCounts:
    """Back from whole numbers."""
    values: dict[str, float] = dict(zip(COUNT_FIELDS, numbers, strict=True))
    for name in _WAITS:
        values[name] /= MICROSECONDS
    return QueueCounts(**values)  # type: ignore[arg-type]  # only the two waits are fractions


def whole(stored: Sequence[float]) -> list[int]:
    """What is stored of a queue, in the order of COUNT_FIELDS, as whole numbers: their sums are exact."""
    numbers = [int(value) for value in stored]
    for place in _WAIT_PLACES:
        numbers[place] = round(stored[place] * MICROSECONDS)
    return numbers


class VisitTallies(dict[tuple[int, str], VisitTally]):
    """(quarter, queue) -> what happened to the visits that began in it."""

    def visit(self, queue: str, entered: datetime, result: str, wait: float | None) -> None:
        key = quarter_of(entered), queue
        tally = self.get(key)
        if tally is None:
            tally = self[key] = VisitTally()
        tally.put(result, wait)
