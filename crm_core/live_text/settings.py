"""The switches in force, and saving others: versioned, audited, undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.live_text.rules import FIRST, LiveTextRules, problems, rules_from, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "live_text", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST, rules_from, state_of, problems)


async def live_text_rules(session: AsyncSession) -> LiveTextRules:
    return await _STORED.now(session)


async def save_live_text(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In force within seconds, in talks that go on, too. Raises Unusable (a sentence per field) or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
