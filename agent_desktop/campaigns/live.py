"""The boards of campaigns for all who watch: each campaign is counted once, drawn once per language and right.

A message is JSON: {"number", "at", "connected", "regions"}; the first one has all regions, later ones what changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import orjson
import structlog
from fastapi import Request, WebSocket
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.campaigns.picture import CampaignPicture, read_picture
from agent_desktop.campaigns.regions import Now, regions_of
from agent_desktop.desk.live import Watcher
from agent_desktop.floor.live import FloorHub
from agent_desktop.ports import Telephony
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.campaigns.actions import campaign
from crm_core.db import Database
from crm_core.errors import NotFound
from crm_core.history.campaign_events import ResponseAnswered, ResponseEnded
from crm_core.history.events import AgentStateChanged, HistoryEvent

log = structlog.get_logger(__name__)

PUSH_SECONDS = 0.25  # a change waits at most so long for the next ones; the first after a pause goes at once
BEAT_SECONDS = 5.0  # limits pass although nothing happens; a page that hears nothing is blind
LEAST_APART = 1.0  # figures are counted again at most so often,
REST_SHARE = 8.0  # and never for more than a ninth of the time, however long the list is

Sight = tuple[str, bool]
"""Language, and whether the reader may run campaigns: who shares both sees the same."""


@dataclass(slots=True)
class BoardGroup:
    """Everybody who watches one campaign. `stale` = something happened since `picture` was read."""

    picture: CampaignPicture | None = None
    stale: bool = True
    next_read: float = 0.0
    watchers: dict[Sight, set[Watcher]] = field(default_factory=dict)
    sent: dict[Sight, dict[str, str]] = field(default_factory=dict)


class CampaignHub:
    """Follows the feed once and pushes to all boards."""

    def __init__(self, db: Database, telephony: Telephony, rendering: Rendering, floor: FloorHub) -> None:
        self._db, self._telephony, self._rendering, self._floor = db, telephony, rendering, floor
        self._groups: dict[int, BoardGroup] = {}
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        tasks = [asyncio.create_task(run(), name=f"campaigns-{run.__name__}") for run in (self._follow, self._push)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def picture(self, campaign_id: int) -> CampaignPicture:
        """The campaign now, for the first page. Raises NotFound."""
        async with self._db.begin() as session:
            return await read_picture(
                session, await campaign(session, campaign_id), clock.now(), self._rendering.site.zone
            )

    async def regions(self, picture: CampaignPicture, sight: Sight) -> dict[str, str]:
        floor, pacing = self._telephony.floor(), self._telephony.pacing(picture.campaign.id)
        return regions_of(self._rendering, picture, Now(floor, await self._floor.ground(), pacing), sight)

    def forget(self, campaign_id: int) -> None:
        """Somebody changed the campaign: it is read anew at once."""
        if (group := self._groups.get(campaign_id)) is not None:
            group.stale, group.next_read = True, 0.0
            self._changed.set()

    @asynccontextmanager
    async def watching(self, campaign_id: int, sight: Sight) -> AsyncIterator[Watcher]:
        """A watcher that gets everything at once and every change after it."""
        group = self._groups.setdefault(campaign_id, BoardGroup())
        watcher = Watcher()
        group.watchers.setdefault(sight, set()).add(watcher)
        self._changed.set()
        try:
            yield watcher
        finally:
            group.watchers[sight].discard(watcher)
            if not group.watchers[sight]:
                del group.watchers[sight]
                group.sent.pop(sight, None)
            if not group.watchers:
                self._groups.pop(campaign_id, None)

    async def _follow(self) -> None:
        while True:
            async with self._telephony.follow() as feed:
                for group in self._groups.values():
                    group.stale = True
                self._changed.set()
                async for record in feed:
                    self._note(record.event)
            log.warning("campaign_feed_closed")

    def _note(self, event: HistoryEvent) -> None:
        if isinstance(event, AgentStateChanged) and self._groups:
            self._changed.set()
        elif (group := self._groups.get(campaign_of(event))) is not None:
            group.stale = True
            self._changed.set()

    async def _push(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait()):
                    await self._changed.wait()
            self._changed.clear()
            for campaign_id, group in list(self._groups.items()):
                try:
                    await self._push_group(campaign_id, group)
                except NotFound:
                    _send_away(group)
                except (SQLAlchemyError, OSError) as away:
                    log.warning("campaign_not_read", campaign=campaign_id, error=str(away))
                except Exception:  # a fault in one board must not end all others
                    log.exception("campaign_not_drawn", campaign=campaign_id)
            await asyncio.sleep(PUSH_SECONDS)

    def _wait(self) -> float:
        """Until the next beat, or until figures that are stale may be counted again."""
        due = [group.next_read - time.monotonic() for group in self._groups.values() if group.stale]
        return max(0.0, min([BEAT_SECONDS, *due]))

    async def _push_group(self, campaign_id: int, group: BoardGroup) -> None:
        began = time.monotonic()
        if group.picture is None or began >= group.next_read:
            # The history's writer is a moment behind the feed: the beat finds what this reading is too early for.
            group.stale = False
            group.picture = await self.picture(campaign_id)
            now = time.monotonic()
            group.next_read = now + max(LEAST_APART, REST_SHARE * (now - began))
        floor = self._telephony.floor()
        for sight, watchers in list(group.watchers.items()):
            regions = await self.regions(group.picture, sight)
            before = group.sent.get(sight, {})
            changed = {name: html for name, html in regions.items() if before.get(name) != html}
            group.sent[sight] = regions
            for watcher in list(watchers):
                told = regions if watcher.fresh else changed
                message = {"number": floor.number, "at": clock.instant(clock.now()), "connected": floor.connected}
                watcher.put(orjson.dumps({**message, "regions": told}))
                watcher.fresh = False


def _send_away(group: BoardGroup) -> None:
    for watchers in group.watchers.values():
        for watcher in watchers:
            watcher.send_away()


def campaign_of(event: HistoryEvent) -> int:
    """The campaign that an event belongs to; 0 = none."""
    if isinstance(event, ResponseAnswered | ResponseEnded):
        parts = event.call.split("-")
        return int(parts[1]) if len(parts) == 4 and parts[0] == "ob" and parts[1].isdigit() else 0
    return int(getattr(event, "campaign", 0))


def hub_of(connection: Request | WebSocket) -> CampaignHub:
    hub: CampaignHub = connection.app.state.campaigns
    return hub
