"""The audit log: who did what, chained by hashes so that a changed, missing or cut-off row is found."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_core.access.model import AuditEntry, AuditHead
from crm_core.db import storable

_HEAD = AuditHead.metadata.tables[AuditHead.__tablename__]  # without the ORM an append costs a third less CPU
_CLAIM = update(_HEAD).where(_HEAD.c.id == 1).values(entries=_HEAD.c.entries + 1).returning(_HEAD.c.hash)
_CLOSE = update(_HEAD).where(_HEAD.c.id == 1).values(hash=bindparam("last"))


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
    connection = await session.connection()
    entry.hash = chained(await _claim_end(session, connection), entry)
    session.add(entry)
    await session.flush()
    await connection.execute(_CLOSE, {"last": entry.hash})
    return entry


async def _claim_end(session: AsyncSession, connection: AsyncConnection) -> str:
    """The hash of the last entry, with the head row locked until this transaction ends."""
    last = await connection.scalar(_CLAIM)
    if last is not None:
        return str(last)
    try:
        async with session.begin_nested():
            session.add(AuditHead(id=1, entries=1))
        return ""
    except IntegrityError:  # another writer made the first entry meanwhile
        return str(await connection.scalar(_CLAIM))


def chained(last: str, entry: AuditEntry) -> str:
    """The hash that an entry must have after one with the hash `last`."""
    # Instants, not datetimes: the two databases give times back in different zones and precisions.
    fields = [last, round(entry.at.timestamp() * 1_000_000), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
