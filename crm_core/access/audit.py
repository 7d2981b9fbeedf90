"""The audit log: who did what, chained by hashes so that a changed, missing or cut-off row is found."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry, AuditHead
from crm_core.db import storable


async def audit(
    session: AsyncSession, *, at: datetime, actor: str, action: str, subject: str = "", detail: str = ""
) -> AuditEntry:
    """Add one entry. Other writers wait until this transaction ends, so call it last in a transaction."""
    entry = AuditEntry(
        at=at.astimezone(UTC),
        actor=storable(actor, 16),
        action=storable(action, 40),
        subject=storable(subject, 80),
        detail=storable(detail, 4000),
    )
    entry.hash = chained(await _claim_end(session), entry)
    session.add(entry)
    await session.execute(update(AuditHead).where(AuditHead.id == 1).values(hash=entry.hash))
    await session.flush()
    return entry


async def _claim_end(session: AsyncSession) -> str:
    """The hash of the last entry, with the head row locked until this transaction ends."""
    claim = (
        update(AuditHead)
        .where(AuditHead.id == 1)
        .values(entries=AuditHead.entries + 1)
        .returning(AuditHead.hash)
        .execution_options(synchronize_session=False)
    )
    last = await session.scalar(claim)
    if last is not None:
        return last
    try:
        async with session.begin_nested():
            session.add(AuditHead(id=1, entries=1))
        return ""
    except IntegrityError:  # another writer made the first entry meanwhile
        return str(await session.scalar(claim))


def chained(last: str, entry: AuditEntry) -> str:
    """The hash that an entry must have after one with the hash `last`."""
    # Instants, not datetimes: the two databases give times back in different zones and precisions.
    fields = [last, round(entry.at.timestamp() * 1_000_000), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
