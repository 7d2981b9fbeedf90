"""The telephony process tells the pages what happens: every record of the feed, and what is seen differently since.

What is seen is made once here, not in each worker. A bus that is away costs no call anything: what could not be told
is left out, and the next message holds everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

import structlog

from acd.dialer import PacingFigures
from crm_core.history.events import CallOffered
from cti.feed import Feed, FeedReader
from cti.lines import Lines
from cti.live_texts import LiveTexts, NoTexts
from cti.views import DeskView, FloorView
from cti.watching import EVERYBODY
from cti.wire.bus import TOLD, Bus, BusAway
from cti.wire.messages import as_told, to_bytes
from cti.wire.picture import Picture, difference, is_news

log = structlog.get_logger(__name__)

BEAT_SECONDS = 1.0
# From one message to the next: a change waits at most so long; not at all the first after a pause, and an offer, whose
# card must be on the desk before the telephone rings.
PAUSE_SECONDS = 0.05


class SeenDesk(Protocol):
    """Of cti.desk.Desk."""

    texts: LiveTexts | NoTexts
    lines: Lines

    def desk(self, agent: str) -> DeskView: ...
    def floor(self) -> FloorView: ...
    def pacing(self, campaign: int) -> PacingFigures | None: ...


class Teller:
    """`campaigns` gives those that call now. Told until cancelled, see `run`."""

    def __init__(
        self, bus: Bus, desk: SeenDesk, feed: Feed, *, epoch: int, campaigns: Callable[[], Collection[int]] = tuple
    ) -> None:
        self._bus, self._desk, self._feed = bus, desk, feed
        self._epoch, self._campaigns = epoch, campaigns
        self._sequence = 0
        self._told: Picture | None = None  # None = the next message holds everything
        self._reader: FeedReader | None = None
        self._away = False
        self._telling = asyncio.Lock()

    async def run(self) -> None:
        while True:
            async with self._feed.follow() as reader:
                self._reader, self._told = reader, None
                with self._desk.texts.watching(EVERYBODY) as words:
                    await self._tell_all(reader, words)
            log.error("teller_was_too_slow")

    async def _tell_all(self, reader: FeedReader, words: asyncio.Event) -> None:
        while not reader.closed:
            words.clear()
            await self._tell(beat=True)
            await reader.arrived_of(CallOffered, seconds=PAUSE_SECONDS)
            waits = [asyncio.ensure_future(wait) for wait in (reader.arrived(), words.wait())]
            await asyncio.wait(waits, timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def show(self) -> int:
        """Tell at once what has changed; gives the number of the message with which everything is told."""
        await self._tell(beat=False)
        return self._sequence

    async def show_all(self) -> None:
        """Somebody has missed something."""
        self._told = None
        await self._tell(beat=True)

    async def _tell(self, *, beat: bool) -> None:
        if self._reader is None:
            return  # not begun: the first message will hold everything
        async with self._telling:
            records = tuple(as_told(record) for record in self._reader.take())
            seen = self._look()
            sequence = self._sequence + 1
            told = difference(self._told, seen, epoch=self._epoch, sequence=sequence, records=records)
            if not beat and not is_news(told):
                return
            self._told, self._sequence = seen, sequence
            try:
                await self._bus.append(TOLD, to_bytes(told))
            except BusAway:
                self._lost()
            else:
                self._found()

    def _lost(self) -> None:
        self._told = None
        if not self._away:
            log.error("pages_not_told", reason="the bus is away")
        self._away = True

    def _found(self) -> None:
        if self._away:
            log.info("pages_told_again")
        self._away = False

    def _look(self) -> Picture:
        floor = self._desk.floor()
        desks = {view.agent: view for view in floor.agents}
        for view in floor.agents:
            if view.state == "wrap_up":  # the floor does not say whose record is written
                desks[view.agent] = self._desk.desk(view.agent)
        for one in floor.supervised:
            desks[one.supervisor] = self._desk.desk(one.supervisor)
        texts = self._desk.texts
        talks = {agent: text for agent in texts.agents if (text := texts.of(agent)) is not None}
        paces = {one: pace for one in self._campaigns() if (pace := self._desk.pacing(one)) is not None}
        lines = self._desk.lines.seen()
        bare = replace(floor, agents=())
        return Picture(floor=bare, desks=desks, texts=talks, figures=texts.figures, paces=paces, lines=lines)
