"""A day of a queue ahead: callers of each half hour with a band, their work, agents needed and planned. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import inf, sqrt

from crm_core.shifts.times import DAY, Shift
from reports.forecast import Day, Errors, Forecast, Forecaster, TooLittleKnown, errors
from reports.needed import Goal, Needed, needed
from reports.volumes import SLOTS, Past

SLOT_MINUTES = DAY // SLOTS
EIGHT_OF_TEN = 1.2816  # standard deviations of a normal distribution around the mean


@dataclass(frozen=True, slots=True)
class Corrected:
    """From one minute of the day to another a forecast counts `factor` of what it would be."""

    begins: int
    ends: int
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHour:
    """`calls` with the band in which eight of ten such half hours lie; `erlangs` of work; `endless` is by Erlang C,
    `impatient` by Erlang A; `planned` are the agents of the plan, in parts of one where they leave or share queues."""

    slot: int
    calls: float
    low: float
    high: float
    handling: float
    endless: Needed
    impatient: Needed
    planned: float = 0.0

    @property
    def erlangs(self) -> float:
        return self.calls * self.handling / (SLOT_MINUTES * 60)

    def wanted(self, model: str) -> Needed:
        return self.endless if model == "C" else self.impatient


class Outlook:
    """One queue: learns once, tells of any day. `forecaster` None = too little is known."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.by_day = {day.on: day for day in past.days}
        self.errors: Errors | None = errors(past.days)
        try:
            self.forecaster: Forecaster | None = Forecaster(past.days)
        except TooLittleKnown:
            self.forecaster = None

    def day(self, on: date, kind: str, corrected: Iterable[Corrected] = ()) -> Forecast | None:
        """The forecast of a day with what people corrected; None = too little is known."""
        if self.forecaster is None:
            return None
        spread = self.errors.spread if self.errors else (0.7, 1.3)
        told = self.forecaster.day(on, kind, spread=spread)
        factors = [1.0] * SLOTS
        for one in corrected:
            for slot in range(SLOTS):
                inside = min(one.ends, (slot + 1) * SLOT_MINUTES) - max(one.begins, slot * SLOT_MINUTES)
                share = max(inside, 0) / SLOT_MINUTES
                factors[slot] *= 1 - share + share * one.factor
        counts = tuple(count * factor for count, factor in zip(told.counts, factors, strict=True))
        whole = sum(counts) / told.total if told.total else 1.0
        return Forecast(on=on, counts=counts, low=told.low * whole, high=told.high * whole)

    def same_weekday(self, on: date, weeks: int) -> Day | None:
        """The same weekday so many weeks before."""
        return self.by_day.get(on - timedelta(days=7 * weeks))


def half_hours(told: Forecast, handling: Sequence[float], goal: Goal) -> list[HalfHour]:
    """`goal` with its patience is Erlang A; without it, Erlang C."""
    wide = (told.high - told.low) / 2 / EIGHT_OF_TEN / told.total if told.total else 0.0
    found = []
    for slot, (calls, seconds) in enumerate(zip(told.counts, handling, strict=True)):
        half = EIGHT_OF_TEN * sqrt(calls + (calls * wide) ** 2)  # the day may be another one, and chance within it
        per_hour = round(calls * 60 / SLOT_MINUTES, 2)
        found.append(
            HalfHour(
                slot=slot, calls=calls, low=max(calls - half, 0.0), high=calls + half, handling=seconds,
                endless=needed(per_hour, round(seconds, 1), replace(goal, patience=inf)),
                impatient=needed(per_hour, round(seconds, 1), goal),
            )
        )  # fmt: skip
    return found


def presence(shifts: Iterable[Shift], day: date) -> dict[str, list[float]]:
    """Agent to the part of each half hour of the day in which the plan has work for them."""
    found: dict[str, list[float]] = {}
    for shift in shifts:
        offset = (shift.day - day).days * DAY
        for begins, ends, is_work in shift.stretches():
            if is_work:
                _add(found.setdefault(shift.agent, [0.0] * SLOTS), begins + offset, ends + offset)
    return found


def _add(row: list[float], begins: int, ends: int) -> None:
    for slot in range(max(begins, 0) // SLOT_MINUTES, -(-min(ends, DAY) // SLOT_MINUTES)):
        inside = min(ends, (slot + 1) * SLOT_MINUTES) - max(begins, slot * SLOT_MINUTES)
        row[slot] += max(inside, 0) / SLOT_MINUTES


def shared_out(
    present: Mapping[str, Sequence[float]], knows: Mapping[str, frozenset[str]], work: Mapping[str, Sequence[float]]
) -> dict[str, list[float]]:
    """Queue to planned agents by half hour. Who knows several queues counts in each by the share of its work there,
    where no work is expected evenly: so nobody counts twice. `knows` is agent to queues, `work` queue to erlangs."""
    found = {queue: [0.0] * SLOTS for queue in work}
    for agent, parts in present.items():
        queues = [queue for queue in work if queue in knows.get(agent, frozenset())]
        for slot, part in enumerate(parts):
            if not part or not queues:
                continue
            whole = sum(work[queue][slot] for queue in queues)
            for queue in queues:
                found[queue][slot] += part * (work[queue][slot] / whole if whole else 1 / len(queues))
    return found
