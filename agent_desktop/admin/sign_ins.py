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
from crm_core.access.actions import SignedInUser, holding, session_id
from crm_core.db import Database

log = structlog.get_logger(__name__)

MOST_KNOWN = 2000
KNOWN_SECONDS = 900.0  # of a sign-in that was good then, while the database is away: a talk and its after-call work
LOOK_EVERY = 5.0  # seconds; also finds what another process ended


class SignIns:
    """Kept at `app.state.sign_ins`."""

    def __init__(self, db: Database, others: OtherWorkers | None = None) -> None:
        self._db, self._rung = db, asyncio.Event()
        self._watched: dict[str, _Watched] = {}
        self._known: dict[str, tuple[SignedInUser, float]] = {}  # by session: who, and when that was last true
        self._looking: asyncio.Task[None] | None = None
        self._others = others or OtherWorkers()
        self._others.hear("sign_ins", lambda session, _more: self._ring(session))

    def ended(self, sign_in_session: str = "") -> None:
        """This one, or "" some of somebody, were ended: everybody who waits looks now, in all workers."""
        self._ring(sign_in_session)
        self._others.tell("sign_ins", sign_in_session)

    def _ring(self, sign_in_session: str) -> None:
        if sign_in_session:
            self._known.pop(sign_in_session, None)
        else:
            self._known.clear()  # whose they were is not told; the next request of each asks the database
        self._rung.set()
        self._rung = asyncio.Event()

    def remember(self, token: str, user: SignedInUser | None) -> None:
        """What the database says of the sign-in with this cookie; None = it is none."""
        self._known.pop(session_id(token), None)
        if user is None:
            return
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[user.session] = (user, clock.instant(clock.now()))

    def known(self, token: str) -> SignedInUser | None:
        """Who this is, for what must go on without a database; None when that was not true lately."""
        user, at = self._known.get(session_id(token), (None, 0.0))
        now = clock.now()
        return user if user is not None and now < user.expires_at and clock.instant(now) - at < KNOWN_SECONDS else None

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
            self.confirmed(set(asked), good)

    def confirmed(self, asked: set[str], good: set[str]) -> None:
        """The database was asked for these sign-ins, and said which are still good."""
        now = clock.instant(clock.now())
        for one in asked & good & self._known.keys():
            self._known[one] = (self._known[one][0], now)
        for gone in asked - good:
            self._known.pop(gone, None)
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
