"""Who works when: kinds of shift, the draft and the published plan, its steps, and what agents ask for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class ShiftKind(Base):
    """Times in minutes of the site's day; `ends` over 1440 lies in the next one. `breaks` are [begins, ends] inside.

    An empty table means `kinds.FIRST_KINDS`. A retired kind stays on the plans that have it.
    """

    __tablename__ = "shift_kind"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(30))
    begins: Mapped[int]
    ends: Mapped[int]
    breaks: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)


class PlannedShift(Base):
    """An agent's shift on a day, once in the draft and once as published; times are its own, not those of the kind."""

    __tablename__ = "planned_shift"
    __table_args__ = (
        UniqueConstraint("agent", "day", "published", name="uq_shift_agent_day"),
        Index("ix_shift_day", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]
    published: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(20))
    begins: Mapped[int]
    ends: Mapped[int]
    breaks: Mapped[list[list[int]]] = mapped_column(JSON, default=list)


class PlanStep(Base):
    """One change of the draft, so that it can be undone: cells [agent, day, kind or ""] before and after."""

    __tablename__ = "plan_step"
    __table_args__ = (Index("ix_plan_step_week", "week", "actor"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date]
    actor: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    before: Mapped[list[list[Any]]] = mapped_column(JSON)
    after: Mapped[list[list[Any]]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)


class PlanPublication(Base):
    """The week's plan of these agents was shown to them."""

    __tablename__ = "plan_publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    agents: Mapped[list[str]] = mapped_column(JSON)


class ShiftWish(Base):
    """`kind` leave, illness, training (of the days), or swap: `agent` gives the shift of `first_day` to `other` and
    takes the one that `other` has on `last_day`.

    `state`: asked (of a swap: the colleague has not answered), agreed, approved, refused, withdrawn.
    """

    __tablename__ = "shift_wish"
    __table_args__ = (Index("ix_wish_agent", "agent", "first_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(10))
    first_day: Mapped[date]
    last_day: Mapped[date]
    other: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(16), default="")
    answer: Mapped[str] = mapped_column(String(200), default="")
