"""The latest of many: news that comes late is known as late, and memory does not grow with the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

REMEMBERED = 10_000  # calls: nothing comes later than that many ends after its own


class Remembered:
    """A set of the `most` values that were added last, in the order in which they came; older ones are forgotten."""

    def __init__(self, values: Iterable[str] = (), *, most: int = REMEMBERED) -> None:
        self._values, self._most = dict.fromkeys(values), most

    def add(self, value: str) -> None:
        self._values[value] = None
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]

    def update(self, values: Iterable[str]) -> None:
        for value in values:
            self.add(value)

    def __contains__(self, value: object) -> bool:
        return value in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
