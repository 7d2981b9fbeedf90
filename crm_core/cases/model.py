"""A case: what a customer asked for, what is still to be done, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Case(Base):
    """`number` is what people say, e.g. GD-0713-0183. `kind`: a word of history.model.ContactKind."""

    __tablename__ = "case_file"
    __table_args__ = (Index("ix_case_open", "customer_id", "closed_at"),)

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
