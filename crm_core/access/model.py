"""Who may sign in, as what, since when; and who did what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class User(Base):
    """`number` is the personnel number typed at sign-in; `roles` are words of access.roles.Role, comma-separated.

    `dealer_id` is whose data a dealer's person sees, `region` whose dealers a regional manager sees: see access.reach.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(8), default="zh-CN")
    theme: Mapped[str] = mapped_column(String(8), default="light")
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"), index=True)
    region: Mapped[str] = mapped_column(String(20), default="")
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())  # the password is a one-time one
    disabled_at: Mapped[datetime | None]


class SignInSession(Base):
    """`id` is the SHA-256 of the cookie's opaque value: a stolen table opens no session."""

    __tablename__ = "sign_in_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45), default="")


class AuditEntry(Base):
    """`hash` covers this row and the one before: a changed or missing row shows."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(16), index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(80), default="", index=True)
    detail: Mapped[str] = mapped_column(Text, default="")
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """One row: how many audit entries there are and the hash of the last. Its lock puts writers in a row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")


class SignInFailure(Base):
    """A wrong password, kept for the throttle; `number` is what was typed, cut to the column."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), index=True)
    address: Mapped[str] = mapped_column(String(45), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
