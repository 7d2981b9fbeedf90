"""What no event of the feed carries, read from the database once for all boards: never for one watcher.

Of several workers the first for which it is time reads, and tells the others: they rest as long as it does. None of
them leads, so that nobody misses one that is gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.board.outreach import Outreach, read_outreach
from agent_desktop.board.queries import day_figures
from agent_desktop.board.responses import Responses, read_responses
from agent_desktop.board.wire import Beside, DayFigures
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import FloorView
from agent_desktop.site import Site
from crm_core import clock
from crm_core.db import Database
from crm_core.history import campaign_events
from crm_core.history.events import HistoryEvent, VoiceMessageLeft
from crm_core.surveys.projection import SurveyEvent
from crm_core.workforce.hours_queries import closures_now

log = structlog.get_logger(__name__)

KIND, NEVER = "board_figures", float("-inf")
SLOW_SECONDS = 3.0  # a database that hangs gives no error
LOOK_SECONDS = 2.0  # whoever closed the hotline looks at the wall at once
FIGURES_SECONDS = 15.0  # cases and messages change without an event: they are read at least so often,
LEAST_APART = 2.0  # after an event no sooner than this,
REST_SHARE = 8.0  # and never for more than a ninth of the time, however many rows there are
_TOLD_BY_EVENTS = tuple(
    event for event in vars(campaign_events).values() if isinstance(event, type) and issubclass(event, HistoryEvent)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was read at the instant `at`, in `seconds` of work."""

    at: float
    seconds: float
    day: DayFigures
    outreach: Outreach
    responses: Responses


_COUNTED = TypeAdapter(Counted)


class SharedFigures:
    """`beside` is what was read last; `told` is called when it has changed."""

    def __init__(
        self,
        db: Database,
        site: Site,
        told: Callable[[], None],
        floor: Callable[[], FloorView],
        others: OtherWorkers | None = None,
    ) -> None:
        self._db, self._site, self._told, self._floor = db, site, told, floor
        self._others = others or OtherWorkers()
        self._others.hear(KIND, self._take)
        self.beside = Beside()
        self._stale_since, self._as_of, self._next = 0.0, NEVER, NEVER  # of the process's own clock

    def hear(self, event: HistoryEvent) -> None:
        """A fact of a campaign, of a survey or of a voice message: the figures are read again soon."""
        if isinstance(event, (*_TOLD_BY_EVENTS, SurveyEvent, VoiceMessageLeft)):
            self._stale_since = time.monotonic()

    def forget(self) -> None:
        """A new day began, or the feed was away: everything is read again at once."""
        self._as_of = self._next = NEVER

    async def run(self) -> None:
        """Until cancelled. A database that is away changes no figure: the boards say since when they stand still."""
        while True:
            try:
                await self._read_or_told(whole=self._is_due())
            except (SQLAlchemyError, OSError) as away:
                log.warning("board_figures_not_read", error=str(away))
                self._stand_still()
            await asyncio.sleep(LOOK_SECONDS)

    def _is_due(self) -> bool:
        now = time.monotonic()
        old = self._stale_since >= self._as_of or now - self._as_of >= FIGURES_SECONDS
        return now >= self._next and old

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
        async with self._db.begin() as session:
            closure = ", ".join(one.reason for one in await closures_now(session, now))
            counted = await self._counted(session, now) if whole else None
        if counted is not None:
            self._keep(counted)
            self._others.tell(KIND, more=_COUNTED.dump_json(counted).decode())
        self._show(replace(self.beside, closure=closure, records_since=None))

    async def _counted(self, session: AsyncSession, now: datetime) -> Counted:
        began, zone = time.monotonic(), self._site.zone
        start, end = clock.day_bounds(now.astimezone(zone).date(), zone)
        day = await day_figures(session, now.astimezone(zone).date(), zone, now)
        outreach = await read_outreach(session, start, end, now)
        responses = await read_responses(session, start, now, zone)
        took = time.monotonic() - began
        return Counted(at=clock.instant(now), seconds=took, day=day, outreach=outreach, responses=responses)

    def _take(self, _key: str, text: str) -> None:
        """Another worker has read."""
        try:
            counted = _COUNTED.validate_json(text)
        except ValidationError as wrong:
            log.error("board_figures_not_understood", reason=str(wrong)[:300])
            return
        self._keep(counted)
        self._show(self.beside)

    def _keep(self, counted: Counted) -> None:
        """Unless something younger is here; the next reading is due when the time that it may take allows."""
        age, now = max(0.0, clock.instant(clock.now()) - counted.at), time.monotonic()
        if now - age < self._as_of:
            return
        self._as_of = now - age
        self._next = now + max(LEAST_APART, REST_SHARE * counted.seconds)
        self.beside = replace(self.beside, day=counted.day, outreach=counted.outreach, responses=counted.responses)
        self._told()

    def _show(self, beside: Beside) -> None:
        floor = self._floor()
        beside = replace(beside, asterisks_away=floor.asterisks_away, proxy_away=floor.proxy_away)
        if beside != self.beside:
            self.beside = beside
            self._told()
