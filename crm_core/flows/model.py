"""Flows, their versions and test cases, and the nodes that each call came through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class FlowRow(Base):
    """`published` is the number of the version in force, 0 = none yet. `changes` grows with each publishing."""

    __tablename__ = "flow"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    published: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)


class FlowVersion(Base):
    """`state`: draft (at most one of a flow, changed by saving), published or replaced. `revision` counts its saves."""

    __tablename__ = "flow_version"
    __table_args__ = (UniqueConstraint("flow", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    number: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    author: Mapped[str] = mapped_column(String(16))
    saved_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(16), default="")
    published_at: Mapped[datetime | None]


class FlowTest(Base):
    """A test case: what a caller brings and does, and the nodes that this must lead through. See `ivr.trial.Trial`."""

    __tablename__ = "flow_test"
    __table_args__ = (UniqueConstraint("flow", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    case: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(16))
    saved_at: Mapped[datetime]


class MenuVisit(Base):
    """A call came to a node, by a key or result, and went on after `seconds`. `hung_up` = it did not go on."""

    __tablename__ = "menu_visit"
    __table_args__ = (Index("ix_menu_visit_flow", "flow", "version", "entered_at"),)

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    node: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(40), default="")
    entered_at: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(default=0.0)
    hung_up: Mapped[bool] = mapped_column(default=False)
