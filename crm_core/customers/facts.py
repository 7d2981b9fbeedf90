"""What the pages show of a customer: plain facts, without the database behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from crm_core.cases.model import Case
from crm_core.history.model import Contact
from crm_core.vehicles.model import Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFacts:
    phone_id: int
    e164: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFacts:
    """`roles` are the customer's to this vehicle: buyer, user, driver."""

    vehicle_id: int
    vin: str
    plate: str
    model: str
    energy: str
    roles: tuple[str, ...]
    sold_on: date | None
    mileage_km: int
    warranty_until: date | None
    next_service_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    name: str
    done_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """An open case. The first step without `done_on` is the current one."""

    case_id: int
    number: str
    kind: str
    title: str
    detail: str
    status: str
    opened_at: datetime
    due_at: datetime | None
    vehicle_id: int | None
    dealer: str
    steps: tuple[CaseStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """A contact in the customer's column. `talk_seconds` is the sum over the agents who talked."""

    contact_id: str
    channel: str
    direction: str
    kind: str
    sub_kind: str
    disposition: str
    outcome: str
    queue: str
    agent: str
    agent_name: str
    started_at: datetime
    talk_seconds: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCard:
    """Everything the screen pop shows of a customer. `age` is in years of the calendar, None = unknown."""

    customer_id: int
    kind: str
    name: str
    salutation: str
    age: int | None
    customer_class: str
    class_reason: str
    life_cycle_stage: str
    language: str
    preference: str
    city: str
    dealer_id: int | None
    dealer: str
    dealer_short: str
    sales_consultant: str
    service_adviser: str
    phones: tuple[PhoneFacts, ...]
    vehicles: tuple[VehicleFacts, ...]
    open_cases: tuple[CaseFacts, ...]
    last_contacts: tuple[ContactFacts, ...]
    contacts_90_days: int
    last_agent: str
    last_agent_name: str
    last_agent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChoice:
    """One of several who may be calling, with the vehicles that tell them apart: (plate, model) pairs."""

    customer_id: int
    name: str
    salutation: str
    kind: str
    customer_class: str
    city: str
    vehicles: tuple[tuple[str, str], ...]


def vehicle_facts(vehicle: Vehicle, roles: list[str]) -> VehicleFacts:
    return VehicleFacts(
        vehicle_id=vehicle.id,
        vin=vehicle.vin,
        plate=vehicle.plate,
        model=vehicle.model,
        energy=vehicle.energy,
        roles=tuple(roles),
        sold_on=vehicle.sold_on,
        mileage_km=vehicle.mileage_km,
        warranty_until=vehicle.warranty_until,
        next_service_on=vehicle.next_service_on,
    )


def case_facts(case: Case, dealer: str | None) -> CaseFacts:
    return CaseFacts(
        case_id=case.id,
        number=case.number,
        kind=case.kind,
        title=case.title,
        detail=case.detail,
        status=case.status,
        opened_at=case.opened_at,
        due_at=case.due_at,
        vehicle_id=case.vehicle_id,
        dealer=dealer or "",
        steps=read_steps(case.steps),
    )


def contact_facts(contact: Contact, agent_name: str, seconds: float) -> ContactFacts:
    return ContactFacts(
        contact_id=contact.id,
        channel=contact.channel,
        direction=contact.direction,
        kind=contact.kind,
        sub_kind=contact.sub_kind,
        disposition=contact.disposition,
        outcome=contact.outcome or "",
        queue=contact.queue,
        agent=contact.agent,
        agent_name=agent_name,
        started_at=contact.started_at,
        talk_seconds=seconds,
        note=contact.note,
    )


def read_steps(text: str) -> tuple[CaseStep, ...]:
    """The steps of `Case.steps`; unreadable text is no steps, for a card must always show."""
    try:
        return tuple(
            CaseStep(name=str(step["name"]), done_on=date.fromisoformat(step["done_on"]) if step["done_on"] else None)
            for step in json.loads(text)
        )
    except (ValueError, TypeError, KeyError):
        return ()
