"""The lists of words and the queues that are transcribed, as they hold now, and saving others: versioned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.transcripts.keywords import FIRST, Listening, listening_from, problems, state_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "keywords", "rules"
_STORED = StoredRules(KIND, SUBJECT, FIRST, listening_from, state_of, problems)


async def listening(session: AsyncSession) -> Listening:
    return await _STORED.now(session)


async def save_listening(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """For talks that are transcribed from now on. Raises Unusable with a sentence per field, or SavedMeanwhile."""
    return await _STORED.save(session, state, base=base, actor=actor, at=at)
