"""Telling people, and what they have read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import storable
from crm_core.notices.model import WorkNotice


def notify(
    session: AsyncSession, numbers: Iterable[str], about: str, subject: str, kind: str, *, at: datetime
) -> list[str]:
    """One notice each; gives who they are."""
    told = list(dict.fromkeys(number for number in numbers if number))
    session.add_all(
        WorkNotice(number=number, about=about, subject=storable(subject, 64), kind=kind, at=at) for number in told
    )
    return told


async def unread(session: AsyncSession, number: str, about: str, *, limit: int = 50) -> list[WorkNotice]:
    """The newest first."""
    mine = select(WorkNotice).where(
        WorkNotice.number == number, WorkNotice.read_at.is_(None), WorkNotice.about == about
    )
    return list(await session.scalars(mine.order_by(WorkNotice.at.desc(), WorkNotice.id.desc()).limit(limit)))


async def mark_read(session: AsyncSession, number: str, about: str, subject: str, at: datetime) -> None:
    """This person has looked at it."""
    mine = update(WorkNotice).where(
        WorkNotice.number == number, WorkNotice.about == about, WorkNotice.subject == subject
    )
    await session.execute(mine.where(WorkNotice.read_at.is_(None)).values(read_at=at))
