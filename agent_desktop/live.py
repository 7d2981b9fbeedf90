"""Pushes to each agent's open desk: a whole picture at the start, then the regions that a fact changed.

The messages are described in live_desk.py. A watcher that cannot follow is closed with 1013 and comes back to a
whole picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, tzinfo
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, WebSocket
from starlette.requests import HTTPConnection

from agent_desktop.catalogues import LANGUAGES
from agent_desktop.dependencies import Me, TheSignIns, needs
from agent_desktop.desk.live import AgentDesk, Watcher
from agent_desktop.desk.model import Desk, facts_of_call, make_pane, read_desk
from agent_desktop.desk.notices import Notices
from agent_desktop.desk.regions import desk_state, render_regions
from agent_desktop.floor.callers_ahead import CallersAhead
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import DeskView, FeedSubscription, Telephony
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.customers.spelling import spelled
from crm_core.db import Database
from crm_core.history.events import (
    CallbackAttempted,
    CallbackBooked,
    CallbackEnded,
    CallbackPostponed,
    CallOffered,
    CallParked,
    CallPickedUp,
    ContactEnded,
    FeedRecord,
    HistoryEvent,
    TalkBegan,
    TalkEnded,
    TelephonyLinkChanged,
)
from crm_core.phone import location

log = structlog.get_logger(__name__)
router = APIRouter(dependencies=[needs(Permission.TAKE_CALLS)])

_LISTED_FOR_ALL = (CallbackBooked, CallbackPostponed, CallbackAttempted, CallbackEnded)


class DeskHub:
    """Reads the feed once and wakes the desks that a record concerns."""

    def __init__(
        self, db: Database, telephony: Telephony, rendering: Rendering, others: OtherWorkers | None = None
    ) -> None:
        self._db, self.telephony, self._rendering = db, telephony, rendering
        self._others = others or OtherWorkers()
        self._others.hear("desk", lambda agent, _: self.refresh(agent))
        self._others.hear("contact", self._saved)
        self._others.hear("notice", lambda agent, number: self._read_notice(agent, int(number)))
        self.callers = CallersAhead(db)
        self.notices = Notices()
        self._parked: set[str] = set()
        self._desks: dict[tuple[str, str], AgentDesk] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the feed until the block ends."""
        for language in LANGUAGES:
            # The first look-up loads the geographic data for 0.6 s, which the first ringing phone must not wait for.
            await asyncio.to_thread(location, "+8613800000000", language)
        # Likewise the dictionary of pinyin, for the first search of a colleague.
        await asyncio.to_thread(spelled, "热线")
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
        self.callers.hear(record.event)
        if isinstance(record.event, TelephonyLinkChanged):
            self._wake_all()
            return
        for agent in (*self._concerned(record.event), *self.notices.hear(record)):
            self.refresh(agent)

    def _wake_all(self) -> None:
        for desk in self._desks.values():
            desk.changed.set()

    def _concerned(self, event: HistoryEvent) -> Iterable[str]:
        """Whom the fact names, and who has a part in a call that others share; else those whose call it is about."""
        watched = {number for number, _ in self._desks}
        if isinstance(event, _LISTED_FOR_ALL) or self._was_parked(event):
            return watched
        named = watched & {str(getattr(event, role, "")) for role in ("agent", "by", "party", "target")}
        if getattr(event, "agent", "") and not isinstance(event, TalkBegan | TalkEnded):
            return named
        call = getattr(event, "call", "")
        return named | {number for number in watched if call and self._has_call(number, call)}

    def _was_parked(self, event: HistoryEvent) -> bool:
        """A parked call is on everybody's list until it is taken, or its caller has gone."""
        call = getattr(event, "call", "")
        if isinstance(event, CallParked):
            self._parked.add(call)
            return True
        if call in self._parked and isinstance(event, CallPickedUp | CallOffered | ContactEnded):
            self._parked.discard(call)
            return True
        return False

    def _has_call(self, agent: str, call: str) -> bool:
        view = self.telephony.desk(agent)
        return view.last_call == call or (view.call is not None and view.call.call == call)

    def refresh(self, agent: str) -> None:
        """Look again at this agent's desk: a record was saved, a customer chosen."""
        for (number, _), desk in self._desks.items():
            if number == agent:
                desk.changed.set()

    async def saved(self, contact: str, agent: str) -> None:
        """A record was saved: look again at the desk of `agent` and of everybody who has a part in the call now."""
        self._saved(contact, agent)
        self._others.tell("contact", contact, agent)

    def _saved(self, contact: str, agent: str) -> None:
        for number in {agent, *(number for number, _ in self._desks if self._has_call(number, contact))}:
            self.refresh(number)

    async def refreshed(self, agent: str) -> None:
        """`refresh` for a response's background task, which must run on the loop; in all workers."""
        self.refresh(agent)
        self._others.tell("desk", agent)

    async def notice_read(self, agent: str, number: int) -> None:
        """A second time changes nothing."""
        self._read_notice(agent, number)
        self._others.tell("notice", agent, str(number))

    def _read_notice(self, agent: str, number: int) -> None:
        self.notices.read(agent, number)
        self.refresh(agent)

    async def picture(
        self, user: SignedInUser, before: Desk | None = None, drawn: Mapping[str, str] | None = None
    ) -> tuple[Desk, dict[str, str]]:
        """The desk as it is now, with its rendered regions. While it rings only the call is read anew."""
        view, floor = self.telephony.desk(user.number), self.telephony.floor()
        now, zone = clock.now(), self._rendering.site.zone
        work = before.work if before and view.call and view.call.phase == "ringing" else None
        desk = self._ahead(view, before, now, zone)
        if desk is None:
            async with self._db.begin() as session:
                notices = self.notices.of(user.number)
                desk = await read_desk(
                    session, view, floor, now=now, zone=zone, language=user.language, work=work, notices=notices
                )
        kept = {"work": drawn["work"]} if work and drawn else {}
        return desk, render_regions(self._rendering, desk, user, kept)

    def _ahead(self, view: DeskView, before: Desk | None, now: datetime, zone: tzinfo) -> Desk | None:
        """The first picture of a ringing call, of what was read while the caller heard the menu."""
        call = view.call
        if before is None or call is None or call.phase != "ringing" or call.part == "consulted":
            return None
        caller = self.callers.get(call.call)
        if caller is None or (before.view.call and before.view.call.leg == call.leg):
            return None
        names = before.work.queue_names
        pane = make_pane(facts_of_call(call), caller, None, now=now, zone=zone, queue_names=names)
        return Desk(view=view, work=before.work, pane=pane, ahead=True, notices=before.notices, senders=before.senders)

    def state(self, desk: Desk, user: SignedInUser) -> dict[str, object]:
        told = desk_state(self._rendering, desk, user)
        return {**told, "telephony_away": not self.telephony.floor().connected}

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


@router.websocket("/live")
async def live(socket: WebSocket, me: Me, hub: TheHub, sign_ins: TheSignIns) -> None:
    """Until the page goes away, is too slow, or its sign-in ends."""
    async with hub.watching(me) as watcher:
        await push_to_person(socket, me, sign_ins, watcher.messages(), beats=True)
