"""Advertisements, shows and mailings, with the regions and days they ran in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class MediaAction(Base):
    """`medium` is a word of media.actions.MEDIA. `regions` are those of `Dealer.region`, [] = everywhere.

    It ran from `first_day` to `last_day`, both included. A removed one keeps its row: reports that named it stay true.
    """

    __tablename__ = "media_action"
    __table_args__ = (Index("ix_media_action_days", "last_day", "first_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    medium: Mapped[str] = mapped_column(String(10))
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)
    first_day: Mapped[date]
    last_day: Mapped[date]
    cost_yuan: Mapped[int] = mapped_column(default=0)  # 0 = not told
    note: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class MediaResponse(Base):
    """So many responses of one source in one minute, as another system told: visits of the website, say.

    `source` is a word of media.responses.SOURCES.
    """

    __tablename__ = "media_response"

    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
