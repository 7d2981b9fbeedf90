"""Callbacks and voice messages. Written by history.writer from the feed; people only mark a message as done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Callback(Base):
    """A place kept for a caller who hung up. `attempts` are the calls made for it, `tried` those that rang at the
    customer's; each is a contact of its own, `cb-<id>-<number>`. `result`: "" = open, reached, given_up, cancelled or
    returned (the customer called again)."""

    __tablename__ = "callback"
    __table_args__ = (Index("ix_callback_open", "result", "since"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    priority: Mapped[int] = mapped_column(default=0)
    booked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    tried: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(16), default="")


class VoiceMessage(Base):
    """What a caller said instead of waiting; its sound is the recording `<contact>-m`. Open until somebody is done."""

    __tablename__ = "voice_message"
    __table_args__ = (Index("ix_voice_message_open", "done_at", "left_at"),)

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), default="")
    caller: Mapped[str] = mapped_column(String(20), default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(16), default="")
