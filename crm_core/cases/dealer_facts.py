"""What is shown of a complaint: plain facts, the same for the centre and the dealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_core.cases.story import PersonName
from crm_core.files.model import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerComplaint:
    """`step` is a word of `step_of`. `used` of seven cells are full; `colour`: calm, late or over."""

    case_id: int
    number: str
    title: str
    dealer_id: int
    customer_id: int
    customer: str
    salutation: str
    customer_class: str
    plate: str
    model: str
    sub_kind: str
    level: str
    calls: int
    stage: str
    step: str
    support: str
    owner: str
    opened_at: datetime
    due_at: datetime | None
    stage_due_at: datetime | None
    closed_at: datetime | None
    days_used: int
    used: int
    colour: str
    seconds_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStep:
    """`state`: done, current, todo, or skipped in a complaint that the centre solved itself.

    Of a step that was done again the last time counts; `times` says how often.
    """

    stage: str
    state: str
    began_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    by: str = ""
    by_name: PersonName | None = None
    times: int = 0

    @property
    def seconds(self) -> float | None:
        return (self.done_at - self.began_at).total_seconds() if self.done_at and self.began_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerEvent:
    """`kind` is a word of cases.events; `by` the person's names, None = the platform."""

    kind: str
    at: datetime
    actor: str
    by: PersonName | None
    text: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDetail:
    """One complaint as both sides read it. `phone` is the customer's first number; `report` its last report."""

    line: DealerComplaint
    detail: str
    fields: Mapping[str, Any]
    phone: str
    vin: str
    mileage_km: int
    staff_id: int | None
    contact_by: datetime | None
    contacted_at: datetime | None
    status: str
    satisfaction: int | None
    steps: tuple[LoopStep, ...]
    events: tuple[DealerEvent, ...]
    recordings: tuple[int, ...]
    contacts: tuple[str, ...]
    files: tuple[StoredFile, ...]
    report: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSuggestion:
    """`skill` is the word of the case that the person knows, "" = none fits; `open_cases` is what they have already."""

    staff_id: int
    name: str
    title: str
    skill: str
    open_cases: int
