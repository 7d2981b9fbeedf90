"""The trunks for all who watch: drawn once per change and language; a test call's steps for who makes it.

A message is JSON: {"at", "regions"}; the first one has all regions, later ones what changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import orjson

from agent_desktop.lines import words
from agent_desktop.ports import Telephony
from agent_desktop.rendering import Rendering
from crm_core import clock

PUSH_SECONDS = 0.2  # a change waits at most so long for the next ones
BEAT_SECONDS = 5.0  # a page that hears nothing for longer knows that it is blind


class LinesView:
    """One for the application. `regions` draws what has not been drawn since the last change."""

    def __init__(self, telephony: Telephony, rendering: Rendering) -> None:
        self._telephony, self._rendering = telephony, rendering
        self._drawn: dict[str, tuple[object, str]] = {}

    def trunks(self, language: str) -> str:
        """The table, the same for everybody of a language."""
        seen = self._telephony.lines.seen()
        shown = (seen.trunks, seen.hits)
        before = self._drawn.get(language)
        if before is None or before[0] != shown:
            before = (shown, self._draw("trunk_rows", language, trunks=seen.trunks, hits=seen.hits[::-1]))
            self._drawn[language] = before
        return before[1]

    def steps(self, by: str, language: str) -> str:
        """This person's test call."""
        return self._draw("test_steps", language, test=self._telephony.lines.seen().test_of(by))

    def _draw(self, block: str, language: str, **values: object) -> str:
        return self._rendering.render("lines/live.html", block, language=language, words=words, **values)

    async def messages(self, by: str, language: str) -> AsyncIterator[str]:
        """Until nobody takes them any more."""
        sent: dict[str, str] = {}
        with self._telephony.lines.watching() as news:
            while True:
                news.clear()
                regions = {"trunk-rows": self.trunks(language), "test-steps": self.steps(by, language)}
                changed = {name: html for name, html in regions.items() if sent.get(name) != html}
                sent = regions
                yield orjson.dumps({"at": clock.instant(clock.now()), "regions": changed}).decode()
                await asyncio.sleep(PUSH_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await news.wait()
