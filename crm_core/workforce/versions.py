"""What the workforce's settings were before each save: who changed what, and the way back.

Each save of a queue, a team, an agent's skills, the set of reasons or a calendar is one numbered version of that
subject. A page sends back the number it was made from; when somebody saved meanwhile, the save is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.errors import NotFound, Refused
from crm_core.workforce.model import WorkforceVersion

State = dict[str, Any]
KINDS = (
    *("queue", "team", "agent", "reasons", "calendar", "case_rules", "class_rules", "contact", "leads"),
    *("messages", "survey", "care", "retention", "capture", "live_text", "keywords"),
    *("trunk", "number", "outgoing", "dial_limits"),
)


class SavedMeanwhile(Refused):
    """The page is older than the settings; `by` saved in between."""

    def __init__(self, by: str) -> None:
        super().__init__("{by} saved this meanwhile. Your entries are still here: compare, then save again.", by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of a save; None = the subject did not have it."""

    field: str
    before: Any
    after: Any


async def current_number(session: AsyncSession, kind: str, subject: str) -> int:
    """The number of the last save; 0 = never saved."""
    latest = select(func.max(WorkforceVersion.number)).where(
        WorkforceVersion.kind == kind, WorkforceVersion.subject == subject
    )
    return await session.scalar(latest) or 0


async def numbers(session: AsyncSession, kind: str) -> dict[str, int]:
    """Subject to the number of its last save; a subject never saved is absent."""
    rows = await session.execute(
        select(WorkforceVersion.subject, func.max(WorkforceVersion.number).label("number"))
        .where(WorkforceVersion.kind == kind)
        .group_by(WorkforceVersion.subject)
    )
    return {row.subject: row.number for row in rows}


async def require_unchanged(session: AsyncSession, kind: str, subject: str, base: int | None) -> None:
    """Raises SavedMeanwhile unless `base` is the last save's number; None = whatever it is."""
    if base is None or base == await current_number(session, kind, subject):
        return
    raise SavedMeanwhile(await _last_actor(session, kind, subject))


async def record(
    session: AsyncSession,
    kind: str,
    subject: str,
    *,
    before: State | None,
    after: State | None,
    actor: str,
    at: datetime,
    base: int | None = None,
) -> WorkforceVersion | None:
    """Keep a save and write it into the audit log, last in its transaction. None when nothing differs.

    Raises SavedMeanwhile, also when another transaction takes the number at the same moment.
    """
    await require_unchanged(session, kind, subject, base)
    if before == after:
        return None
    number = await current_number(session, kind, subject) + 1
    row = WorkforceVersion(
        kind=kind, subject=subject, number=number, before=before, after=after, actor=actor[:16], at=at
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise SavedMeanwhile(await _last_actor(session, kind, subject)) from None
    told = changed(before, after, version=number)
    await audit(session, at=at, actor=actor, action=f"{kind}_saved", subject=subject, detail=told)
    return row


def changes(before: State | None, after: State | None) -> list[Change]:
    """The fields that differ, in the order of the settings."""
    then, now = before or {}, after or {}
    fields = [*now, *(name for name in then if name not in now)]
    return [
        Change(field=name, before=then.get(name), after=now.get(name))
        for name in fields
        if then.get(name) != now.get(name)
    ]


async def history(
    session: AsyncSession, *, kind: str = "", subject: str = "", before_id: int | None = None, limit: int = 50
) -> list[WorkforceVersion]:
    """Saves, newest first; empty filters do not restrict."""
    statement = select(WorkforceVersion).order_by(WorkforceVersion.id.desc()).limit(limit)
    if kind:
        statement = statement.where(WorkforceVersion.kind == kind)
    if subject:
        statement = statement.where(WorkforceVersion.subject == subject)
    if before_id is not None:
        statement = statement.where(WorkforceVersion.id < before_id)
    return list(await session.scalars(statement))


async def version(session: AsyncSession, version_id: int) -> WorkforceVersion:
    """Raises NotFound."""
    found = await session.get(WorkforceVersion, version_id)
    if found is None:
        raise NotFound("This version is not known.")
    return found


async def _last_actor(session: AsyncSession, kind: str, subject: str) -> str:
    latest = (
        select(WorkforceVersion.actor)
        .where(WorkforceVersion.kind == kind, WorkforceVersion.subject == subject)
        .order_by(WorkforceVersion.number.desc())
        .limit(1)
    )
    return await session.scalar(latest) or "?"
