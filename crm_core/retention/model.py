"""Holds, the nightly lists of what is to be deleted, and each deletion with its proof. Nothing here is ever removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class RecordingHold(Base):
    """All recordings of this contact stay, however old they are (legal hold), until somebody releases it."""

    __tablename__ = "recording_hold"

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    why: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class RecordingWish(Base):
    """What a customer asked for: `days` after a talk its sound goes (0 = with the next night's list)."""

    __tablename__ = "recording_wish"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int]
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class RetentionRun(Base):
    """One list: recordings that began before `older_than`. It is shown for a day before anything of it is deleted.

    `state`: listed, done, or dropped (the setting was changed meanwhile). The counts are of a run that is done.
    """

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    listed_at: Mapped[datetime] = mapped_column(index=True)
    older_than: Mapped[datetime]
    days: Mapped[int]
    count: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="listed")
    ended_at: Mapped[datetime | None]
    deleted: Mapped[int] = mapped_column(default=0)
    spared: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)


class RetentionItem(Base):
    """One recording of a list and what became of it: the proof, with names that outlive the rows they name.

    `result`: "" = not yet, deleted, spared or missing (no file was there). `why` of a spared one: hold, case, message,
    open or setting. `bytes` and `sha256` are of the kept file, read immediately before it was removed.
    """

    __tablename__ = "retention_item"
    __table_args__ = (Index("ix_retention_item_result", "run_id", "result", "recording_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("retention_run.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(64))
    leg_id: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(8), default="")
    why: Mapped[str] = mapped_column(String(8), default="")
    bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime | None]
