"""Timers by name and key; nothing here waits, so that the loop can."""

from __future__ import annotations

import heapq


class Timers:
    """A timer that is set again is moved; times are seconds since 1970."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str, str]] = []
        self._due: dict[tuple[str, str], float] = {}

    def start(self, name: str, key: str, due: float) -> None:
        self._due[name, key] = due
        heapq.heappush(self._heap, (due, name, key))

    def cancel(self, name: str, key: str) -> None:
        self._due.pop((name, key), None)

    def next_due(self) -> float | None:
        """When the loop must wake, None = nothing runs."""
        while self._heap and self._due.get(self._heap[0][1:]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take_due(self, now: float) -> list[tuple[str, str]]:
        """Those that are due, each once, the earliest first."""
        fired = []
        while (due := self.next_due()) is not None and due <= now:
            _, name, key = heapq.heappop(self._heap)
            del self._due[name, key]
            fired.append((name, key))
        return fired
