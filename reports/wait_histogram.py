"""Waits counted so that any whole number of seconds can be asked of them afterwards, exactly. Pure.

A wait of exactly n seconds lies in bin 2n, one between n and n + 1 in bin 2n + 1: `wait <= T` is every bin up to 2T,
`wait < s` every bin below 2s. With each bin goes the sum of its waits in microseconds, so that the sum of those that
are no short abandons is exact, too.
"""

from __future__ import annotations

from collections.abc import Iterable

MICROSECONDS = 1_000_000
Bin = tuple[int, int]
"""How many waits, and their sum in microseconds."""


class WaitHistogram(dict[int, Bin]):
    """Bin number -> how many, and their sum."""

    @classmethod
    def of(cls, waits: Iterable[int]) -> WaitHistogram:
        """Of waits in microseconds."""
        found = cls()
        for wait in waits:
            found.put(wait)
        return found

    @classmethod
    def read(cls, text: str) -> WaitHistogram:
        """What `written` wrote."""
        found = cls()
        for part in text.split():
            number, count, spent = part.split(":")
            found[int(number)] = (int(count), int(spent))
        return found

    def written(self) -> str:
        """The same histogram, however it came about, is the same text."""
        return " ".join(f"{number}:{count}:{spent}" for number, (count, spent) in sorted(self.items()))

    def put(self, wait: int) -> None:
        """One more wait, in microseconds."""
        seconds, rest = divmod(wait, MICROSECONDS)
        number = 2 * seconds + (rest > 0)
        count, spent = self.get(number, (0, 0))
        self[number] = (count + 1, spent + wait)

    def add(self, other: WaitHistogram) -> None:
        for number, (count, spent) in other.items():
            mine = self.get(number, (0, 0))
            self[number] = (mine[0] + count, mine[1] + spent)

    def within(self, seconds: int) -> int:
        """How many waited at most so many seconds."""
        return sum(count for number, (count, _) in self.items() if number <= 2 * seconds)

    def under(self, seconds: int) -> Bin:
        """How many waited less than so many seconds, and the sum of their waits."""
        short = [one for number, one in self.items() if number < 2 * seconds]
        return sum(count for count, _ in short), sum(spent for _, spent in short)

    @property
    def count(self) -> int:
        return sum(count for count, _ in self.values())

    @property
    def spent(self) -> int:
        """The sum of all waits in microseconds."""
        return sum(spent for _, spent in self.values())
