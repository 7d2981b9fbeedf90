"""Reading marks: the score of a number that calls, and the list that supervisors look through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.model import BlockedNumber, Customer, CustomerPhone
from crm_core.nuisance.model import NuisanceMark
from crm_core.nuisance.scoring import Counted, effective, has_supervisors_word, score

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedNumber:
    """A number with its marks, the latest first. `acts_as` is the score that the menu gets, `customer` "" = unknown."""

    e164: str
    score: int
    acts_as: int
    marks: tuple[NuisanceMark, ...]
    customer_id: int | None
    customer: str
    open_cases: int
    blocked: bool
    supervisors_word: bool


async def nuisance_score(session: AsyncSession, e164: str, now: datetime) -> int:
    """0 to 100 for a caller's number; the index finds nothing for nearly everybody."""
    marks = await _counted(session, e164)
    if not marks:
        return 0
    open_case = exists().where(
        Case.customer_id == CustomerPhone.customer_id, Case.closed_at.is_(None), CustomerPhone.e164 == e164
    )
    return effective(marks, now, has_open_case=bool(await session.scalar(select(open_case))))


async def marks_of(session: AsyncSession, e164: str) -> list[NuisanceMark]:
    """Those that were not taken back, the latest first."""
    wanted = select(NuisanceMark).where(NuisanceMark.e164 == e164, NuisanceMark.undone_at.is_(None))
    return list(await session.scalars(wanted.order_by(NuisanceMark.at.desc(), NuisanceMark.id.desc()).limit(50)))


async def marked_numbers(session: AsyncSession, now: datetime) -> list[MarkedNumber]:
    """Every number with a mark that counts, the surest first; at most `MOST`, the latest marked."""
    latest = (
        select(NuisanceMark.e164)
        .where(NuisanceMark.undone_at.is_(None))
        .group_by(NuisanceMark.e164)
        .order_by(func.max(NuisanceMark.at).desc())
        .limit(MOST)
    )
    numbers = list(await session.scalars(latest))
    wanted = select(NuisanceMark).where(NuisanceMark.e164.in_(numbers), NuisanceMark.undone_at.is_(None))
    marks: dict[str, list[NuisanceMark]] = defaultdict(list)
    for mark in await session.scalars(wanted.order_by(NuisanceMark.at.desc(), NuisanceMark.id.desc())):
        marks[mark.e164].append(mark)
    blocked = set(await session.scalars(select(BlockedNumber.e164).where(BlockedNumber.e164.in_(numbers))))
    known = await _known(session, numbers)
    lines = [_line(number, marks[number], known.get(number), number in blocked, now) for number in numbers]
    return sorted(lines, key=lambda line: (-line.score, line.e164))


async def _counted(session: AsyncSession, e164: str) -> list[Counted]:
    rows = await session.execute(
        select(NuisanceMark.by, NuisanceMark.weight, NuisanceMark.at).where(
            NuisanceMark.e164 == e164, NuisanceMark.undone_at.is_(None)
        )
    )
    return [Counted(*row) for row in rows]


async def _known(session: AsyncSession, numbers: Sequence[str]) -> dict[str, tuple[int, str, int]]:
    """Number -> a customer's id, name and how many open cases all who have the number have."""
    open_cases = select(func.count()).where(Case.customer_id == Customer.id, Case.closed_at.is_(None)).scalar_subquery()
    rows = await session.execute(
        select(CustomerPhone.e164, Customer.id, Customer.name, open_cases)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(CustomerPhone.e164.in_(numbers), Customer.merged_into_id.is_(None))
        .order_by(Customer.id)
    )
    found: dict[str, tuple[int, str, int]] = {}
    for e164, customer_id, name, count in rows:
        first = found.get(e164)
        found[e164] = (customer_id, name, count) if first is None else (first[0], first[1], first[2] + count)
    return found


def _line(
    e164: str, marks: Sequence[NuisanceMark], known: tuple[int, str, int] | None, blocked: bool, now: datetime
) -> MarkedNumber:
    counted = [Counted(mark.by, mark.weight, mark.at) for mark in marks]
    customer_id, customer, open_cases = known or (None, "", 0)
    return MarkedNumber(
        e164=e164,
        score=score(counted, now),
        acts_as=effective(counted, now, has_open_case=open_cases > 0),
        marks=tuple(marks),
        customer_id=customer_id,
        customer=customer,
        open_cases=open_cases,
        blocked=blocked,
        supervisors_word=has_supervisors_word(counted),
    )
