"""Which cases there are: one by its number, and the list with its filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.model import Case, CaseNotice, CaseStage
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.vehicles.model import Vehicle
from crm_core.workforce.model import AgentRow

DUE_WORDS = ("over", "today", "three_days")
PROBLEM_KINDS = ("complaint", "repair", "rescue")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What is empty does not restrict. `due` is a word of DUE_WORDS; `state`: open, paused, closed, all, or "" = not
    closed.

    `whose`: "mine" = `me` owns it, "team" = somebody of `team` does, "nobody" = without owner.
    """

    q: str = ""
    whose: str = ""
    me: str = ""
    team: str = ""
    kind: str = ""
    sub_kind: str = ""
    level: str = ""
    due: str = ""
    stage: str = ""
    state: str = ""
    dealer_id: int | None = None
    customer_id: int | None = None
    model: str = ""
    part: str = ""
    ids: tuple[int, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case with the names that its row shows."""

    case: Case
    customer: str
    plate: str
    dealer: str
    staff: str
    stage_due_at: datetime | None


async def open_cases(session: AsyncSession, *, kind: str = "", limit: int = 50) -> list[Case]:
    """Open cases of everybody, the most urgent first; `kind` "" = all kinds."""
    statement = select(Case).where(Case.closed_at.is_(None)).order_by(Case.due_at.is_(None), Case.due_at, Case.id)
    if kind:
        statement = statement.where(Case.kind == kind)
    return list(await session.scalars(statement.limit(limit)))


async def by_number(session: AsyncSession, number: str) -> Case | None:
    return await session.scalar(select(Case).where(Case.number == storable(number, 20)))


async def case_lines(
    session: AsyncSession,
    wanted: CaseFilter,
    *,
    reach: Reach = EVERYTHING,
    now: datetime,
    today_ends: datetime,
    offset: int = 0,
    limit: int = 100,
) -> list[CaseLine]:
    """The cases that fit, the least time left first; closed ones the newest first."""
    stage_due = (
        select(CaseStage.due_at)
        .where(CaseStage.case_id == Case.id, CaseStage.done_at.is_(None))
        .order_by(CaseStage.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shown = select(Case, Customer.name, Vehicle.plate, Dealer.short_name, DealerStaff.name, stage_due)
    statement = _joined(shown).where(*conditions(wanted, reach, now=now, today_ends=today_ends))
    order = (
        [Case.closed_at.desc(), Case.id.desc()]
        if wanted.state == "closed"
        else [Case.due_at.is_(None), Case.due_at, Case.id]
    )
    rows = await session.execute(statement.order_by(*order).offset(offset).limit(limit))
    return [
        CaseLine(
            case=case, customer=customer, plate=plate or "", dealer=dealer or "", staff=staff or "", stage_due_at=due
        )
        for case, customer, plate, dealer, staff, due in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    """Of the cases that fit: how many, over their time, due today, escalated or major, paused."""

    total: int
    over: int
    today: int
    raised: int
    paused: int


async def case_counts(
    session: AsyncSession, wanted: CaseFilter, *, reach: Reach = EVERYTHING, now: datetime, today_ends: datetime
) -> CaseCounts:
    running = and_(Case.closed_at.is_(None), Case.paused_at.is_(None))
    figures: list[ColumnElement[bool]] = [
        and_(running, Case.due_at < now),
        and_(running, Case.due_at >= now, Case.due_at < today_ends),
        Case.level != "normal",
        Case.paused_at.is_not(None),
    ]
    shown = select(func.count(), *(func.count(when((figure, Case.id))) for figure in figures))
    statement = _joined(shown.select_from(Case)).where(*conditions(wanted, reach, now=now, today_ends=today_ends))
    total, over, today, raised, paused = (await session.execute(statement)).one()
    return CaseCounts(total=total, over=over, today=today, raised=raised, paused=paused)


def conditions(wanted: CaseFilter, reach: Reach, *, now: datetime, today_ends: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [reach.condition(Case.dealer_id), _in_state(wanted.state)]
    for column, value in (
        (Case.kind, wanted.kind),
        (Case.sub_kind, wanted.sub_kind),
        (Case.level, wanted.level),
        (Case.stage, wanted.stage),
        (Case.dealer_id, wanted.dealer_id),
        (Case.customer_id, wanted.customer_id),
        (Case.model, wanted.model),
        (Case.part_name, wanted.part),
    ):
        if value:
            found.append(column == value)
    if wanted.ids:
        found.append(Case.id.in_(wanted.ids))
    if wanted.since is not None:
        found.append(Case.opened_at >= wanted.since)
    if wanted.whose:
        found.append(_whose(wanted))
    if wanted.due in DUE_WORDS:
        ends = {"over": now, "today": today_ends, "three_days": now + timedelta(days=3)}[wanted.due]
        found.append(and_(Case.due_at < ends, Case.paused_at.is_(None)))
    if wanted.q.strip():
        found.append(_fits_text(storable(wanted.q.strip(), 60)))
    return found


def _in_state(state: str) -> ColumnElement[bool]:
    match state:
        case "closed":
            return Case.closed_at.is_not(None)
        case "paused":
            return Case.paused_at.is_not(None)
        case "open":
            return and_(Case.closed_at.is_(None), Case.paused_at.is_(None))
        case "all":
            return Case.merged_into_id.is_(None)
    return Case.closed_at.is_(None)


def _whose(wanted: CaseFilter) -> ColumnElement[bool]:
    if wanted.whose == "mine":
        return Case.owner == wanted.me
    if wanted.whose == "nobody":
        return Case.owner == ""
    members = select(User.number).join(AgentRow, AgentRow.user_id == User.id).where(AgentRow.team == wanted.team)
    return Case.owner.in_(members)


def _fits_text(text: str) -> ColumnElement[bool]:
    compact = text.upper().replace("·", "").replace(" ", "")
    return or_(
        Case.number.contains(text.upper(), autoescape=True),
        Case.title.contains(text, autoescape=True),
        Customer.name.contains(text, autoescape=True),
        Vehicle.plate.contains(compact, autoescape=True) if len(compact) > 2 else Case.number == text,
    )


def _joined(statement: Any) -> Any:
    return (
        statement.join(Customer, Customer.id == Case.customer_id)
        .outerjoin(Vehicle, Vehicle.id == Case.vehicle_id)
        .outerjoin(Dealer, Dealer.id == Case.dealer_id)
        .outerjoin(DealerStaff, DealerStaff.id == Case.staff_id)
    )


async def merged_into(session: AsyncSession, case_id: int) -> Sequence[Case]:
    """Cases that were merged into this one, the oldest first."""
    return list(await session.scalars(select(Case).where(Case.merged_into_id == case_id).order_by(Case.opened_at)))


async def others_open(session: AsyncSession, customer_id: int, *, but: int = 0) -> Sequence[Case]:
    """The customer's other open cases: before a new one is opened, they are proposed."""
    mine = select(Case).where(Case.customer_id == customer_id, Case.closed_at.is_(None), Case.id != but)
    return list(await session.scalars(mine.order_by(Case.due_at.is_(None), Case.due_at, Case.id).limit(20)))


async def unread_notices(session: AsyncSession, number: str, limit: int = 20) -> list[tuple[CaseNotice, Case]]:
    """What this person was told of and has not looked at, the newest first."""
    statement = (
        select(CaseNotice, Case)
        .join(Case, Case.id == CaseNotice.case_id)
        .where(CaseNotice.number == number, CaseNotice.read_at.is_(None))
        .order_by(CaseNotice.id.desc())
        .limit(limit)
    )
    return [(notice, case) for notice, case in await session.execute(statement)]


async def group_ids(session: AsyncSession, model: str, part: str, *, since: datetime, days: int) -> list[int]:
    """Open cases of a model and part ("" = any part) that were opened in the `days` before `since`."""
    wanted = select(Case.id).where(Case.model == storable(model, 60), Case.closed_at.is_(None))
    wanted = wanted.where(Case.opened_at >= since - timedelta(days=days), Case.merged_into_id.is_(None))
    wanted = wanted.where(Case.kind.in_(PROBLEM_KINDS))
    return list(await session.scalars(wanted.where(Case.part_name == storable(part, 60)) if part else wanted))
