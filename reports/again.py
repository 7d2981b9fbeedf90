"""Earlier days of a queue counted again with other thresholds: an act of its own, seen before it is done, with a way
back. Calls are not read: what is stored of their waits answers every threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.figures.model import FigureDue, QueueDay, QueueSlot, QueueThresholds, ThresholdAct
from crm_core.figures.quarters import quarter_of
from crm_core.figures.thresholds import FIRST_DAY
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import QueueRow
from reports.counting import Stretch, visits_of
from reports.counts import QueueCounts, Thresholds
from reports.periods import midnight
from reports.rollups import is_ready, take_turn
from reports.stored_rows import queue_row, stored_tally, tally_columns
from reports.thresholds import ThresholdVersion, threshold_history
from reports.visit_tallies import VisitTally

MOST_DAYS = 366
_MOST_SERVICE, _MOST_SHORT = 600, 60
_RECOUNTED = ("short_abandoned", "answered_in_time", "abandoned_in_time", "abandon_wait")


class DayAgain(NamedTuple):
    day: date
    before: QueueCounts
    after: QueueCounts


class Wish(NamedTuple):
    """Which days of which queue are to count by which seconds."""

    queue: str
    first: date
    last: date
    service_seconds: int
    short_abandon_seconds: int


def require_sound(wish: Wish, today: date) -> None:
    """Raises Unusable with a sentence per field. Today and later are set in the queue's own settings."""
    wrong = []
    if wish.last < wish.first:
        wrong.append(Invalid("The last day is before the first.", field="last"))
    elif wish.last >= today:
        wrong.append(Invalid("Choose days before today: today counts by the queue's settings.", field="last"))
    elif (wish.last - wish.first).days >= MOST_DAYS:
        wrong.append(Invalid("At most {days} days at once.", field="first", days=MOST_DAYS))
    if not 1 <= wish.service_seconds <= _MOST_SERVICE:
        wrong.append(Invalid("A whole number from {low} to {high}.", field="service", low=1, high=_MOST_SERVICE))
    if not 0 <= wish.short_abandon_seconds <= _MOST_SHORT:
        wrong.append(Invalid("A whole number from {low} to {high}.", field="short", low=0, high=_MOST_SHORT))
    if wrong:
        raise Unusable(wrong)


async def preview(session: AsyncSession, wish: Wish, zone: ZoneInfo) -> list[DayAgain]:
    """Each day with calls as it counts now and as it would."""
    history = await threshold_history(session)
    found = []
    for day, tally in sorted((await _tallies(session, wish, zone)).items()):
        now = history.on(wish.queue, day)
        found.append(DayAgain(day, tally.counts(now), tally.counts(_wanted(wish, now))))
    return found


async def count_again(session: AsyncSession, wish: Wish, *, zone: ZoneInfo, actor: str, at: datetime) -> ThresholdAct:
    """Raises Unusable, or NotFound for a queue that never was."""
    require_sound(wish, at.astimezone(zone).date())
    if await session.get(QueueRow, wish.queue) is None:
        raise NotFound("There is no queue {queue}.", queue=wish.queue)
    history = await threshold_history(session)
    before = history.versions(wish.queue) or [ThresholdVersion(FIRST_DAY, history.on(wish.queue, wish.first))]
    after = with_stretch(before, wish, history.on(wish.queue, wish.first), actor)
    act = ThresholdAct(
        queue=wish.queue,
        first=wish.first,
        last=wish.last,
        service_seconds=wish.service_seconds,
        short_abandon_seconds=wish.short_abandon_seconds,
        before=[_written(version) for version in before],
        made_by=actor[:16],
        made_at=at,
    )
    session.add(act)
    await _replace_versions(session, wish.queue, after, at)
    await _recount(session, wish, zone)
    told = noting(
        **{"from": wish.first, "to": wish.last},
        service_seconds=wish.service_seconds,
        short_abandon_seconds=wish.short_abandon_seconds,
    )
    await audit(session, at=at, actor=actor, action="queue_recounted", subject=wish.queue, detail=told)
    return act


async def take_back(session: AsyncSession, act_id: int, *, zone: ZoneInfo, actor: str, at: datetime) -> ThresholdAct:
    """The days count as before the act. Only the newest act of a queue that still stands, so that none is skipped."""
    act = await session.get(ThresholdAct, act_id)
    if act is None:
        raise NotFound("This version is not known.")
    standing = select(ThresholdAct.id).where(ThresholdAct.queue == act.queue, ThresholdAct.taken_back_at.is_(None))
    newest = await session.scalar(standing.order_by(ThresholdAct.id.desc()).limit(1))
    if newest != act.id:
        raise Refused("Take back the newest change of this queue first.")
    wish = Wish(act.queue, act.first, act.last, act.service_seconds, act.short_abandon_seconds)
    known = (await threshold_history(session)).versions(act.queue)
    former = [_read(one) for one in act.before]
    kept = [one for one in known if not act.first <= one.valid_from <= act.last + timedelta(days=1)]
    back = [one for one in former if act.first <= one.valid_from <= act.last + timedelta(days=1)]
    later = [one for one in known if one.valid_from == act.last + timedelta(days=1) and one.made_by]
    if later and not any(one.valid_from == later[0].valid_from for one in former):
        back += later  # the queue's settings were changed on the day after: that stays
    await _replace_versions(session, act.queue, sorted([*kept, *back], key=lambda one: one.valid_from), at)
    await _recount(session, wish, zone)
    act.taken_back_at, act.taken_back_by = at, actor[:16]
    told = noting(**{"from": act.first, "to": act.last})
    await audit(session, at=at, actor=actor, action="queue_recount_undone", subject=act.queue, detail=told)
    return act


async def acts(session: AsyncSession, queue: str) -> Sequence[ThresholdAct]:
    """Newest first."""
    found = select(ThresholdAct).where(ThresholdAct.queue == queue).order_by(ThresholdAct.id.desc()).limit(20)
    return list(await session.scalars(found))


def with_stretch(
    versions: Iterable[ThresholdVersion], wish: Wish, then: Thresholds, actor: str
) -> list[ThresholdVersion]:
    """The versions with other seconds from the first to the last day; what holds after the last day stays."""
    ordered = sorted(versions, key=lambda one: one.valid_from)
    after = wish.last + timedelta(days=1)
    kept = [one for one in ordered if one.valid_from < wish.first or one.valid_from > after]
    holding = [one for one in ordered if one.valid_from <= after] or ordered[:1]
    inside = ThresholdVersion(wish.first, _wanted(wish, then), actor)
    outside = ThresholdVersion(
        after, holding[-1].thresholds, holding[-1].made_by if holding[-1].valid_from == after else ""
    )
    first = [ThresholdVersion(FIRST_DAY, then)] if not kept or kept[0].valid_from > wish.first else []
    return sorted([*first, *kept, inside, outside], key=lambda one: one.valid_from)


def _wanted(wish: Wish, then: Thresholds) -> Thresholds:
    return Thresholds(
        service_seconds=wish.service_seconds,
        short_abandon_seconds=wish.short_abandon_seconds,
        target_percent=then.target_percent,
    )


async def _tallies(session: AsyncSession, wish: Wish, zone: ZoneInfo) -> dict[date, VisitTally]:
    """Of each day what is stored, or what its rows say where that is not to be believed."""
    columns = tally_columns(QueueDay)
    within = (QueueDay.queue == wish.queue) & QueueDay.day.between(wish.first, wish.last)
    unsure = {wish.first + timedelta(days=place) for place in range((wish.last - wish.first).days + 1)}
    found = {}
    if await is_ready(session, zone):
        due = await session.scalars(
            select(FigureDue.start_at).where(FigureDue.kind == "queue", FigureDue.subject == wish.queue)
        )
        unsure &= {start.astimezone(zone).date() for start in due}
        for row in await session.execute(select(QueueDay.day, *columns).where(within)):
            found[row.day] = stored_tally(row)
    for day in unsure:
        first, last = (quarter_of(midnight(one, zone)) for one in (day, day + timedelta(days=1)))
        tally = VisitTally()
        for part in (await visits_of(session, Stretch(first, last, (wish.queue,)))).values():
            tally.add(part)
        found[day] = tally
    return {day: tally for day, tally in found.items() if any(tally.numbers(Thresholds()))}


async def _recount(session: AsyncSession, wish: Wish, zone: ZoneInfo) -> None:
    """Quarters that are due keep being due; the others and the days are counted from their stored waits."""
    if await take_turn(session) is None:
        return
    await session.flush()
    history = await threshold_history(session)
    start, end = midnight(wish.first, zone), midnight(wish.last + timedelta(days=1), zone)
    slots = (QueueSlot.queue == wish.queue) & (QueueSlot.start_at >= start) & (QueueSlot.start_at < end)
    days = (QueueDay.queue == wish.queue) & QueueDay.day.between(wish.first, wish.last)
    for table, place, within in ((QueueSlot, QueueSlot.start_at, slots), (QueueDay, QueueDay.day, days)):
        rows = []
        for row in await session.execute(select(place.label("place"), *tally_columns(table)).where(within)):
            day = row.place if table is QueueDay else row.place.astimezone(zone).date()
            stored = queue_row(stored_tally(row), wish.queue, day, history)
            rows.append({"at": row.place, **{f"new_{name}": stored[name] for name in _RECOUNTED}})
        if rows:
            kept = cast(Table, table.__table__)
            column = kept.c[place.key]
            change = update(kept).where(kept.c.queue == wish.queue, column == bindparam("at", type_=column.type))
            connection = await session.connection()
            await connection.execute(change.values({name: bindparam(f"new_{name}") for name in _RECOUNTED}), rows)


async def _replace_versions(
    session: AsyncSession, queue: str, versions: Iterable[ThresholdVersion], at: datetime
) -> None:
    await session.execute(delete(QueueThresholds).where(QueueThresholds.queue == queue))
    for one in versions:
        values = {name: value for name, value in _written(one).items() if name not in ("valid_from", "made_by")}
        row = QueueThresholds(queue=queue, valid_from=one.valid_from, made_by=one.made_by[:16], made_at=at, **values)
        session.add(row)
    await session.flush()


def _written(version: ThresholdVersion) -> dict[str, Any]:
    thresholds = version.thresholds
    return {
        "valid_from": version.valid_from.isoformat(),
        "service_seconds": thresholds.service_seconds,
        "short_abandon_seconds": thresholds.short_abandon_seconds,
        "target_percent": thresholds.target_percent,
        "made_by": version.made_by,
    }


def _read(kept: dict[str, Any]) -> ThresholdVersion:
    thresholds = Thresholds(
        service_seconds=kept["service_seconds"],
        short_abandon_seconds=kept["short_abandon_seconds"],
        target_percent=kept["target_percent"],
    )
    return ThresholdVersion(date.fromisoformat(kept["valid_from"]), thresholds, kept["made_by"])
