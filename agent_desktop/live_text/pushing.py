"""What a page is told of a talk's text: all of it at first, then the lines that changed, as soon as they do.

A message is JSON: {"call", "leg", "state", "note", "lines", "articles"}. A line is {"number", "side", "at" (seconds
from the talk's beginning), "words", "over", "cut", "ends" (when each word had been said, seconds since 1970),
"marks" ([begin, end, topic] of words of topics)};
"articles" is HTML, null = as before. A page that is slow misses steps in between, never the last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.live_text.marks import Mark
from agent_desktop.live_text.words import NOTES
from agent_desktop.ports import TalkTexts, TalkTextView, TextLine

log = structlog.get_logger(__name__)

RECENT_SECONDS = 30.0  # what was said in them leads to articles
BETWEEN_SEARCHES = 1.5  # seconds

Suggest = Callable[[TalkTextView, str], Awaitable[str]]
"""HTML of the articles for these words."""
MayRead = Callable[[TalkTextView], Awaitable[bool]]
Marks = Callable[[TextLine], list[Mark]]


class TextReader:
    """One page that follows one agent's talks. `may_read` is asked at the beginning of each; no = the page is left."""

    def __init__(
        self,
        texts: TalkTexts,
        agent: str,
        say: Callable[[str], str],
        *,
        suggest: Suggest | None = None,
        may_read: MayRead | None = None,
        marks: Marks = lambda _: [],
    ) -> None:
        self._texts, self._agent, self._say = texts, agent, say
        self._suggest, self._may_read, self._marks = suggest, may_read, marks
        self._leg, self._seen = "", -1
        self._articles: str | None = None
        self._asked = ""

    async def messages(self) -> AsyncIterator[str]:
        with self._texts.watching(self._agent) as news:
            searching = asyncio.create_task(self._search(news)) if self._suggest is not None else None
            try:
                while True:
                    view = self._texts.of(self._agent)
                    if view is not None and view.leg != self._leg and not await self._allowed(view):
                        return
                    if (message := self._changed(view)) is not None:
                        yield message
                    await news.wait()
                    news.clear()
            finally:
                if searching is not None:
                    searching.cancel()
                    with suppress(asyncio.CancelledError):
                        await searching

    async def _allowed(self, view: TalkTextView) -> bool:
        return self._may_read is None or await self._may_read(view)

    def _changed(self, view: TalkTextView | None) -> str | None:
        leg = view.leg if view is not None else ""
        fresh = leg != self._leg or self._seen < 0
        if fresh:
            self._leg, self._seen, self._articles, self._asked = leg, 0, "" if leg else None, ""
        if view is None:
            return _json({"call": "", "leg": "", "state": "", "note": "", "lines": []}) if fresh else None
        if view.version == self._seen and self._articles is None:
            return None
        lines = [
            _line(line, view.began_at) | {"marks": self._marks(line)}
            for line in view.lines
            if line.version > self._seen
        ]
        self._seen = view.version
        articles, self._articles = self._articles, None
        return _json(
            {
                "call": view.call,
                "leg": view.leg,
                "state": str(view.state),
                "note": self._say(NOTES[view.state]) if NOTES[view.state] else "",
                "lines": lines,
                "articles": articles,
            }
        )

    async def _search(self, news: asyncio.Event) -> None:
        """Articles follow what was said; they must not keep the words waiting."""
        while True:
            await asyncio.sleep(BETWEEN_SEARCHES)
            view = self._texts.of(self._agent)
            words = recent_words(view) if view is not None else ""
            if view is None or not words or words == self._asked or self._suggest is None:
                continue
            self._asked = words
            try:
                found = await self._suggest(view, words)
            except (SQLAlchemyError, OSError) as away:
                log.warning("articles_not_searched", error=str(away))
                continue
            if view.leg == self._leg:
                self._articles = found
                news.set()


def recent_words(view: TalkTextView) -> str:
    """What both sides said completely in the last seconds of talk."""
    over = [line for line in view.lines if line.over]
    if not over:
        return ""
    return " ".join(line.words for line in over if line.at >= over[-1].at - RECENT_SECONDS)


def _line(line: TextLine, began_at: float) -> dict[str, object]:
    return {
        "number": line.number,
        "side": str(line.side),
        "at": max(0.0, line.at - began_at),
        "words": line.words,
        "over": line.over,
        "cut": line.cut,
        "ends": line.ends,
    }


def _json(message: dict[str, object]) -> str:
    return orjson.dumps(message).decode()
