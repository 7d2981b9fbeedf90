"""What is due to be deleted, written down a day before anything of it is; and why one of it stays after all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, false, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.callbacks.model import VoiceMessage
from crm_core.cases.model import Case
from crm_core.history.model import Contact, Recording
from crm_core.retention.model import RecordingHold, RecordingWish, RetentionItem, RetentionRun
from crm_core.retention.rules import Retention

FINISHED = ("ready", "cut", "missing")
"""Of a recording: what is still being written, or was deleted, is on no list."""
BY = "system"
IS_MESSAGE = Recording.leg_id.endswith("-m")
IS_SURVEY = Recording.agent == "survey"

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


async def wishes(session: AsyncSession) -> list[int]:
    """The different numbers of days that customers asked for."""
    return list(await session.scalars(select(RecordingWish.days).distinct().order_by(RecordingWish.days)))


def due(rules: Retention, wished: Iterable[int], at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Recording: old enough by the rule that is its own, finished, and nothing asks for it to stay."""
    return (*old_enough(rules, wished, at), Recording.status.in_(FINISHED), ~or_(_HELD, _OF_OPEN_CASE, _OPEN_MESSAGE))


def old_enough(rules: Retention, wished: Iterable[int], at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The first rule that is set decides: the customer's wish, the queue's, the kind's, the site's."""

    def after(days: int | None) -> ColumnElement[bool]:
        return Recording.started_at < at - timedelta(days=days) if days else false()

    wish = select(RecordingWish.days).join(Contact, Contact.customer_id == RecordingWish.customer_id)
    wish_of_it = wish.where(Contact.id == Recording.contact_id).correlate(Recording).scalar_subquery()
    by_wish = [(wish_of_it == days, Recording.started_at < at - timedelta(days=days)) for days in wished]
    queue = select(Contact.queue).where(Contact.id == Recording.contact_id).correlate(Recording).scalar_subquery()
    by_queue = [(queue == name, after(days)) for name, days in rules.queues.items()]
    by_kind = [
        (condition, after(days))
        for condition, days in ((IS_MESSAGE, rules.messages), (IS_SURVEY, rules.surveys))
        if days is not None
    ]
    whens = [*by_wish, *by_queue, *by_kind]
    cheap = rules.newest_due(at, wished)  # an index finds what is old; the rest is decided for these only
    if cheap is None:
        return (false(),)
    return (Recording.started_at < cheap, case(*whens, else_=after(rules.days)) if whens else after(rules.days))


async def count_due(session: AsyncSession, rules: Retention, at: datetime) -> int:
    """What the rules would put on a list at this moment."""
    conditions = due(rules, await wishes(session), at)
    return await session.scalar(select(func.count()).select_from(Recording).where(*conditions)) or 0


async def list_due(session: AsyncSession, rules: Retention, at: datetime) -> RetentionRun | None:
    """Tonight's list; None when everything is kept or nothing is due. One statement, however many there are."""
    wished = await wishes(session)
    older_than = rules.newest_due(at, wished)
    count = await count_due(session, rules, at) if older_than else 0
    if older_than is None or not count:
        return None
    run = RetentionRun(listed_at=at, older_than=older_than, days=rules.days, count=count, state="listed")
    session.add(run)
    await session.flush()
    columns = ("recording_id", "contact_id", "leg_id", "file", "started_at")
    found = select(
        literal(run.id), Recording.id, Recording.contact_id, Recording.leg_id, Recording.file, Recording.started_at,
        literal(""), literal(""), literal(0), literal(""),
    ).where(*due(rules, wished, at))  # fmt: skip
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


async def not_due(session: AsyncSession, recordings: Collection[int], rules: Retention, at: datetime) -> set[int]:
    """Those of them that the rules do not make old enough at this moment."""
    old = select(Recording.id).where(Recording.id.in_(recordings), *old_enough(rules, await wishes(session), at))
    return set(recordings) - set(await session.scalars(old))


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
