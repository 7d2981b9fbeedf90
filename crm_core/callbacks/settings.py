"""The rules of voice messages as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.rules import FIRST_RULES, MessageRules, problems, rules_from, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "messages", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST_RULES, rules_from, state_of, problems)


async def message_rules(session: AsyncSession) -> MessageRules:
    return await _STORED.now(session)


async def save_message_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """For messages that are left from now on; a due time that runs stays. Raises Unusable or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
