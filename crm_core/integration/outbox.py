"""Telling other systems what changed: in the same transaction as the change, so that neither is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.integration.model import OutboxEvent


async def tell(
    session: AsyncSession, kind: str, subject: str, payload: Mapping[str, Any] | None = None, *, at: datetime
) -> None:
    """`kind` e.g. "lead.won", `subject` e.g. "lead/17"; `payload` holds plain JSON values, no more than is needed."""
    session.add(OutboxEvent(kind=kind, subject=subject, at=at, payload=dict(payload or {})))
