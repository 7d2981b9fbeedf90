"""The rules of contact as they hold now, and saving new ones: versioned, under all their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.rules import FIRST_RULES, ContactRules, problems, rules_from, state_of
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import WorkforceVersion

KIND, SUBJECT = "contact", "rules"


async def stored_state(session: AsyncSession, kind: str, subject: str) -> dict[str, Any] | None:
    """What the last save of settings without a table of their own left; None = never saved."""
    latest = (
        select(WorkforceVersion.after)
        .where(WorkforceVersion.kind == kind, WorkforceVersion.subject == subject)
        .order_by(WorkforceVersion.number.desc())
        .limit(1)
    )
    return await session.scalar(latest)


async def contact_rules(session: AsyncSession) -> ContactRules:
    state = await stored_state(session, KIND, SUBJECT)
    return rules_from(state) if state else FIRST_RULES


async def save_contact_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In effect for the next question at the gate. Raises Unusable with a sentence per field, or SavedMeanwhile."""
    wrong = problems(state)
    if wrong:
        raise Unusable(wrong)
    before = await stored_state(session, KIND, SUBJECT) or state_of(FIRST_RULES)
    after = state_of(rules_from(state))
    return await versions.record(session, KIND, SUBJECT, before=before, after=after, actor=actor, at=at, base=base)
