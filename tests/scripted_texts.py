"""Talks as text, as a test says them: `agent_desktop.ports.TalkTexts` in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cti.talk_text import LiveTextFigures, Side, TalkText, TalkTextView, TextState


class ScriptedTexts:
    def __init__(self) -> None:
        self._of: dict[str, TalkText] = {}
        self.figures = LiveTextFigures(
            processes=1, models=frozenset({"zh-CN"}), ready=frozenset({"zh-CN"}), talks=1, most=3, of_a_talk=0.27
        )
        self._news: set[asyncio.Event] = set()

    def begin(self, agent: str, call: str, leg: str, state: TextState = TextState.LISTENING) -> TalkText:
        """The agent talks; `changed` after each change of what is given."""
        text = TalkText(call=call, leg=leg, agent=agent, queue="repair", language="zh-CN", began_at=time.time() - 161.0)
        text.become(state)
        self._of[agent] = text
        self.changed()
        return text

    def say(self, agent: str, side: Side, words: str, *, over: bool = True, ago: float = 0.0) -> None:
        at = time.time() - ago
        self._of[agent].end(side, at, words) if over else self._of[agent].grow(side, at, words)
        self.changed()

    def end(self, agent: str) -> None:
        del self._of[agent]
        self.changed()

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(self._of)

    def changed(self) -> None:
        for news in self._news:
            news.set()

    def of(self, agent: str) -> TalkTextView | None:
        return self._of[agent].view if agent in self._of else None

    @contextmanager
    def watching(self, agent: str) -> Iterator[asyncio.Event]:
        news = asyncio.Event()
        news.set()
        self._news.add(news)
        try:
            yield news
        finally:
            self._news.discard(news)
