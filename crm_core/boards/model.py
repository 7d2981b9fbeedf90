"""Tables of wallboards and of the screens that show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Wallboard(Base):
    """`settings` are those of boards.settings as JSON, `before` those that the last change replaced, {} = none.

    The standard board is no row: it is always there and nobody can spoil it.
    """

    __tablename__ = "wallboard"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(16))
    removed_at: Mapped[datetime | None]


class BoardScreen(Base):
    """A screen on the wall that reads one board (`board_id` None = the standard one) without a sign-in.

    `digest` is the SHA-256 of its token, which is shown once; `networks` are CIDR blocks, [] = from everywhere.
    """

    __tablename__ = "board_screen"

    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int | None] = mapped_column(ForeignKey("wallboard.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(5), default="zh-CN")
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime | None]
    seen_from: Mapped[str] = mapped_column(String(45), default="")
    revoked_at: Mapped[datetime | None]
