"""When the hotline is staffed: calendars with their weeks and special days, and the emergency switch."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.db import Base


class CalendarRow(Base):
    """Opening hours for the hotline numbers in `entries`; [] = every number that no other calendar names.

    `week` holds seven days, Monday first, each a list of [begin, end] in minutes of the site's day; 1440 = midnight.
    """

    __tablename__ = "calendar"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    entries: Mapped[list[str]] = mapped_column(JSON, default=list)
    week: Mapped[list[list[list[int]]]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(default=0)

    days: Mapped[list[CalendarDay]] = relationship(
        lazy="raise", order_by="CalendarDay.day", cascade="all, delete-orphan"
    )


class CalendarDay(Base):
    """A day that differs from the week. `kind`: holiday (closed), workday (as `as_weekday`, 0 = Monday), hours."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("calendar", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar: Mapped[str] = mapped_column(ForeignKey("calendar.id", ondelete="CASCADE"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), default="")
    as_weekday: Mapped[int] = mapped_column(default=0)
    spans: Mapped[list[list[int]]] = mapped_column(JSON, default=list)


class Closure(Base):
    """The hotline was closed by a person; in force until `ends_at` or until somebody opens again.

    `entries` [] = all numbers. `prompt` is what callers hear, a key of the prompt catalogue.
    """

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[list[str]] = mapped_column(JSON, default=list)
    prompt: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(120), default="")
    began_at: Mapped[datetime]
    began_by: Mapped[str] = mapped_column(String(16))
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(16), default="")
