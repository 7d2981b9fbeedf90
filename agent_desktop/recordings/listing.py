"""The list of recordings: its filters as they stand in the address, what they find, and what a line tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.access.roles import Permission, may
from crm_core.customers.model import Customer
from crm_core.customers.queries import SearchHit, search
from crm_core.history.model import Contact, Recording
from crm_core.history.recording_list import (
    RecordingFilter,
    recordings_of_customer,
    recordings_of_number,
)
from crm_core.phone import to_e164
from crm_core.transcripts.queries import topics_said
from crm_core.vehicles.model import Vehicle
from recording.policy import NOBODYS, Listener

LENGTHS: Mapping[str, tuple[float | None, float | None]] = {
    "under30s": (None, 30.0),
    "to5m": (30.0, 300.0),
    "to15m": (300.0, 900.0),
    "over15m": (900.0, None),
}
"""Seconds, from and below."""
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict. `first` and `last` are days."""

    q: str = ""
    words: str = ""
    first: str = ""
    last: str = ""
    queue: str = ""
    agent: str = ""
    direction: str = ""
    kind: str = ""
    length: str = ""
    status: str = ""
    topic: str = ""
    side: str = ""
    shared: str = ""
    customer: int | None = None
    cursor: str = ""

    def address(self, **changes: object) -> str:
        """The list's address with these filters changed; a changed filter starts from the top."""
        wanted = {name: getattr(self, name) for name in self.__slots__ if name != "cursor"} | changes
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"/recordings?{query}" if query else "/recordings"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLine:
    """One row. `topics` are those of which a word was said."""

    recording: Recording
    contact: Contact
    customer: str
    plate: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom the text of the search names. `hits` are several customers to choose from; `none` = nobody."""

    among: Collection[int] | None = None
    hits: tuple[SearchHit, ...] = ()

    @property
    def nobody(self) -> bool:
        return self.among is not None and not self.among


async def named_by(session: AsyncSession, asked: Asked) -> Who:
    """A number is looked up as the caller; any other text names a customer, by name, plate or VIN."""
    if asked.customer:
        return Who(among=await recordings_of_customer(session, asked.customer))
    if not asked.q.strip():
        return Who()
    if number := to_e164(asked.q):
        return Who(among=await recordings_of_number(session, number))
    hits = await search(session, asked.q)
    if len(hits) == 1:
        return Who(among=await recordings_of_customer(session, hits[0].customer.customer_id))
    return Who(among=(), hits=tuple(hits))


def filter_of(asked: Asked, listener: Listener, zone: tzinfo, among: Collection[int] | None) -> RecordingFilter:
    """What is asked for, of what this person may hear."""
    shortest, longest = LENGTHS.get(asked.length, (None, None))
    first, last = _day(asked.first), _day(asked.last)
    shared = listener.shared
    if asked.shared:
        among = shared if among is None else set(among) & shared
    return RecordingFilter(
        start=clock.day_bounds(first, zone)[0] if first else None,
        end=clock.day_bounds(last, zone)[1] if last else None,
        queue=asked.queue,
        agent=asked.agent,
        direction=asked.direction,
        kind=asked.kind,
        status=asked.status,
        shortest=shortest,
        longest=longest,
        of=listed_for(listener),
        also=shared,
        among=among,
    )


def listed_for(listener: Listener) -> frozenset[str] | None:
    """The agents whose recordings this person may hear, as recording.policy decides for each; None = everybody's."""
    if may(listener.roles, Permission.HEAR_ALL_RECORDINGS):
        return None
    agents: frozenset[str] = frozenset()
    if may(listener.roles, Permission.HEAR_OWN_RECORDINGS) and listener.number:
        agents |= {listener.number, ""}
    if may(listener.roles, Permission.HEAR_TEAM_RECORDINGS):
        agents |= listener.team.union(NOBODYS)
    return agents


async def lines_of(session: AsyncSession, rows: Sequence[Recording]) -> list[RecordingLine]:
    """The same recordings with what the list shows beside them, in four questions however many they are."""
    ids = {row.contact_id for row in rows}
    found = await session.execute(
        select(Contact, Customer.name, Vehicle.plate)
        .outerjoin(Customer, Customer.id == Contact.customer_id)
        .outerjoin(Vehicle, Vehicle.id == Contact.vehicle_id)
        .where(Contact.id.in_(ids))
    )
    around = {row[0].id: row for row in found}
    topics = await topics_said(session, [row.id for row in rows])
    return [
        RecordingLine(
            recording=row,
            contact=around[row.contact_id][0],
            customer=around[row.contact_id][1] or "",
            plate=around[row.contact_id][2] or "",
            topics=tuple(topics.get(row.id, ())),
        )
        for row in rows
    ]


def span_of(asked: Asked, today: date) -> str:
    """Which of the ready-made spans is chosen: today, week, month, "" = all, other = days that were typed."""
    if not asked.first and not asked.last:
        return ""
    days = {"today": 0, "week": 6, "month": 29}
    for name, back in days.items():
        if asked.first == str(date.fromordinal(today.toordinal() - back)) and asked.last in ("", str(today)):
            return name
    return "other"


def first_day(span: str, now: datetime, zone: tzinfo) -> str:
    """Where a ready-made span begins."""
    today = now.astimezone(zone).date()
    return str(date.fromordinal(today.toordinal() - {"today": 0, "week": 6, "month": 29}[span]))


def _day(text: str) -> date | None:
    """A day that cannot be read does not restrict."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
