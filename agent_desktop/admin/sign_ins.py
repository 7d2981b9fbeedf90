"""Ends what stays open (WebSockets) when its sign-in is over: at once if it ended in this process, else soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.other_workers import OtherWorkers
from crm_core import clock
from crm_core.access.actions import SignedInUser, holding
from crm_core.db import Database

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # seconds; also finds what another process ended


class SignIns:
    """Kept at `app.state.sign_ins`."""

    def __init__(self, db: Database, others: OtherWorkers | None = None) -> None:
        self._db, self._rung = db, asyncio.Event()
        self._watched: dict[str, _Watched] = {}
        self._looking: asyncio.Task[None] | None = None
        self._others = others or OtherWorkers()
        self._others.hear("sign_ins", lambda _key, _more: self._ring())

    def ended(self) -> None:
        """Somebody's sessions were ended: everybody who waits looks now, in all workers."""
        self._ring()
        self._others.tell("sign_ins")

    def _ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def over(self, me: SignedInUser) -> None:
        """Returns when this sign-in is over. A database that is away ends nothing.

        One question for all who wait, however many pages are open.
        """
        watched = self._watched.setdefault(me.session, _Watched())
        watched.pages += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(self._rung), name="sign-ins")
        try:
            await watched.over.wait()
        finally:
            self._leave(me.session, watched)

    def _leave(self, sign_in_session: str, watched: _Watched) -> None:
        watched.pages -= 1
        if not watched.pages:
            del self._watched[sign_in_session]
        if not self._watched and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self, rung: asyncio.Event) -> None:
        while True:
            await _soon(rung)
            rung = self._rung  # who is ended while we look is looked for again
            asked = tuple(self._watched)
            try:
                async with self._db.begin() as session:
                    good = await holding(session, asked, clock.now())
            except (SQLAlchemyError, OSError):
                continue
            except Exception:  # a page that is not looked after would stay open for ever
                log.exception("sign_ins_not_looked_at")
                continue
            for gone in set(asked) - good:
                if (watched := self._watched.get(gone)) is not None:
                    watched.over.set()

    async def over_when(self, still: Callable[[AsyncSession], Awaitable[bool]]) -> None:
        """The same for who watches without being a person: returns when `still` says no."""
        rung = self._rung
        while True:
            await _soon(rung)
            rung = self._rung
            with suppress(SQLAlchemyError, OSError):
                async with self._db.begin() as session:
                    if not await still(session):
                        return


async def _soon(rung: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY):
            await rung.wait()


@dataclass(slots=True)
class _Watched:
    """One sign-in with pages that stay open."""

    pages: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
