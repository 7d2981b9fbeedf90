"""The audit log: who did what, chained by hashes so that a changed, missing or cut-off row is found."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry, AuditHead
from crm_core.chaining import ChainEnd, instant, link
from crm_core.db import storable

_END = ChainEnd(AuditHead.metadata.tables[AuditHead.__tablename__])


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
    _, last = await _END.claim(session)
    entry.hash = chained(last, entry)
    session.add(entry)
    await session.flush()
    await _END.close(session, entry.hash)
    return entry


def chained(last: str, entry: AuditEntry) -> str:
    """The hash that an entry must have after one with the hash `last`."""
    return link(last, [instant(entry.at), entry.actor, entry.action, entry.subject, entry.detail])
