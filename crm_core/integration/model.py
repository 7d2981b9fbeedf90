"""What other systems are told, by which key they may ask, where they are told, and what their screens open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class OutboxEvent(Base):
    """`kind`: e.g. "case.opened"; `subject`: e.g. "case/17". Written with the change it tells of.

    `sequence` is given once the row can be seen by all (integration.sequence): ids are handed out before their
    transactions end, so that a reader who goes by ids would pass over a late one.
    """

    __tablename__ = "outbox_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sequence: Mapped[int | None] = mapped_column(unique=True)


class ApiKey(Base):
    """One other system. `digest` is the SHA-256 of the token, which is shown once; `prefix` is its readable start.

    `scopes` are words of integration.scopes.Scope; `dealer_id` None = every dealer's data; `networks` are CIDR
    blocks it may ask from, [] = from everywhere. In the audit log it is "key:<id>".
    """

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    prefix: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    dealer_id: Mapped[int | None] = mapped_column(ForeignKey("dealer.id"))
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    per_minute: Mapped[int] = mapped_column(default=300)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_address: Mapped[str] = mapped_column(String(45), default="")
    revoked_at: Mapped[datetime | None]


class KeptAnswer(Base):
    """What a key was answered to a request with this idempotency key; committed together with the effect."""

    __tablename__ = "kept_answer"

    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))  # of method, path and body
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    at: Mapped[datetime] = mapped_column(index=True)


class Webhook(Base):
    """A place that is told. `kinds` are events' kinds, "case.*" or "*"; `position` the last sequence it was told.

    `old_secret` is signed with, too, until `old_secret_until`. `paused_at` with its reason: nothing is sent.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    secret: Mapped[str] = mapped_column(String(80))
    old_secret: Mapped[str] = mapped_column(String(80), default="")
    old_secret_until: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(String(20), default="")  # failing | by_hand | gone
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(16))


class WebhookDelivery(Base):
    """One attempt to tell a place of one event. `event_id` None = the test button's."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery", "webhook_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[int | None]
    message_id: Mapped[str] = mapped_column(String(40))  # the header webhook-id
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(index=True)
    milliseconds: Mapped[int]
    status: Mapped[int | None]  # of the answer; None = there was none
    request: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(String(16), default="", server_default="")  # integration.trouble.Trouble
    failure: Mapped[str] = mapped_column(String(200), default="")  # what the libraries said


class ScreenPop(Base):
    """An address of another CRM that an agent's browser opens for a call. `moment`: ringing or answer.

    `opens`: button (the agent clicks) or tab (by itself, in one tab for each row).
    """

    __tablename__ = "screen_pop"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    template: Mapped[str] = mapped_column(String(500))
    moment: Mapped[str] = mapped_column(String(8), default="ringing")
    opens: Mapped[str] = mapped_column(String(8), default="button")
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class ScreenPopHost(Base):
    """A host that screen-pop addresses may lead to."""

    __tablename__ = "screen_pop_host"

    host: Mapped[str] = mapped_column(String(120), primary_key=True)
