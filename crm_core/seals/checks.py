"""Checks of the recordings as the pages show them: asked for, running, and what they found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.db import storable
from crm_core.history.model import Recording
from crm_core.notices.actions import notify
from crm_core.notices.people import supervisors
from crm_core.seals.chain_check import ANCHORED
from crm_core.seals.findings import Finding
from crm_core.seals.model import RecordingSeal, SealCheck, SealFinding

SYSTEM = "system"
SHOWN = 200
_ACTIONS = {"whole": ANCHORED, "broken": "recordings_broken", "away": "recordings_away"}


async def ask(session: AsyncSession, *, actor: str, at: datetime) -> SealCheck:
    """A check of everything as soon as possible; one that waits or runs already is given instead."""
    waiting = select(SealCheck).where(SealCheck.state.in_(("asked", "running"))).order_by(SealCheck.id).limit(1)
    if found := await session.scalar(waiting):
        return found
    row = SealCheck(began_at=at, state="asked", by=storable(actor, 16))
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="recordings_check_asked", subject=f"recording-check/{row.id}")
    return row


async def put_back(session: AsyncSession) -> None:
    """After a restart: what ran then is done anew."""
    await session.execute(update(SealCheck).where(SealCheck.state == "running").values(state="asked"))


async def keep_result(
    session: AsyncSession, check: int, found: list[Finding], *, seals: int, end: str, files: int, read: int, away: str,
    at: datetime,
) -> str:  # fmt: skip
    """Its findings, its word in the audit log, and a notice to supervisors and administrators; gives its state.

    A whole one's entry has the end of the chain: whoever makes the chain anew would have to change the audit log, too.
    """
    state = "broken" if found else "away" if away else "whole"
    row = await session.get_one(SealCheck, check)
    row.state, row.ended_at, row.found = state, at, len(found)
    row.seals, row.files, row.read = seals, files, read
    session.add_all(
        SealFinding(
            check_id=check, kind=one.kind.value, name=storable(one.name, 200), recording_id=one.recording,
            told=storable(one.told, 300),
        )
        for one in found[:SHOWN]
    )  # fmt: skip
    if state != "whole":
        people = [*await supervisors(session), *await administrators(session)]
        notify(session, people, "recordings", str(check), state, at=at)
    facts = noting(seals=seals, hash=end, files=files, read=read, found=len(found))
    await audit(session, at=at, actor=SYSTEM, action=_ACTIONS[state], subject=f"recording-check/{check}", detail=facts)
    return state


async def administrators(session: AsyncSession) -> list[str]:
    """The numbers of those who can sign in."""
    rows = await session.execute(
        select(User.number, User.roles).where(User.disabled_at.is_(None), User.roles.contains(Role.ADMINISTRATOR.value))
    )
    return sorted(number for number, roles in rows if Role.ADMINISTRATOR in read_roles(roles))


async def latest(session: AsyncSession, most: int = 10) -> list[SealCheck]:
    """The newest first."""
    return list(await session.scalars(select(SealCheck).order_by(SealCheck.id.desc()).limit(most)))


async def alarm(session: AsyncSession) -> SealCheck | None:
    """The last check that ended, when it was not whole: it is shown until one is."""
    ended = select(SealCheck).where(SealCheck.ended_at.is_not(None)).order_by(SealCheck.id.desc()).limit(1)
    last: SealCheck | None = await session.scalar(ended)
    return last if last and last.state != "whole" else None


async def findings(session: AsyncSession, check: int) -> list[SealFinding]:
    """In the order in which they were found."""
    return list(
        await session.scalars(select(SealFinding).where(SealFinding.check_id == check).order_by(SealFinding.id))
    )


async def unsealed(session: AsyncSession, kept: tuple[str, ...], most: int) -> list[Recording]:
    """Finished recordings from before there were seals, the oldest first."""
    rows = select(Recording).where(Recording.status.in_(kept), Recording.sha256 == "").order_by(Recording.id)
    return list(await session.scalars(rows.limit(most)))


async def first_sealed_at(session: AsyncSession) -> datetime | None:
    """When the first recording was sealed as it was packed: what began later and has no seal is a finding."""
    first: datetime | None = await session.scalar(
        select(func.min(RecordingSeal.sealed_at)).where(RecordingSeal.kind == "kept")
    )
    return first
