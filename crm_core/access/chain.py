"""Checks the audit log's chain part by part, against the anchors that lie outside the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import chained
from crm_core.access.model import AuditEntry, AuditHead

PART = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """How far a check has come. `of` is how many entries there were when it began; the rest is checked by the next.

    `broken_at` is the id of the first entry that does not fit, 0 = the end is missing, None = nothing found.
    `why`: changed (this entry, or the order), missing (the end), rewritten (it fits, but not the anchor).
    """

    checked: int = 0
    of: int = 0
    last_id: int = 0
    last_hash: str = ""
    end_hash: str = ""
    broken_at: int | None = None
    why: str = ""
    done: bool = False

    @property
    def whole(self) -> bool:
        return self.done and self.broken_at is None


async def begin(session: AsyncSession) -> ChainCheck:
    """A check of all entries that there are now."""
    head = await session.scalar(select(AuditHead).execution_options(populate_existing=True))
    return ChainCheck(of=head.entries, end_hash=head.hash) if head else ChainCheck()


async def go_on(session: AsyncSession, check: ChainCheck, anchors: Mapping[int, str], limit: int = PART) -> ChainCheck:
    """Check the next part. `anchors` maps a count of entries to the hash that the last of them had."""
    room = min(limit, check.of - check.checked)
    statement = select(AuditEntry).where(AuditEntry.id > check.last_id).order_by(AuditEntry.id).limit(room + 1)
    entries = list(await session.scalars(statement.execution_options(populate_existing=True)))
    checked, last_id, last_hash = check.checked, check.last_id, check.last_hash
    for entry in entries[:room]:
        if entry.hash != chained(last_hash, entry):
            return replace(check, checked=checked, broken_at=entry.id, why="changed", done=True)
        checked, last_id, last_hash = checked + 1, entry.id, entry.hash
        if anchors.get(checked, last_hash) != last_hash:
            return replace(check, checked=checked, broken_at=entry.id, why="rewritten", done=True)
    now = replace(check, checked=checked, last_id=last_id, last_hash=last_hash)
    if entries[room:] and checked < check.of:
        return now
    return await _ended(session, now, anchors, beyond=entries[room].id if entries[room:] else 0)


async def _ended(session: AsyncSession, check: ChainCheck, anchors: Mapping[int, str], *, beyond: int) -> ChainCheck:
    """All entries were read: is the last of them the one that the head names, and none of the anchors later?"""
    head = await session.scalar(select(AuditHead).execution_options(populate_existing=True))
    entries = head.entries if head else 0
    if check.checked < check.of or check.last_hash != check.end_hash or any(count > entries for count in anchors):
        return replace(check, broken_at=0, why="missing", done=True)
    if beyond and entries <= check.of:  # an entry that the head has never counted
        return replace(check, broken_at=beyond, why="changed", done=True)
    return replace(check, done=True)


async def verify(session: AsyncSession, anchors: Mapping[int, str] | None = None) -> ChainCheck:
    """The whole chain at once."""
    check = await begin(session)
    while not check.done:
        check = await go_on(session, check, anchors or {})
    return check
