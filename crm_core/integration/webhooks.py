"""Webhooks: subscribing, changing, pausing, replaying, turning the secret; and the log of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.integration.addresses import check_url
from crm_core.integration.deliver import WEBHOOK, new_secret
from crm_core.integration.model import OutboxEvent, Webhook, WebhookDelivery
from crm_core.integration.webhook_rules import OVERLAP, check_kinds
from crm_core.jobs.actions import cancel, schedule


async def subscribe(
    session: AsyncSession, *, name: str, url: str, kinds: Sequence[str], actor: str, at: datetime
) -> Webhook:
    """A new place, told of everything from now on. Its `secret` is shown once by the page."""
    clean, checked = _checked(name, url, kinds)
    last = await session.scalar(select(func.max(OutboxEvent.sequence))) or 0
    webhook = Webhook(name=clean, url=url, kinds=checked, secret=new_secret(), position=last)
    webhook.created_at, webhook.created_by = at, actor
    session.add(webhook)
    await session.flush()
    await schedule(session, WEBHOOK, str(webhook.id), at)
    await audit(session, at=at, actor=actor, action="webhook_added", subject=f"webhook/{webhook.id}", detail=url)
    return webhook


async def change(
    session: AsyncSession, webhook_id: int, *, name: str, url: str, kinds: Sequence[str], actor: str, at: datetime
) -> Webhook:
    webhook = await one(session, webhook_id)
    webhook.name, webhook.kinds = _checked(name, url, kinds)
    webhook.url = url
    await audit(session, at=at, actor=actor, action="webhook_changed", subject=f"webhook/{webhook_id}", detail=url)
    return webhook


async def turn_secret(session: AsyncSession, webhook_id: int, *, actor: str, at: datetime) -> Webhook:
    """A new secret; for a day both sign, so that the receiver can change it without losing an event."""
    webhook = await one(session, webhook_id)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, at + OVERLAP
    webhook.secret = new_secret()
    await audit(session, at=at, actor=actor, action="webhook_secret_turned", subject=f"webhook/{webhook_id}")
    return webhook


async def pause(session: AsyncSession, webhook_id: int, *, actor: str, at: datetime) -> Webhook:
    webhook = await one(session, webhook_id)
    webhook.paused_at, webhook.pause_reason = at, "by_hand"
    await cancel(session, WEBHOOK, str(webhook_id))
    await audit(session, at=at, actor=actor, action="webhook_paused", subject=f"webhook/{webhook_id}")
    return webhook


async def resume(session: AsyncSession, webhook_id: int, *, actor: str, at: datetime) -> Webhook:
    """Goes on where it stopped: nothing that happened meanwhile is lost."""
    webhook = await one(session, webhook_id)
    webhook.paused_at, webhook.pause_reason, webhook.failing_since, webhook.tries = None, "", None, 0
    await schedule(session, WEBHOOK, str(webhook_id), at)
    await audit(session, at=at, actor=actor, action="webhook_resumed", subject=f"webhook/{webhook_id}")
    return webhook


async def replay(session: AsyncSession, webhook_id: int, *, since: datetime, actor: str, at: datetime) -> int:
    """Tell again everything from `since` on, with the old webhook-ids; gives how many events that are."""
    webhook = await one(session, webhook_id)
    later = OutboxEvent.at >= since
    first = await session.scalar(select(func.min(OutboxEvent.sequence)).where(later))
    count = await session.scalar(select(func.count()).where(later, OutboxEvent.sequence.is_not(None))) or 0
    if first is None:
        raise Invalid("Nothing has happened since then. Choose an earlier time.", field="since")
    webhook.position = min(webhook.position, first - 1)
    await schedule(session, WEBHOOK, str(webhook_id), at)
    told = since.isoformat()
    await audit(session, at=at, actor=actor, action="webhook_replayed", subject=f"webhook/{webhook_id}", detail=told)
    return count


async def remove(session: AsyncSession, webhook_id: int, *, actor: str, at: datetime) -> None:
    """With its log."""
    webhook = await one(session, webhook_id)
    await cancel(session, WEBHOOK, str(webhook_id))
    await session.delete(webhook)
    told = f"{webhook.name} {webhook.url}"
    await audit(session, at=at, actor=actor, action="webhook_removed", subject=f"webhook/{webhook_id}", detail=told)


async def webhooks(session: AsyncSession) -> list[Webhook]:
    return list(await session.scalars(select(Webhook).order_by(Webhook.id)))


async def waiting(session: AsyncSession, webhook: Webhook) -> int:
    """How many numbered events are after its position, wanted or not."""
    return await session.scalar(select(func.count()).where(OutboxEvent.sequence > webhook.position)) or 0


async def log(session: AsyncSession, webhook_id: int, *, before: int = 0, limit: int = 50) -> list[WebhookDelivery]:
    """The latest attempts first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if before:
        statement = statement.where(WebhookDelivery.id < before)
    return list(await session.scalars(statement.order_by(WebhookDelivery.id.desc()).limit(limit)))


async def one(session: AsyncSession, webhook_id: int) -> Webhook:
    """Raises NotFound."""
    found = await session.get(Webhook, webhook_id) if 0 < webhook_id < 2**31 else None
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def _checked(name: str, url: str, kinds: Sequence[str]) -> tuple[str, list[str]]:
    if not name.strip():
        raise Invalid("Name the system that is told.", field="name")
    check_url(url)
    return storable(name.strip(), 60), check_kinds(kinds)
