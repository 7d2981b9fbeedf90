"""A case: what a customer asked for, what is still to be done, by whom, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Case(Base):
    """`number` is what people say, e.g. GD-0713-0183. `kind`: a word of history.model.ContactKind.

    `status`: open, paused (its clock stands), reported (the dealer says it is solved) or closed.
    `stage` is the step of a complaint's loop, see cases.loop; "" = no loop. `level`: normal, escalated or major.
    `owner` is the number of the person of the centre, `staff_id` the owner at the dealer (问题负责人).
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_open", "customer_id", "closed_at"),
        Index("ix_case_due", "closed_at", "due_at"),
        Index("ix_case_dealer", "dealer_id", "closed_at", "due_at"),
        Index("ix_case_owner", "owner", "closed_at", "due_at"),
        Index("ix_case_problem", "model", "part_code", "opened_at"),
        Index("ix_case_customer", "customer_id", "opened_at"),
        Index("ix_case_vehicle", "vehicle_id", "opened_at"),
        Index("ix_case_opened", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(16), default="open")
    steps: Mapped[str] = mapped_column(Text, default="[]")  # JSON: [{"name","done_on"}], the current one first undone
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"))
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    sub_kind: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = mapped_column(String(10), default="normal")
    stage: Mapped[str] = mapped_column(String(20), default="")
    owner: Mapped[str] = mapped_column(String(16), default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("dealer_staff.id"))
    opened_by: Mapped[str] = mapped_column(String(16), default="")
    contact_id: Mapped[str] = mapped_column(String(64), default="")  # the contact that opened it
    relation: Mapped[str] = mapped_column(String(16), default="")  # the caller's, as in history.dispositions
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the kind's template asks
    model: Mapped[str] = mapped_column(String(60), default="")  # of the vehicle, for the radar
    part_code: Mapped[str] = mapped_column(String(40), default="")
    part_name: Mapped[str] = mapped_column(String(60), default="")
    respond_by: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(String(40), default="")
    paused_seconds: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(default=0)  # how many levels of people were told
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    result: Mapped[str] = mapped_column(String(24), default="")
    satisfaction: Mapped[int | None]  # 1 to 5, with the handling; None = not asked
    contact_by: Mapped[datetime | None]  # when the dealer's owner means to speak with the customer
    contacted_at: Mapped[datetime | None]  # when that was done, since the owner was named
    support: Mapped[str] = mapped_column(String(10), default="")  # the maker's: "", asked or answered
    form_version: Mapped[int] = mapped_column(default=0)  # of the template that `fields` was entered in; 0 = as shipped
    told: Mapped[list[str]] = mapped_column(JSON, default=list)  # alarms that people were told of, see cases.alarms
    why_owner: Mapped[str] = mapped_column(String(120), default="")  # the rule or the person that chose the owner


class CaseStage(Base):
    """One step of a complaint's loop with its own clock; a step that is done again has one more row."""

    __tablename__ = "case_stage"
    __table_args__ = (Index("ix_case_stage_due", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(16), default="")


class CaseEvent(Base):
    """What happened to a case, never changed. `for_dealer` = the dealer sees it, too.

    `kind` is a word of cases.events.CaseEventKind; `text` is what a person wrote, `detail` the facts.
    """

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event", "case_id", "at"), Index("ix_case_event_kind", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    for_dealer: Mapped[bool] = mapped_column(default=True)


class CaseContact(Base):
    """A contact about a case; `Contact.case_id` names the one it was about most."""

    __tablename__ = "case_contact"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True)


class CaseRules(Base):
    """Rules that people edit, as data: `name` is clocks, assignment, levels, radar or form/<kind>. None = as shipped.

    Each save is a version of kind "case_rules" in workforce.versions.
    """

    __tablename__ = "case_rules"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class CaseNotice(Base):
    """A person was told of a case. `kind`: assigned, remind, escalate, returned, support, answered, report or group."""

    __tablename__ = "case_notice"
    __table_args__ = (Index("ix_case_notice", "number", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16))  # whose: a personnel number
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    clock: Mapped[str] = mapped_column(String(20), default="")  # what runs out: respond, solve, pause or a stage
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class RescueRun(Base):
    """Where the broken vehicle stands and which station goes there. Positions in degrees; None = not known."""

    __tablename__ = "rescue_run"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    road: Mapped[str] = mapped_column(String(120), default="")
    km: Mapped[str] = mapped_column(String(20), default="")
    landmark: Mapped[str] = mapped_column(String(120), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    station_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    truck: Mapped[str] = mapped_column(String(60), default="")  # plate or driver, as the station says it
    eta_at: Mapped[datetime | None]
