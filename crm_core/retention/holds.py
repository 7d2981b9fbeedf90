"""Legal holds: a contact's recordings that stay whatever the setting says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import Contact
from crm_core.retention.model import RecordingHold


async def hold(session: AsyncSession, contact_id: str, why: str, *, actor: str, at: datetime) -> RecordingHold:
    """Raises NotFound, Invalid without a reason. Held already: the reason is the new one."""
    if not (reason := storable(why.strip(), 200)):
        raise Invalid("Say why these recordings must stay, e.g. the number of the lawsuit.", field="why")
    if await session.get(Contact, contact_id[:64]) is None:
        raise NotFound("There is no such call.")
    row = await session.get(RecordingHold, contact_id)
    if row is None:
        row = RecordingHold(contact_id=contact_id)
        session.add(row)
    row.why, row.by, row.at = reason, storable(actor, 16), at
    await session.flush()
    await audit(
        session, at=at, actor=actor, action="recording_held", subject=f"contact/{contact_id}", detail=noting(why=reason)
    )
    return row


async def release(session: AsyncSession, contact_id: str, *, actor: str, at: datetime) -> None:
    """From now on the setting decides. Raises NotFound where nothing is held."""
    row = await session.get(RecordingHold, contact_id[:64])
    if row is None:
        raise NotFound("These recordings are not held.")
    why = row.why
    await session.delete(row)
    await session.flush()
    subject = f"contact/{contact_id}"
    await audit(session, at=at, actor=actor, action="recording_released", subject=subject, detail=noting(why=why))


async def holds(session: AsyncSession, most: int = 200) -> list[RecordingHold]:
    """The newest first."""
    return list(await session.scalars(select(RecordingHold).order_by(RecordingHold.at.desc()).limit(most)))
