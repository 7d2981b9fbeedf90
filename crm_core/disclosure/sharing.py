"""Sharing a recording with a colleague or a dealer's complaint, for some days, and taking that back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.model import User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.cases.model import Case
from crm_core.db import storable
from crm_core.disclosure.model import RecordingShare
from crm_core.errors import Invalid, NotFound

DAYS = (1, 3, 7, 30)
LEAST_WHY = 4
"""Signs of a reason: a word, not a dot."""


def reason(why: str) -> str:
    """As it is kept. Raises Invalid without one: who takes a recording out says what for."""
    kept = storable(" ".join(why.split()), 200)
    if len(kept) < LEAST_WHY:
        raise Invalid("Say in a few words what it is needed for.", field="why")
    return kept


async def share_with_person(
    session: AsyncSession, recording_id: int, person: str, *, why: str, days: int, actor: str, at: datetime
) -> RecordingShare:
    """The colleague may hear this recording for so many days. Raises Invalid for one whose work has no recordings."""
    found = await session.scalar(select(User).where(User.number == storable(person, 16), User.disabled_at.is_(None)))
    if found is None or not may(read_roles(found.roles), Permission.HEAR_OWN_RECORDINGS):
        raise Invalid("Choose a colleague who works with recordings.", field="person")
    if found.number == actor:
        raise Invalid("You may hear it already.", field="person")
    row = RecordingShare(recording_id=recording_id, person=found.number, why=why, by=actor, at=at)
    return await _share(session, row, days)


async def share_with_case(
    session: AsyncSession, recording_id: int, number: str, *, why: str, days: int, actor: str, at: datetime
) -> RecordingShare:
    """The dealer of this complaint may hear it there for so many days. Raises Invalid for a case no dealer works on."""
    case = await session.scalar(select(Case).where(Case.number == storable(number.strip().upper(), 20)))
    if case is None or case.kind != "complaint" or case.dealer_id is None:
        raise Invalid("There is no complaint of this number at a dealer.", field="case")
    row = RecordingShare(recording_id=recording_id, case_id=case.id, person="", why=why, by=actor, at=at)
    return await _share(session, row, days)


async def _share(session: AsyncSession, row: RecordingShare, days: int) -> RecordingShare:
    if days not in DAYS:
        raise Invalid("Choose for how many days.", field="days")
    row.why, row.by, row.until = reason(row.why), storable(row.by, 16), row.at + timedelta(days=days)
    session.add(row)
    await session.flush()
    case = await session.get(Case, row.case_id) if row.case_id else None
    detail = noting(share=row.id, with_person=row.person, case=case.number if case else "", days=days, reason=row.why)
    subject = f"recording:{row.recording_id}"
    await audit(session, at=row.at, actor=row.by, action="recording_shared", subject=subject, detail=detail)
    return row


async def revoke(session: AsyncSession, recording_id: int, share_id: int, *, actor: str, at: datetime) -> None:
    """From now on it opens nothing. Raises NotFound for one of another recording; one that is over stays as it is."""
    row = await session.get(RecordingShare, share_id) if share_id < 2**31 else None
    if row is None or row.recording_id != recording_id:
        raise NotFound("There is no such share.")
    if row.revoked_at is not None or row.until <= at:
        return
    row.revoked_at, row.revoked_by = at, storable(actor, 16)
    await session.flush()
    detail = noting(share=row.id, with_person=row.person)
    subject = f"recording:{recording_id}"
    await audit(session, at=at, actor=actor, action="recording_share_revoked", subject=subject, detail=detail)


async def shares_of(session: AsyncSession, recording_id: int) -> list[tuple[RecordingShare, str]]:
    """Every share of it, the newest first, with the number of its case ("" = of a person)."""
    rows = select(RecordingShare, Case.number).outerjoin(Case, Case.id == RecordingShare.case_id)
    rows = rows.where(RecordingShare.recording_id == recording_id).order_by(RecordingShare.id.desc())
    return [(share, number or "") for share, number in await session.execute(rows)]


async def shared_with_person(session: AsyncSession, person: str, at: datetime) -> frozenset[int]:
    """The recordings that this person may hear because somebody shared them."""
    mine = and_(RecordingShare.person == person, _open(at))
    return frozenset(await session.scalars(select(RecordingShare.recording_id).where(mine))) if person else frozenset()


async def shared_with_case(session: AsyncSession, case_id: int, at: datetime) -> list[int]:
    """The recordings that the dealer of this case may hear there beside its own calls."""
    mine = and_(RecordingShare.case_id == case_id, _open(at))
    return list(await session.scalars(select(RecordingShare.recording_id).where(mine).order_by(RecordingShare.id)))


def _open(at: datetime) -> ColumnElement[bool]:
    return and_(RecordingShare.revoked_at.is_(None), RecordingShare.until > at)
