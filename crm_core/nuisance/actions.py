"""Marking a number, taking the own mark back, and a supervisor's release."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.roles import Role
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.nuisance.model import NuisanceMark
from crm_core.nuisance.scoring import AGENT, LEADER, REASONS, SUPERVISOR
from crm_core.phone import to_e164


def weight_of(roles: Iterable[Role]) -> int:
    """What the word of somebody with these roles counts."""
    held = set(roles)
    if held & {Role.SUPERVISOR, Role.ADMINISTRATOR}:
        return SUPERVISOR
    return LEADER if Role.TEAM_LEADER in held else AGENT


async def mark(
    session: AsyncSession,
    number: str,
    *,
    reason: str,
    note: str = "",
    contact_id: str = "",
    weight: int,
    actor: str,
    at: datetime,
) -> NuisanceMark:
    """The same person's mark of the same call is changed, not doubled. Raises Invalid, naming the field."""
    e164 = to_e164(number)
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=number[:20], field="number")
    if reason not in REASONS:
        raise Invalid("Choose from the list.", field="reason")
    row = await _own(session, e164, contact_id, actor)
    if row is None:
        row = NuisanceMark(e164=e164, contact_id=storable(contact_id, 64), by=storable(actor, 16), at=at)
        session.add(row)
    row.reason, row.note, row.weight = reason, " ".join(storable(note, 120).split()), weight
    await session.flush()
    await audit(session, at=at, actor=actor, action="nuisance_marked", subject=e164, detail=f"{reason} {row.note}")
    return row


async def take_back(session: AsyncSession, mark_id: int, *, actor: str, at: datetime) -> NuisanceMark:
    """The own mark does not count any more; a colleague's is answered like an unknown one. NotFound."""
    row = await session.get(NuisanceMark, mark_id, with_for_update=True)
    if row is None or row.by != actor:
        raise NotFound("There is no such mark.")
    if row.undone_at is None:
        row.undone_at, row.undone_by = at, actor
        await audit(session, at=at, actor=actor, action="nuisance_taken_back", subject=row.e164)
    return row


async def release(session: AsyncSession, number: str, *, actor: str, at: datetime) -> int:
    """A supervisor's word that the number is no nuisance: no mark counts any more. Gives how many there were."""
    e164 = to_e164(number) or ""
    rows = list(
        await session.scalars(
            select(NuisanceMark).where(NuisanceMark.e164 == e164, NuisanceMark.undone_at.is_(None)).with_for_update()
        )
    )
    for row in rows:
        row.undone_at, row.undone_by = at, storable(actor, 16)
    if rows:
        await audit(session, at=at, actor=actor, action="nuisance_released", subject=e164, detail=str(len(rows)))
    return len(rows)


async def _own(session: AsyncSession, e164: str, contact_id: str, actor: str) -> NuisanceMark | None:
    if not contact_id:
        return None
    return await session.scalar(
        select(NuisanceMark).where(
            NuisanceMark.e164 == e164,
            NuisanceMark.contact_id == contact_id,
            NuisanceMark.by == actor,
            NuisanceMark.undone_at.is_(None),
        )
    )
