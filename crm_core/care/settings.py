"""The rules of care in force, and saving them: checked, versioned, undone like every setting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign
from crm_core.care.checks import problems
from crm_core.care.rulebook import By, CareRules, read_rules, shipped, write_rules
from crm_core.care.soon import plan_everybody_soon
from crm_core.dealers.rules_actions import rules_of
from crm_core.errors import Invalid
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

KIND, SUBJECT = "care", "rules"
DIALLED = ("preview", "progressive", "predictive", "voice")


async def care_rules(session: AsyncSession) -> CareRules:
    return await (await _stored(session)).now(session)


async def save_care_rules(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """In effect within seconds: everybody is planned afresh. Raises Unusable with a sentence per field,
    or SavedMeanwhile."""
    stored = await _stored(session)
    wrong = problems(state) or await _campaign_problems(session, state)
    if wrong:
        raise Unusable(wrong)
    saved = await stored.save(session, state, base=base, actor=actor, at=at)
    if saved is not None:
        await plan_everybody_soon(session, at)
    return saved


async def feeding(session: AsyncSession, campaign_id: int) -> CareRules:
    """The rules in force that put customers on this campaign's list."""
    return tuple(
        one for one in await care_rules(session) if one.on and one.by is By.CENTRE and one.campaign == campaign_id
    )


async def _stored(session: AsyncSession) -> StoredRules[CareRules]:
    old, _ = await rules_of(session)
    return StoredRules(KIND, SUBJECT, shipped(old), read_rules, write_rules, problems)


async def _campaign_problems(session: AsyncSession, state: Mapping[str, Any]) -> list[Invalid]:
    wanted = {rule["campaign"]: rule for rule in state["rules"] if rule["by"] == By.CENTRE and rule["on"]}
    found = {one.id: one for one in await session.scalars(select(Campaign).where(Campaign.id.in_(wanted)))}
    wrong = []
    for key, rule in wanted.items():
        campaign = found.get(key)
        if campaign is None or campaign.status == "ended" or campaign.mode not in DIALLED:
            wrong.append(Invalid("This campaign is over or calls nobody. Choose another one.", field="campaign"))
        elif campaign.purpose != rule["purpose"]:
            wrong.append(Invalid("The campaign calls for another purpose. Choose the same.", field="purpose"))
    return wrong
