"""Everything the customer's page shows, as facts. Without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from crm_core.callbacks.model import Callback
from crm_core.cases.model import Case
from crm_core.customers.model import (
    Customer,
    CustomerAddress,
    CustomerHandle,
    CustomerPhone,
    CustomerProfile,
    CustomerRelation,
)
from crm_core.dealers.model import CareTask, Dealer
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLine:
    """`shared_with` are the names of other customers who have the number, at most three."""

    phone: CustomerPhone
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationLine:
    """A person beside the customer. `name` is the other customer's own where they are one; `e164` "" = none known.

    `inverse`: the other one named this customer, with `relation` as the other one said it.
    """

    relation: CustomerRelation
    name: str
    other_id: int | None
    inverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeMark:
    """A point of a vehicle's life strip: `kind` delivery, visit, open_visit or next_service."""

    on: date
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLine:
    """`roles` are this customer's; `others` are (customer id, name, role) of everybody else, at most six."""

    vehicle: Vehicle
    roles: tuple[str, ...]
    others: tuple[tuple[int, str, str], ...]
    marks: tuple[LifeMark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """`dealer` is the short name, `owner` the name of who is in charge at the dealer or in the centre."""

    case: Case
    dealer: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLine:
    task: CareTask
    staff: str
    dealer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLine:
    lead: Lead
    staff: str
    dealer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """`vehicles` are the newest of `vehicle_count`; `open_cases` the most urgent of `open_case_count`.

    `contacts_90_days` counts every channel and direction; `spent_yuan` is what was bought, delivered and serviced.
    """

    customer: Customer
    dealer: Dealer | None
    profile: CustomerProfile | None
    phones: tuple[PhoneLine, ...]
    addresses: tuple[CustomerAddress, ...]
    handles: tuple[CustomerHandle, ...]
    relations: tuple[RelationLine, ...]
    vehicles: tuple[VehicleLine, ...]
    vehicle_count: int
    open_cases: tuple[CaseLine, ...]
    open_case_count: int
    leads: tuple[LeadLine, ...]
    care: tuple[CareLine, ...]
    callbacks: tuple[Callback, ...]
    contacts_90_days: int
    last_contact_at: datetime | None
    vehicles_bought: int
    last_visit_on: date | None

    def age(self, now: datetime) -> int | None:
        """In years of the calendar; None = unknown."""
        return now.year - self.customer.birth_year if self.customer.birth_year else None
