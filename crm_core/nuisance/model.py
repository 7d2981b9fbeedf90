"""Marks on numbers, each with who, why and how it was taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class NuisanceMark(Base):
    """One person's word that a number is a nuisance. It counts until it is taken back, less with every day.

    `reason` is a word of nuisance.scoring.REASONS; `weight` is what the word of such a person counts.
    """

    __tablename__ = "nuisance_mark"
    __table_args__ = (Index("ix_nuisance_mark_number", "e164", "undone_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[str] = mapped_column(String(64), default="")  # the call in which it was seen
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(120), default="")
    by: Mapped[str] = mapped_column(String(16))
    weight: Mapped[int]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(String(16), default="")
