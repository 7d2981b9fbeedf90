"""The plan: giving shifts, copying a week, undoing, publishing. The draft is seen by leaders only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Invalid, Refused
from crm_core.notices.actions import notify
from crm_core.shifts.kinds import Kind, by_id, kinds
from crm_core.shifts.model import PlannedShift, PlanPublication, PlanStep
from crm_core.shifts.queries import last_step, shifts
from crm_core.shifts.times import monday_of, week_days

MOST_CELLS = 2_000
Cell = tuple[str, date, str]
"""(agent, day, kind); kind "" = no shift."""


class NotTheirs(Invalid):
    """An agent who is not of the teams this person plans, or nobody."""

    def __init__(self) -> None:
        super().__init__("You plan the shifts of your own teams. Ask a supervisor for the others.")


class NothingToUndo(Refused):
    def __init__(self) -> None:
        super().__init__("There is nothing to undo in this week.")


async def set_cells(
    session: AsyncSession, week: date, cells: Sequence[Cell], *, led: Collection[str], actor: str, at: datetime
) -> int:
    """Change the draft of a week, given by its Monday; how many cells are other than before.

    Raises NotTheirs for an agent not in `led`, Invalid for a day outside the week, an unknown kind, too many cells.
    """
    known = by_id(await kinds(session, retired=True))
    _check(week, cells, led, known)
    rows = await _draft(session, week)
    before = [(agent, day, row.kind if (row := rows.get((agent, day))) else "") for agent, day, _ in cells]
    changed = [(old, new) for old, new in zip(before, cells, strict=True) if old != new]
    if not changed:
        return 0
    await _write(session, rows, [new for _, new in changed], known)
    session.add(
        PlanStep(
            week=week, actor=actor, at=at,
            before=[_stored(old) for old, _ in changed], after=[_stored(new) for _, new in changed],
        )
    )  # fmt: skip
    await session.flush()
    return len(changed)


async def copy_week(session: AsyncSession, week: date, *, led: Collection[str], actor: str, at: datetime) -> int:
    """Give everybody the shifts of the week before, those of nobody else; how many cells are other than before."""
    past = {(one.agent, one.day): one.kind for one in await shifts(
        session, week - timedelta(days=7), week - timedelta(days=1), published=False, agents=led
    )}  # fmt: skip
    if not past:
        raise Refused("The week before has no shifts to copy.")
    cells = [(agent, day, past.get((agent, day - timedelta(days=7)), "")) for agent in led for day in week_days(week)]
    return await set_cells(session, week, cells, led=led, actor=actor, at=at)


async def undo(session: AsyncSession, week: date, *, led: Collection[str], actor: str) -> int:
    """Take back what this person changed last in this week. Cells that somebody changed since stay. NothingToUndo."""
    step = await last_step(session, week, actor)
    if step is None:
        raise NothingToUndo
    rows, known = await _draft(session, week), by_id(await kinds(session, retired=True))
    back = []
    for old, new in zip(step.before, step.after, strict=True):
        agent, day, kind = str(new[0]), date.fromisoformat(new[1]), str(new[2])
        row = rows.get((agent, day))
        if agent in led and (row.kind if row else "") == kind:
            back.append((agent, day, str(old[2])))
    await _write(session, rows, back, known)
    step.undone = True
    await session.flush()
    return len(back)


async def publish(session: AsyncSession, week: date, *, led: Collection[str], actor: str, at: datetime) -> list[str]:
    """Show the draft of the week to these agents; who has other shifts than before is told. Gives those agents."""
    days = week_days(week)
    then = await shifts(session, days[0], days[-1], published=True, agents=led)
    now = await shifts(session, days[0], days[-1], published=False, agents=led)
    changed = sorted({one.agent for one in then if one not in now} | {one.agent for one in now if one not in then})
    if not now and not then:
        raise Refused("There are no shifts in this week to publish.")
    await session.execute(
        delete(PlannedShift).where(
            PlannedShift.day >= days[0], PlannedShift.day <= days[-1],
            PlannedShift.published.is_(True), PlannedShift.agent.in_(led),
        )
    )  # fmt: skip
    for one in now:
        session.add(
            PlannedShift(
                agent=one.agent, day=one.day, published=True, kind=one.kind, begins=one.begins, ends=one.ends,
                breaks=[list(span) for span in one.breaks],
            )
        )  # fmt: skip
    session.add(PlanPublication(week=week, actor=actor, at=at, agents=sorted(led)))
    if changed:
        notify(session, changed, "shifts", week.isoformat(), "published", at=at)
    await session.flush()
    detail = noting(agents=len(changed), shifts=len(now))
    await audit(session, at=at, actor=actor, action="plan_published", subject=week.isoformat(), detail=detail)
    return changed


def _check(week: date, cells: Sequence[Cell], led: Collection[str], known: dict[str, Kind]) -> None:
    if monday_of(week) != week:
        raise Invalid("A week begins on a Monday.")
    if len(cells) > MOST_CELLS:
        raise Invalid("Change at most {most} shifts at once.", most=MOST_CELLS)
    if any(agent not in led for agent, _, _ in cells):
        raise NotTheirs
    days = week_days(week)
    if any(day not in days for _, day, _ in cells):
        raise Invalid("This day is not in the week.")
    if any(kind and kind not in known for _, _, kind in cells):
        raise Invalid("There is no such kind of shift.")


async def _draft(session: AsyncSession, week: date) -> dict[tuple[str, date], PlannedShift]:
    days = week_days(week)
    rows = await session.scalars(
        select(PlannedShift).where(
            PlannedShift.day >= days[0], PlannedShift.day <= days[-1], PlannedShift.published.is_(False)
        )
    )
    return {(row.agent, row.day): row for row in rows}


async def _write(
    session: AsyncSession, rows: dict[tuple[str, date], PlannedShift], cells: Sequence[Cell], known: dict[str, Kind]
) -> None:
    for agent, day, kind in cells:
        row = rows.get((agent, day))
        if not kind:
            if row is not None:
                await session.delete(row)
            continue
        if row is None:
            row = PlannedShift(agent=agent, day=day, published=False)
            session.add(row)
        one = known[kind]
        row.kind, row.begins, row.ends = kind, one.begins, one.ends
        row.breaks = [list(span) for span in one.breaks]


def _stored(cell: Cell) -> list[str]:
    return [cell[0], cell[1].isoformat(), cell[2]]
