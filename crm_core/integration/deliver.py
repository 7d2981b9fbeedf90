"""Telling the places that want to know: in order, again after failures, at least once, with the same webhook-id.

No transaction is open while another system is waited for: what to send is read in one, sent outside of all, and
noted in another. A crash between sending and noting sends it again.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook as Signer

from crm_core import clock
from crm_core.access.audit import audit
from crm_core.db import Database
from crm_core.errors import NotFound
from crm_core.integration import once
from crm_core.integration.model import OutboxEvent, Webhook, WebhookDelivery
from crm_core.integration.post import Reply, Ways, post
from crm_core.integration.sequence import number_events
from crm_core.integration.webhook_rules import GONE, accepted, next_try, wants
from crm_core.jobs.runner import Due, Handler

LOOK_EVERY = timedelta(seconds=2)
MOST_IN_A_ROW = 20  # then others' turn
READ_AT_ONCE = 200
LOG_KEPT = timedelta(days=30)
WEBHOOK, ORDER, SWEEP = "webhook", "outbox_order", "integration_sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent. `sequence` 0 = the test button's; `after` is the position it was read at."""

    webhook_id: int
    message_id: str
    kind: str
    url: str
    body: str
    headers: Mapping[str, str]
    event_id: int | None = None
    sequence: int = 0
    after: int = 0


def handlers(database: Database, ways: Ways) -> Mapping[str, Handler]:
    """For a runner of their own, so that a slow receiver holds up nobody's reminder."""

    async def tell(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        return await deliver(database, int(job.key), ways, at)

    async def order(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await number_events(session)
        return at + LOOK_EVERY / 2

    async def tidy(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await once.sweep(session, at)
        await session.execute(delete(WebhookDelivery).where(WebhookDelivery.at < at - LOG_KEPT))
        return at + timedelta(hours=6)

    return {WEBHOOK: tell, ORDER: order, SWEEP: tidy}


async def deliver(database: Database, webhook_id: int, ways: Ways, at: datetime) -> datetime | None:
    """Send what is due to one place; gives when to look again, None = never (it is paused or removed)."""
    for _ in range(MOST_IN_A_ROW):
        async with database.begin() as session:
            message = await next_message(session, webhook_id, at)
        if message is None:
            async with database.begin() as session:
                webhook = await session.get(Webhook, webhook_id)
                return at + LOOK_EVERY if webhook is not None and webhook.paused_at is None else None
        reply = await _post(message, ways)
        async with database.begin() as session:
            again = await note(session, message, reply, at)
        if again != at:
            return again
    return at


async def next_message(session: AsyncSession, webhook_id: int, at: datetime) -> Message | None:
    """The first event after its position that the place wants; what it does not want is passed over."""
    webhook = await session.get(Webhook, webhook_id, with_for_update=True)
    if webhook is None or webhook.paused_at is not None:
        return None
    while True:
        statement = select(OutboxEvent).where(OutboxEvent.sequence > webhook.position)
        events = list(await session.scalars(statement.order_by(OutboxEvent.sequence).limit(READ_AT_ONCE)))
        for event in events:
            if wants(webhook.kinds, event.kind):
                return _message(webhook, event, at)
            webhook.position = event.sequence or webhook.position
        if len(events) < READ_AT_ONCE:
            return None


async def note(session: AsyncSession, message: Message, reply: Reply, at: datetime) -> datetime | None:
    """Write the attempt down. `at` = go on with the next, later = try again then, None = paused."""
    session.add(_logged(message, reply, at))
    webhook = await session.get(Webhook, message.webhook_id, with_for_update=True)
    if webhook is None or webhook.paused_at is not None:
        return None
    if accepted(reply.status):
        if webhook.position == message.after:  # else a replay moved it back while this one was sent
            webhook.position = message.sequence
        webhook.failing_since, webhook.tries = None, 0
        return at
    webhook.failing_since, webhook.tries = webhook.failing_since or at, webhook.tries + 1
    again = None if reply.status == GONE else next_try(webhook.tries, webhook.failing_since, at)
    if again is None:
        webhook.paused_at, webhook.pause_reason = at, "gone" if reply.status == GONE else "failing"
        subject = f"webhook/{webhook.id}"
        await audit(session, at=at, actor="system", action="webhook_paused", subject=subject, detail=webhook.name)
    return again


async def send_test(database: Database, webhook_id: int, ways: Ways, at: datetime) -> Reply:
    """One event "hotline.test", outside the order; also to a place that is paused. It is on the log."""
    async with database.begin() as session:
        webhook = await session.get(Webhook, webhook_id)
        if webhook is None:
            raise NotFound("There is no such webhook.")
        message = _signed(webhook, f"test_{secrets.token_hex(8)}", "hotline.test", {"subject": "test"}, at, happened=at)
    reply = await _post(message, ways)
    async with database.begin() as session:
        session.add(_logged(message, reply, at))
    return reply


def new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


async def _post(message: Message, ways: Ways) -> Reply:
    return await post(message.url, message.body.encode(), message.headers, ways=ways)


def _message(webhook: Webhook, event: OutboxEvent, at: datetime) -> Message:
    data = {"subject": event.subject, **event.payload}
    signed = _signed(webhook, f"evt_{event.id}", event.kind, data, at, happened=event.at)
    return replace(signed, event_id=event.id, sequence=event.sequence or 0, after=webhook.position)


def _signed(
    webhook: Webhook,
    message_id: str,
    kind: str,
    data: Mapping[str, Any],
    at: datetime,
    *,
    happened: datetime,
) -> Message:
    """Headers and body as the specification "Standard Webhooks" has them."""
    told = {"type": kind, "timestamp": happened.isoformat().replace("+00:00", "Z"), "data": data}
    body = json.dumps(told, ensure_ascii=False, default=str)
    # Receivers refuse a signature older than five minutes: it is made for each attempt.
    seconds = clock.from_instant(float(int(clock.instant(at))))
    secrets_now = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until is not None and webhook.old_secret_until > at:
        secrets_now.append(webhook.old_secret)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Hotline-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(seconds.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(message_id, seconds, body) for secret in secrets_now),
    }
    return Message(
        webhook_id=webhook.id,
        message_id=message_id,
        kind=kind,
        url=webhook.url,
        body=body,
        headers=headers,
    )


def _logged(message: Message, reply: Reply, at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=message.webhook_id,
        event_id=message.event_id,
        message_id=message.message_id,
        kind=message.kind,
        at=at,
        milliseconds=reply.milliseconds,
        status=reply.status,
        request=message.body[:20_000],
        answer=reply.text,
        trouble=reply.trouble or "",
        failure=reply.failure,
    )
