"""The audit log: who did what, chained by hashes so that a changed, missing or cut-off row is found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry, AuditHead
from crm_core.db import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """`broken_at` is the id of the first entry that does not fit the chain; None = whole. 0 = the end is missing."""

    entries: int
    broken_at: int | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


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
    entry.hash = _chained(await _claim_end(session), entry)
    session.add(entry)
    await session.execute(update(AuditHead).where(AuditHead.id == 1).values(hash=entry.hash))
    await session.flush()
    return entry


async def verify(session: AsyncSession) -> AuditCheck:
    """Recompute the whole chain."""
    entries, last = 0, ""
    rows = await session.stream_scalars(
        select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000, populate_existing=True)
    )
    async for entry in rows:
        if entry.hash != _chained(last, entry):
            return AuditCheck(entries=entries, broken_at=entry.id)
        entries, last = entries + 1, entry.hash
    head = await session.scalar(select(AuditHead).execution_options(populate_existing=True))
    expected = (head.entries, head.hash) if head else (0, "")
    return AuditCheck(entries=entries, broken_at=None if expected == (entries, last) else 0)


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


def _chained(last: str, entry: AuditEntry) -> str:
    # Instants, not datetimes: the two databases give times back in different zones and precisions.
    fields = [last, round(entry.at.timestamp() * 1_000_000), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
