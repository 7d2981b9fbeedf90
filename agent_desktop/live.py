"""Pushes to each agent's open desk: a whole picture at the start, then the regions that a fact changed.

A message is JSON: {"number", "at", "whole", "desk", "regions"}. `number` is the feed number the picture is true at,
`at` our clock, `regions` maps a region's id to its HTML. A watcher that cannot follow is closed with 1013 and
comes back to a whole picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import orjson
import structlog
from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from agent_desktop.catalogues import LANGUAGES
from agent_desktop.dependencies import Me, needs
from agent_desktop.desk_model import Desk, read_desk
from agent_desktop.desk_regions import desk_state, render_regions
from agent_desktop.ports import FeedSubscription, Telephony
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.db import Database
from crm_core.history.events import FeedRecord, HistoryEvent, TelephonyLinkChanged
from crm_core.phone import location

log = structlog.get_logger(__name__)
router = APIRouter(dependencies=[needs(Permission.TAKE_CALLS)])

BACKLOG = 32  # messages; a page that lags by more is better served by a whole picture
REFRESH_SECONDS = 60.0  # deadlines on the screen go on although nothing happens
TRY_AGAIN_LATER = 1013


class Watcher:
    """One open page. `take` gives its next message; None = it was too slow and must start again."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG)
        self.fresh, self.slow = True, False

    def put(self, message: bytes) -> None:
        if self.slow:
            return
        if self._messages.full():
            self.slow = True
            self._messages.get_nowait()
            self._messages.put_nowait(None)
        else:
            self._messages.put_nowait(message)

    async def take(self) -> bytes | None:
        message = await self._messages.get()
        return None if self.slow else message


class AgentDesk:
    """All pages of one agent: rendered once for all of them, only what changed is sent."""

    def __init__(self, hub: DeskHub, user: SignedInUser) -> None:
        self._hub, self.user = hub, user
        self.watchers: set[Watcher] = set()
        self.changed = asyncio.Event()
        self._sent: dict[str, str] = {}
        self._desk: Desk | None = None
        self.task = asyncio.create_task(self._serve(), name=f"desk-{user.number}")

    async def _serve(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self.changed.wait()
            self.changed.clear()
            try:
                await self.push()
            except (SQLAlchemyError, OSError) as away:
                log.warning("desk_not_read", agent=self.user.number, error=str(away))
                self._send_degraded()
            except Exception:  # a fault in one picture must not end all later ones
                log.exception("desk_not_drawn", agent=self.user.number)
                self._send_degraded()

    async def push(self) -> None:
        """Send what differs from the last picture; a fresh watcher gets everything."""
        desk, regions = await self._hub.picture(self.user, self._desk, self._sent)
        self._desk = desk
        changed = {name: html for name, html in regions.items() if self._sent.get(name) != html}
        state = self._hub.state(desk, self.user)
        self._sent = regions
        whole = _message(desk.view.number, state, regions, whole=True)
        part = _message(desk.view.number, state, changed, whole=False)
        for watcher in self.watchers:
            watcher.put(whole if watcher.fresh else part)
            watcher.fresh = False

    def _send_degraded(self) -> None:
        view = self._hub.telephony.desk(self.user.number)
        message = _message(view.number, {"degraded": True}, {}, whole=False)
        for watcher in self.watchers:
            watcher.put(message)


class DeskHub:
    """Reads the feed once and wakes the desks that a record concerns."""

    def __init__(self, db: Database, telephony: Telephony, rendering: Rendering) -> None:
        self._db, self.telephony, self._rendering = db, telephony, rendering
        self._desks: dict[tuple[str, str], AgentDesk] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        for language in LANGUAGES:
            # The first look-up loads the geographic data for 0.6 s, which the first ringing phone must not wait for.
            await asyncio.to_thread(location, "+8613800000000", language)
        task = asyncio.create_task(self._follow(), name="desk-feed")
        try:
            yield
        finally:
            for running in (task, *(desk.task for desk in self._desks.values())):
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            self._desks.clear()

    async def _follow(self) -> None:
        while True:
            async with self.telephony.follow() as feed:
                self._wake_all()
                await self._read(feed)
            log.warning("desk_feed_closed")

    async def _read(self, feed: FeedSubscription) -> None:
        async for record in feed:
            self._wake(record)

    def _wake(self, record: FeedRecord) -> None:
        if isinstance(record.event, TelephonyLinkChanged):
            self._wake_all()
            return
        for agent in self._concerned(record.event):
            self.refresh(agent)

    def _wake_all(self) -> None:
        for desk in self._desks.values():
            desk.changed.set()

    def _concerned(self, event: HistoryEvent) -> Iterable[str]:
        """The agent the fact names; else those whose present call it is about."""
        agent = getattr(event, "agent", "")
        if agent:
            return (agent,)
        call = getattr(event, "call", "")
        watched = {number for number, _ in self._desks}
        return [number for number in watched if call and self._has_call(number, call)]

    def _has_call(self, agent: str, call: str) -> bool:
        view = self.telephony.desk(agent)
        return view.last_call == call or (view.call is not None and view.call.call == call)

    def refresh(self, agent: str) -> None:
        """Look again at this agent's desk: a record was saved, a customer chosen."""
        for (number, _), desk in self._desks.items():
            if number == agent:
                desk.changed.set()

    async def refreshed(self, agent: str) -> None:
        """`refresh` for a response's background task, which must run on the loop."""
        self.refresh(agent)

    async def picture(
        self, user: SignedInUser, before: Desk | None = None, drawn: Mapping[str, str] | None = None
    ) -> tuple[Desk, dict[str, str]]:
        """The desk as it is now, with its rendered regions. While it rings only the call is read anew."""
        view, floor = self.telephony.desk(user.number), self.telephony.floor()
        zone = self._rendering.site.zone
        work = before.work if before and view.call and view.call.phase == "ringing" else None
        async with self._db.begin() as session:
            desk = await read_desk(session, view, floor, now=clock.now(), zone=zone, language=user.language, work=work)
        kept = {"work": drawn["work"]} if work and drawn else {}
        return desk, render_regions(self._rendering, desk, user, kept)

    def state(self, desk: Desk, user: SignedInUser) -> dict[str, object]:
        return desk_state(self._rendering, desk, user)

    @asynccontextmanager
    async def watching(self, user: SignedInUser) -> AsyncIterator[Watcher]:
        """A watcher that gets a whole picture at once and every change after it."""
        key = (user.number, user.language)
        desk = self._desks.get(key) or self._desks.setdefault(key, AgentDesk(self, user))
        watcher = Watcher()
        desk.watchers.add(watcher)
        desk.changed.set()
        try:
            yield watcher
        finally:
            desk.watchers.discard(watcher)
            if not desk.watchers and self._desks.get(key) is desk:
                del self._desks[key]
                desk.task.cancel()


def the_hub(connection: HTTPConnection) -> DeskHub:
    hub: DeskHub = connection.app.state.hub
    return hub


TheHub = Annotated[DeskHub, Depends(the_hub)]


def _message(number: int, state: dict[str, object], regions: dict[str, str], *, whole: bool) -> bytes:
    at = clock.instant(clock.now())
    return orjson.dumps({"number": number, "at": at, "whole": whole, "desk": state, "regions": regions})


@router.websocket("/live")
async def live(socket: WebSocket, me: Me, hub: TheHub) -> None:
    """Until the page goes away, is too slow, or its sign-in ends."""
    await socket.accept()
    seconds = max(0.0, clock.instant(me.expires_at) - clock.instant(clock.now()))
    async with hub.watching(me) as watcher:
        tasks = [asyncio.create_task(_send(socket, watcher)), asyncio.create_task(_listen(socket))]
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(TRY_AGAIN_LATER)


async def _send(socket: WebSocket, watcher: Watcher) -> None:
    while (message := await watcher.take()) is not None:
        await socket.send_text(message.decode())


async def _listen(socket: WebSocket) -> None:
    """Notice that the page went away; a beat is answered so that the page notices when we do."""
    while True:
        await socket.receive_text()
        await socket.send_text('{"beat":true}')
