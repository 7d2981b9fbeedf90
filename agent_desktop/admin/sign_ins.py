"""Ends what stays open (WebSockets) when its sign-in is over: at once if it ended in this process, else soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.other_workers import OtherWorkers
from crm_core import clock
from crm_core.access.actions import SignedInUser, holds
from crm_core.db import Database

LOOK_EVERY = 5.0  # seconds; also finds what another process ended


class SignIns:
    """Kept at `app.state.sign_ins`."""

    def __init__(self, db: Database, others: OtherWorkers | None = None) -> None:
        self._db, self._rung = db, asyncio.Event()
        self._others = others or OtherWorkers()
        self._others.hear("sign_ins", lambda _key, _more: self._ring())

    def ended(self) -> None:
        """Somebody's sessions were ended: everybody who waits looks now, in all workers."""
        self._ring()
        self._others.tell("sign_ins")

    def _ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def rung(self) -> None:
        """Returns when somebody's sessions were ended."""
        await self._rung.wait()

    async def over(self, me: SignedInUser) -> None:
        """Returns when this sign-in is over. A database that is away ends nothing."""
        await self.over_when(lambda session: holds(session, me.session, clock.now()))

    async def over_when(self, still: Callable[[AsyncSession], Awaitable[bool]]) -> None:
        """The same for who watches without being a person: returns when `still` says no."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self.rung()
            with suppress(SQLAlchemyError, OSError):
                async with self._db.begin() as session:
                    if not await still(session):
                        return
