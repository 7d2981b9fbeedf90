"""The centre's rules for all dealers: read by every page and job, saved with a number and into the audit log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.dealers.care_rules import Rules, problems, read_rules
from crm_core.dealers.network_model import NetworkRules
from crm_core.errors import Refused
from crm_core.workforce.fields import Unusable

ONLY = 1


async def rules_of(session: AsyncSession) -> tuple[Rules, int]:
    """The rules in force and the number of their save; 0 = never saved, the defaults hold."""
    row = await session.get(NetworkRules, ONLY)
    return (read_rules(row.rules), row.number) if row else (Rules(), 0)


async def save_rules(session: AsyncSession, rules: Rules, *, base: int, actor: str, at: datetime) -> int:
    """Gives the new number. Raises Unusable, and Refused when somebody saved since the page was made."""
    wrong = problems(rules)
    if wrong:
        raise Unusable(wrong)
    row = await session.scalar(select(NetworkRules).where(NetworkRules.id == ONLY).with_for_update())
    if (row.number if row else 0) != base:
        raise Refused("These rules were saved by somebody else meanwhile. Load the page again.")
    if row is None:
        row = NetworkRules(id=ONLY, number=0, rules={}, at=at, by=actor)
        session.add(row)
    before = row.rules
    row.number, row.rules, row.at, row.by = base + 1, asdict(rules), at, actor
    told = changed(before or asdict(Rules()), row.rules, version=row.number)
    await audit(session, at=at, actor=actor, action="network_rules_saved", detail=told)
    return row.number
