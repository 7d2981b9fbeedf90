"""What came and how long it took, by queue and half hour of the site's day: what a forecast learns from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.forecasts.model import PastVolume
from crm_core.history.model import AgentStint, Contact, Leg, QueueVisit
from crm_core.workforce.holidays import SpecialDay
from reports.forecast import Day
from reports.intervals import queue_intervals
from reports.periods import LONGEST_DAYS, Period, Step, midnight

SLOTS = 48
KNOWN_DAYS = 91
HANDLING_DAYS = 21
USUAL_HANDLING, USUAL_PATIENCE = 180.0, 120.0
PRIOR_CALLS = 30  # so many calls of the mean are mixed into each half hour, so that two long calls are no rule
LEAST_LEFT = 20  # callers who gave up: of fewer no patience is reckoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`days` in order, none of them today. `handling` in seconds by half hour; `patience` the mean in seconds."""

    days: tuple[Day, ...] = ()
    handling: tuple[float, ...] = (USUAL_HANDLING,) * SLOTS
    patience: float = USUAL_PATIENCE
    today: tuple[float, ...] = (0.0,) * SLOTS


def kind_of(special: SpecialDay | None) -> str:
    """As reports.forecast names kinds of days: "" ordinary, holiday, work (a weekend day worked for a holiday)."""
    return "" if special is None else "holiday" if special.kind == "holiday" else "work"


async def pasts(
    session: AsyncSession, queues: Sequence[str], now: datetime, zone: ZoneInfo, special: Mapping[date, SpecialDay]
) -> dict[str, Past]:
    """The last `KNOWN_DAYS` days of each queue. Days from before the first visit of the site are older volumes, where
    there are any. Today's callers so far stand apart."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=KNOWN_DAYS)
    counts, begins = await _arrivals(session, first, now, zone), await _began(session, queues, zone)
    older = await _older(session, first, today)
    handling = await _handling(session, now - timedelta(days=HANDLING_DAYS), now, zone)
    patience = await _patience(session, now - timedelta(days=HANDLING_DAYS), now)
    found = {}
    for queue in queues:
        days = []
        for ahead in range(KNOWN_DAYS):
            on = first + timedelta(days=ahead)
            is_ours = begins is not None and on >= begins
            told = counts.get((queue, on), (0.0,) * SLOTS) if is_ours else older.get((queue, on))
            if told is not None:
                days.append(Day(on, told, kind_of(special.get(on))))
        found[queue] = Past(
            days=tuple(days),
            handling=handling.get(queue, (USUAL_HANDLING,) * SLOTS),
            patience=patience.get(queue, USUAL_PATIENCE),
            today=counts.get((queue, today), (0.0,) * SLOTS),
        )
    return found


def slot_at(at: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The day of the site and its half hour by the clock on the wall."""
    local = at.astimezone(zone)
    return local.date(), local.hour * 2 + local.minute // 30


async def _arrivals(
    session: AsyncSession, first: date, now: datetime, zone: ZoneInfo
) -> dict[tuple[str, date], tuple[float, ...]]:
    """Visits that began, by queue and day: of days that are over by the stored figures, of today by the visits."""
    today = now.astimezone(zone).date()
    found: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0] * SLOTS)
    longest = LONGEST_DAYS[Step.HALF_HOUR]
    for ahead in range(0, (today - first).days, longest):
        begins = first + timedelta(days=ahead)
        last = min(begins + timedelta(days=longest - 1), today - timedelta(days=1))
        period = Period(first=begins, last=last, step=Step.HALF_HOUR, zone=zone)
        for interval in await queue_intervals(session, period):
            on, slot = slot_at(interval.span.start, zone)
            for queue, counts in interval.queues.items():
                found[queue, on][slot] += counts.offered
    rows = await session.execute(
        select(QueueVisit.queue, QueueVisit.entered_at)
        .where(QueueVisit.entered_at >= midnight(today, zone), QueueVisit.entered_at < now)
        .where(func.coalesce(QueueVisit.result, "") != "overflow")
    )
    for queue, entered in rows:
        on, slot = slot_at(entered, zone)
        found[queue, on][slot] += 1
    return {key: tuple(row) for key, row in found.items()}


async def _began(session: AsyncSession, queues: Sequence[str], zone: ZoneInfo) -> date | None:
    """The first day of the history; None = it has none. Asked queue by queue, as the index is."""
    earliest = [
        at
        for queue in queues
        if (at := await session.scalar(select(func.min(QueueVisit.entered_at)).where(QueueVisit.queue == queue)))
    ]
    return min(earliest).astimezone(zone).date() if earliest else None


async def _older(session: AsyncSession, first: date, until: date) -> dict[tuple[str, date], tuple[float, ...]]:
    rows = await session.scalars(select(PastVolume).where(PastVolume.day >= first, PastVolume.day < until))
    return {(row.queue, row.day): tuple(float(count) for count in row.counts) for row in rows}


async def _handling(
    session: AsyncSession, start: datetime, end: datetime, zone: ZoneInfo
) -> dict[str, tuple[float, ...]]:
    """Talk with hold, and after-call work, of calls that were answered in [start, end)."""
    talks = await session.execute(
        select(Leg.queue, Leg.answered_at, Leg.ended_at).where(
            Leg.offered_at >= start, Leg.offered_at < end, Leg.answered_at.is_not(None), Leg.ended_at.is_not(None)
        )
    )
    spent: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for queue, answered, ended in talks:
        if answered and ended:
            spent[queue].append((slot_at(answered, zone)[1], (ended - answered).total_seconds()))
    written = await session.execute(
        select(Contact.queue, AgentStint.began_at, AgentStint.ended_at)
        .join(Contact, Contact.id == AgentStint.contact_id)
        .where(AgentStint.began_at >= start, AgentStint.began_at < end)
        .where(AgentStint.state == "wrap_up", AgentStint.ended_at.is_not(None), Contact.direction == "inbound")
    )
    after: dict[str, float] = defaultdict(float)
    for queue, began, ended in written:
        after[queue] += (ended - began).total_seconds() if ended else 0.0
    return {queue: _smoothed(rows, after[queue]) for queue, rows in spent.items()}


def _smoothed(rows: Sequence[tuple[int, float]], written: float) -> tuple[float, ...]:
    wrap_up = written / len(rows)
    mean = sum(seconds for _, seconds in rows) / len(rows)
    sums, counts = [0.0] * SLOTS, [0] * SLOTS
    for slot, seconds in rows:
        sums[slot] += seconds
        counts[slot] += 1
    return tuple(
        (total + PRIOR_CALLS * mean) / (count + PRIOR_CALLS) + wrap_up
        for total, count in zip(sums, counts, strict=True)
    )


async def _patience(session: AsyncSession, start: datetime, end: datetime) -> dict[str, float]:
    """All waiting by those who gave up: the likeliest mean of an exponential patience of which answered callers only
    show that it was longer (Mandelbaum & Zeltyn, "Service Engineering in Action", 2007)."""
    waited = await session.execute(
        select(QueueVisit.queue, QueueVisit.result, func.count(), func.sum(QueueVisit.wait_seconds))
        .where(QueueVisit.entered_at >= start, QueueVisit.entered_at < end)
        .where(QueueVisit.result.in_(("answered", "abandoned")))
        .group_by(QueueVisit.queue, QueueVisit.result)
    )
    seconds: dict[str, float] = defaultdict(float)
    left: dict[str, int] = defaultdict(int)
    for queue, result, count, wait in waited:
        seconds[queue] += float(wait or 0.0)
        left[queue] += count if result == "abandoned" else 0
    return {queue: max(seconds[queue] / left[queue], 10.0) for queue in seconds if left[queue] >= LEAST_LEFT}
