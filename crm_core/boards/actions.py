"""Making, changing and removing wallboards; each change can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.boards.model import Wallboard
from crm_core.boards.settings import BoardSettings, write_settings
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound

MOST_BOARDS = 50


async def boards(session: AsyncSession) -> Sequence[Wallboard]:
    """Those that were not removed, in the order in which they were made."""
    rows = select(Wallboard).where(Wallboard.removed_at.is_(None)).order_by(Wallboard.id)
    return (await session.scalars(rows)).all()


async def board(session: AsyncSession, board_id: int, *, removed: bool = False) -> Wallboard:
    """Raises NotFound; also for a removed one, unless it is asked for."""
    row = await session.get(Wallboard, board_id) if 0 < board_id < 2**31 else None
    if row is None or (row.removed_at is not None and not removed):
        raise NotFound("There is no such wallboard.")
    return row


async def make_board(
    session: AsyncSession, name: str, settings: BoardSettings, *, actor: str, at: datetime
) -> Wallboard:
    """A new board. Raises Invalid, naming the field."""
    count = await session.scalar(select(func.count()).select_from(Wallboard).where(Wallboard.removed_at.is_(None)))
    if (count or 0) >= MOST_BOARDS:
        raise Invalid("There are {most} wallboards already. Remove one first.", field="name", most=MOST_BOARDS)
    row = Wallboard(name=_name(name), settings=write_settings(settings), changed_at=at, changed_by=actor)
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="board_created", subject=f"board/{row.id}", detail=row.name)
    return row


async def save_board(
    session: AsyncSession, board_id: int, name: str, settings: BoardSettings, *, actor: str, at: datetime
) -> Wallboard:
    """Everybody who watches gets the new layout at once. Raises NotFound, or Invalid, naming the field."""
    row = await board(session, board_id)
    before, now = {"name": row.name, **row.settings}, {"name": _name(name), **write_settings(settings)}
    if before == now:
        return row
    row.before, row.name, row.settings = before, now["name"], write_settings(settings)
    _changed(row, actor, at)
    detail = changed(before, now)
    await audit(session, at=at, actor=actor, action="board_changed", subject=f"board/{row.id}", detail=detail)
    return row


async def take_back(session: AsyncSession, board_id: int, *, actor: str, at: datetime) -> Wallboard:
    """Undo the last change, or the removal; done twice it is as it was. Raises NotFound."""
    row = await board(session, board_id, removed=True)
    if row.removed_at is not None:
        row.removed_at = None
    elif row.before:
        before = dict(row.before)
        row.before = {"name": row.name, **row.settings}
        row.name, row.settings = before.pop("name"), before
    else:
        return row
    _changed(row, actor, at)
    await audit(session, at=at, actor=actor, action="board_restored", subject=f"board/{row.id}", detail=row.name)
    return row


async def remove_board(session: AsyncSession, board_id: int, *, actor: str, at: datetime) -> Wallboard:
    """Its screens show the standard board's sentence that it is gone, until it is taken back."""
    row = await board(session, board_id)
    row.removed_at = at
    _changed(row, actor, at)
    await audit(session, at=at, actor=actor, action="board_removed", subject=f"board/{row.id}", detail=row.name)
    return row


def _changed(row: Wallboard, actor: str, at: datetime) -> None:
    row.revision += 1
    row.changed_at, row.changed_by = at, actor


def _name(name: str) -> str:
    name = storable(name.strip(), 41)
    if not name:
        raise Invalid("Give it a name.", field="name")
    if len(name) > 40:
        raise Invalid("Write at most {most} characters.", field="name", most=40)
    return name
