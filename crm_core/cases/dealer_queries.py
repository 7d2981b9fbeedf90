"""Complaints as a dealer sees them: the list by time left, one with its six steps, and who might own it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.cases.clocks import cell_colour, cells_used
from crm_core.cases.dealer_facts import ComplaintDetail, DealerComplaint, DealerEvent, LoopStep, OwnerSuggestion
from crm_core.cases.loop import STAGES, Stage
from crm_core.cases.model import Case, CaseContact, CaseEvent, CaseStage
from crm_core.cases.story import PersonName, people_named
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.disclosure.sharing import shared_with_case
from crm_core.errors import NotFound
from crm_core.files.model import StoredFile
from crm_core.history.model import Contact, Recording
from crm_core.vehicles.model import Vehicle

MOST = 500
_WAITS: Mapping[str, str] = {
    Stage.ACCEPT: "wait_accept",
    Stage.NAME_OWNER: "wait_owner",
    Stage.REPORT: "wait_report",
    Stage.CONFIRM: "wait_confirm",
}


async def complaints(
    session: AsyncSession, reach: Reach, *, now: datetime, zone: tzinfo, open_only: bool = True
) -> list[DealerComplaint]:
    """The complaints that dealers of this reach have, the least time left first."""
    statement = _lines(reach).order_by(Case.due_at.is_(None), Case.due_at, Case.id).limit(MOST)
    if open_only:
        statement = statement.where(Case.closed_at.is_(None))
    rows = (await session.execute(statement)).all()
    calls = await calls_of(session, [row[0].id for row in rows])
    return [_line(row, calls, now, zone) for row in rows]


async def complaint(
    session: AsyncSession, number: str, reach: Reach, *, now: datetime, zone: tzinfo | None = None
) -> ComplaintDetail:
    """One by its number. Raises NotFound, also for a foreign one."""
    row = (await session.execute(_lines(reach).where(Case.number == storable(number, 20)))).first()
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    case, customer, vehicle = row[0], row[1], row[2]
    calls = await calls_of(session, [case.id])
    told = (
        select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.for_dealer).order_by(CaseEvent.at, CaseEvent.id)
    )
    events = list(await session.scalars(told))
    visits = list(await session.scalars(select(CaseStage).where(CaseStage.case_id == case.id).order_by(CaseStage.id)))
    people = await people_named(session, [*(one.actor for one in events), *(one.done_by for one in visits)])
    contacts = await contact_ids(session, case.id)
    phone = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer.id).order_by(CustomerPhone.position)
    recordings = select(Recording.id).where(Recording.contact_id.in_(contacts)).order_by(Recording.started_at)
    files = select(StoredFile).where(StoredFile.subject == f"case/{case.id}").order_by(StoredFile.id)
    return ComplaintDetail(
        line=_line(row, calls, now, zone or now.tzinfo),
        detail=case.detail,
        fields=case.fields,
        phone=await session.scalar(phone.limit(1)) or "",
        vin=vehicle.vin if vehicle else "",
        mileage_km=vehicle.mileage_km if vehicle else 0,
        staff_id=case.staff_id,
        contact_by=case.contact_by,
        contacted_at=case.contacted_at,
        status=case.status,
        satisfaction=case.satisfaction,
        steps=steps_of(case, visits, people),
        events=tuple(
            DealerEvent(
                kind=one.kind, at=one.at, actor=one.actor, by=people.get(one.actor), text=one.text, detail=one.detail
            )
            for one in events
        ),
        recordings=(*await session.scalars(recordings), *await shared_with_case(session, case.id, now)),
        contacts=tuple(contacts),
        files=tuple(await session.scalars(files)),
        report=next((one.detail for one in reversed(events) if one.kind == "reported"), None),
    )


async def suggest_owner(session: AsyncSession, case_id: int) -> OwnerSuggestion | None:
    """Who of the dealer might own it: who knows the sub-kind, then the kind, then who has the fewest open cases."""
    case = await session.get(Case, case_id)
    if case is None or case.dealer_id is None:
        return None
    busy = select(func.count()).where(Case.staff_id == DealerStaff.id, Case.closed_at.is_(None)).scalar_subquery()
    rows = await session.execute(
        select(DealerStaff, busy)
        .where(DealerStaff.dealer_id == case.dealer_id, DealerStaff.active, DealerStaff.role != "relations_manager")
        .order_by(DealerStaff.id)
    )
    found = [
        OwnerSuggestion(
            staff_id=staff.id,
            name=staff.name,
            title=staff.title,
            skill=next((word for word in (case.sub_kind, case.kind) if word and word in staff.skills), ""),
            open_cases=open_cases,
        )
        for staff, open_cases in rows
    ]
    place = {case.sub_kind: 0, case.kind: 1, "": 2}
    return min(found, key=lambda one: (place.get(one.skill, 2) if one.skill else 2, one.open_cases), default=None)


def step_of(case: Case) -> str:
    """Where the complaint stands, as a word: what everybody waits for."""
    if case.closed_at is not None:
        return "closed"
    if case.stage == Stage.SOLVE:
        return "working" if case.contacted_at else "wait_contact"
    return _WAITS.get(case.stage, "at_centre")


def steps_of(
    case: Case, visits: Sequence[CaseStage], people: Mapping[str, PersonName], stages: Sequence[str] = STAGES
) -> tuple[LoopStep, ...]:
    """The steps of a loop with their times; a step behind the current one is to be done again."""
    last = {visit.stage: visit for visit in visits}
    current = stages.index(case.stage) if case.stage in stages else 0
    steps = []
    for place, stage in enumerate(stages):
        visit = last.get(stage)
        done = place < current or case.closed_at is not None
        state = ("done" if visit else "skipped") if done else "current" if place == current else "todo"
        if visit is None or state == "todo":
            steps.append(LoopStep(stage=stage, state=state))
            continue
        steps.append(
            LoopStep(
                stage=stage,
                state=state,
                began_at=visit.began_at,
                due_at=visit.due_at,
                done_at=visit.done_at,
                by=visit.done_by,
                by_name=people.get(visit.done_by),
                times=sum(one.stage == stage for one in visits),
            )
        )
    return tuple(steps)


async def calls_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, int]:
    """How many contacts each case has, those of cases merged into it included; at least one."""
    whole = func.coalesce(Case.merged_into_id, Case.id)
    rows = await session.execute(
        select(whole, func.count(CaseContact.contact_id.distinct()))
        .select_from(Case)
        .join(CaseContact, CaseContact.case_id == Case.id)
        .where(whole.in_(ids))
        .group_by(whole)
    )
    return dict.fromkeys(ids, 1) | {case_id: max(1, count) for case_id, count in rows}


async def contact_ids(session: AsyncSession, case_id: int) -> list[str]:
    """Contacts about the case or about one that was merged into it, the oldest first."""
    family = select(Case.id).where((Case.id == case_id) | (Case.merged_into_id == case_id))
    linked = select(CaseContact.contact_id).where(CaseContact.case_id.in_(family))
    about = select(Contact.id).where(Contact.id.in_(linked) | Contact.case_id.in_(family))
    return list(await session.scalars(about.order_by(Contact.started_at, Contact.id)))


def stage_due() -> Any:
    """When the current step of a case has to be done, as a column beside `Case`."""
    open_steps = select(CaseStage.due_at).where(CaseStage.case_id == Case.id, CaseStage.done_at.is_(None))
    return open_steps.order_by(CaseStage.id.desc()).limit(1).scalar_subquery()


def _lines(reach: Reach) -> Any:
    return (
        select(Case, Customer, Vehicle, DealerStaff.name, stage_due())
        .join(Customer, Customer.id == Case.customer_id)
        .join(Dealer, Dealer.id == Case.dealer_id)
        .outerjoin(Vehicle, Vehicle.id == Case.vehicle_id)
        .outerjoin(DealerStaff, DealerStaff.id == Case.staff_id)
        .where(Case.kind == "complaint", Case.merged_into_id.is_(None), reach.condition(Case.dealer_id))
    )


def _line(row: Any, calls: Mapping[int, int], now: datetime, zone: tzinfo | None) -> DealerComplaint:
    case, customer, vehicle, owner, stage_due = row
    used = cells_used(case.opened_at, case.due_at, case.closed_at or now)
    days = (now.astimezone(zone).date() - case.opened_at.astimezone(zone).date()).days
    return DealerComplaint(
        case_id=case.id,
        number=case.number,
        title=case.title,
        dealer_id=case.dealer_id,
        customer_id=customer.id,
        customer=customer.name,
        salutation=customer.salutation,
        customer_class=customer.customer_class,
        plate=vehicle.plate if vehicle else "",
        model=vehicle.model if vehicle else case.model,
        sub_kind=case.sub_kind,
        level=case.level,
        calls=calls.get(case.id, 1),
        stage=case.stage,
        step=step_of(case),
        support=case.support,
        owner=owner or "",
        opened_at=case.opened_at,
        due_at=case.due_at,
        stage_due_at=stage_due,
        closed_at=case.closed_at,
        days_used=days,
        used=used,
        colour=cell_colour(used, case.due_at, case.closed_at or now),
        seconds_left=(case.due_at - now).total_seconds() if case.due_at else None,
    )
