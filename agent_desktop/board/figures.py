"""What no event of the feed carries, read from the database once for all boards: never for one watcher."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.board.outreach import read_outreach
from agent_desktop.board.queries import day_figures
from agent_desktop.board.responses import read_responses
from agent_desktop.board.wire import Beside
from agent_desktop.ports import FloorView
from agent_desktop.site import Site
from crm_core import clock
from crm_core.db import Database
from crm_core.history import campaign_events
from crm_core.history.events import HistoryEvent, VoiceMessageLeft
from crm_core.surveys.projection import SurveyEvent
from crm_core.workforce.hours_queries import closures_now

log = structlog.get_logger(__name__)

SLOW_SECONDS = 3.0  # a database that hangs gives no error
LOOK_SECONDS = 2.0  # whoever closed the hotline looks at the wall at once
FIGURES_SECONDS = 15.0  # cases and messages change without an event: they are read at least so often,
LEAST_APART = 2.0  # after an event no sooner than this,
REST_SHARE = 8.0  # and never for more than a ninth of the time, however many rows there are
_TOLD_BY_EVENTS = tuple(
    event for event in vars(campaign_events).values() if isinstance(event, type) and issubclass(event, HistoryEvent)
)


class SharedFigures:
    """`beside` is what was read last; `told` is called when it has changed."""

    def __init__(self, db: Database, site: Site, told: Callable[[], None], floor: Callable[[], FloorView]) -> None:
        self._db, self._site, self._told, self._floor = db, site, told, floor
        self.beside = Beside()
        self._stale, self._next = True, 0.0

    def hear(self, event: HistoryEvent) -> None:
        """A fact of a campaign, of a survey or of a voice message: the figures are read again soon."""
        if isinstance(event, (*_TOLD_BY_EVENTS, SurveyEvent, VoiceMessageLeft)):
            self._stale = True

    def forget(self) -> None:
        """A new day began, or the feed was away: everything is read again at once."""
        self._stale, self._next = True, 0.0

    async def run(self) -> None:
        """Until cancelled. A database that is away changes no figure: the boards say since when they stand still."""
        read_at = 0.0
        while True:
            began = time.monotonic()
            due = began >= self._next and (self._stale or began - read_at >= FIGURES_SECONDS)
            try:
                await self._read_or_told(whole=due)
                if due:
                    read_at, now = began, time.monotonic()
                    self._next = now + max(LEAST_APART, REST_SHARE * (now - began))
            except (SQLAlchemyError, OSError) as away:
                log.warning("board_figures_not_read", error=str(away))
                self._stand_still()
            await asyncio.sleep(LOOK_SECONDS)

    async def _read_or_told(self, *, whole: bool) -> None:
        """No question to a database that hangs can be taken back: it is told, and the answer waited for."""
        reading = asyncio.create_task(self._read(whole=whole))
        try:
            done, _ = await asyncio.wait({reading}, timeout=SLOW_SECONDS)
            if not done:
                log.warning("board_figures_not_read", error=f"no answer within {SLOW_SECONDS} s")
                self._stand_still()
            await reading
        finally:
            reading.cancel()

    def _stand_still(self) -> None:
        if self.beside.records_since is None:
            self.beside = replace(self.beside, records_since=clock.instant(clock.now()))
            self._told()

    async def _read(self, *, whole: bool) -> None:
        now = clock.now()
        before = self.beside
        async with self._db.begin() as session:
            closure = ", ".join(one.reason for one in await closures_now(session, now))
            day, outreach, responses = before.day, before.outreach, before.responses
            if whole:
                self._stale = False
                start, end = clock.day_bounds(now.astimezone(self._site.zone).date(), self._site.zone)
                day = await day_figures(session, now.astimezone(self._site.zone).date(), self._site.zone, now)
                outreach = await read_outreach(session, start, end, now)
                responses = await read_responses(session, start, now, self._site.zone)
        floor = self._floor()
        self.beside = Beside(
            day=day,
            outreach=outreach,
            responses=responses,
            closure=closure,
            asterisks_away=floor.asterisks_away,
            proxy_away=floor.proxy_away,
        )
        if self.beside != before:
            self._told()
