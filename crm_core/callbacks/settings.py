"""The rules of voice messages as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.rules import FIRST_RULES, MessageRules, problems, rules_from, state_of
from crm_core.consent.settings import stored_state
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import WorkforceVersion

KIND, SUBJECT = "messages", "rules"


async def message_rules(session: AsyncSession) -> MessageRules:
    state = await stored_state(session, KIND, SUBJECT)
    return rules_from(state) if state else FIRST_RULES


async def save_message_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """For messages that are left from now on; a due time that runs stays. Raises Unusable or SavedMeanwhile."""
    wrong = problems(state)
    if wrong:
        raise Unusable(wrong)
    before = await stored_state(session, KIND, SUBJECT) or state_of(FIRST_RULES)
    after = state_of(rules_from(state))
    return await versions.record(session, KIND, SUBJECT, before=before, after=after, actor=actor, at=at, base=base)
