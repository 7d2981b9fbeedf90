"""What the caller probably wants and why we think so: the first sentence of the pop, as facts for the page to word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_core.customers.facts import CaseFacts, CustomerCard, VehicleFacts

# What a menu section has to do with: kinds of cases.
_CASE_KINDS = {
    "repair": ("repair", "rescue"),
    "complaint": ("complaint",),
    "rescue": ("rescue",),
    "enquiry": ("enquiry", "material", "order"),
    "suggestion": ("suggestion",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why we think so. `key`: menu, open_case, due_soon, overdue, called_lately, service_due, warranty_ends
    or new_vehicle.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """`key`: case_progress (values: title, number), service_due (model, plate, on), warranty_ends (model, plate, on),
    called_again (kind, days), new_vehicle (model, days), topic (topic), unknown. `case_id` and `vehicle_id` tell
    what it is about.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    grounds: tuple[Ground, ...] = ()
    case_id: int | None = None
    vehicle_id: int | None = None


def probable_reason(card: CustomerCard, topic: str, *, now: datetime) -> Guess:
    """The likeliest reason first: an open case that fits the menu, then what is due, then the menu alone."""
    menu = (Ground(key="menu", values={"topic": topic}),) if topic else ()
    rules: tuple[Callable[[CustomerCard, str, datetime], Guess | None], ...] = (
        _open_case,
        _called_again,
        _new_vehicle,
        _due,
    )
    for rule in rules:
        guess = rule(card, topic, now)
        if guess is not None:
            return Guess(
                key=guess.key,
                values=guess.values,
                grounds=menu + guess.grounds,
                case_id=guess.case_id,
                vehicle_id=guess.vehicle_id,
            )
    if topic:
        return Guess(key="topic", values={"topic": topic}, grounds=menu)
    return Guess(key="unknown")


def _open_case(card: CustomerCard, topic: str, now: datetime) -> Guess | None:
    fitting = [case for case in card.open_cases if not topic or case.kind in _CASE_KINDS.get(topic, (case.kind,))]
    # Somebody who calls just before a promise is due asks about it, whatever key was pressed.
    pressing = [case for case in card.open_cases if case.due_at and case.due_at < now + timedelta(days=1)]
    case = next(iter(fitting), None) or (next(iter(pressing), None) if topic != "rescue" else None)
    if case is None:
        return None
    return Guess(
        key="case_progress",
        values={"title": case.title, "number": case.number},
        grounds=(_case_ground(case, now),),
        case_id=case.case_id,
        vehicle_id=case.vehicle_id,
    )


def _case_ground(case: CaseFacts, now: datetime) -> Ground:
    values = {"number": case.number, "kind": case.kind, "due_at": case.due_at}
    if case.due_at is None or case.due_at > now + timedelta(days=1):
        return Ground(key="open_case", values=values)
    return Ground(key="overdue" if case.due_at < now else "due_soon", values=values)


def _called_again(card: CustomerCard, topic: str, now: datetime) -> Guess | None:
    last = next((contact for contact in card.last_contacts if contact.direction == "inbound" and contact.kind), None)
    if last is None or now - last.started_at > timedelta(days=3) or (topic and last.kind != topic):
        return None
    days = (now - last.started_at).days
    ground = Ground(key="called_lately", values={"at": last.started_at, "agent": last.agent_name, "note": last.note})
    return Guess(key="called_again", values={"kind": last.kind, "days": days}, grounds=(ground,))


def _new_vehicle(card: CustomerCard, topic: str, now: datetime) -> Guess | None:
    if topic not in ("", "enquiry"):
        return None
    for vehicle in card.vehicles:
        if vehicle.sold_on and 0 <= (now.date() - vehicle.sold_on).days <= 30:
            days = (now.date() - vehicle.sold_on).days
            ground = Ground(key="new_vehicle", values={"sold_on": vehicle.sold_on})
            values = {"model": vehicle.model, "days": days}
            return Guess(key="new_vehicle", values=values, grounds=(ground,), vehicle_id=vehicle.vehicle_id)
    return None


def _due(card: CustomerCard, topic: str, now: datetime) -> Guess | None:
    if topic not in ("", "repair", "enquiry"):
        return None
    today = now.date()
    for vehicle in card.vehicles:
        service, warranty = vehicle.next_service_on, vehicle.warranty_until
        if service and abs((service - today).days) <= 30:
            return _about(vehicle, "service_due", service)
        if warranty and 0 <= (warranty - today).days <= 60:
            return _about(vehicle, "warranty_ends", warranty)
    return None


def _about(vehicle: VehicleFacts, key: str, on: object) -> Guess:
    values = {"model": vehicle.model, "plate": vehicle.plate, "on": on}
    return Guess(key=key, values=values, grounds=(Ground(key=key, values=values),), vehicle_id=vehicle.vehicle_id)
