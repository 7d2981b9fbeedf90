"""Who is in a segment: asked afresh each time, counted and kept once a day, so that coming and going shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING, Reach
from crm_core.errors import NotFound
from crm_core.segments.compiling import compiled
from crm_core.segments.conditions import Definition, read
from crm_core.segments.model import CustomerWorth, Segment, SegmentCount, SegmentMember
from crm_core.segments.upsert import upsert

LEAVERS_KEPT = timedelta(days=7)


async def segment(session: AsyncSession, segment_id: int) -> Segment:
    """Raises NotFound, also for one that was removed."""
    found = await session.get(Segment, segment_id)
    if found is None or found.removed_at is not None:
        raise NotFound("There is no such segment. It may have been removed.")
    return found


async def members(
    session: AsyncSession, segment_id: int, after: int = 0, limit: int = 500, *, today: date, reach: Reach = EVERYTHING
) -> list[int]:
    """Customer ids of a segment as it is now, rising; the next page begins `after` the last. For campaigns.

    Raises NotFound.
    """
    fits = compiled(read((await segment(session, segment_id)).definition), today)
    statement = (
        select(CustomerWorth.customer_id)
        .where(fits, CustomerWorth.customer_id > after, reach.condition(CustomerWorth.dealer_id))
        .order_by(CustomerWorth.customer_id)
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def count(session: AsyncSession, definition: Definition, today: date, reach: Reach = EVERYTHING) -> int:
    """How many fit now."""
    fits = (compiled(definition, today), reach.condition(CustomerWorth.dealer_id))
    return await session.scalar(select(func.count()).select_from(CustomerWorth).where(*fits)) or 0


async def recount(session: AsyncSession, row: Segment, at: datetime, zone: tzinfo) -> SegmentCount:
    """Write down who is in the segment today. Whoever is in it at the first count did not enter."""
    today = at.astimezone(zone).date()
    fits = select(CustomerWorth.customer_id).where(compiled(read(row.definition), today))
    mine = SegmentMember.segment_id == row.id
    gone = update(SegmentMember).where(mine, SegmentMember.left_on.is_(None), SegmentMember.customer_id.not_in(fits))
    back = update(SegmentMember).where(mine, SegmentMember.left_on.is_not(None), SegmentMember.customer_id.in_(fits))
    await session.execute(gone.values(left_on=today).execution_options(synchronize_session=False))
    await session.execute(back.values(left_on=None, entered_on=today).execution_options(synchronize_session=False))
    known = select(SegmentMember.customer_id).where(mine)
    first = literal(None if row.counted_at is None else today, SegmentMember.entered_on.type)
    fresh = select(literal(row.id), CustomerWorth.customer_id, first).where(
        CustomerWorth.customer_id.in_(fits), CustomerWorth.customer_id.not_in(known)
    )
    columns = ["segment_id", "customer_id", "entered_on"]
    await session.execute(insert(SegmentMember).from_select(columns, fresh, include_defaults=False))
    await session.execute(delete(SegmentMember).where(mine, SegmentMember.left_on < today - LEAVERS_KEPT))
    row.counted_at = at
    return await _write_count(session, row.id, today)


async def start_afresh(session: AsyncSession, row: Segment, at: datetime, zone: tzinfo) -> SegmentCount:
    """After another definition: nobody came or went, the segment is another one."""
    await session.execute(delete(SegmentMember).where(SegmentMember.segment_id == row.id))
    row.counted_at = None
    return await recount(session, row, at, zone)


async def place_customer(session: AsyncSession, customer_id: int, today: date) -> None:
    """Put one customer into the segments that fit now, and out of the others."""
    rows = list(await session.scalars(select(Segment).where(Segment.removed_at.is_(None))))
    rows = [row for row in rows if row.counted_at is not None]
    if not rows:
        return
    asked = select(*(compiled(read(row.definition), today) for row in rows)).where(
        CustomerWorth.customer_id == customer_id
    )
    answer = (await session.execute(asked)).one_or_none()
    fits = {row.id for row, yes in zip(rows, answer or (), strict=False) if yes}
    kept = {
        one.segment_id: one
        for one in await session.scalars(select(SegmentMember).where(SegmentMember.customer_id == customer_id))
    }
    moved = set()
    for row in rows:
        if _move(session, kept.get(row.id), row.id, customer_id, today, inside=row.id in fits):
            moved.add(row.id)
    await session.flush()
    for segment_id in sorted(moved):
        await _write_count(session, segment_id, today)


def _move(
    session: AsyncSession, kept: SegmentMember | None, segment_id: int, customer_id: int, today: date, *, inside: bool
) -> bool:
    if kept is None:
        if inside:
            session.add(SegmentMember(segment_id=segment_id, customer_id=customer_id, entered_on=today))
        return inside
    if inside == (kept.left_on is None):
        return False
    if inside:
        kept.left_on, kept.entered_on = None, today
    else:
        kept.left_on = today
    return True


async def _write_count(session: AsyncSession, segment_id: int, today: date) -> SegmentCount:
    inside = SegmentMember.left_on.is_(None)
    totals = select(
        func.count().filter(inside),
        func.count().filter(inside, SegmentMember.entered_on == today),
        func.count().filter(SegmentMember.left_on == today),
    ).where(SegmentMember.segment_id == segment_id)
    there, entered, left = (await session.execute(totals)).one()
    row = {"segment_id": segment_id, "day": today, "members": there, "entered": entered, "left": left}
    await upsert(session, SegmentCount, [row])
    return SegmentCount(**row)
