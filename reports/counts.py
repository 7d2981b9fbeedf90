"""What is counted of visits and of agents, and what a metric is made of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar


class Ratio(NamedTuple):
    """`value` is None, never zero, when there is nothing to measure."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Seconds of one queue: T of the service level, s of the short abandon (0 = off), and the target in percent."""

    service_seconds: int = 20
    short_abandon_seconds: int = 5
    target_percent: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """Finished visits to a queue; waits in seconds. `elsewhere` left for a callback or a message; `overflowed` went on
    to another queue, which counts them as offered."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    elsewhere: int = 0
    lost: int = 0
    overflowed: int = 0
    answer_wait: float = 0.0
    abandon_wait: float = 0.0  # without the short abandons

    def __add__(self, other: QueueCounts) -> QueueCounts:
        return QueueCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def total(counts: Iterable[QueueCounts]) -> QueueCounts:
    """Field by field: adding them one to the other takes thirty times as long."""
    found = tuple(counts)
    return QueueCounts(**{f.name: sum(map(attrgetter(f.name), found)) for f in fields(QueueCounts)})


def count_visit(result: str, wait: float, thresholds: Thresholds) -> QueueCounts:
    """What one finished visit adds. `result` is a word of crm_core.history.model.QueueVisit."""
    in_time = int(wait <= thresholds.service_seconds)
    if result == "overflow":
        return QueueCounts(overflowed=1)
    if result == "answered":
        return QueueCounts(offered=1, answered=1, answered_in_time=in_time, answer_wait=wait)
    if result == "abandoned":
        short = int(wait < thresholds.short_abandon_seconds)
        return QueueCounts(
            offered=1,
            abandoned=1,
            short_abandoned=short,
            abandoned_in_time=in_time,
            abandon_wait=0.0 if short else wait,
        )
    if result in ("callback", "voicemail"):
        return QueueCounts(offered=1, elsewhere=1)
    return QueueCounts(offered=1, lost=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTimes:
    """Seconds an agent, or many, spent in each state, and how many talks were finished. Idle = ready or ringing."""

    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    idle: float = 0.0
    handled: int = 0


Counts = TypeVar("Counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Generic[Counts]):
    """`version` grows when the definition changes, and counts from the day `valid_from` on, so that a figure says what
    it meant. `formula` is written in the letters of reports.metrics."""

    id: str
    version: int
    name_zh: str
    name_en: str
    words_zh: str
    words_en: str
    numerator: Callable[[Counts], float]
    denominator: Callable[[Counts], float]
    formula: str = ""
    unit: str = "percent"  # or "seconds"
    valid_from: date = date(2000, 1, 1)  # the first version holds for every day

    def of(self, counts: Counts) -> Ratio:
        return Ratio(self.numerator(counts), self.denominator(counts))
