"""The two days of the wallboard's curves: today of some queues, and the day that it is compared with. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

from reports.metrics import QueueCounts, Thresholds, count_visit, total
from reports.wallboard_view import HALF_HOUR, SLOTS, PastVisit

Key = TypeVar("Key")


def _summed(pairs: list[tuple[Key, QueueCounts]]) -> dict[Key, QueueCounts]:
    found: dict[Key, list[QueueCounts]] = {}
    for key, counts in pairs:
        found.setdefault(key, []).append(counts)
    return {key: total(counts) for key, counts in found.items()}


class Today:
    """Today of some queues: summed per queue, and per half hour."""

    def __init__(
        self, queues: set[str], arrivals: Counter[tuple[str, int]], counts: dict[tuple[str, int], QueueCounts]
    ) -> None:
        self.queues = queues
        inside = [(key, one) for key, one in counts.items() if key[0] in queues]
        self.per_queue = _summed([(queue, one) for (queue, _), one in inside])
        slots = _summed([(slot, one) for (_, slot), one in inside])
        self.per_slot = tuple(slots.get(slot, QueueCounts()) for slot in range(SLOTS))
        reached: Counter[int] = Counter()
        for (queue, slot), count in arrivals.items():
            if queue in queues:
                reached[slot] += count
        self.arrivals = tuple(reached[slot] for slot in range(SLOTS))


class PastDay:
    """By queue with running totals, so that "until now" is one look-up. Who overflowed counts in the other queue."""

    def __init__(self, visits: Sequence[PastVisit], thresholds: Callable[[str], Thresholds]) -> None:
        by_queue: dict[str, list[PastVisit]] = {}
        for visit in sorted(visits, key=lambda one: one.entered):
            if visit.result != "overflow":
                by_queue.setdefault(visit.queue, []).append(visit)
        self._of = {queue: _PastQueue(found, thresholds(queue)) for queue, found in by_queue.items()}
        self._slots = lru_cache(16)(self._summed_slots)  # of a past day they never change

    def until(self, seconds: float, queues: Iterable[str]) -> tuple[int, QueueCounts]:
        """How many visits began before that time of the clock, and what they counted."""
        found = [self._of[queue].until(seconds) for queue in queues if queue in self._of]
        return sum(count for count, _ in found), total(counts for _, counts in found)

    def arrivals(self, queues: Iterable[str]) -> tuple[int, ...]:
        """Visits that began in each half hour."""
        return self._slots(frozenset(queues))[0]

    def per_slot(self, queues: Iterable[str]) -> tuple[QueueCounts, ...]:
        """What the visits that began in each half hour counted."""
        return self._slots(frozenset(queues))[1]

    def _summed_slots(self, queues: frozenset[str]) -> tuple[tuple[int, ...], tuple[QueueCounts, ...]]:
        chosen = [one for queue, one in self._of.items() if queue in queues]
        arrivals = tuple(sum(one.arrivals[slot] for one in chosen) for slot in range(SLOTS))
        counts = tuple(total(one.per_slot.get(slot, QueueCounts()) for one in chosen) for slot in range(SLOTS))
        return arrivals, counts


class _PastQueue:
    def __init__(self, visits: Sequence[PastVisit], thresholds: Thresholds) -> None:
        counted = [count_visit(visit.result, visit.wait, thresholds) for visit in visits]
        self._entered = [visit.entered for visit in visits]
        self._totals = list(accumulate(counted, initial=QueueCounts()))
        self.arrivals = Counter(int(entered // HALF_HOUR) for entered in self._entered)
        slots: dict[int, list[QueueCounts]] = {}
        for entered, counts in zip(self._entered, counted, strict=True):
            slots.setdefault(int(entered // HALF_HOUR), []).append(counts)
        self.per_slot = {slot: total(counts) for slot, counts in slots.items()}

    def until(self, seconds: float) -> tuple[int, QueueCounts]:
        index = bisect_left(self._entered, seconds)
        return index, self._totals[index]
