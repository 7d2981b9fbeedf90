"""Drafts, what was sent, and when a flash is written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Bulletin(Base):
    """`kind`: weekly or flash. `status`: draft, sent or dropped. What was sent is never changed.

    `subject` is what it is about: "" for a weekly one, else the rule that fired, e.g. "topic/brakes" or
    "abandon/repair"; one bulletin for each subject, day and language. `figures` are the numbers the text was drafted
    from, kept so that it can be checked later; `text` is Markdown. `mailed`: "" = to nobody, waiting, sent or failed;
    `told` is what the mail server said of a failure.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "first_day", "language", name="uq_bulletin"),
        Index("ix_bulletin_made", "kind", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(80), default="")
    language: Mapped[str] = mapped_column(String(8), default="zh-CN")
    first_day: Mapped[date]
    last_day: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(8), default="draft")
    revision: Mapped[int] = mapped_column(default=1)  # counts the saves: two people do not overwrite each other
    made_by: Mapped[str] = mapped_column(String(16), default="")  # "system" = a rule fired, or the week was over
    made_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(16), default="")
    changed_at: Mapped[datetime | None]
    sent_by: Mapped[str] = mapped_column(String(16), default="")
    sent_at: Mapped[datetime | None]
    recipients: Mapped[list[str]] = mapped_column(JSON, default=list)
    mailed: Mapped[str] = mapped_column(
        String(8), default="", server_default=""
    )  # "" = to nobody; waiting, sent, failed
    told: Mapped[str] = mapped_column(
        String(500), default="", server_default=""
    )  # what the mail server said of a failure


class BulletinRules(Base):
    """One row: when a flash is drafted and to whom bulletins go, as in bulletins.rules.Rules."""

    __tablename__ = "bulletin_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(16), default="")
