"""Coaching notes: what was agreed with an agent, when it is looked at again, and what came of it."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.notices.actions import mark_read, notify
from crm_core.quality.model import QualityCoaching, QualityReview
from crm_core.quality.reach import Agents, within

LONGEST = 2000


async def note(
    session: AsyncSession,
    *,
    agent: str,
    text: str,
    follow_up_on: date | None,
    review: int | None,
    today: date,
    actor: str,
    at: datetime,
) -> QualityCoaching:
    """The agent reads it on the own page. Raises Invalid, Refused."""
    words = storable(text.strip(), LONGEST)
    if agent == actor:
        raise Refused("A coaching note is for somebody else.")
    if not words:
        raise Invalid("Write what you agreed on.", field="text")
    if follow_up_on is not None and follow_up_on < today:
        raise Invalid("Choose today or a later day.", field="follow_up_on")
    if review is not None:
        found = await session.get(QualityReview, review)
        if found is None or found.agent != agent or found.second or found.state == "draft":
            raise Invalid("Choose from the list.", field="review")
    row = QualityCoaching(
        agent=agent, review_id=review, by=storable(actor, 16), text=words, follow_up_on=follow_up_on, made_at=at
    )
    session.add(row)
    await session.flush()
    notify(session, [agent], "review", f"note/{row.id}", "coached", at=at)
    await audit(session, at=at, actor=actor, action="coaching_written", subject=f"coaching/{row.id}", detail=agent)
    return row


async def finish(
    session: AsyncSession, number: int, agents: Agents, *, result: str, actor: str, at: datetime
) -> QualityCoaching:
    """Looked at again, with what came of it. Raises NotFound, Invalid, Refused."""
    row = await session.get(QualityCoaching, number, with_for_update=True) if 0 < number < 2**31 else None
    if row is None or row.agent == actor or (agents is not None and row.agent not in agents):
        raise NotFound("There is no such note.")
    if row.done_at is not None:
        raise Refused("This note is done already.")
    words = storable(result.strip(), LONGEST)
    if not words:
        raise Invalid("Write what came of it.", field="result")
    row.result, row.done_at, row.done_by = words, at, storable(actor, 16)
    await mark_read(session, row.by, "review", f"note/{row.id}", at)
    await audit(session, at=at, actor=actor, action="coaching_done", subject=f"coaching/{row.id}", detail=row.agent)
    return row


async def see(session: AsyncSession, number: int, *, actor: str, at: datetime) -> QualityCoaching:
    """The agent has read it. Raises NotFound for another's."""
    row = await session.get(QualityCoaching, number) if 0 < number < 2**31 else None
    if row is None or row.agent != actor:
        raise NotFound("There is no such note.")
    row.seen_at = row.seen_at or at
    await mark_read(session, actor, "review", f"note/{row.id}", at)
    return row


async def notes(
    session: AsyncSession, agents: Agents, *, agent: str = "", is_open: bool | None = None, limit: int = 200
) -> list[QualityCoaching]:
    """The next to be looked at first, then the newest."""
    asked = [within(QualityCoaching.agent, agents)]
    if agent:
        asked.append(QualityCoaching.agent == agent)
    if is_open is not None:
        asked.append(QualityCoaching.done_at.is_(None) if is_open else QualityCoaching.done_at.is_not(None))
    order = (QualityCoaching.follow_up_on.asc().nulls_last(), QualityCoaching.id.desc())
    return list(await session.scalars(select(QualityCoaching).where(*asked).order_by(*order).limit(limit)))


async def remind(session: AsyncSession, at: datetime, zone: tzinfo) -> int:
    """Who wrote a note that is due today is told, once. Gives how many were."""
    today = at.astimezone(zone).date()
    due = select(QualityCoaching).where(QualityCoaching.done_at.is_(None), QualityCoaching.follow_up_on == today)
    rows = list(await session.scalars(due))
    for row in rows:
        notify(session, [row.by], "review", f"note/{row.id}", "followed", at=at)
    return len(rows)
