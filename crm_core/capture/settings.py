"""The setting in force, and saving another one: versioned and undone as every rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.capture.rules import FIRST, Capture, capture_from, problems, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "capture", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST, capture_from, state_of, problems)


async def capture_rules(session: AsyncSession) -> Capture:
    return await _STORED.now(session)


async def save_capture(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In force as soon as telephony is told. Raises Unusable with a sentence per field, or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
