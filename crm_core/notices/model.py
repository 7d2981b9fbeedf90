"""A person was told of something; it stays until that person has read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class WorkNotice(Base):
    """`about` is message or score with the contact's id as `subject`, campaign ("<campaign>/<entry>") or shifts.

    `kind`: remind, escalate, lost, found, low, opted_out, and those of crm_core.shifts.

    `about` keyword: `subject` is a recording's id, `kind` the topic whose word was said.
    """

    __tablename__ = "work_notice"
    __table_args__ = (Index("ix_work_notice", "number", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
