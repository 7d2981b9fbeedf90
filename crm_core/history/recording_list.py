"""The list of recordings, the latest first, narrowed by what stands in the recording's own row; any number of them.

Everything that narrows is in this one table, each by an index that ends in the order of the list, so that a page costs
the same among a thousand as among a million. What other tables know (a customer's calls, a word that was said) is
found first and given as `among`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import from_instant, instant
from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.history.model import Contact, Recording

LARGEST_PAGE = 200
MOST_EACH = 60
"""Agents whose recordings are looked up one by one; of more the latest of all are read until a page is full."""
RARE = ("recording", "missing", "cut")
MOST_AMONG = 5_000
"""Recordings that may be given as `among`, the latest of them."""
TALK, MESSAGE, SURVEY = "talk", "message", "survey"
_NOBODYS = {MESSAGE: "", SURVEY: "survey"}
"""In the place of the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFilter:
    """What is not set does not restrict. `start` and `end` are a half-open interval, `shortest` and `longest` seconds.

    `kind`: talk, message or survey. `of` are the agents whose recordings may be listed, None = everybody's; `also`
    recordings that may be listed whoever talked. `among`: no others.
    """

    start: datetime | None = None
    end: datetime | None = None
    queue: str = ""
    agent: str = ""
    direction: str = ""
    kind: str = ""
    status: str = ""
    shortest: float | None = None
    longest: float | None = None
    of: frozenset[str] | None = frozenset()
    also: frozenset[int] = frozenset()
    among: Collection[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPage:
    """The latest first. `next_cursor` "" = this is the last page."""

    recordings: tuple[Recording, ...]
    next_cursor: str


async def recording_page(
    session: AsyncSession, wanted: RecordingFilter, *, cursor: str = "", limit: int = 50
) -> RecordingPage:
    """One page. The cursor names a place, so that nothing shifts it. Raises Invalid for none."""
    size = max(1, min(limit, LARGEST_PAGE))
    behind = [_behind(cursor)] if cursor else []
    if wanted.among is not None:
        rows = await _among(session, wanted, behind)
    else:
        rows = list(await session.scalars(listed(wanted, behind, size + 1)))
    more = len(rows) > size
    return RecordingPage(recordings=tuple(rows[:size]), next_cursor=_write_cursor(rows[size - 1]) if more else "")


async def recordings_of_customer(session: AsyncSession, customer_id: int) -> list[int]:
    """All of a customer's calls, at most MOST_AMONG."""
    return await _of_contacts(session, Contact.customer_id == customer_id)


async def recordings_of_number(session: AsyncSession, e164: str) -> list[int]:
    """Of calls from or to this number."""
    return await _of_contacts(session, Contact.caller == e164)


async def recordings_of_vehicle(session: AsyncSession, vehicle_id: int) -> list[int]:
    """Of calls that were about this vehicle."""
    return await _of_contacts(session, Contact.vehicle_id == vehicle_id)


_ORDER = (Recording.started_at.desc(), Recording.id.desc())


def listed(wanted: RecordingFilter, behind: Sequence[ColumnElement[bool]], most: int) -> Select[Recording]:
    """The latest. Of some agents each one's latest are found first: one who has none of late would cost all of them."""
    if not _each_by_itself(wanted):
        return select(Recording).where(*_conditions(wanted), *behind).order_by(*_ORDER).limit(most)
    narrowed = (*_conditions(replace(wanted, of=None)), *behind)
    whose: list[ColumnElement[bool]] = [Recording.agent == agent for agent in sorted(wanted.of or ())]
    whose += [Recording.id.in_(sorted(wanted.also))] if wanted.also else []
    parts = [
        select(Recording.started_at, Recording.id).where(one, *narrowed).order_by(*_ORDER).limit(most).subquery()
        for one in whose
    ]
    all_of_them = union(*(select(part.c.started_at, part.c.id) for part in parts)).subquery()
    latest = select(all_of_them.c.id).order_by(all_of_them.c.started_at.desc(), all_of_them.c.id.desc()).limit(most)
    return select(Recording).where(Recording.id.in_(latest)).order_by(*_ORDER)


def _each_by_itself(wanted: RecordingFilter) -> bool:
    """What narrows more than an agent does has an index of its own."""
    narrow = wanted.queue or wanted.direction or wanted.agent or wanted.status in RARE
    return bool(wanted.of) and len(wanted.of or ()) <= MOST_EACH and not narrow


async def _of_contacts(session: AsyncSession, which: ColumnElement[bool]) -> list[int]:
    found = select(Recording.id).join(Contact, Contact.id == Recording.contact_id).where(which)
    return list(await session.scalars(found.order_by(Contact.started_at.desc()).limit(MOST_AMONG)))


async def _among(session: AsyncSession, wanted: RecordingFilter, behind: list[ColumnElement[bool]]) -> list[Recording]:
    """Put in order here: asked for the order, a database may read the whole table in it instead of these few."""
    numbers = sorted(set(wanted.among or ()), reverse=True)[:MOST_AMONG]
    rows: list[Recording] = []
    for at in range(0, len(numbers), 500):
        part = Recording.id.in_(numbers[at : at + 500])
        rows += await session.scalars(select(Recording).where(part, *_conditions(wanted), *behind))
    return sorted(rows, key=lambda row: (row.started_at, row.id), reverse=True)


def _conditions(wanted: RecordingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start:
        conditions.append(Recording.started_at >= wanted.start)
    if wanted.end:
        conditions.append(Recording.started_at < wanted.end)
    texts = (
        (Recording.queue, wanted.queue),
        (Recording.agent, wanted.agent),
        (Recording.direction, wanted.direction),
        (Recording.status, wanted.status),
    )
    conditions += [column == storable(text, 40) for column, text in texts if text]
    if wanted.kind in _NOBODYS:
        conditions.append(Recording.agent == _NOBODYS[wanted.kind])
    elif wanted.kind == TALK:
        conditions.append(Recording.agent.not_in(_NOBODYS.values()))
    if wanted.shortest is not None:
        conditions.append(Recording.seconds >= wanted.shortest)
    if wanted.longest is not None:
        conditions.append(Recording.seconds < wanted.longest)
    return [*conditions, *_listed(wanted)]


def _listed(wanted: RecordingFilter) -> list[ColumnElement[bool]]:
    """Deny by default: whose are not named are not listed."""
    if wanted.of is None:
        return []
    theirs = Recording.agent.in_(sorted(wanted.of))
    return [or_(theirs, Recording.id.in_(sorted(wanted.also))) if wanted.also else theirs]


def _behind(cursor: str) -> ColumnElement[bool]:
    try:
        microseconds, number = cursor.split("~", 1)
        at, last = from_instant(int(microseconds) / 1_000_000), int(number)
    except (ValueError, OverflowError, OSError) as unusable:
        raise Invalid("This place in the list is unknown. Start from the top.", field="cursor") from unusable
    if not 0 <= last < 2**31:
        raise Invalid("This place in the list is unknown. Start from the top.", field="cursor")
    return and_(
        Recording.started_at <= at,
        or_(Recording.started_at < at, and_(Recording.started_at == at, Recording.id < last)),
    )


def _write_cursor(last: Recording) -> str:
    return f"{instant(last.started_at) * 1_000_000:.0f}~{last.id}"
