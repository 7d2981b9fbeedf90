"""An event puts the planning of its customer on the list of jobs, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.actions import schedule

CARE_PLAN = "care_plan"
"""Everybody, key "site": every morning, and after an import or new rules."""
CARE_OF = "care_of"
"""One customer, whose number is the key."""


async def plan_soon(session: AsyncSession, customer_ids: Iterable[int | None], at: datetime) -> None:
    """Something happened to these customers: plan them afresh. Twice is as once."""
    for customer_id in sorted({one for one in customer_ids if one is not None}):
        await schedule(session, CARE_OF, str(customer_id), at)


async def plan_everybody_soon(session: AsyncSession, at: datetime) -> None:
    """Begins again from the first customer when it is under way."""
    await schedule(session, CARE_PLAN, "site", at)
