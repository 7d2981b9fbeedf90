"""Callbacks and voice messages. Written by history.writer from the feed; what people do is in `MessageStep`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false
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
    """What a caller said instead of waiting; its sound is the recording `<contact>-m`. Open until somebody is done.

    `owner` works on it; while it is offered to an agent `offered_to` may take it until `offered_until`. `due_at` and
    `topic` are set by the watch (watch.py) soon after it was left. `found` = we found the sound, nobody told of it.
    `heard` is what a machine understood, `text` what a person made of it; both are kept. `text_state`: "" = not
    tried yet, ready, silent (no speech in it), no_model or failed.
    """

    __tablename__ = "voice_message"
    __table_args__ = (
        Index("ix_voice_message_open", "done_at", "left_at"),
        Index("ix_voice_message_text", "text_state", "left_at"),
    )

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str] = mapped_column(String(40), default="")
    caller: Mapped[str] = mapped_column(String(20), default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(16), default="")
    topic: Mapped[str] = mapped_column(String(20), default="", server_default="")
    due_at: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(String(16), default="", server_default="", index=True)
    offered_to: Mapped[str] = mapped_column(String(16), default="", server_default="")
    offered_until: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(16), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    told: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    found: Mapped[bool] = mapped_column(default=False, server_default=false())
    text_state: Mapped[str] = mapped_column(String(12), default="", server_default="")
    heard: Mapped[str] = mapped_column(Text, default="", server_default="")
    heard_by: Mapped[str] = mapped_column(String(60), default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    text_by: Mapped[str] = mapped_column(String(16), default="", server_default="")
    text_at: Mapped[datetime | None]


class MessageStep(Base):
    """Something that happened with a message. `kind` is a word of steps.Step; `actor` "system" = by itself."""

    __tablename__ = "message_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("voice_message.contact_id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
