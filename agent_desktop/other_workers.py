"""What the pages of one web worker tell those of the others: look again. Without other workers it is told to nobody."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from cti.wire.bus import PAGES, Bus, BusAway
from cti.wire.messages import PageNews, Unreadable, read, to_bytes

log = structlog.get_logger(__name__)

Heard = Callable[[str, str], object]
"""(key, more): what to do when another worker tells it."""


class OtherWorkers:
    """Kept at `app.state.others`. `bus` None = this process has all the pages of the site."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus, self._me = bus, secrets.token_hex(8)
        self._heard: dict[str, Heard] = {}
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def alone(self) -> bool:
        """Whether there are none."""
        return self._bus is None

    @property
    def me(self) -> str:
        """Of this worker, for as long as it lives."""
        return self._me

    def hear(self, kind: str, heard: Heard) -> None:
        self._heard[kind] = heard

    def tell(self, kind: str, key: str = "", more: str = "") -> None:
        """Soon; news that a lost bus does not carry are missed until the pages look again by themselves."""
        if self._bus is None:
            return
        task = asyncio.create_task(self._append(self._bus, PageNews(worker=self._me, kind=kind, key=key, more=more)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _append(self, bus: Bus, news: PageNews) -> None:
        try:
            await bus.append(PAGES, to_bytes(news))
        except BusAway:
            log.warning("other_workers_not_told", kind=news.kind)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear the others until the block ends."""
        if self._bus is None:
            yield
            return
        task = asyncio.create_task(self._listen(self._bus), name="other-workers")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, *self._telling, return_exceptions=True)

    async def _listen(self, bus: Bus) -> None:
        async with bus.follow(PAGES) as messages:
            async for message in messages:
                try:
                    self._take(read(PageNews, message))
                except Unreadable as wrong:
                    log.error("page_news_not_understood", reason=str(wrong)[:300])
                except Exception:  # a fault in one page must not make us deaf
                    log.exception("page_news_not_taken")

    def _take(self, news: PageNews) -> None:
        heard = self._heard.get(news.kind)
        if news.worker != self._me and heard is not None:
            heard(news.key, news.more)
