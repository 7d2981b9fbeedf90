"""Pausing the recording of a talk: by its agent, by a private field on the page, by another system."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from acd.model import AgentId
from crm_core.errors import NotFound, Refused
from crm_core.history.events import RecordingPaused
from cti import sound
from cti.contacts import Contact
from cti.control_refusals import NoCallOfYours
from cti.errors import AsteriskUnreachable
from cti.feed import FeedReader
from cti.runtime import Runtime

CONFIRM_SECONDS = 2.0


class NotPaused(Refused):
    def __init__(self) -> None:
        super().__init__("The telephone system has not confirmed the pause: the recording goes on. Press again.")


class NoSuchTalk(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no talk of this number now.")


class RecordingControl:
    """`agent_desktop.ports.RecordingControl`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._board = runtime.switchboard

    async def pause(self, agent: str, why: str) -> None:
        """Returns when nothing is recorded any more. NoCallOfYours, NotPaused, AsteriskUnreachable."""
        await self._pause(lambda: self._talk_of(agent), agent, why)

    async def resume(self, agent: str, why: str) -> None:
        """Nothing happens when the recording runs. NoCallOfYours."""
        await self._resume(lambda: self._talk_of(agent), agent, why)

    async def pause_call(self, call: str, by: str) -> None:
        """As `pause`, for another system; `call` is the contact's id. NoSuchTalk."""
        await self._pause(lambda: self._talk(call), by, sound.API)

    async def resume_call(self, call: str, by: str) -> None:
        await self._resume(lambda: self._talk(call), by, sound.API)

    async def _pause(self, find: Callable[[], Contact], by: str, why: str) -> None:
        if not self._runtime.connected:
            raise AsteriskUnreachable("MixMonitorMute")
        found: list[Contact] = []

        def work() -> None:
            found.append(find())
            sound.pause(self._board.book, found[0], time.time(), by=by, why=why)
            self._board.carry_out(self._board.book.take())

        async with self._board.feed.follow() as records:
            await self._runtime.order(work)
            (contact,) = found
            try:
                async with asyncio.timeout(CONFIRM_SECONDS):
                    await _until_in_force(contact, records)
            except TimeoutError:
                await self._resume(lambda: contact, by, why)
                raise NotPaused from None

    async def _resume(self, find: Callable[[], Contact], by: str, why: str) -> None:
        def work() -> None:
            sound.resume(self._board.book, find(), time.time(), by=by, why=why)
            self._board.carry_out(self._board.book.take())

        await self._runtime.order(work)

    def _talk_of(self, agent: str) -> Contact:
        view = self._board.engine.agent(AgentId(agent))
        contact = self._board.book.contacts.get(view.call or "") if view else None
        if contact is None or contact.leg is None or contact.leg.agent != agent or not contact.leg.answered_at:
            raise NoCallOfYours
        return contact

    def _talk(self, call: str) -> Contact:
        contact = self._board.book.contacts.get(call)
        if contact is None or contact.leg is None or not contact.leg.answered_at:
            raise NoSuchTalk
        return contact


async def _until_in_force(contact: Contact, records: FeedReader) -> None:
    """TimeoutError when the feed ends before."""
    if _in_force(contact):
        return
    async for record in records:
        told = isinstance(record.event, RecordingPaused) and record.event.call == contact.call
        if told or _in_force(contact):
            return
    raise TimeoutError


def _in_force(contact: Contact) -> bool:
    """Confirmed for the leg that talks now; a pause that is over already needs nothing more."""
    leg, pause = contact.leg, contact.pause
    return pause is None or leg is None or pause.leg == leg.id
