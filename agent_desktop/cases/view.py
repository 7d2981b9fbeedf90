"""Everything the page of one case shows, read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.cases.clocks import ClockRule, cell_colour, cells_used
from crm_core.cases.dealer_facts import LoopStep
from crm_core.cases.dealer_queries import contact_ids, step_of, steps_of
from crm_core.cases.forms import FormField, asked
from crm_core.cases.levels import Proposal
from crm_core.cases.merging import proposed_level
from crm_core.cases.model import Case, CaseEvent, CaseStage, RescueRun
from crm_core.cases.queries import by_number, merged_into, others_open
from crm_core.cases.rescue import RESCUE_STAGES
from crm_core.cases.rescue_actions import stations_near
from crm_core.cases.rules import form_of, form_then, load_rules
from crm_core.cases.story import PersonName, people_named
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.dealers.nearest import StationNear
from crm_core.errors import NotFound
from crm_core.files.model import StoredFile
from crm_core.files.store import files_of
from crm_core.history.model import Contact, Recording
from crm_core.vehicles.model import Vehicle

MOST_EVENTS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """`used` of the seven cells are full. `entries` are (field, value) as they were asked when they were entered."""

    case: Case
    customer: Customer
    phone: CustomerPhone | None
    vehicle: Vehicle | None
    dealer: Dealer | None
    staff: DealerStaff | None
    used: int
    colour: str
    step: str
    stage: CaseStage | None
    steps: tuple[LoopStep, ...]
    events: Sequence[CaseEvent]
    people: Mapping[str, PersonName]
    contacts: Sequence[tuple[Contact, bool]]
    files: Sequence[StoredFile]
    entries: Sequence[tuple[FormField, object]]
    form: Sequence[FormField]
    clock: ClockRule
    proposal: Proposal
    merged: Sequence[Case]
    into: Case | None
    others: Sequence[Case]
    run: RescueRun | None
    stations: Sequence[StationNear]
    cities: Sequence[str]
    report: Mapping[str, str] | None


async def read_case(session: AsyncSession, number: str, reach: Reach, *, now: datetime, zone: ZoneInfo) -> CaseView:
    """Raises NotFound, also for a case outside the reach."""
    case = await by_number(session, number)
    if case is None:
        raise NotFound("There is no such case.")
    reach.require(case.dealer_id)
    events = await _events(session, case.id)
    visits = list(await session.scalars(select(CaseStage).where(CaseStage.case_id == case.id).order_by(CaseStage.id)))
    people = await people_named(
        session, [case.owner, case.opened_by, *(one.actor for one in events), *(one.done_by for one in visits)]
    )
    customer = await session.get_one(Customer, case.customer_id)
    phones = select(CustomerPhone).where(CustomerPhone.customer_id == customer.id).order_by(CustomerPhone.position)
    used = cells_used(case.opened_at, case.due_at, case.closed_at or now)
    rules = await load_rules(session)
    is_rescue = case.kind == "rescue"
    form, _ = await form_of(session, case.kind)
    return CaseView(
        case=case,
        customer=customer,
        phone=await session.scalar(phones.limit(1)),
        vehicle=await session.get(Vehicle, case.vehicle_id) if case.vehicle_id else None,
        dealer=await session.get(Dealer, case.dealer_id) if case.dealer_id else None,
        staff=await session.get(DealerStaff, case.staff_id) if case.staff_id else None,
        used=used,
        colour="" if case.paused_at else cell_colour(used, case.due_at, case.closed_at or now),
        step=step_of(case) if case.kind == "complaint" else case.stage,
        stage=next((one for one in reversed(visits) if one.done_at is None), None),
        steps=_steps(case, visits, people),
        events=list(reversed(events)),
        people=people,
        contacts=await _contacts(session, case),
        files=await files_of(session, f"case/{case.id}"),
        entries=await _entries(session, case),
        form=asked(form, case.sub_kind),
        clock=rules.clock(case.kind, case.level),
        proposal=await proposed_level(session, case),
        merged=await merged_into(session, case.id),
        into=await session.get(Case, case.merged_into_id) if case.merged_into_id else None,
        others=await others_open(session, customer.id, but=case.id),
        run=await session.get(RescueRun, case.id) if is_rescue else None,
        stations=await stations_near(session, case.id, at=now, zone=zone) if is_rescue and not case.closed_at else [],
        cities=await _cities(session) if is_rescue else [],
        report=next((one.detail for one in reversed(events) if one.kind == "reported"), None),
    )


async def _events(session: AsyncSession, case_id: int) -> list[CaseEvent]:
    statement = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
    return list(reversed((await session.scalars(statement.limit(MOST_EVENTS))).all()))


def _steps(case: Case, visits: Sequence[CaseStage], people: Mapping[str, PersonName]) -> tuple[LoopStep, ...]:
    if case.kind == "complaint" and case.stage:
        return steps_of(case, visits, people)
    return steps_of(case, visits, people, RESCUE_STAGES) if case.kind == "rescue" and case.stage else ()


async def _contacts(session: AsyncSession, case: Case) -> list[tuple[Contact, bool]]:
    """The contacts about the case, the newest first, each with whether a recording exists."""
    ids = await contact_ids(session, case.id)
    recorded = set(await session.scalars(select(Recording.contact_id).where(Recording.contact_id.in_(ids))))
    rows = await session.scalars(select(Contact).where(Contact.id.in_(ids)).order_by(Contact.started_at.desc()))
    return [(row, row.id in recorded) for row in rows]


async def _entries(session: AsyncSession, case: Case) -> list[tuple[FormField, object]]:
    """A value whose field is gone from every form we know is shown under its code."""
    then = {one.code: one for one in await form_then(session, case.kind, case.form_version)}
    known = {**{one.code: one for one in (await form_of(session, case.kind))[0]}, **then}
    ordered = [code for code in known if code in case.fields] + [code for code in case.fields if code not in known]
    return [
        (known.get(code) or FormField(code=code, name_zh=code, name_en=code), case.fields[code]) for code in ordered
    ]


async def _cities(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Dealer.city).where(Dealer.active).distinct().order_by(Dealer.city)))
