"""Offers voice messages to agents who are ready while nobody waits for them, after each change and by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from contextlib import AbstractAsyncContextManager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_core import clock
from crm_core.callbacks.offering import Idle
from crm_core.callbacks.offers import any_to_offer, offer_round
from crm_core.db import Database
from crm_core.history.events import (
    AgentStateChanged,
    CallLeftQueue,
    CallQueued,
    FeedRecord,
    HistoryEvent,
    MessageOffered,
    VoiceMessageLeft,
)
from crm_core.workforce.queries import agents
from cti.views import FloorView

log = structlog.get_logger(__name__)

LEAST_APART = 0.5  # in a full house somebody is free, or calls, many times a second
LOOK_AGAIN_SECONDS = 3.0  # offers run out, and messages get their due time, without a fact of telephony
_NEWS = (AgentStateChanged, CallLeftQueue, CallQueued, VoiceMessageLeft)


class MessageOffers:
    """`floor` shows who is ready and who waits, `publish` puts a fact on record; both of the telephone side."""

    def __init__(
        self, database: Database, floor: Callable[[], FloorView], publish: Callable[[HistoryEvent], object]
    ) -> None:
        self._database, self._floor, self._publish = database, floor, publish
        self._news = asyncio.Event()

    async def run(self, follow: Callable[[], AbstractAsyncContextManager[AsyncIterable[FeedRecord]]]) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(follow))
            while True:
                try:
                    await self.look()
                except SQLAlchemyError as away:
                    log.warning("messages_not_offered", reason=str(away))
                await asyncio.sleep(LEAST_APART)
                try:
                    async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    continue
                self._news.clear()

    async def look(self) -> int:
        """One round; gives how many messages were offered. Without a link to Asterisk nobody's state is known."""
        view = self._floor()
        if not view.connected:
            return 0
        at = clock.now()
        ready = {one.agent: one.since for one in view.agents if one.state == "ready" and one.call is None}
        async with self._database.begin() as session:
            if not await any_to_offer(session):
                return 0
            known = await agents(session) if ready else []
            idle = [
                Idle(number=one.number, skills=one.skills, since=ready[one.number])
                for one in known
                if one.number in ready
            ]
            given, concerned = await offer_round(session, idle, {one.queue for one in view.waiting}, at)
            told = {one.offered_to: one.contact_id for one in given}
        for agent in sorted(concerned):
            self._publish(MessageOffered(at=clock.instant(at), agent=agent, message=told.get(agent, "")))
        return len(given)

    async def _listen(self, follow: Callable[[], AbstractAsyncContextManager[AsyncIterable[FeedRecord]]]) -> None:
        while True:
            async with follow() as records:
                async for record in records:
                    if isinstance(record.event, _NEWS):
                        self._news.set()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)  # we were too slow, or the feed is shutting down
