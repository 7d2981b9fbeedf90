"""Who called again, and the contacts behind each figure of the repeats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.history.model import Contact
from reports.repeat_queries import MATTER, PERSON, around_period, place_of
from reports.repeats import WINDOW, RepeatCaller

MOST_CALLERS, MOST_CONTACTS = 200, 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatContact:
    """One answered inbound contact and its place; `before` and `after` = seconds to the same matter's contacts."""

    contact_id: str
    at: datetime
    kind: str
    queue: str
    agent: str
    customer: str
    number: str
    place: str
    before: float | None
    after: float | None


async def repeat_contacts(
    session: AsyncSession,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    places: Collection[str],
    queues: Sequence[str] = (),
    of: tuple[str, str] | None = None,
    window: timedelta = WINDOW,
    most: int = MOST_CONTACTS,
) -> list[RepeatContact]:
    """Those of `repeats` that count at these places (none = everywhere), oldest first.

    `of` = dimension and value of one line, e.g. ("agent", "1018"), "" = without one; None = all.
    """
    around = around_period(start, end, window)
    place = place_of(around, now, window)
    columns: dict[str, Any] = {
        "kind": around.c.matter, "queue": around.c.queue, "agent": around.c.agent, "dealer": Customer.dealer_id,
    }  # fmt: skip
    asked = (
        select(around, Customer.name, Contact.caller, place)
        .select_from(around)
        .join(Contact, Contact.id == around.c.id)
        .join(Customer, Customer.id == around.c.customer_id, isouter=True)
        .where(around.c.started_at >= start, around.c.started_at < end, around.c.outcome == "answered")
        .order_by(around.c.started_at, around.c.id)
        .limit(most)
    )
    if places:
        asked = asked.where(place.in_(sorted(places)))
    if queues:
        asked = asked.where(around.c.queue.in_(queues))
    if of is not None:
        column, value = columns[of[0]], of[1]
        asked = asked.where(_is(column, value, number=of[0] == "dealer"))
    return [_contact(row) for row in await session.execute(asked)]


def _is(column: Any, value: str, *, number: bool) -> Any:
    if not number:
        return column == value
    return column == int(value) if value.isdecimal() else column.is_(None)


def _contact(row: Any) -> RepeatContact:
    return RepeatContact(
        contact_id=row.id,
        at=row.started_at,
        kind=row.matter,
        queue=row.queue,
        agent=row.agent,
        customer=row.name or "",
        number=row.caller,
        place=row.place,
        before=row.before,
        after=row.after,
    )


async def repeat_callers(
    session: AsyncSession,
    start: datetime,
    end: datetime,
    *,
    queues: Sequence[str] = (),
    kind: str = "",
    least: int = 2,
    most: int = MOST_CALLERS,
) -> list[RepeatCaller]:
    """People with at least `least` inbound contacts of one kind in [start, end), most contacts first."""
    known = and_(PERSON != "", MATTER != "", Contact.direction == "inbound", Contact.outcome.is_not(None))
    count = func.count().label("count")
    found = (
        select(PERSON.label("person"), MATTER.label("matter"), count, func.max(Contact.started_at).label("last"))
        .where(Contact.started_at >= start, Contact.started_at < end, known)
        .where(Contact.queue.in_(queues) if queues else known, MATTER.in_([kind]) if kind else known)
        .group_by(PERSON, MATTER)
        .having(count >= least)
        .order_by(count.desc(), func.max(Contact.started_at).desc())
        .limit(most)
        .cte("found")
    )
    rows = await session.execute(
        select(
            found.c.person,
            found.c.matter,
            Contact.id,
            Contact.customer_id,
            Customer.name,
            Contact.caller,
            and_(Case.id.is_not(None), Case.closed_at.is_(None)).label("case_open"),
        )
        .select_from(found)
        .join(Contact, and_(found.c.person == PERSON, found.c.matter == MATTER))
        .join(Customer, Customer.id == Contact.customer_id, isouter=True)
        .join(Case, Case.id == Contact.case_id, isouter=True)
        .where(Contact.started_at >= start, Contact.started_at < end, known)
        .where(Contact.queue.in_(queues) if queues else known)
        .order_by(found.c.count.desc(), found.c.last.desc(), Contact.started_at)
    )
    return _callers(rows)


def _callers(rows: Any) -> list[RepeatCaller]:
    people: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        people.setdefault((row.person, row.matter), []).append(row)
    return [
        RepeatCaller(
            person=person,
            customer_id=theirs[-1].customer_id,
            customer=theirs[-1].name or "",
            number=theirs[-1].caller,
            kind=matter,
            contacts=len(theirs),
            contact_ids=tuple(row.id for row in theirs),
            open_case=any(row.case_open for row in theirs),
        )
        for (person, matter), theirs in people.items()
    ]
