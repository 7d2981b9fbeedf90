"""Who leads, as the database says it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class TelephonyLead(Base):
    """One row. `until` is by the database's clock: those of two machines need not agree."""

    __tablename__ = "telephony_lead"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime]
