"""Opening a case, doing a step, closing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.cases.model import Case
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.history.model import ContactKind

LONGEST_DETAIL = 20_000


async def open_case(
    session: AsyncSession,
    *,
    customer_id: int,
    kind: str,
    title: str,
    detail: str = "",
    vehicle_id: int | None = None,
    dealer_id: int | None = None,
    due_at: datetime | None = None,
    steps: Sequence[str] = (),
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Case:
    """A new case, numbered GD-MMDD-NNNN by the day in `zone` (TS- for a complaint)."""
    if kind not in list(ContactKind):
        raise Invalid("Choose the kind of the case.", field="kind")
    if not title.strip():
        raise Invalid("Write in a few words what is asked.", field="title")
    plan = json.dumps([{"name": name, "done_on": None} for name in steps], ensure_ascii=False)
    for _ in range(5):
        case = Case(
            number=await _next_number(session, kind, at, zone),
            kind=kind,
            title=storable(title.strip(), 120),
            detail=storable(detail, LONGEST_DETAIL),
            steps=plan,
            customer_id=customer_id,
            vehicle_id=vehicle_id,
            dealer_id=dealer_id,
            opened_at=at,
            due_at=due_at,
        )
        try:
            async with session.begin_nested():
                session.add(case)
        except IntegrityError:  # another agent took the number between our look and our write
            continue
        await audit(session, at=at, actor=actor, action="case_opened", subject=case.number)
        return case
    raise Refused("No case number is free just now. Save again.")


async def finish_step(session: AsyncSession, case_id: int, name: str, *, actor: str, at: datetime) -> Case:
    """Mark a step of the case as done today."""
    case = await _open(session, case_id)
    steps = json.loads(case.steps)
    for step in steps:
        if step["name"] == name and not step["done_on"]:
            step["done_on"] = at.date().isoformat()
            break
    else:
        raise Invalid("The case has no open step {name}.", name=name, field="step")
    case.steps = json.dumps(steps, ensure_ascii=False)
    await audit(session, at=at, actor=actor, action="case_step", subject=case.number, detail=name)
    return case


async def close_case(session: AsyncSession, case_id: int, *, actor: str, at: datetime) -> Case:
    case = await _open(session, case_id)
    case.closed_at, case.status = at, "closed"
    await audit(session, at=at, actor=actor, action="case_closed", subject=case.number)
    return case


async def _open(session: AsyncSession, case_id: int) -> Case:
    case = await session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise NotFound("There is no such case.")
    if case.closed_at is not None:
        raise Refused("Case {number} is closed.", number=case.number)
    return case


async def _next_number(session: AsyncSession, kind: str, at: datetime, zone: tzinfo) -> str:
    prefix = f"{'TS' if kind == ContactKind.COMPLAINT else 'GD'}-{at.astimezone(zone):%m%d}-"
    # The number has no year: the count goes on where the same day of an earlier year stopped.
    last = await session.scalar(select(func.max(Case.number)).where(Case.number.startswith(prefix, autoescape=True)))
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
