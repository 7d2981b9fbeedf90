"""How calls go out and how much may be dialled, as it holds now, and saving it: versioned, audited, undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.lines import limits, outgoing
from crm_core.lines.limits import DialLimits
from crm_core.lines.outgoing import OutgoingRules
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.stored_rules import StoredRules

OUTGOING, LIMITS, SUBJECT = "outgoing", "dial_limits", "rules"
_OUTGOING = StoredRules(OUTGOING, SUBJECT, outgoing.FIRST, outgoing.rules_from, outgoing.state_of, outgoing.problems)
_LIMITS = StoredRules(LIMITS, SUBJECT, limits.FIRST, limits.limits_from, limits.state_of, limits.problems)


async def outgoing_rules(session: AsyncSession) -> OutgoingRules:
    return await _OUTGOING.now(session)


async def save_outgoing(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """For calls from now on. Raises Unusable (a sentence per field) or SavedMeanwhile."""
    return await _OUTGOING.save(session, state, base=base, actor=actor, at=at)


async def dial_limits(session: AsyncSession) -> DialLimits:
    return await _LIMITS.now(session)


async def save_dial_limits(
    session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """For calls from now on; what was dialled in the last hour counts. Raises Unusable or SavedMeanwhile."""
    return await _LIMITS.save(session, state, base=base, actor=actor, at=at)
