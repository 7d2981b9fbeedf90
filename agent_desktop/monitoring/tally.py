"""Counters and histograms as plain numbers, so that the processes of a site can put theirs together. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

Series = tuple[str, ...]
"""A family's name and the values of its labels."""
Values = dict[Series, list[float]]
"""Of a counter one number; of a histogram how many are in each bucket and above the last one, then their sum."""


@dataclass(frozen=True, slots=True)
class Family:
    """`buckets` are upper limits in seconds; () = a counter."""

    name: str
    words: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Tally:
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = {family.name: family for family in families}
        self.values: Values = {}
        for family in self._families.values():
            if not family.labels:
                self._of(family.name, ())

    def inc(self, name: str, *labels: str) -> None:
        self._of(name, labels)[0] += 1

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        numbers = self._of(name, labels)
        numbers[bisect_left(self._families[name].buckets, seconds)] += 1
        numbers[-1] += seconds

    def _of(self, name: str, labels: tuple[str, ...]) -> list[float]:
        buckets = self._families[name].buckets
        return self.values.setdefault((name, *labels), [0.0] * (len(buckets) + 2 if buckets else 1))

    def metrics(self, values: Values) -> Iterator[Metric]:
        """`values` as Prometheus reads them, each of our families."""
        for family in self._families.values():
            mine = {series[1:]: numbers for series, numbers in values.items() if series[0] == family.name}
            yield _histogram(family, mine) if family.buckets else _counter(family, mine)

    def fits(self, series: Series, numbers: list[float]) -> bool:
        """Whether these are numbers of one of our series: another process says so, perhaps of another version."""
        family = self._families.get(series[0]) if series else None
        if family is None or len(series) != len(family.labels) + 1:
            return False
        return len(numbers) == (len(family.buckets) + 2 if family.buckets else 1)


def _counter(family: Family, values: Mapping[Series, list[float]]) -> Metric:
    told = CounterMetricFamily(family.name, family.words, labels=family.labels)
    for labels, numbers in sorted(values.items()):
        told.add_metric(labels, numbers[0])
    return told


def _histogram(family: Family, values: Mapping[Series, list[float]]) -> Metric:
    told = HistogramMetricFamily(family.name, family.words, labels=family.labels)
    limits = [*(f"{float(limit)}" for limit in family.buckets), "+Inf"]
    for labels, numbers in sorted(values.items()):
        below = [sum(numbers[: place + 1]) for place in range(len(limits))]
        told.add_metric(labels, list(zip(limits, below, strict=True)), numbers[-1])
    return told


def added(some: Iterable[Values]) -> Values:
    """What several processes counted, each its own."""
    whole: Values = {}
    for values in some:
        for series, numbers in values.items():
            before = whole.get(series)
            whole[series] = [a + b for a, b in zip(before, numbers, strict=True)] if before else list(numbers)
    return whole


def highest(some: Iterable[Values]) -> Values:
    """What several processes counted of the same: whoever is ahead is right, and no number ever falls."""
    whole: Values = {}
    for values in some:
        for series, numbers in values.items():
            before = whole.get(series)
            whole[series] = [max(a, b) for a, b in zip(before, numbers, strict=True)] if before else list(numbers)
    return whole
