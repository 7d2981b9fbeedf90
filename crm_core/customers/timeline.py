"""One timeline over every channel: what a customer, or a vehicle, has lived through, the latest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.timeline_calls import with_messages_and_ratings
from crm_core.customers.timeline_facts import RANK, Kind, Place, TimelineEntry, read_cursor
from crm_core.customers.timeline_sources import Scope, Source, sources_of
from crm_core.history.model import Leg, Recording
from crm_core.vehicles.model import VehicleRole

__all__ = [
    "Kind",
    "TimelineEntry",
    "timeline",
    "timeline_and_counts",
    "timeline_counts",
    "vehicle_timeline",
    "vehicle_timeline_counts",
]

LARGEST_PAGE = 200
FLEET = 60  # vehicles; beyond, visits that others brought are told vehicle by vehicle only


class _Page(NamedTuple):
    kinds: Collection[str]
    behind: Place | None
    size: int


def _page(kinds: Collection[str], before: str | None, limit: int) -> _Page:
    return _Page(kinds, read_cursor(before) if before else None, max(1, min(limit, LARGEST_PAGE)))


async def timeline(
    session: AsyncSession,
    customer_id: int,
    *,
    kinds: Collection[str] = (),
    vehicle_id: int | None = None,
    before: str | None = None,
    limit: int = 40,
) -> list[TimelineEntry]:
    """Of these kinds (words of `Kind`, none = all), at most `limit`; `before` is the `cursor` of the last one shown.

    Raises Invalid for an unknown cursor. Unknown kinds have no entries.
    """
    return await _told(session, await _scope(session, customer_id, vehicle_id), _page(kinds, before, limit))


async def timeline_and_counts(
    session: AsyncSession,
    customer_id: int,
    *,
    kinds: Collection[str] = (),
    vehicle_id: int | None = None,
    before: str | None = None,
    limit: int = 40,
) -> tuple[list[TimelineEntry], dict[Kind, int]]:
    """Both in fewer questions: a kind that counts nothing is not asked for."""
    scope = await _scope(session, customer_id, vehicle_id)
    counts = await _counted(session, scope)
    there = {kind for kind, number in counts.items() if number}
    return await _told(session, scope, _page(kinds, before, limit), there), counts


async def timeline_counts(session: AsyncSession, customer_id: int, *, vehicle_id: int | None = None) -> dict[Kind, int]:
    """How many entries of each kind there are; every kind is named."""
    return await _counted(session, await _scope(session, customer_id, vehicle_id))


async def vehicle_timeline(
    session: AsyncSession,
    vehicle_id: int,
    *,
    kinds: Collection[str] = (),
    before: str | None = None,
    limit: int = 40,
) -> list[TimelineEntry]:
    """The life of a vehicle, whoever owned it."""
    return await _told(session, Scope(None, vehicle_id), _page(kinds, before, limit))


async def vehicle_timeline_counts(session: AsyncSession, vehicle_id: int) -> dict[Kind, int]:
    return await _counted(session, Scope(None, vehicle_id))


async def _scope(session: AsyncSession, customer_id: int, vehicle_id: int | None) -> Scope:
    own = select(VehicleRole.vehicle_id).where(VehicleRole.customer_id == customer_id).distinct()
    if vehicle_id is not None:
        vehicles = tuple(await session.scalars(own.where(VehicleRole.vehicle_id == vehicle_id)))
        return Scope(customer_id, vehicle_id, vehicles)
    vehicles = tuple(await session.scalars(own.limit(FLEET + 1)))
    fleet = len(vehicles) > FLEET
    return Scope(customer_id, None, () if fleet else vehicles, fleet)


async def _told(
    session: AsyncSession, scope: Scope, page: _Page, there: Collection[Kind] | None = None
) -> list[TimelineEntry]:
    """`there`: the kinds that have entries at all, when that is known."""
    found: list[TimelineEntry] = []
    there = await _there(session, scope) if there is None else there
    for source in sources_of(scope):
        if source.kind in there and (not page.kinds or source.kind in page.kinds):
            found += await _rows(session, source, scope, page)
    found.sort(key=lambda entry: (-entry.at.timestamp(), RANK[entry.kind]))
    return await _with_talks(session, found[: page.size])


async def _rows(session: AsyncSession, source: Source, scope: Scope, page: _Page) -> list[TimelineEntry]:
    return [source.entry(row) for row in await session.execute(source.page(scope, page.behind, page.size))]


async def _with_talks(session: AsyncSession, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """The calls get the seconds of their talk and the recording of the longest one, in two more queries."""
    calls = [entry.ref for entry in entries if entry.kind is Kind.CALL]
    if not calls:
        return list(entries)
    seconds: dict[str, float] = {}
    legs = select(Leg.contact_id, Leg.answered_at, Leg.ended_at)
    for contact_id, answered, ended in await session.execute(
        legs.where(Leg.contact_id.in_(calls), Leg.agent != "", Leg.answered_at.is_not(None), Leg.ended_at.is_not(None))
    ):
        talked = (ended - answered).total_seconds() if answered and ended else 0.0
        seconds[contact_id] = seconds.get(contact_id, 0.0) + talked
    playable = select(Recording).where(Recording.contact_id.in_(calls), Recording.status.in_(("ready", "cut")))
    sounds: dict[str, Recording] = {}
    for sound in await session.scalars(playable.order_by(Recording.seconds)):
        sounds[sound.contact_id] = sound
    told = [_with_talk(entry, seconds, sounds.get(entry.ref)) for entry in entries]
    return await with_messages_and_ratings(session, told)


def _with_talk(entry: TimelineEntry, seconds: dict[str, float], sound: Recording | None) -> TimelineEntry:
    if entry.kind is not Kind.CALL:
        return entry
    heard = {"recording_id": sound.id, "recording_agent": sound.agent} if sound else {}
    return replace(entry, seconds=seconds.get(entry.ref), **heard)  # type: ignore[arg-type]


async def _counted(session: AsyncSession, scope: Scope) -> dict[Kind, int]:
    counts: list[Select[str, int]] = [_count(source, scope) for source in sources_of(scope)]
    rows = await session.execute(union_all(*counts))
    return dict.fromkeys(Kind, 0) | {Kind(kind): number for kind, number in rows}


async def _there(session: AsyncSession, scope: Scope) -> set[Kind]:
    """The kinds that have an entry: most lives have few, and each kind would cost a question of its own."""
    asked = [select(literal(source.kind.value)).where(_bare(source, scope).exists()) for source in sources_of(scope)]
    return {Kind(kind) for kind in await session.scalars(union_all(*asked))}


def _count(source: Source, scope: Scope) -> Select[str, int]:
    return _bare(source, scope).with_only_columns(literal(source.kind.value), func.count())


def _bare(source: Source, scope: Scope) -> Select[int]:
    # The joins of `rows` show names only, so a count goes without them.
    table: Any = source.row_id.class_
    own: Any = source.rows.whereclause
    statement = select(literal(1)).select_from(table).where(source.fits(scope))
    return statement if own is None else statement.where(own)
