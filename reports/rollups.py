"""Keeps the stored figures: due quarters of an hour are counted again from their rows, then the days they lie in.

Counting is the same whoever asks for it, how often, and in which order: a quarter's figures are replaced by what its
rows say. A transaction replaces quarters, their days, and takes the dues away, so that a day is always the sum of its
quarters. All who write figures take the row of FigureBasis first and so come one after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.db import Database
from crm_core.figures.model import FigureBasis, FigureDue
from crm_core.figures.quarters import quarter_of
from crm_core.figures.thresholds import keep_first_versions
from crm_core.history.model import AgentStint, Leg, QueueVisit
from reports.counting import agents_known, queues_known, stretches
from reports.periods import midnight
from reports.stored_rows import clear_day, replace_figures

log = structlog.get_logger(__name__)

VERSION = 1
"""Of the way of counting: what another version stored is counted anew."""
AT_ONCE = 300  # dues in one transaction: other writers wait less than a tenth of a second
PACE_SECONDS = 10.0  # a report that is asked meanwhile adds what is due by itself
RETRY_SECONDS = 5.0
MOST_REST_SECONDS = 60.0  # a change of thresholds writes no history


async def basis_of(session: AsyncSession) -> FigureBasis | None:
    """What the stored figures stand on; None = nothing was counted yet."""
    found = await session.get(FigureBasis, 1, populate_existing=True)
    return found if found is not None and found.version == VERSION else None


async def take_turn(session: AsyncSession) -> FigureBasis | None:
    """Write figures after this only: until the end of the transaction nobody else does. None = there is no basis."""
    await session.execute(update(FigureBasis).where(FigureBasis.id == 1).values(turn=FigureBasis.turn + 1))
    return await basis_of(session)


async def count_due(session: AsyncSession, limit: int = AT_ONCE) -> int:
    """Count again what is due, the oldest first; gives how many dues were taken away, 0 = there were none."""
    if await session.scalar(select(FigureDue.id).limit(1)) is None:
        return 0
    basis = await take_turn(session)
    if basis is None:
        return 0
    rows = await session.execute(
        select(FigureDue.id, FigureDue.kind, FigureDue.start_at, FigureDue.subject).order_by(FigureDue.id).limit(limit)
    )
    due: dict[str, set[tuple[int, str]]] = {"queue": set(), "agent": set()}
    taken = []
    for number, kind, start, subject in rows:
        taken.append(number)
        due[kind].add((quarter_of(start), subject))
    await session.execute(delete(FigureDue).where(FigureDue.id.in_(taken)))
    await replace_figures(session, ZoneInfo(basis.zone), queues=stretches(due["queue"]), agents=stretches(due["agent"]))
    return len(taken)


async def count_days(
    database: Database,
    first: date,
    last: date,
    *,
    told: Callable[[date], object] = lambda _day: None,
) -> None:
    """Count every quarter of these days anew, a day per transaction; `told` is called after each.

    Changes meanwhile are due and counted after it. Raises LookupError when there is no basis to count on.
    """
    async with database.begin() as session:
        queues, agents = await queues_known(session), await agents_known(session)
    day = first
    while day <= last:
        async with database.begin() as session:
            basis = await take_turn(session)
            if basis is None:
                raise LookupError("figures have no basis")
            zone = ZoneInfo(basis.zone)
            bounds = quarter_of(midnight(day, zone)), quarter_of(midnight(day + timedelta(days=1), zone))
            await clear_day(session, day, zone)
            await replace_figures(
                session,
                zone,
                queues=stretches((quarter, queue) for quarter in range(*bounds) for queue in queues),
                agents=stretches((quarter, agent) for quarter in range(*bounds) for agent in agents),
            )
            if not basis.ready:
                basis.built_until = day
        told(day)
        day += timedelta(days=1)


async def days_with_history(session: AsyncSession, zone: ZoneInfo) -> tuple[date, date] | None:
    """The first and the last day of the site of which there is anything to count."""
    columns = (QueueVisit.entered_at, AgentStint.began_at, AgentStint.ended_at, Leg.offered_at, Leg.ended_at)
    edges: list[datetime] = []
    for column in columns:
        for edge in (func.min, func.max):
            at = await session.scalar(select(edge(column)))
            edges += [at] if at is not None else []
    if not edges:
        return None
    return min(edges).astimezone(zone).date(), max(edges).astimezone(zone).date()


async def build(database: Database, zone: ZoneInfo, *, told: Callable[[date, date], object] | None = None) -> None:
    """Count everything anew if what is stored stands on another zone or way of counting, or was not finished.

    Goes on where it was broken off. `told` hears the day that was counted and the last one.
    """
    async with database.begin() as session:
        basis = await session.get(FigureBasis, 1)
        if basis is None:
            basis = FigureBasis(id=1, zone=zone.key, version=VERSION, turn=0, ready=False)
            session.add(basis)
        if (basis.zone, basis.version) != (zone.key, VERSION):
            basis.zone, basis.version, basis.ready, basis.built_until = zone.key, VERSION, False, None
        if basis.ready:
            return
        await keep_first_versions(session, clock.now())
        built, edges = basis.built_until, await days_with_history(session, zone)
    if edges is not None:
        first, last = edges
        first = first if built is None else built + timedelta(days=1)
        await count_days(database, first, last, told=lambda day: told(day, last) if told else None)
    async with database.begin() as session:
        basis = await take_turn(session)
        if basis is not None:
            basis.ready, basis.built_until = True, None


async def is_built(database: Database, zone: ZoneInfo) -> bool:
    """Whether what is stored can be believed, once what is due is counted."""
    async with database.begin() as session:
        return await is_ready(session, zone)


async def is_ready(session: AsyncSession, zone: ZoneInfo) -> bool:
    """The same within a session."""
    basis = await basis_of(session)
    return basis is not None and basis.ready and basis.zone == zone.key


async def keep_figures(
    database: Database,
    zone: ZoneInfo,
    *,
    build_missing: Callable[[], Awaitable[object]],
    wake: Callable[[], Awaitable[object]],
    pace_seconds: float = PACE_SECONDS,
) -> None:
    """Until cancelled: build what is missing, then count what becomes due. `wake` returns when rows were written."""
    while True:
        try:
            if not await is_built(database, zone):
                await build_missing()
            await _count_all(database)
        except (SQLAlchemyError, OSError) as fault:
            log.warning("figures: could not be counted, what is due stays due", error=str(fault)[:300])
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await asyncio.sleep(pace_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOST_REST_SECONDS):
                await wake()


async def _count_all(database: Database) -> None:
    counted = AT_ONCE
    while counted:
        async with database.begin() as session:
            counted = await count_due(session)
