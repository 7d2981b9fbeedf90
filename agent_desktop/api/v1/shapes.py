"""The words of the public API: what is answered. Times are ISO 8601 in UTC, numbers E.164."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer
from crm_core.history.model import Contact
from crm_core.integration.model import OutboxEvent
from crm_core.leads.model import Lead

Item = TypeVar("Item")
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)


def _of_our_time(value: datetime) -> datetime:
    """A time near the edges of the calendar cannot be turned into another zone."""
    if not _FIRST <= value.date() < _LAST:
        raise ValueError("between 1990 and 2100")
    return value.astimezone(UTC)


def _day_of_our_time(value: date) -> date:
    if not _FIRST <= value < _LAST:
        raise ValueError("between 1990 and 2100")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Day = Annotated[date, AfterValidator(_day_of_our_time)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Strict(BaseModel):
    """What is sent to us: an unknown field is a mistake that is told."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Page(BaseModel, Generic[Item]):
    """`next` is the cursor of the next page; null = this is the last."""

    items: list[Item]
    next: str | None


class PhoneOut(BaseModel):
    number: str = Field(examples=["+8613843107706"])
    label: str


class CustomerOut(BaseModel):
    id: int
    kind: str
    name: str
    salutation: str
    city: str
    language: str
    preference: str
    customer_class: str
    life_cycle_stage: str
    dealer_id: int | None
    sales_consultant: str
    service_adviser: str
    phones: list[PhoneOut]
    created_at: datetime
    updated_at: datetime | None

    @staticmethod
    def of(row: Customer) -> CustomerOut:
        phones = [PhoneOut(number=phone.e164, label=phone.label) for phone in row.phones]
        return CustomerOut(**plain(CustomerOut, row, "phones"), phones=phones)


class ContactOut(BaseModel):
    """A finished contact; `kind`, `disposition` and `note` are what the agent wrote."""

    id: str
    channel: str
    direction: str
    caller: str
    entry: str
    customer_id: int | None
    vehicle_id: int | None
    queue: str
    agent: str
    outcome: str | None
    kind: str
    sub_kind: str
    disposition: str
    note: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def of(row: Contact) -> ContactOut:
        return ContactOut(**plain(ContactOut, row))


class CaseOut(BaseModel):
    number: str
    kind: str
    sub_kind: str
    level: str
    title: str
    detail: str
    status: str
    stage: str
    result: str
    customer_id: int
    vehicle_id: int | None
    dealer_id: int | None
    owner: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    satisfaction: int | None

    @staticmethod
    def of(row: Case) -> CaseOut:
        return CaseOut(**plain(CaseOut, row))


class LeadOut(BaseModel):
    number: str
    customer_id: int
    source: str
    model: str
    wish: str
    budget_wan: int | None
    trade_in: str
    test_drive: bool
    buy_by: date | None
    horizon: str
    status: str
    dealer_id: int | None
    created_at: datetime
    sent_at: datetime | None
    feedback_due_at: datetime | None
    closed_at: datetime | None
    lost_reason: str

    @staticmethod
    def of(row: Lead) -> LeadOut:
        return LeadOut(**plain(LeadOut, row))


class DealerOut(BaseModel):
    id: int
    code: str
    name: str
    short_name: str
    province: str
    city: str
    address: str
    phone: str
    rescue_phone: str
    region: str
    services: list[str]
    latitude: float
    longitude: float
    opens: str
    closes: str

    @staticmethod
    def of(row: Dealer) -> DealerOut:
        return DealerOut(**plain(DealerOut, row))


class EventOut(BaseModel):
    """As a webhook is told. `id` is its webhook-id."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]

    @staticmethod
    def of(row: OutboxEvent) -> EventOut:
        return EventOut(
            id=f"evt_{row.id}", type=row.kind, timestamp=row.at, data={"subject": row.subject, **row.payload}
        )


def plain(shape: type[BaseModel], row: Any, *without: str) -> dict[str, Any]:
    """The fields of a shape as the row's columns of the same names have them."""
    return {name: getattr(row, name) for name in shape.model_fields if name not in without}
