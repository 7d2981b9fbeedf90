"""The rules of contact as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.rules import FIRST_RULES, ContactRules, problems, rules_from, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "contact", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST_RULES, rules_from, state_of, problems)


async def contact_rules(session: AsyncSession) -> ContactRules:
    return await _STORED.now(session)


async def save_contact_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In effect for the next question at the gate. Raises Unusable with a sentence per field, or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
