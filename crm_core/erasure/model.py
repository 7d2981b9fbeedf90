"""A customer's request for erasure and each thing it covers, kept as proof with names that outlive what they name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class ErasureRequest(Base):
    """`whole` = the person goes, too, not only sound, texts and notes.

    `state`: asked, running (confirmed), done or dropped. `how`: second (another person confirmed) or typed.

    `proof` is the SHA-256 over the items of a done one; the audit log's entry has it, too. No name is kept here.
    """

    __tablename__ = "erasure_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    whole: Mapped[bool] = mapped_column(default=False, server_default=false())
    why: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(8), default="asked", index=True)
    how: Mapped[str] = mapped_column(String(8), default="")
    confirmed_by: Mapped[str] = mapped_column(String(16), default="")
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    erased: Mapped[int] = mapped_column(default=0)
    stayed: Mapped[int] = mapped_column(default=0)
    proof: Mapped[str] = mapped_column(String(64), default="")


class ErasureItem(Base):
    """One thing. `kind`: a word of erasure.scope; `subject` names it, e.g. "recording:17".

    `result`: "" = not yet, erased, stayed or missing. `why` of what stayed: a word of erasure.scope.Why. `sha256` is of
    the sound, or of the text in UTF-8, read immediately before it went.
    """

    __tablename__ = "erasure_item"
    __table_args__ = (Index("ix_erasure_item_open", "request_id", "result", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("erasure_request.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(120))
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    result: Mapped[str] = mapped_column(String(8), default="")
    why: Mapped[str] = mapped_column(String(8), default="")
    bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime | None]
