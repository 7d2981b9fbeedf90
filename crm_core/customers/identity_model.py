"""Who may be the same customer twice, which two were made one, and under which number other systems know a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class CustomerDuplicate(Base):
    """Two customers who may be one; `one_id` is the smaller id. `state`: open, refused (不是同一人) or merged.

    `reasons` is a list of {kind, value, points}, see customers.matching; their points add up to the score.
    """

    __tablename__ = "customer_duplicate"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id", name="uq_customer_duplicate"),
        Index("ix_customer_duplicate_state", "state", "score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    score: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(8), default="open")
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(String(120), default="")


class DuplicateCheck(Base):
    """A customer whose name, number, vehicle, address or the like changed: to be compared again. Deleted when done."""

    __tablename__ = "duplicate_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(index=True)


class DuplicateRun(Base):
    """One comparison of all customers: `position` is the last customer's id that was compared, of `last_id`."""

    __tablename__ = "duplicate_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    began_by: Mapped[str] = mapped_column(String(16), default="")


class CustomerMerge(Base):
    """`drop_id` became part of `keep_id`, until `undone_at`. `chosen` are the fields taken from the dropped one."""

    __tablename__ = "customer_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    keep_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    drop_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    chosen: Mapped[list[str]] = mapped_column(JSON, default=list)
    merged_at: Mapped[datetime] = mapped_column(index=True)
    merged_by: Mapped[str] = mapped_column(String(16), default="")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(String(16), default="")


class MergeRow(Base):
    """One row that a merge touched. `key` is its primary key after the merge; `before` and `after` hold the columns
    that changed. `after` None = the row was taken out, because the kept customer had the same; `before` is all of it.
    """

    __tablename__ = "customer_merge_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("customer_merge.id", ondelete="CASCADE"), index=True)
    of_table: Mapped[str] = mapped_column(String(63))
    key: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class CustomerKey(Base):
    """The number under which another system (DMS, ERP, an imported list) knows a customer."""

    __tablename__ = "customer_key"
    __table_args__ = (UniqueConstraint("system", "key", name="uq_customer_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    system: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(40))
