"""Who saw and changed what: the audit log's entries by person, subject, action and time, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry
from crm_core.db import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is empty does not restrict. Times are half-open: [since, until). `subject` matches from its beginning."""

    actor: str = ""
    subject: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def entries(session: AsyncSession, wanted: AuditFilter, *, before: int = 0, limit: int = 50) -> list[AuditEntry]:
    """`before` is the id of the last entry of the page above; 0 = from the newest."""
    statement = select(AuditEntry)
    if wanted.actor:
        statement = statement.where(AuditEntry.actor == storable(wanted.actor, 16))
    if wanted.action:
        statement = statement.where(AuditEntry.action == storable(wanted.action, 40))
    if wanted.subject:
        statement = statement.where(AuditEntry.subject.startswith(storable(wanted.subject, 80), autoescape=True))
    if wanted.since:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        statement = statement.where(AuditEntry.at < wanted.until)
    if before:
        statement = statement.where(AuditEntry.id < before)
    return list(await session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)))


async def actions(session: AsyncSession) -> list[str]:
    """Every action that occurs, by jumps over an index: as many steps as there are different actions."""
    found: list[str] = []
    last = ""
    while len(found) < 300:
        step = select(AuditEntry.action).where(AuditEntry.action > last).order_by(AuditEntry.action).limit(1)
        action = await session.scalar(step)
        if action is None:
            break
        found.append(action)
        last = action
    return found
