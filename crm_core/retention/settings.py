"""The setting in force, and saving another one: versioned, undone; fewer than 30 days are noted apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.retention.rules import FIRST, LEAST_DAYS, Retention, problems, rules_from, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "retention", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST, rules_from, state_of, problems)


async def retention_rules(session: AsyncSession) -> Retention:
    return await _STORED.now(session)


async def save_retention(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In force from the next night's list on. Raises Unusable with a sentence per field, or SavedMeanwhile."""
    saved = await _STORED.save(session, state, base=base, actor=actor, at=at)
    shortest = min(rules_from(state).limits, default=LEAST_DAYS)
    if saved is not None and shortest < LEAST_DAYS:
        detail = noting(days=shortest, least=LEAST_DAYS)
        await audit(session, at=at, actor=actor, action="retention_shortened", subject=SUBJECT, detail=detail)
    return saved
