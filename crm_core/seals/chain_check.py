"""Reads the whole chain of seals and names each that was changed, is missing or was made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit_detail import read
from crm_core.access.model import AuditEntry
from crm_core.seals.findings import Finding, FindingKind
from crm_core.seals.model import RecordingSeal, SealHead
from crm_core.seals.sealing import chained

PART = 2000
ANCHORED = "recordings_verified"
"""The audit log's entry of a check that was whole: its detail has the end of the chain at that time."""


async def head_of(session: AsyncSession) -> tuple[int, str]:
    """How many seals there are, and the hash of the last."""
    head = await session.scalar(select(SealHead).execution_options(populate_existing=True))
    return (head.entries, head.hash) if head else (0, "")


async def check_chain(session: AsyncSession, anchors: Mapping[int, str]) -> AsyncIterator[Finding]:
    """Every fault, in order. After one the check goes on, so that all are named. `anchors`: number -> hash it had."""
    entries, end = await head_of(session)
    last_n, last_hash = 0, ""
    while rows := await _part(session, last_n, entries):
        for row in rows:
            for finding in _faults(row, last_n, last_hash, anchors):
                yield finding
            last_n, last_hash = row.n, row.hash
    if last_n < entries:
        yield Finding(kind=FindingKind.CHAIN_MISSING, name=_span(last_n + 1, entries), told="the end of the chain")
    elif last_hash != end:
        yield Finding(kind=FindingKind.CHAIN_CHANGED, name=str(last_n), told="the last seal is not the one of the head")
    if any(n > entries for n in anchors):
        told = "the audit log knows of more seals"
        yield Finding(kind=FindingKind.CHAIN_MISSING, name=_span(entries + 1, max(anchors)), told=told)
    beyond = select(RecordingSeal.n).where(RecordingSeal.n > entries).order_by(RecordingSeal.n).limit(20)
    uncounted = list(await session.scalars(beyond))
    now, _ = await head_of(session)  # read after them: what was sealed meanwhile is counted
    for n in uncounted:
        if n > now:
            yield Finding(kind=FindingKind.CHAIN_CHANGED, name=str(n), told="a seal that the head never counted")


def _faults(row: RecordingSeal, last_n: int, last_hash: str, anchors: Mapping[int, str]) -> list[Finding]:
    found: list[Finding] = []
    if row.n != last_n + 1:
        found.append(Finding(kind=FindingKind.CHAIN_MISSING, name=_span(last_n + 1, row.n - 1)))
    elif row.previous != last_hash:
        found.append(_changed(row, "it does not follow the seal before"))
    if row.hash != chained(row.previous, row):
        found.append(_changed(row, "its fields do not fit its hash"))
    if anchors.get(row.n, row.hash) != row.hash:
        told = "it fits, but the audit log has another hash for it"
        found.append(Finding(kind=FindingKind.CHAIN_REWRITTEN, name=str(row.n), recording=row.recording_id, told=told))
    return found


def _changed(row: RecordingSeal, told: str) -> Finding:
    return Finding(
        kind=FindingKind.CHAIN_CHANGED, name=str(row.n), recording=row.recording_id, told=f"{row.file}: {told}"
    )


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


async def _part(session: AsyncSession, after: int, until: int) -> list[RecordingSeal]:
    rows = select(RecordingSeal).where(RecordingSeal.n > after, RecordingSeal.n <= until)
    rows = rows.order_by(RecordingSeal.n).limit(PART).execution_options(populate_existing=True)
    return list(await session.scalars(rows))


async def anchors_of(session: AsyncSession, most: int = 400) -> dict[int, str]:
    """From the audit log, whose own chain and anchors are checked apart."""
    details = select(AuditEntry.detail).where(AuditEntry.action == ANCHORED)
    found: dict[int, str] = {}
    for detail in await session.scalars(details.order_by(AuditEntry.id.desc()).limit(most)):
        told = read(detail).facts
        if isinstance(told.get("seals"), int) and isinstance(told.get("hash"), str):
            found.setdefault(told["seals"], told["hash"])
    return found
