"""Campaigns, their lists and every attempt. An attempt's row is committed before its call is placed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base

CAUSED = text("subject <> ''")
"""Of entries with a cause. A condition that begins with this very text uses their index."""


class Campaign(Base):
    """`status`: draft, sample (only entries of the sample are dialled), running, paused or ended.

    `mode`: preview, progressive, predictive, voice (a survey without an agent) or link. `queue` names the agents and
    their rules; voice and link have none. `settings` are campaigns.rules.Settings. `questionnaire_version` 0 = the one
    that is published when the customer is asked. `revision` counts saves: a save names the one it began from.
    """

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(8), default="draft", index=True)
    mode: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(16))  # consent.purposes.Purpose
    in_name_of: Mapped[str] = mapped_column(String(20), default="centre")  # or sales_consultant, service_adviser
    queue: Mapped[str] = mapped_column(String(40), default="")
    questionnaire_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire.id"))
    questionnaire_version: Mapped[int] = mapped_column(default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(String(200), default="")


class CampaignEntry(Base):
    """One customer of a campaign's list. `subject` is the cause, e.g. "delivery/17": one entry for each cause.

    `state`: waiting (from `due_at` on), dialling, unsettled (nobody knows what became of the last attempt: a person
    decides), handed (its dealer calls, see care.handover), or the end of it: done, refused (see `reason`), exhausted
    (all attempts used), removed. `reason` with `reason_values` is a sentence of consent.verdict, also of a waiting one
    that may not be called now. `result` is that of the last attempt, or by_dealer. `e164` "" = the customer's best
    number at the moment of dialling.
    """

    __tablename__ = "campaign_entry"
    __table_args__ = (
        UniqueConstraint("campaign_id", "customer_id", "subject", name="uq_campaign_entry"),
        Index("ix_campaign_entry_due", "campaign_id", "state", "due_at"),
        Index("ix_campaign_entry_customer", "customer_id", "state"),
        Index("ix_campaign_entry_reason", "campaign_id", "state", "reason"),
        Index("ix_campaign_entry_page", "campaign_id", "id"),
        # Those that a rule of care or an answer brought; read by crm_core.care.listed.
        Index("ix_campaign_entry_cause", "due_at", "subject", sqlite_where=CAUSED, postgresql_where=CAUSED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(40), default="")
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    in_name_of: Mapped[str] = mapped_column(String(40), default="")  # the consultant's or adviser's name
    e164: Mapped[str] = mapped_column(String(20), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(String(160), default="")
    reason_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(String(20), default="")
    sample: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    work_id: Mapped[int | None]  # the CampaignWork that added it; None = by hand or by a rule of care
    ended_at: Mapped[datetime | None]


class CampaignAttempt(Base):
    """One call of ours to a customer, written before it is placed. `call` is its ChannelId and its contact's id.

    `result` "" = open. Else: answered (an agent talked), answered_by_voice (a survey without an agent), machine,
    dropped (a person answered and no agent was there: counts against the limit), hung_up (left before that), no_answer,
    busy, refused (by the customer's side), failed (by a network), not_placed (never reached the line: may be dialled
    again as the same attempt's successor), withdrawn (the gate said no at the last moment), or unsettled.
    `machine`: "" = not looked for, human, machine or unsure. `settled_by`: event, live, cel, or a person's number.
    `evidence` is the proof that the call was allowed: the consent's id, time and words, the rules asked, the hours.
    """

    __tablename__ = "campaign_attempt"
    __table_args__ = (
        UniqueConstraint("entry_id", "number", name="uq_campaign_attempt"),
        Index("ix_campaign_attempt_placed", "campaign_id", "placed_at"),
        Index("ix_campaign_attempt_result", "campaign_id", "result", "placed_at"),
        Index("ix_campaign_attempt_customer", "customer_id", "placed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(String(64), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("campaign_entry.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    number: Mapped[int]
    e164: Mapped[str] = mapped_column(String(20))
    agent: Mapped[str] = mapped_column(String(16), default="")
    placed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(20), default="")
    machine: Mapped[str] = mapped_column(String(8), default="")
    cause: Mapped[int] = mapped_column(default=0)
    sip_code: Mapped[int] = mapped_column(default=0)
    settled_by: Mapped[str] = mapped_column(String(16), default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    disposition: Mapped[str] = mapped_column(String(24), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class CampaignWork(Base):
    """Long work on a campaign's list, done batch by batch behind the pages: a page shows how far it is.

    `kind`: segment or import (entries are added; `source` is its id), check (who may be called now) or undo (what the
    fill `source` added leaves the list). `position` is where the next batch begins; it moves in the transaction of the
    batch's rows. `counts` has added, there (was on the list already), wrong_number, unknown (no customer has it) and
    several (more than one has it) for a list; for a check yes, and the number of customers by the reason why not; for
    an undo taken_back and called (they stay). `state`: running, done, failed (`failure`) or stopped.
    """

    __tablename__ = "campaign_work"
    __table_args__ = (Index("ix_campaign_work", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8), default="running")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    failure: Mapped[str] = mapped_column(String(200), default="")
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(16), default="")
