"""Who waits for news of an agent: an event for each, set at each change. No I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

EVERYBODY = ""
"""Who watches this "agent" hears of every change."""


class Watching:
    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, agent: str) -> Iterator[asyncio.Event]:
        """The event is set at first and whenever something of this agent has changed; who waits for it clears it."""
        news = asyncio.Event()
        news.set()
        self._waiting.setdefault(agent, set()).add(news)
        try:
            yield news
        finally:
            self._waiting[agent].discard(news)
            if not self._waiting[agent]:
                del self._waiting[agent]

    def tell(self, agent: str) -> None:
        for news in (*self._waiting.get(agent, ()), *self._waiting.get(EVERYBODY, ())):
            news.set()
