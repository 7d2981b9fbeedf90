"""The screens on the wall: a token instead of a person, for one board and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.boards.actions import board
from crm_core.boards.model import BoardScreen
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.integration.keys import read_network, within

MARK = "hlw_"  # so that a secret scanner recognises a leaked one
SEEN_EVERY = timedelta(minutes=1)
MOST_NETWORKS = 20


@dataclass(frozen=True, slots=True)
class NewScreen:
    """`token` is shown once and stored nowhere."""

    screen: BoardScreen
    token: str


async def screens(session: AsyncSession) -> Sequence[BoardScreen]:
    """All of them, those that still work first."""
    rows = select(BoardScreen).order_by(BoardScreen.revoked_at.is_not(None), BoardScreen.id)
    return (await session.scalars(rows)).all()


async def make_screen(
    session: AsyncSession,
    *,
    name: str,
    board_id: int | None,
    networks: Sequence[str] = (),
    language: str = "zh-CN",
    actor: str,
    at: datetime,
) -> NewScreen:
    """A screen that may show one board until it is revoked. Raises NotFound, or Invalid, naming the field."""
    name = storable(name.strip(), 40)
    if not name:
        raise Invalid("Give it a name.", field="name")
    if board_id is not None:
        await board(session, board_id)
    token = MARK + secrets.token_urlsafe(32)
    screen = BoardScreen(board_id=board_id, name=name, digest=_digest(token), language=language)
    screen.networks = [read_network(text) for text in networks[:MOST_NETWORKS]]
    screen.created_at, screen.created_by = at, actor
    session.add(screen)
    await session.flush()
    detail = noting(name=name, board=board_id or "", networks=screen.networks)
    await audit(session, at=at, actor=actor, action="screen_created", subject=f"screen/{screen.id}", detail=detail)
    return NewScreen(screen, token)


async def revoke_screen(session: AsyncSession, screen_id: int, *, actor: str, at: datetime) -> BoardScreen:
    """It is told nothing more from now on. Raises NotFound."""
    screen = await session.get(BoardScreen, screen_id) if 0 < screen_id < 2**31 else None
    if screen is None:
        raise NotFound("There is no such screen.")
    if screen.revoked_at is None:
        screen.revoked_at = at
        await audit(
            session, at=at, actor=actor, action="screen_revoked", subject=f"screen/{screen.id}", detail=screen.name
        )
    return screen


async def screen_of(session: AsyncSession, token: str, address: str, at: datetime) -> BoardScreen | None:
    """The screen that this token is of; None when it is unknown, revoked, or asks from elsewhere."""
    if not token.startswith(MARK):
        return None
    screen = await session.scalar(select(BoardScreen).where(BoardScreen.digest == _digest(token)))
    if screen is None or screen.revoked_at is not None or (screen.networks and not within(address, screen.networks)):
        return None
    if screen.seen_at is None or at - screen.seen_at >= SEEN_EVERY or screen.seen_from != address:
        screen.seen_at, screen.seen_from = at, storable(address, 45)
    return screen


async def works(session: AsyncSession, screen_id: int) -> bool:
    """Whether it was not revoked."""
    row = await session.execute(select(BoardScreen.revoked_at).where(BoardScreen.id == screen_id))
    found = row.first()
    return found is not None and found[0] is None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
