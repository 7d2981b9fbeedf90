"""What every act on a lead shares: the locked row, its step, the event that tells it, the audit at the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.care.soon import plan_soon
from crm_core.consent.verdict import Answer, Verdict
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.jobs.actions import cancel
from crm_core.leads.model import Lead, LeadEvent
from crm_core.leads.progress import after
from crm_core.leads.words import AT_THE_CENTRE, CLOSED, Act, LeadStatus

CLOCK_JOB, NURTURE_JOB, SENDING_JOB = "lead.clock", "lead.nurture", "lead.sending"
PLATFORM = "platform"
"""Who acts when nobody does: the jobs."""


class CustomerSaysNo(Refused):
    """The gate does not allow the follow-up; the sentence is the gate's."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason, **verdict.values)
        self.verdict = verdict


def require_allowed(verdict: Verdict) -> None:
    """A "not now" does not stop a step: whoever calls asks the gate again. Raises CustomerSaysNo."""
    if verdict.answer is Answer.NO:
        raise CustomerSaysNo(verdict)


async def locked(session: AsyncSession, lead_id: int, reach: Reach = EVERYTHING) -> Lead:
    """The lead, as nobody else changes it meanwhile. Raises NotFound, also for a lead of another dealer."""
    lead = await session.scalar(
        select(Lead).where(Lead.id == lead_id).with_for_update().execution_options(populate_existing=True)
    )
    if lead is None:
        raise NotFound("There is no such lead.")
    reach.require(lead.dealer_id)
    if reach.dealers is not None and (lead.times_sent == 0 or LeadStatus(lead.status) in AT_THE_CENTRE):
        reach.require(None)  # the dealer that a customer wishes for does not have the lead yet
    return lead


def step(lead: Lead, act: Act) -> None:
    """Move the lead on; raises LeadStepRefused."""
    lead.status = after(LeadStatus(lead.status), act, lead.number).value


async def tell_event(
    session: AsyncSession,
    lead: Lead,
    act: Act,
    *,
    text: str = "",
    detail: dict[str, Any] | None = None,
    actor: str,
    at: datetime,
) -> None:
    """Keep what happened, and tell other systems, the care plan and the audit log. Last in an act."""
    words = storable(text.strip(), 4000)
    row = LeadEvent(lead_id=lead.id, at=at, actor=storable(actor, 16), kind=act.value, text=words)
    row.detail = detail or {}
    session.add(row)
    payload = {"number": lead.number, "status": lead.status, "dealer_id": lead.dealer_id, "horizon": lead.horizon}
    await plan_soon(session, [lead.customer_id], at)
    await tell(session, f"lead.{act.value}", f"lead/{lead.id}", payload, at=at)
    await audit(session, at=at, actor=actor, action=f"lead_{act.value}", subject=lead.number, detail=words[:200])


async def stop_jobs(session: AsyncSession, lead: Lead) -> None:
    for kind in (CLOCK_JOB, NURTURE_JOB):
        await cancel(session, kind, str(lead.id))


def close(lead: Lead, at: datetime) -> None:
    if LeadStatus(lead.status) in CLOSED:
        lead.closed_at, lead.feedback_due_at, lead.next_step_on = at, None, None


def words_needed(text: str, sentence: str, field: str = "words") -> str:
    """The words without blanks around them; raises Invalid with the sentence when there are none."""
    words = storable(text.strip(), 4000)
    if not words:
        raise Invalid(sentence, field=field)
    return words
