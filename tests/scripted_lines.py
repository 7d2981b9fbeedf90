"""Lines as a test directs them: `agent_desktop.ports.Lines` in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from cti.dial_caps import CapHit
from cti.line_tests import LineTest
from cti.lines_seen import LinesSeen
from cti.trunk_watch import TrunkView, TrunkWatch


class ScriptedLines:
    """`refusal` is what the next test call meets."""

    def __init__(self) -> None:
        self.hits = list[CapHit]()
        self.views: tuple[TrunkView, ...] = TrunkWatch().views()
        self.refusals = 0
        self.tests: dict[str, LineTest] = {}
        self.called: list[tuple[str, str, str]] = []
        self.refusal: Exception | None = None
        self._watchers: set[asyncio.Event] = set()

    def seen(self) -> LinesSeen:
        tests = tuple(self.tests.values())
        return LinesSeen(trunks=self.views, hits=tuple(self.hits), refusals=self.refusals, tests=tests)

    def tell(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    async def test_call(self, by: str, number: str, trunk: str) -> LineTest:
        if self.refusal is not None:
            raise self.refusal
        self.called.append((by, number, trunk))
        self.tests[by] = LineTest(id="line-0", by=by, digits=number, way=f"{number}@trunk", trunk=trunk)
        return self.tests[by]

    async def end_test(self, by: str) -> None:
        self.tests.pop(by, None)
