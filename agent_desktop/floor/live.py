"""The floor for all who watch: drawn once per change for everybody with the same teams and language.

A message is JSON: {"number", "at", "connected", "regions", "me"}; `me` is what the reader's own phone does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk.live import Watcher
from agent_desktop.floor.model import FloorPicture, floor_picture
from agent_desktop.floor.queries import CallerName, Ground, caller_names, read_ground
from agent_desktop.floor.regions import regions_of
from agent_desktop.floor.scope import Scope, scope_of
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import DeskView, FloorView, Telephony
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.db import Database

log = structlog.get_logger(__name__)

PUSH_SECONDS = 0.15  # a change waits at most so long for the next ones; the first after a pause goes at once
BEAT_SECONDS = 5.0  # limits pass and rows move although nothing happens; a page that hears nothing is blind
GROUND_SECONDS = 10.0  # people, queues and the day's figures are read again at most so often

Key = tuple[frozenset[str] | None, str]


class FloorWatcher(Watcher):
    """One open page of one person."""

    def __init__(self, user: SignedInUser) -> None:
        super().__init__()
        self.user = user


class FloorGroup:
    """Everybody who sees the same teams in the same language."""

    def __init__(self, scope: Scope, user: SignedInUser, team: str) -> None:
        self.scope, self.user, self.team = scope, user, team
        self.watchers: set[FloorWatcher] = set()
        self.sent: dict[str, str] = {}


class FloorHub:
    """Follows the feed once and pushes to all groups."""

    def __init__(
        self, db: Database, telephony: Telephony, rendering: Rendering, others: OtherWorkers | None = None
    ) -> None:
        self._db, self._telephony, self._rendering = db, telephony, rendering
        self._others = others or OtherWorkers()
        self._others.hear("floor", lambda _key, _more: self._forget())
        self._groups: dict[tuple[Key, str], FloorGroup] = {}
        self._ground = Ground(at=0.0)
        self._names: dict[int, CallerName] = {}
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        tasks = [asyncio.create_task(run(), name=f"floor-{run.__name__}") for run in (self._follow, self._push)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _follow(self) -> None:
        while True:
            async with self._telephony.follow() as feed:
                self._changed.set()
                async for _record in feed:
                    self._changed.set()
            log.warning("floor_feed_closed")

    async def _push(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._changed.wait()
            self._changed.clear()
            if self._groups:
                await self._push_all()
            await asyncio.sleep(PUSH_SECONDS)

    async def _push_all(self) -> None:
        try:
            ground, names = await self.ground(), await self.names(self._telephony.floor())
        except (SQLAlchemyError, OSError) as away:
            log.warning("floor_not_read", error=str(away))
            self._ground = replace(self._ground, away=True)
            ground, names = self._ground, self._names
        for group in list(self._groups.values()):
            try:
                self._push_group(group, ground, names)
            except Exception:  # a fault in one picture must not end all later ones
                log.exception("floor_not_drawn", leader=group.user.number)

    def _push_group(self, group: FloorGroup, ground: Ground, names: dict[int, CallerName]) -> None:
        picture = self._picture(group.scope, ground, names)
        regions = regions_of(self._rendering, picture, ground, group.user)
        changed = {name: html for name, html in regions.items() if group.sent.get(name) != html}
        group.sent = regions
        whole, part = orjson.Fragment(orjson.dumps(regions)), orjson.Fragment(orjson.dumps(changed))
        floor = self._telephony.floor()
        for watcher in list(group.watchers):
            told = {
                "number": picture.number,
                "at": picture.at,
                "connected": picture.connected,
                "regions": whole if watcher.fresh else part,
                "me": own_phone(self._telephony.desk(watcher.user.number), floor),
            }
            watcher.put(orjson.dumps(told))
            watcher.fresh = False

    def _picture(self, scope: Scope, ground: Ground, names: dict[int, CallerName]) -> FloorPicture:
        return floor_picture(self._telephony.floor(), ground, scope, names, clock.instant(clock.now()))

    async def ground(self) -> Ground:
        """What changes slowly, read again when it is old."""
        now = clock.now()
        if self._ground.away or clock.instant(now) - self._ground.at >= GROUND_SECONDS:
            zone = self._rendering.site.zone
            start, end = clock.day_bounds(now.astimezone(zone).date(), zone)
            async with self._db.begin() as session:
                self._ground = await read_ground(session, start, end, clock.instant(now), zone)
                for group in list(self._groups.values()):
                    await _look_again(session, group)
        return self._ground

    async def names(self, floor: FloorView) -> dict[int, CallerName]:
        """Of everybody who waits, is to be called back or talks, by customer."""
        wanted = {key for view in floor.waiting for key in view.matches}
        wanted |= {key for place in floor.callbacks for key in place.matches}
        wanted |= {key for desk in floor.agents if desk.call is not None for key in desk.call.matches}
        if missing := wanted - self._names.keys():
            async with self._db.begin() as session:
                found = await caller_names(session, missing)
            self._names = {key: name for key, name in self._names.items() if key in wanted} | found
        return self._names

    def forget(self) -> None:
        """Read everything anew at once, in all workers: a queue's switch was turned."""
        self._forget()
        self._others.tell("floor")

    def _forget(self) -> None:
        self._ground = Ground(at=0.0)
        self._changed.set()

    async def picture(self, scope: Scope) -> tuple[FloorPicture, Ground]:
        """The floor now, for the first page."""
        ground, names = await self.ground(), await self.names(self._telephony.floor())
        return self._picture(scope, ground, names), ground

    @asynccontextmanager
    async def watching(self, user: SignedInUser, scope: Scope, team: str) -> AsyncIterator[FloorWatcher]:
        """A watcher that gets a whole picture at once and every change after it."""
        key = ((scope.teams, user.language), team)
        group = self._groups.setdefault(key, FloorGroup(scope, user, team))
        watcher = FloorWatcher(user)
        group.watchers.add(watcher)
        self._changed.set()
        try:
            yield watcher
        finally:
            group.watchers.discard(watcher)
            if not group.watchers:
                self._groups.pop(key, None)


async def _look_again(session: AsyncSession, group: FloorGroup) -> None:
    """Agents come and go; whoever leads other teams than before must come back to a picture of those."""
    for watcher in list(group.watchers):
        scope = await scope_of(session, watcher.user, group.team)
        if scope.teams != group.scope.teams:
            watcher.send_away()
        else:
            group.scope = scope


def own_phone(desk: DeskView, floor: FloorView) -> dict[str, object]:
    """What the reader's own phone does: whom it listens to and how, and the call that it has."""
    one = next((view for view in floor.supervised if view.supervisor == desk.agent), None)
    call = desk.call
    return {
        "state": desk.state,
        "agent": one.agent if one else "",
        "mode": one.mode if one else "",
        "connected": bool(one and one.connected),
        "since": one.since if one else 0.0,
        "call": call.call if call else "",
        "phase": call.phase if call else "",
        "why": call.why if call else "",
        "call_since": (call.answered_at or call.offered_at) if call else 0.0,
    }
