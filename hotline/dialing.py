"""The dialer of this site: database, line and agents wired together, begun anew whenever it fails."""

from __future__ import annotations

import asyncio
import time
from zoneinfo import ZoneInfo

import structlog

from acd.dialer import PacingFigures
from crm_core.db import Database
from crm_core.history.writer import HistoryWriter
from cti.bridge import Bridge
from cti.dialing import Dialer, SiteCaps
from cti.dialing_floor import CampaignFloor
from hotline.campaign_book import DatabaseAttempts
from hotline.settings import Settings

log = structlog.get_logger(__name__)

PAUSE = 5.0  # seconds after a failure


class SiteDialer:
    """`PreviewCalls` and `CampaignPaces` of cti.campaign_ports, and the loop of this site. The bridge is started."""

    def __init__(self, settings: Settings, database: Database, bridge: Bridge, history: HistoryWriter) -> None:
        self._book = DatabaseAttempts(database, ZoneInfo(settings.site_zone), bridge.lines.gate.dialable)
        self._caps = SiteCaps(lines=settings.campaign_lines, in_a_minute=settings.campaign_calls_a_minute)
        self._bridge, self._history = bridge, history
        self._dialer = self._begin()

    async def run(self) -> None:
        """Until cancelled. What the feed told before is in the database before anything is dialled."""
        await self._bridge.ready.wait()
        while True:
            try:
                await self._dialer.run(lambda: self._history.written(self._bridge.feed.number))
            except Exception:
                log.exception("dialer_failed")
            await asyncio.sleep(PAUSE)
            self._dialer = self._begin()

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        return await self._dialer.preview(campaign, entry, agent)

    @property
    def calling(self) -> tuple[int, ...]:
        return self._dialer.calling

    def pacing(self, campaign: int) -> PacingFigures | None:
        return self._dialer.pacing(campaign)

    def _begin(self) -> Dialer:
        board, order = self._bridge.runtime.switchboard, self._bridge.runtime.order
        floor = CampaignFloor(board.engine)

        async def promise(queue: str, number: int) -> None:
            told = floor.promise(queue, number, time.time())
            if told is not None:
                await order(lambda: board.tell(told))

        return Dialer(
            book=self._book,
            line=self._bridge.campaign_line,
            events=self._bridge.feed,
            floor=floor.staffing,
            promise=promise,
            caps=self._caps,
        )
