"""A report's link kept under a name; with `every` it is also mailed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class SavedReport(Base):
    """`report` is an id of the catalogue, `query` what its address asks for; `period` a moving period ("" = as in
    query).

    `every`: "" = only kept, daily, weekly (on `weekday`, 1 = Monday) or monthly (on `month_day`, at most 28), at
    `minute` of the site's day. `result`: "" = not sent yet, sent, failed, or the word of why nobody may have it any
    more; `told` is the sentence of a failure, `tries` the failures since the last that worked.
    """

    __tablename__ = "saved_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(80))
    report: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(Text, default="")
    period: Mapped[str] = mapped_column(String(16), default="")
    form: Mapped[str] = mapped_column(String(8), default="pdf")
    every: Mapped[str] = mapped_column(String(8), default="")
    weekday: Mapped[int] = mapped_column(default=1)
    month_day: Mapped[int] = mapped_column(default=1)
    minute: Mapped[int] = mapped_column(default=480)
    recipients: Mapped[list[str]] = mapped_column(JSON, default=list)
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(16), default="")
    told: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
