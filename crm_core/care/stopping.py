"""Stops tasks that the gate forbids and frees them when it does not any more; asks for those due by tomorrow."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer
from crm_core.dealers.model import CareTask

COMPLAINT, REFUSED = "complaint", "refused"
NOON = time(12)


async def stop_and_free(session: AsyncSession, customer_ids: Collection[int], *, at: datetime, zone: tzinfo) -> None:
    """An open complaint or a refusal stops what is due; its end frees it again."""
    today = at.astimezone(zone).date()
    due = CareTask.due_on <= today + timedelta(days=1)
    rows = await session.scalars(
        select(CareTask).where(
            CareTask.customer_id.in_(customer_ids),
            CareTask.dealer_id.is_not(None),
            due,
            CareTask.status.in_(("open", "stopped")),
        )
    )
    tasks = [one for one in rows if one.status == "open" or one.reason in (COMPLAINT, REFUSED)]
    complaining = await _complaining(session, {one.customer_id for one in tasks})
    for task in tasks:
        reason = COMPLAINT if task.customer_id in complaining else ""
        reason = reason or await _refusal(session, task, today, at=at, zone=zone)
        task.status, task.reason = ("stopped", reason) if reason else ("open", "")


async def _complaining(session: AsyncSession, customer_ids: Collection[int]) -> set[int]:
    found = select(Case.customer_id).where(
        Case.customer_id.in_(customer_ids), Case.kind == "complaint", Case.closed_at.is_(None)
    )
    return set(await session.scalars(found)) if customer_ids else set()


async def _refusal(session: AsyncSession, task: CareTask, today: date, *, at: datetime, zone: tzinfo) -> str:
    """Asked for noon: what only the hour forbids is no refusal."""
    noon = max(at, datetime.combine(today, NOON, zone))
    purpose, channel = Purpose(task.purpose), Channel(task.channel)
    verdict = await may_contact(session, task.customer_id, purpose, channel, at=noon, zone=zone)
    return REFUSED if verdict.answer is Answer.NO else ""
