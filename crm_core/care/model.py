"""What the rules of care will want and no list has yet: written by the planner, so that a calendar need not reckon."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class CareOutlook(Base):
    """One contact to come: too early for its list, or its campaign does not call. `rule` is the id of its rule.

    Birthdays are not here: care.outlook counts them where they stand, on the customers.
    """

    __tablename__ = "care_outlook"
    __table_args__ = (
        UniqueConstraint("subject", "rule", name="uq_care_outlook"),
        Index("ix_care_outlook_day", "due_on", "rule", "dealer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(40))  # as CareTask.subject
    rule: Mapped[str] = mapped_column(String(16))
    due_on: Mapped[date]
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    person: Mapped[str] = mapped_column(String(40), default="")
