"""What a caller who has proven who it is may hear: the state of the case, the vehicle's next service and recalls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from crm_core.cases.loop import Stage
from crm_core.cases.model import Case
from crm_core.customers.queries import open_cases_of, vehicles_of
from crm_core.vehicles.model import Vehicle
from crm_core.vehicles.recalls import next_service_km, open_recalls
from ivr.self_service.asking import Ask, Done

_RESCUE_STAGES = {
    "dispatch": "case-dispatch",
    "accept": "case-accept",
    "under_way": "case-under-way",
    "arrive": "case-arrive",
    "help": "case-help",
    "confirm": "case-reported",
}


async def case_state(ask: Ask) -> Done:
    """The most urgent open case."""
    if ask.proven is None:
        return Done(result="none")
    open_cases = await open_cases_of(ask.session, ask.proven.customer_id)
    if not open_cases:
        return Done(result="none", customer_id=ask.proven.customer_id)
    first = open_cases[0]
    case = await ask.session.scalar(select(Case).where(Case.id == first.case_id))
    due = first.due_at.astimezone(ask.site.zone).date().isoformat() if first.due_at else ""
    facts = {
        "case_number": first.number,
        "case_state": state_prompt(case) if case else "case-open",
        "case_due": due,
        "more_cases": str(len(open_cases) - 1),
    }
    return Done(result="found", facts=facts, customer_id=ask.proven.customer_id, case_id=first.case_id)


def state_prompt(case: Case) -> str:
    """The prompt that says how far a case is."""
    if case.paused_at is not None:
        return "case-paused"
    if case.kind == "rescue" and case.stage:
        return _RESCUE_STAGES.get(case.stage, "case-open")
    if case.status == "reported" or case.stage == Stage.CONFIRM:
        return "case-reported"
    return "case-at-dealer" if case.stage not in ("", Stage.RECORD) else "case-open"


async def next_service(ask: Ask) -> Done:
    """Of the vehicle whose plate was the proof, else of the one whose service is due first. A recall comes first."""
    if ask.proven is None:
        return Done(result="none")
    customer_id = ask.proven.customer_id
    ids = [vehicle.vehicle_id for vehicle in await vehicles_of(ask.session, customer_id)]
    vehicles = list(await ask.session.scalars(select(Vehicle).where(Vehicle.id.in_(ids))))
    recalls = await open_recalls(ask.session, ids)
    vehicle = _meant(vehicles, ask.proven.vehicle_id, {recall.vehicle_id for recall in recalls})
    if vehicle is None:
        return Done(result="none", customer_id=customer_id)
    has_recall = any(recall.vehicle_id == vehicle.id for recall in recalls)
    if not has_recall and vehicle.next_service_on is None:
        return Done(result="none", customer_id=customer_id, vehicle_id=vehicle.id)
    facts = {
        "plate": vehicle.plate,
        "service_date": vehicle.next_service_on.isoformat() if vehicle.next_service_on else "",
        "service_kilometres": str(await next_service_km(ask.session, vehicle)),
        "recall": "recall-open" if has_recall else "",
    }
    result = "recall" if has_recall else "found"
    return Done(result=result, facts=facts, customer_id=customer_id, vehicle_id=vehicle.id)


def _meant(vehicles: Sequence[Vehicle], proven: int | None, recalled: set[int]) -> Vehicle | None:
    return min(
        vehicles,
        key=lambda one: (one.id != proven, one.id not in recalled, one.next_service_on or date.max, one.id),
        default=None,
    )
