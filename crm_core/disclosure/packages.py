"""Evidence packages: asked for, taken up by one maker, told of, made, taken away, and gone after some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import storable
from crm_core.disclosure.model import EvidencePackage
from crm_core.errors import NotFound, Refused
from crm_core.history.model import Recording

KEPT = timedelta(days=7)
"""A finished package is there to be taken; what was taken is kept by who took it."""
TAKEN_FOR = timedelta(minutes=2)
MOST_OPEN = 5
"""Of one person at once."""


async def ask(
    session: AsyncSession, recording_id: int, recordings: Sequence[int], *, why: str, actor: str, at: datetime
) -> EvidencePackage:
    """`why` as sharing.reason gives it. Refused while the person has as many in the making."""
    mine = select(EvidencePackage.id).where(
        EvidencePackage.by == actor, EvidencePackage.state.in_(("waiting", "running"))
    )
    if len((await session.scalars(mine)).all()) >= MOST_OPEN:
        raise Refused("{most} packages of yours are being made. Wait until one is done.", most=MOST_OPEN)
    row = EvidencePackage(recording_id=recording_id, recordings=list(recordings), why=why, at=at)
    row.by, row.state = storable(actor, 16), "waiting"
    session.add(row)
    await session.flush()
    for number in recordings:
        detail = noting(package=row.id, reason=why)
        subject = f"recording:{number}"
        await audit(session, at=at, actor=actor, action="evidence_asked", subject=subject, detail=detail)
    return row


async def take_up(session: AsyncSession, at: datetime) -> EvidencePackage | None:
    """The oldest that nobody makes; it is the asker's for TAKEN_FOR."""
    dead = (EvidencePackage.state == "running") & (EvidencePackage.taken_until < at)
    free = or_(EvidencePackage.state == "waiting", dead)
    for row in await session.scalars(select(EvidencePackage).where(free).order_by(EvidencePackage.id).limit(5)):
        claim = update(EvidencePackage).where(EvidencePackage.id == row.id, free)
        claim = claim.values(state="running", taken_until=at + TAKEN_FOR, share=0.0).returning(EvidencePackage.id)
        if await session.scalar(claim.execution_options(synchronize_session=False)) is not None:
            await session.refresh(row)
            return row
    return None


async def tell(session: AsyncSession, package_id: int, share: float, at: datetime) -> None:
    """How far it is; the maker lives."""
    values = {"share": share, "taken_until": at + TAKEN_FOR}
    await session.execute(update(EvidencePackage).where(EvidencePackage.id == package_id).values(**values))


async def done(
    session: AsyncSession, package_id: int, *, file: str, sha256: str, size: int, fingerprint: str, at: datetime
) -> None:
    """Ready to be taken; the audit log has its checksum."""
    row = await session.get_one(EvidencePackage, package_id)
    row.state, row.share, row.ended_at, row.taken_until = "done", 1.0, at, None
    row.file, row.sha256, row.bytes, row.fingerprint = file, sha256, size, fingerprint
    detail = noting(package=row.id, sha256=sha256, bytes=size)
    subject = f"recording:{row.recording_id}"
    await audit(session, at=at, actor=row.by, action="evidence_made", subject=subject, detail=detail)


async def failed(session: AsyncSession, package_id: int, why: str, at: datetime) -> None:
    """`why` is a msgid, shown to who asked."""
    values = {"state": "failed", "failure": storable(why, 300), "ended_at": at, "taken_until": None}
    await session.execute(update(EvidencePackage).where(EvidencePackage.id == package_id).values(**values))


async def taken(session: AsyncSession, row: EvidencePackage, *, actor: str, at: datetime) -> None:
    """Somebody has the file: on the log of each recording in it."""
    for number in row.recordings:
        detail = noting(package=row.id, sha256=row.sha256)
        subject = f"recording:{number}"
        await audit(session, at=at, actor=actor, action="evidence_taken", subject=subject, detail=detail)


async def packages_of(session: AsyncSession, recording_id: int, most: int = 10) -> list[EvidencePackage]:
    """Those that were asked for on this recording's page, the newest first."""
    rows = select(EvidencePackage).where(EvidencePackage.recording_id == recording_id)
    return list(await session.scalars(rows.order_by(EvidencePackage.id.desc()).limit(most)))


async def package(session: AsyncSession, recording_id: int, package_id: int) -> EvidencePackage:
    """NotFound also for one of another recording's page."""
    row = await session.get(EvidencePackage, package_id) if package_id < 2**31 else None
    if row is None or row.recording_id != recording_id:
        raise NotFound("There is no such package.")
    return row


async def leaving(session: AsyncSession, at: datetime) -> list[EvidencePackage]:
    """Those whose file must go: their days are over, or a recording in them was deleted meanwhile."""
    found = []
    for row in await session.scalars(select(EvidencePackage).where(EvidencePackage.state == "done")):
        kept = select(Recording.id).where(Recording.id.in_(row.recordings), Recording.status != "deleted")
        whole = len((await session.scalars(kept)).all()) == len(row.recordings)
        if not whole or (row.ended_at and row.ended_at + KEPT <= at):
            found.append(row)
    return found
