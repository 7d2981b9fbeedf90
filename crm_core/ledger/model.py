"""Checks of a day and what they found. The rules are in reports.ledger; written only by crm_core.ledger.actions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class LedgerRun(Base):
    """One check of one day. `state`: waiting, running, done or failed (`failure` says why).

    `sums` is reports.ledger_rows.Sums as JSON. Asterisk's log told of the time from `logged_from` to `logged_until`;
    both NULL = there was no log, and nothing was compared with it. `done` of `steps` is how far it got.
    """

    __tablename__ = "ledger_run"
    __table_args__ = (Index("ix_ledger_run_day", "day", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(16), default="")  # "" = the nightly check
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    steps: Mapped[int] = mapped_column(default=0)
    sums: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    found: Mapped[int] = mapped_column(default=0)  # findings that were open at its end
    deaf_seconds: Mapped[float] = mapped_column(default=0.0)
    logged_from: Mapped[datetime | None]
    logged_until: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(200), default="")


class LedgerFinding(Base):
    """One thing of one day that does not agree. `kind` is a word of reports.ledger_rows.Kind, `detail` its facts.

    `subject` is the contact, leg, agent, queue or file; `contact_id` the contact where there is one, which need not be
    in our history. `resolved_by` "" = it was no more found; else the person, and `remedy` what was done: added, ended
    or accepted.
    """

    __tablename__ = "ledger_finding"
    __table_args__ = (
        UniqueConstraint("day", "kind", "subject", name="uq_ledger_finding"),
        Index("ix_ledger_finding_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(80))
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(String(16), default="")
    remedy: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
