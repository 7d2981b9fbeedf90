"""What people add to a forecast, the goal of each queue's staffing, saved scenarios, and volumes from before us."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class StaffingGoal(Base):
    """How a queue is to be staffed. Service level and its seconds are those of the queue itself.

    `patience_seconds` is the mean time after which a caller gives up; 0 = measured from the history.
    """

    __tablename__ = "staffing_goal"

    queue: Mapped[str] = mapped_column(String(40), primary_key=True)
    occupancy_percent: Mapped[int] = mapped_column(default=85)
    shrinkage_percent: Mapped[int] = mapped_column(default=12)
    patience_seconds: Mapped[int] = mapped_column(default=0)
    model: Mapped[str] = mapped_column(String(1), default="A")  # of Erlang: A (callers give up) or C


class ForecastCorrection(Base):
    """From `from_minute` to `until_minute` of the day the forecast counts `percent` of what it would be."""

    __tablename__ = "forecast_correction"
    __table_args__ = (Index("ix_correction_day", "day", "queue"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    percent: Mapped[int]
    reason: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class PastVolume(Base):
    """A day of a queue from before the history of this site: callers of each half hour, mean handling in seconds."""

    __tablename__ = "past_volume"
    __table_args__ = (UniqueConstraint("queue", "day", name="uq_past_volume"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    counts: Mapped[list[int]] = mapped_column(JSON)
    handling_seconds: Mapped[int] = mapped_column(default=0)


class Scenario(Base):
    """A what-if that was kept: what was changed, and what each queue would have had, see reports.what_if_result."""

    __tablename__ = "what_if_scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    day: Mapped[date]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    days_played: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
