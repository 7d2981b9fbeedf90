"""What is due to be deleted, written down a day before anything of it is; and why one of it stays after all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.callbacks.model import VoiceMessage
from crm_core.cases.model import Case
from crm_core.history.model import Contact, Recording
from crm_core.retention.model import RecordingHold, RetentionItem, RetentionRun
from crm_core.retention.rules import Retention

FINISHED = ("ready", "cut", "missing")
"""Of a recording: what is still being written, or was deleted, is on no list."""
BY = "system"

_HELD = select(RecordingHold.contact_id).where(RecordingHold.contact_id == Recording.contact_id).exists()
_OF_OPEN_CASE = (
    select(Case.id)
    .join(Contact, Contact.case_id == Case.id)
    .where(Contact.id == Recording.contact_id, Case.closed_at.is_(None))
    .exists()
)
_OPEN_MESSAGE = (
    select(VoiceMessage.contact_id)
    .where(VoiceMessage.contact_id == Recording.contact_id, VoiceMessage.done_at.is_(None))
    .exists()
)


def due(older_than: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Recording: old enough, finished, and nothing asks for it to stay."""
    return (
        Recording.started_at < older_than,
        Recording.status.in_(FINISHED),
        ~or_(_HELD, _OF_OPEN_CASE, _OPEN_MESSAGE),
    )


async def count_due(session: AsyncSession, older_than: datetime) -> int:
    return await session.scalar(select(func.count()).select_from(Recording).where(*due(older_than))) or 0


async def list_due(session: AsyncSession, rules: Retention, at: datetime) -> RetentionRun | None:
    """Tonight's list; None when everything is kept or nothing is due. One statement, however many there are."""
    older_than = rules.older_than(at)
    count = await count_due(session, older_than) if older_than else 0
    if older_than is None or not count:
        return None
    run = RetentionRun(listed_at=at, older_than=older_than, days=rules.days, count=count, state="listed")
    session.add(run)
    await session.flush()
    columns = ("recording_id", "contact_id", "leg_id", "file", "started_at")
    found = select(
        literal(run.id), Recording.id, Recording.contact_id, Recording.leg_id, Recording.file, Recording.started_at,
        literal(""), literal(""), literal(0), literal(""),
    ).where(*due(older_than))  # fmt: skip
    names = ["run_id", *columns, "result", "why", "bytes", "sha256"]
    await session.execute(insert(RetentionItem).from_select(names, found))
    detail = noting(count=count, days=rules.days)
    await audit(session, at=at, actor=BY, action="retention_listed", subject=f"retention/{run.id}", detail=detail)
    return run


async def reasons_to_stay(session: AsyncSession, recordings: Collection[int]) -> dict[int, str]:
    """For those that must not be deleted now: hold, case, message or open. One that has no row any more is "open"."""
    rows = await session.execute(
        select(Recording.id, Recording.status, _HELD, _OF_OPEN_CASE, _OPEN_MESSAGE).where(Recording.id.in_(recordings))
    )
    found = {row[0]: row[1:] for row in rows}
    told: dict[int, str] = {}
    for one in recordings:
        status, held, case, message = found.get(one, ("", False, False, False))
        why = "hold" if held else "case" if case else "message" if message else "open" if status not in FINISHED else ""
        if why:
            told[one] = why
    return told


async def open_run(session: AsyncSession) -> RetentionRun | None:
    """The list that waits for its day."""
    latest = select(RetentionRun).where(RetentionRun.state == "listed").order_by(RetentionRun.id).limit(1)
    found: RetentionRun | None = await session.scalar(latest)
    return found


async def runs(session: AsyncSession, most: int = 30) -> list[RetentionRun]:
    """The newest first."""
    return list(await session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(most)))


async def items(session: AsyncSession, run_id: int, *, after: int = 0, most: int = 50) -> list[RetentionItem]:
    """By the recording's number, from after this one on."""
    mine = (RetentionItem.run_id == run_id, RetentionItem.recording_id > after)
    rows = select(RetentionItem).where(*mine).order_by(RetentionItem.recording_id).limit(most)
    return list(await session.scalars(rows))
