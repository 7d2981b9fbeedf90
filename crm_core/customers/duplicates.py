"""Suggestions of two customers who may be one: found by what they share, kept up to date, decided by people.

Whoever changes a customer through the session need not know of this: `watching` notes it, and a job compares again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.customers.identities import Pair, identities, pairs_of, pairs_of_range
from crm_core.customers.identity_model import CustomerDuplicate, DuplicateCheck, DuplicateRun
from crm_core.customers.matching import SUGGESTED, Match, Reason, compare
from crm_core.customers.model import Customer
from crm_core.customers.watching import watch
from crm_core.db import Base, storable
from crm_core.errors import NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.jobs.actions import schedule

RUN = "all_duplicates"  # the kind of job that compares everybody
_CHECKED_AT_ONCE = 400
_RANGE = 2_000  # customers in one transaction: half a second of work, then others have their turn
_AT_ONCE = 400
watch()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Another customer who may be the same one."""

    suggestion_id: int
    other_id: int
    name: str
    score: int
    reasons: tuple[Reason, ...]


async def suggestions_of(session: AsyncSession, customer_id: int) -> list[Suggestion]:
    """Open suggestions for one customer, the surest first."""
    pair = CustomerDuplicate
    other = func.coalesce(func.nullif(pair.one_id, customer_id), pair.other_id)
    rows = await session.execute(
        select(pair, Customer)
        .join(Customer, Customer.id == other)
        .where(or_(pair.one_id == customer_id, pair.other_id == customer_id), pair.state == "open")
        .where(Customer.merged_into_id.is_(None))
        .order_by(pair.score.desc(), pair.id)
        .limit(20)
    )
    return [
        Suggestion(
            suggestion_id=row.id, other_id=customer.id, name=customer.name, score=row.score, reasons=reasons_of(row)
        )
        for row, customer in rows
    ]


def reasons_of(row: CustomerDuplicate) -> tuple[Reason, ...]:
    return tuple(Reason(one["kind"], one["value"], one["points"]) for one in row.reasons)


async def refuse(
    session: AsyncSession, one_id: int, other_id: int, *, note: str = "", actor: str, at: datetime
) -> None:
    """不是同一人: never suggested again, until somebody takes it back. Raises NotFound for an unknown customer."""
    row = await _decided(session, one_id, other_id, at)
    if row.state == "merged":
        raise Refused("These two were merged meanwhile. Undo that first.")
    row.state, row.decided_at, row.decided_by, row.note = "refused", at, storable(actor, 16), storable(note, 120)
    await audit(session, at=at, actor=actor, action="duplicate_refused", subject=_subject(row), detail=note)


async def reopen(session: AsyncSession, one_id: int, other_id: int, *, actor: str, at: datetime) -> None:
    """Take a refusal back: compared again at once."""
    row = await _decided(session, one_id, other_id, at)
    row.state, row.decided_at, row.decided_by, row.note = "open", None, "", ""
    await session.flush()
    await check(session, (one_id, other_id), at=at)
    await audit(session, at=at, actor=actor, action="duplicate_reopened", subject=_subject(row))


async def _decided(session: AsyncSession, one_id: int, other_id: int, at: datetime) -> CustomerDuplicate:
    first, second = sorted((one_id, other_id))
    row = await session.scalar(
        select(CustomerDuplicate).where(CustomerDuplicate.one_id == first, CustomerDuplicate.other_id == second)
    )
    if row is not None:
        return row
    known = await session.scalars(select(Customer.id).where(Customer.id.in_((first, second))))
    if first == second or len(known.all()) < 2:
        raise NotFound("There is no such customer.")
    row = CustomerDuplicate(one_id=first, other_id=second, score=0, reasons=[], found_at=at)
    session.add(row)
    return row


def _subject(row: CustomerDuplicate) -> str:
    return f"customer/{row.one_id}+{row.other_id}"


async def check(session: AsyncSession, ids: Collection[int], *, at: datetime) -> int:
    """Compare these customers with everybody again; gives how many suggestions are new. Decisions of people stay."""
    found = 0
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        pairs = await pairs_of(session, some)
        mine = or_(CustomerDuplicate.one_id.in_(some), CustomerDuplicate.other_id.in_(some))
        found += await _keep(session, pairs, mine, at)
    return found


async def _keep(session: AsyncSession, pairs: set[Pair], mine: Any, at: datetime) -> int:
    """Write what the pairs' comparison gives; an open suggestion among `mine` that no longer holds is taken out."""
    known = {(row.one_id, row.other_id): row for row in await session.scalars(select(CustomerDuplicate).where(mine))}
    facts = await identities(session, {one for pair in (*pairs, *known) for one in pair})
    fresh = []
    for pair in pairs | set(known):
        one, other = (facts.get(customer_id) for customer_id in pair)
        match = compare(one, other) if one and other else Match(0, ())
        row = known.get(pair)
        if row is None and match.score >= SUGGESTED:
            fresh.append({**_written(match), "one_id": pair[0], "other_id": pair[1], "found_at": at})
        elif row is not None and row.state == "open" and match.score < SUGGESTED:
            await session.delete(row)
        elif row is not None and row.state == "open" and row.score != match.score:
            row.score, row.reasons = match.score, _written(match)["reasons"]
    if fresh:
        await session.execute(insert(CustomerDuplicate), fresh)
    await session.flush()
    return len(fresh)


def _written(match: Match) -> dict[str, Any]:
    reasons = [{"kind": one.kind, "value": one.value, "points": one.points} for one in match.reasons]
    return {"score": match.score, "reasons": reasons}


async def mark(session: AsyncSession, ids: Iterable[int]) -> None:
    """Note that these customers changed, where the change went round the session's objects (an import, a merge)."""
    rows = [{"customer_id": customer_id} for customer_id in sorted(set(ids))]
    if rows:
        await session.execute(insert(Base.metadata.tables[DuplicateCheck.__tablename__]), rows)


async def is_crowd(session: AsyncSession) -> bool:
    """Whether more wait to be compared than are looked at beside the calls."""
    ids = select(DuplicateCheck.id).limit(_CHECKED_AT_ONCE).subquery()
    return await session.scalar(select(func.count()).select_from(ids)) == _CHECKED_AT_ONCE


async def check_marked(session: AsyncSession, at: datetime) -> bool:
    """Compare who changed, some hundreds at a time; whether there are more."""
    rows = await session.scalars(select(DuplicateCheck).order_by(DuplicateCheck.id).limit(_CHECKED_AT_ONCE))
    marks = list(rows)
    await check(session, {one.customer_id for one in marks}, at=at)
    await session.execute(delete(DuplicateCheck).where(DuplicateCheck.id.in_([one.id for one in marks])))
    return len(marks) == _CHECKED_AT_ONCE


async def compare_all(session: AsyncSession, *, actor: str, at: datetime) -> DuplicateRun:
    """Begin a comparison of all customers; one that runs goes on. Its progress is `last_run`."""
    running = await session.scalar(select(DuplicateRun).where(DuplicateRun.ended_at.is_(None)))
    if running is not None:
        return running
    last_id = await session.scalar(select(func.max(Customer.id))) or 0
    run = DuplicateRun(position=0, last_id=last_id, found=0, began_at=at, began_by=storable(actor, 16))
    session.add(run)
    await session.flush()
    await schedule(session, RUN, "site", at)
    await audit(session, at=at, actor=actor, action="duplicates_compared", subject=f"duplicate_run/{run.id}")
    return run


async def last_run(session: AsyncSession) -> DuplicateRun | None:
    return await session.scalar(select(DuplicateRun).order_by(DuplicateRun.id.desc()).limit(1))


async def compare_next(session: AsyncSession, at: datetime) -> bool:
    """One range of customers of the comparison that runs; whether there are more."""
    run = await session.scalar(select(DuplicateRun).where(DuplicateRun.ended_at.is_(None)))
    if run is None:
        return False
    until = min(run.position + _RANGE, run.last_id)
    run.found += await compare_range(session, run.position, until, at=at)
    run.position = until
    if until < run.last_id:
        return True
    run.ended_at = at
    await tell(session, "duplicates.compared", f"duplicate_run/{run.id}", {"found": run.found}, at=at)
    return False


async def compare_range(session: AsyncSession, after: int, until: int, *, at: datetime) -> int:
    """Every pair whose smaller id lies in (after, until]; gives how many suggestions are new."""
    pairs = await pairs_of_range(session, after, until)
    mine = and_(CustomerDuplicate.one_id > after, CustomerDuplicate.one_id <= until)
    return await _keep(session, pairs, mine, at)
