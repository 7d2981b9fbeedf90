"""The rules of leads as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.leads.rules import FIRST_RULES, LeadRules, problems, rules_from, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "leads", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST_RULES, rules_from, state_of, problems)


async def lead_rules(session: AsyncSession) -> LeadRules:
    return await _STORED.now(session)


async def save_lead_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In effect for what happens from now on; clocks that run keep their time. Raises Unusable or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
