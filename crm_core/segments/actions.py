"""Saving and removing segments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.segments.conditions import DIMENSIONS, read
from crm_core.segments.membership import segment, start_afresh
from crm_core.segments.model import Segment
from crm_core.segments.ready import READY
from crm_core.workforce.fields import Unusable

MOST_SEGMENTS = 200


class SegmentChangedMeanwhile(Refused):
    """The form is older than the segment; `by` saved in between."""

    def __init__(self, by: str) -> None:
        super().__init__("{by} saved this meanwhile. Your entries are still here: compare, then save again.", by=by)


async def save_segment(
    session: AsyncSession,
    segment_id: int | None,
    typed: Mapping[str, Any],
    *,
    base: int | None = None,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Segment:
    """Make a segment (None) or change one: `typed` has name, note, dimension, definition. Counts it at once.

    Raises Unusable with every wrong field, SegmentChangedMeanwhile when `base` is not the saved version any more.
    """
    found = await segment(session, segment_id) if segment_id is not None else None
    problems, definition = _problems(typed)
    if not problems and await _name_taken(session, typed["name"], segment_id):
        problems.append(Invalid("A segment of this name is there already.", field="name"))
    if problems:
        raise Unusable(problems)
    if found is not None and base is not None and base != found.version:
        raise SegmentChangedMeanwhile(found.by)
    row = found or Segment(ready="", version=0, created_at=at)
    before = {"definition": row.definition} if found is not None else {}
    afresh = before.get("definition") != definition
    name = _clean(typed["name"], 40)
    if row.ready and name != row.name:
        row.ready = ""  # it has a name of its own from now on
    row.name, row.note = name, _clean(typed.get("note", ""), 200)
    row.dimension, row.definition = typed["dimension"], definition
    row.version, row.by, row.changed_at = row.version + 1, actor[:16], at
    if found is None:
        session.add(row)
    await session.flush()
    if afresh:
        await start_afresh(session, row, at, zone)
    await tell(session, "segment.saved", f"segment/{row.id}", {"name": row.name}, at=at)
    told = changed(before, {"definition": definition}, name=row.name)
    await audit(session, at=at, actor=actor, action="segment_saved", subject=f"segment/{row.id}", detail=told)
    return row


def _clean(text: object, length: int) -> str:
    return " ".join(storable(str(text or ""), 400).split())[:length]


def _problems(typed: Mapping[str, Any]) -> tuple[list[Invalid], dict[str, Any]]:
    problems: list[Invalid] = []
    definition: dict[str, Any] = {}
    if not _clean(typed.get("name"), 40) or len(_clean(typed.get("name"), 400)) > 40:
        problems.append(Invalid("Write a name of at most 40 signs.", field="name"))
    if typed.get("dimension") not in DIMENSIONS:
        problems.append(Invalid("Choose from the list.", field="dimension"))
    try:
        definition = read(typed.get("definition")).written()
    except Unusable as wrong:
        problems += wrong.problems
    return problems, definition


async def _name_taken(session: AsyncSession, name: str, segment_id: int | None) -> bool:
    same = select(func.count()).where(
        Segment.removed_at.is_(None), Segment.name == _clean(name, 40), Segment.id != (segment_id or 0)
    )
    count = select(func.count()).where(Segment.removed_at.is_(None))
    if segment_id is None and (await session.scalar(count) or 0) >= MOST_SEGMENTS:
        raise Refused("There are {most} segments already. Remove one that nobody uses.", most=MOST_SEGMENTS)
    return bool(await session.scalar(same))


async def remove_segment(session: AsyncSession, segment_id: int, *, actor: str, at: datetime) -> Segment:
    """Off the list; its counts stay, and `bring_back` undoes it."""
    row = await segment(session, segment_id)
    row.removed_at = at
    await audit(session, at=at, actor=actor, action="segment_removed", subject=f"segment/{row.id}", detail=row.name)
    return row


async def bring_back(session: AsyncSession, segment_id: int, *, actor: str, at: datetime) -> Segment:
    row = await session.get(Segment, segment_id)
    if row is None:
        raise NotFound("There is no such segment. It may have been removed.")
    row.removed_at = None
    await audit(session, at=at, actor=actor, action="segment_restored", subject=f"segment/{row.id}", detail=row.name)
    return row


async def add_ready(session: AsyncSession, *, actor: str, at: datetime, zone: tzinfo) -> list[Segment]:
    """The ready-made segments that are not there yet."""
    there = set(await session.scalars(select(Segment.ready).where(Segment.removed_at.is_(None))))
    added = []
    for key, (name, dimension, definition) in READY.items():
        if key not in there:
            row = Segment(ready=key, name=name, dimension=dimension, definition=definition, by=actor[:16])
            row.created_at = row.changed_at = at
            session.add(row)
            await session.flush()
            await start_afresh(session, row, at, zone)
            added.append(row)
    await audit(session, at=at, actor=actor, action="segments_added", detail=", ".join(row.ready for row in added))
    return added
