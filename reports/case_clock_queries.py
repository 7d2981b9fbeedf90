"""The cases that a period is about, and the steps of complaints that fell due in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.events import CaseEventKind
from crm_core.cases.model import Case, CaseEvent, CaseStage
from crm_core.dealers.model import DealerStaff
from crm_core.workforce.model import AgentRow
from reports.case_clocks import CENTRE_STAGES, CaseFact, StepFact


async def cases_of(
    session: AsyncSession, start: datetime, end: datetime, *, kind: str = "", reach: Reach = EVERYTHING
) -> list[CaseFact]:
    """Cases opened or closed in [start, end), reopened in it, or still open, oldest first. Merged ones are their
    target's. Read by index for each of the four: an OR over all would read the whole table."""
    reopened = await _with_event(session, CaseEventKind.REOPENED, start, end)
    escalated = await _with_event(session, CaseEventKind.ESCALATED, start, None)
    wanted = (
        and_(Case.opened_at >= start, Case.opened_at < end),
        and_(Case.closed_at >= start, Case.closed_at < end),
        and_(Case.closed_at.is_(None), Case.opened_at < end),
        Case.id.in_(sorted(reopened)[:_MOST_REOPENED]),
    )
    found: dict[int, CaseFact] = {}
    for condition in wanted:
        for row in await session.execute(_cases(condition, kind, reach)):
            if row.merged_into_id is None:  # asked here: SQLite would take the index of merged ones for it
                found[row.id] = _fact(row, escalated, reopened)
    return sorted(found.values(), key=lambda one: (one.opened_at, one.id))


_MOST_REOPENED = 900  # a statement of SQLite takes 32,766 values, of old ones 999


def _cases(condition: Any, kind: str, reach: Reach) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id,
            Case.number,
            Case.title,
            Case.kind,
            Case.dealer_id,
            Case.opened_at,
            Case.closed_at,
            Case.due_at,
            Case.respond_by,
            Case.responded_at,
            Case.paused_seconds,
            Case.level,
            Case.merged_into_id,
        )
        .where(condition, reach.condition(Case.dealer_id))
        .where(Case.kind == kind if kind else true())
    )


def _fact(row: Any, escalated: set[int], reopened: set[int]) -> CaseFact:
    values = {name: value for name, value in row._mapping.items() if name != "merged_into_id"}
    return CaseFact(**values, escalated=row.id in escalated, reopened=row.id in reopened)


async def _with_event(session: AsyncSession, kind: str, start: datetime, end: datetime | None) -> set[int]:
    rows = await session.scalars(
        select(CaseEvent.case_id).where(
            CaseEvent.kind == str(kind), CaseEvent.at >= start, CaseEvent.at < end if end else true()
        )
    )
    return set(rows)


async def steps_due(
    session: AsyncSession, start: datetime, end: datetime, *, reach: Reach = EVERYTHING
) -> list[StepFact]:
    """Steps of complaints whose clock ran out, or would have, in [start, end), by that time."""
    rows = await session.execute(
        select(
            Case.id,
            Case.number,
            Case.title,
            Case.dealer_id,
            Case.owner,
            CaseStage.stage,
            CaseStage.began_at,
            CaseStage.due_at,
            CaseStage.done_at,
            CaseStage.done_by,
            DealerStaff.name.label("staff"),
        )
        .join(Case, Case.id == CaseStage.case_id)
        .join(DealerStaff, DealerStaff.id == Case.staff_id, isouter=True)
        .where(CaseStage.due_at >= start, CaseStage.due_at < end)
        .where(or_(Case.merged_into_id.is_(None), CaseStage.done_at.is_not(None)), reach.condition(Case.dealer_id))
        .order_by(CaseStage.due_at, CaseStage.id)
    )
    known = list(rows)
    people = await _people(session)
    return [_step(row, people) for row in known]


async def _people(session: AsyncSession) -> dict[str, tuple[str, str]]:
    """Personnel number -> name, team; the people who may sign in are few."""
    rows = await session.execute(select(User.number, User.name, AgentRow.team).join(AgentRow, isouter=True))
    return {number: (name, team or "") for number, name, team in rows}


def _step(row: Any, people: dict[str, tuple[str, str]]) -> StepFact:
    central = row.stage in CENTRE_STAGES or row.dealer_id is None
    holder = row.done_by or (row.owner if central else "")
    name, team = people.get(holder, (holder, ""))
    return StepFact(
        case_id=row.id,
        case_number=row.number,
        title=row.title,
        stage=row.stage,
        dealer_id=None if central else row.dealer_id,
        team=team if central else "",
        person=name or ("" if central else row.staff or ""),
        began_at=row.began_at,
        due_at=row.due_at,
        done_at=row.done_at,
    )
