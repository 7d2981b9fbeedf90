"""What a web worker knows of telephony: kept whole by what it is told, never asked for by a page. No I/O.

Who has missed a message is out of step and waits for one that holds everything. Pages go on seeing the last picture,
with `connected` False.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import structlog

from acd.dialer import PacingFigures
from crm_core.history.events import FeedRecord
from cti.desk_views import offline_desk
from cti.feed import FeedReader
from cti.lines_seen import LinesSeen
from cti.talk_text import MOST_LINES, LiveTextFigures, TalkTextView
from cti.views import DeskView, FloorView
from cti.watching import EVERYBODY, Watching
from cti.wire.messages import Told

log = structlog.get_logger(__name__)

NOTHING = FloorView(number=0, at=0.0, connected=False, agents=(), waiting=())
_LISTS = ("waiting", "parked", "callbacks", "supervised")


class Mirror:
    """`agent_desktop.ports.Telephony`'s views and `TalkTexts`, in one worker. Until it is told more, nothing is known
    since the instant `began`.
    """

    def __init__(self, began: float = 0.0) -> None:
        self.epoch = self.sequence = self.number = 0
        self.in_step = False
        self.figures = LiveTextFigures()
        self.lines = LinesSeen()
        self._line_watchers = Watching()
        self._rest = replace(NOTHING, at=began)
        self._floor: FloorView | None = None
        self._desks: dict[str, DeskView] = {}
        self._texts: dict[str, TalkTextView] = {}
        self._paces: dict[int, PacingFigures] = {}
        self._readers: set[FeedReader] = set()
        self._watching = Watching()
        self._moved = asyncio.Event()

    # ---- what is told

    def fits(self, told: Told) -> bool:
        """Whether it can be taken: it is the next one, or holds everything. An older leader's is none."""
        if told.epoch < self.epoch:
            return False
        is_next = self.in_step and told.epoch == self.epoch and told.sequence == self.sequence + 1
        return told.whole or is_next

    def is_old(self, told: Told) -> bool:
        """Of a leader before, or taken already: nothing is missed without it."""
        before = told.epoch == self.epoch and self.in_step and told.sequence <= self.sequence
        return told.epoch < self.epoch or before

    def take(self, told: Told, records: list[FeedRecord], *, complete: bool) -> None:
        """One that `fits`, with all records since the one before; not `complete` = some cannot be had any more.

        Views first: who hears of a record looks at them.
        """
        back = not self.in_step
        self.epoch, self.sequence, self.number, self.in_step = told.epoch, told.sequence, told.number, True
        self._see(told)
        for reader in list(self._readers):
            for record in records:
                reader.offer(record)
            if back or not complete:
                reader.finish()  # who reads begins anew, at a whole picture
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _see(self, told: Told) -> None:
        gone = self._desks.keys() - {desk.agent for desk in told.desks} if told.whole else told.left
        for agent in list(gone):
            self._desks.pop(agent, None)
        self._desks.update({desk.agent: desk for desk in told.desks})
        lists: dict[str, Any] = {name: seen for name in _LISTS if (seen := getattr(told, name)) is not None}
        self._rest = replace(
            self._rest,
            number=told.number,
            at=told.at,
            connected=told.connected,
            recordings_full=told.recordings_full,
            trunks_away=told.trunks_away,
            asterisks=told.asterisks,
            asterisks_away=told.asterisks_away,
            proxy_away=told.proxy_away,
            **lists,
        )
        self._floor = None
        self.figures = told.figures or self.figures
        if told.lines is not None:
            self.lines = told.lines
            self._line_watchers.tell(EVERYBODY)
        self._paces = dict(told.paces) if told.paces is not None else self._paces
        self._read(told)

    def _read(self, told: Told) -> None:
        silent = self._texts.keys() - {text.agent for text in told.texts} if told.whole else told.silent
        for agent in list(silent):
            self._texts.pop(agent, None)
            self._watching.tell(agent)
        for text in told.texts:
            self._texts[text.agent] = _grown(self._texts.get(text.agent), text)
            self._watching.tell(text.agent)

    def lose(self) -> None:
        """Nothing is heard any more, or something was missed: what is shown may be old from here on."""
        if self.in_step:
            self.in_step, self._floor = False, None
            self._send_readers_away()

    def _send_readers_away(self) -> None:
        for reader in list(self._readers):
            reader.close()

    async def shows(self, epoch: int, sequence: int) -> None:
        """Return when this message of this leader was taken, or one of a later leader."""
        while (self.epoch, self.sequence if self.in_step else 0) < (epoch, sequence):
            await self._moved.wait()

    # ---- what is seen

    def desk(self, agent: str) -> DeskView:
        seen = self._desks.get(agent)
        return offline_desk(agent, self.number) if seen is None else replace(seen, number=self.number)

    def floor(self) -> FloorView:
        if self._floor is None:
            agents = tuple(desk for _, desk in sorted(self._desks.items()) if desk.state != "offline")
            self._floor = replace(self._rest, agents=agents, connected=self._rest.connected and self.in_step)
        return self._floor

    def watching_lines(self) -> AbstractContextManager[asyncio.Event]:
        return self._line_watchers.watching(EVERYBODY)

    def pacing(self, campaign: int) -> PacingFigures | None:
        return self._paces.get(campaign)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[FeedReader]:
        """Every record from now on."""
        reader = FeedReader()
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            reader.close()

    def of(self, agent: str) -> TalkTextView | None:
        return self._texts.get(agent)

    def watching(self, agent: str) -> AbstractContextManager[asyncio.Event]:
        """As Watching.watching."""
        return self._watching.watching(agent)


def _grown(known: TalkTextView | None, news: TalkTextView) -> TalkTextView:
    """Lines that did not change are not told again."""
    if known is None or known.leg != news.leg:
        return news
    lines = {line.number: line for line in known.lines} | {line.number: line for line in news.lines}
    return replace(news, lines=tuple(lines[number] for number in sorted(lines))[-MOST_LINES:])
