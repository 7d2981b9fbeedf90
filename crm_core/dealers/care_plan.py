"""Puts the contacts on the dealers' lists that deliveries, workshop visits, birthdays and prospects call for; daily."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, String, cast, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.cases.model import Case
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer
from crm_core.customers.model import Customer
from crm_core.dealers import care_rules
from crm_core.dealers.care_rules import LOOKED_BACK, PLANNED_AHEAD, Planned, Rules
from crm_core.dealers.model import CareTask, DealerStaff
from crm_core.dealers.rules_actions import rules_of
from crm_core.jobs.runner import Due
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Delivery, WorkshopVisit

CARE_PLAN = "care_plan"
PLANNED_AT = time(6)  # before the dealers open
AT_ONCE = 2_000  # causes of one kind in one run; the rest follows in the next
PROSPECT = ("sent", "following", "nurture")
COMPLAINT, REFUSED = "complaint", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """For whom a task is planned; `person` is the name that the record gives for who is in charge."""

    planned: Planned
    dealer_id: int
    customer_id: int
    vehicle_id: int | None = None
    person: str = ""
    staff_id: int | None = None


def planner(zone: tzinfo) -> Callable[[AsyncSession, Due, datetime], Awaitable[datetime | None]]:
    """The job's handler: plans, stops and frees tasks, then comes again the next morning."""

    async def run(session: AsyncSession, _due: Due, at: datetime) -> datetime:
        await plan_care(session, at=at, zone=zone)
        following = at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(following, PLANNED_AT, zone)

    return run


async def plan_care(session: AsyncSession, *, at: datetime, zone: tzinfo) -> int:
    """Gives how many tasks were added. A cause has one task for ever, so a second run adds nothing."""
    rules, _ = await rules_of(session)
    today = at.astimezone(zone).date()
    causes = [
        *await _deliveries(session, today, rules),
        *await _visits(session, today, zone, rules),
        *await _birthdays(session, today, rules),
        *await _prospects(session, today, zone, rules),
    ]
    added = await _add(session, causes)
    await _stop_and_free(session, today, at=at, zone=zone)
    return added


async def _deliveries(session: AsyncSession, today: date, rules: Rules) -> list[Cause]:
    soon = today + PLANNED_AHEAD - timedelta(days=rules.first_call_days)
    rows = await session.execute(
        select(Delivery, Customer.service_adviser)
        .join(Customer, Customer.id == Delivery.customer_id)
        .where(
            Delivery.dealer_id.is_not(None),
            Delivery.delivered_on > today - LOOKED_BACK,
            Delivery.delivered_on <= min(soon, today),
            _unplanned("two_weeks", "delivery/", Delivery.id),
        )
        .order_by(Delivery.id)
        .limit(AT_ONCE)
    )
    return [
        Cause(
            planned=planned,
            dealer_id=delivery.dealer_id or 0,
            customer_id=delivery.customer_id,
            vehicle_id=delivery.vehicle_id,
            person=delivery.consultant if planned.role == care_rules.CONSULTANT else adviser,
        )
        for delivery, adviser in rows
        for planned in care_rules.after_delivery(delivery.id, delivery.delivered_on, rules)
    ]


async def _visits(session: AsyncSession, today: date, zone: tzinfo, rules: Rules) -> list[Cause]:
    since = datetime.combine(today - LOOKED_BACK, time(), zone)
    rows = await session.scalars(
        select(WorkshopVisit)
        .where(
            WorkshopVisit.left_at >= since,
            WorkshopVisit.dealer_id.is_not(None),
            WorkshopVisit.customer_id.is_not(None),
            _unplanned("after_service", "visit/", WorkshopVisit.id),
        )
        .order_by(WorkshopVisit.id)
        .limit(AT_ONCE)
    )
    return [
        Cause(
            planned=care_rules.after_visit(visit.id, visit.left_at.astimezone(zone).date(), rules),
            dealer_id=visit.dealer_id or 0,
            customer_id=visit.customer_id or 0,
            vehicle_id=visit.vehicle_id,
            person=visit.adviser,
        )
        for visit in rows
        if visit.left_at is not None
    ]


async def _birthdays(session: AsyncSession, today: date, rules: Rules) -> list[Cause]:
    """Only the days that can come within two weeks are asked for."""
    days = {(today + timedelta(days=ahead)).strftime("%m-%d") for ahead in range(PLANNED_AHEAD.days + 1)} | {"02-29"}
    rows = await session.scalars(
        select(Customer)
        .where(Customer.birthday.in_(days), Customer.dealer_id.is_not(None), Customer.merged_into_id.is_(None))
        .order_by(Customer.id)
        .limit(AT_ONCE)
    )
    causes = []
    for customer in rows:
        planned = care_rules.birthday_card(customer.id, customer.birthday, today, rules)
        if planned is not None:
            person = customer.sales_consultant
            causes.append(
                Cause(planned=planned, dealer_id=customer.dealer_id or 0, customer_id=customer.id, person=person)
            )
    return causes


async def _prospects(session: AsyncSession, today: date, zone: tzinfo, rules: Rules) -> list[Cause]:
    rows = await session.scalars(
        select(Lead).where(Lead.dealer_id.is_not(None), Lead.status.in_(PROSPECT)).order_by(Lead.id).limit(AT_ONCE)
    )
    leads = list(rows)
    made = await _contacts_made(session, [lead.customer_id for lead in leads])
    causes = []
    for lead in leads:
        sent_on = (lead.sent_at or lead.created_at).astimezone(zone).date()
        count, latest = made.get((lead.dealer_id or 0, lead.customer_id), (0, None))
        answered = [one.astimezone(zone).date() for one in (lead.feedback_at, latest) if one is not None]
        wanted = [
            care_rules.test_drive(lead.id, sent_on) if lead.test_drive and lead.status != "nurture" else None,
            care_rules.new_year_card(lead.customer_id, today, rules),
            care_rules.next_of_prospect(lead.id, max([sent_on, *answered]), count, today, rules),
        ]
        causes += [
            Cause(planned=one, dealer_id=lead.dealer_id or 0, customer_id=lead.customer_id, staff_id=lead.staff_id)
            for one in wanted
            if one is not None
        ]
    return causes


async def _contacts_made(
    session: AsyncSession, customers: Sequence[int]
) -> dict[tuple[int, int], tuple[int, datetime | None]]:
    """(dealer, customer) to how many care contacts were made and when the latest was."""
    rows = await session.execute(
        select(CareTask.dealer_id, CareTask.customer_id, func.count(), func.max(CareTask.done_at))
        .where(CareTask.customer_id.in_(customers), CareTask.status == "done", CareTask.dealer_id.is_not(None))
        .group_by(CareTask.dealer_id, CareTask.customer_id)
    )
    return {(dealer or 0, customer): (count, latest) for dealer, customer, count, latest in rows}


def _unplanned(kind: str, prefix: str, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    subject = literal(prefix).concat(cast(column, String))
    return ~select(CareTask.id).where(CareTask.kind == kind, CareTask.subject == subject).exists()


async def _add(session: AsyncSession, causes: Sequence[Cause]) -> int:
    subjects = {one.planned.subject for one in causes}
    known: set[tuple[str, str]] = set()
    ordered = sorted(subjects)
    for start in range(0, len(ordered), 500):
        rows = await session.execute(
            select(CareTask.kind, CareTask.subject).where(CareTask.subject.in_(ordered[start : start + 500]))
        )
        known |= {(kind, subject) for kind, subject in rows}
    people = await _people(session, {one.dealer_id for one in causes})
    added = 0
    for one in causes:
        planned = one.planned
        if (planned.kind, planned.subject) in known:
            continue
        known.add((planned.kind, planned.subject))
        task = CareTask(kind=planned.kind, subject=planned.subject, purpose=planned.purpose.value)
        task.dealer_id, task.customer_id, task.vehicle_id = one.dealer_id, one.customer_id, one.vehicle_id
        task.due_on, task.staff_id = planned.due_on, one.staff_id or people.get((one.dealer_id, one.person))
        session.add(task)
        added += 1
    await session.flush()
    return added


async def _people(session: AsyncSession, dealers: set[int]) -> dict[tuple[int, str], int]:
    rows = await session.execute(
        select(DealerStaff.dealer_id, DealerStaff.name, DealerStaff.id).where(
            DealerStaff.dealer_id.in_(dealers), DealerStaff.active
        )
    )
    return {(dealer, name): staff_id for dealer, name, staff_id in rows}


async def _stop_and_free(session: AsyncSession, today: date, *, at: datetime, zone: tzinfo) -> None:
    """An open complaint or a refusal stops what is due; the end of the complaint frees it again."""
    complaining = select(Case.customer_id).where(Case.kind == "complaint", Case.closed_at.is_(None))
    quiet = update(CareTask).execution_options(synchronize_session=False)
    await session.execute(
        quiet.where(
            CareTask.status == "stopped", CareTask.reason == COMPLAINT, CareTask.customer_id.not_in(complaining)
        ).values(status="open", reason="")
    )
    due = CareTask.due_on <= today + timedelta(days=1)
    await session.execute(
        quiet.where(CareTask.status == "open", CareTask.dealer_id.is_not(None), due)
        .where(CareTask.customer_id.in_(complaining))
        .values(status="stopped", reason=COMPLAINT)
    )
    rows = await session.scalars(
        select(CareTask)
        .where(CareTask.status == "open", CareTask.dealer_id.is_not(None), due)
        .order_by(CareTask.due_on)
        .limit(AT_ONCE)
    )
    noon = datetime.combine(today, time(12), zone)
    for task in rows:
        verdict = await may_contact(
            session, task.customer_id, Purpose(task.purpose), Channel.PHONE, at=max(at, noon), zone=zone
        )
        if verdict.answer is Answer.NO:
            task.status, task.reason = "stopped", REFUSED
