"""The one task beside a dealer's lists: a complaint with its six steps, a lead, or a care task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from agent_desktop.dealer.portal import Portal
from crm_core.access.reach import Reach
from crm_core.cases.dealer_facts import ComplaintDetail, OwnerSuggestion
from crm_core.cases.dealer_queries import complaint, suggest_owner
from crm_core.consent.purposes import Channel
from crm_core.consent.verdict import Verdict
from crm_core.dealers.care_actions import attempts_of, verdict_on
from crm_core.dealers.care_queries import CareLine, care_line
from crm_core.dealers.model import DealerStaff
from crm_core.dealers.staff_actions import people_of
from crm_core.errors import NotFound
from crm_core.leads.dealer_queries import DealerLeadDetail, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Exactly one of `complaint`, `lead` and `care` is there. `people` are those who could do it."""

    name: str
    complaint: ComplaintDetail | None = None
    suggestion: OwnerSuggestion | None = None
    contact_by: datetime | None = None
    lead: DealerLeadDetail | None = None
    care: CareLine | None = None
    verdict: Verdict | None = None
    channel: str = ""
    attempts: int = 0
    people: Sequence[DealerStaff] = field(default_factory=tuple)


async def chosen_task(portal: Portal, name: str) -> Task | None:
    """None when no task is named, or one that is not there (any more)."""
    kind, _, key = name.partition("/")
    try:
        match kind:
            case "complaint":
                return await complaint_task(portal, key)
            case "lead":
                return await lead_task(portal, key)
            case "care":
                return await care_task(portal, int(key)) if key.isdecimal() and len(key) < 10 else None
            case _:
                return None
    except NotFound:
        return None


async def complaint_task(portal: Portal, number: str) -> Task:
    """Raises NotFound, also for another dealer's."""
    detail = await complaint(portal.session, number, portal.reach, now=portal.now, zone=portal.zone)
    suggestion = await suggest_owner(portal.session, detail.line.case_id) if detail.line.stage == "name_owner" else None
    return Task(
        name=f"complaint/{number}",
        complaint=detail,
        suggestion=suggestion,
        contact_by=_usual_contact(portal),
        people=await _people(portal, detail.line.dealer_id),
    )


async def lead_task(portal: Portal, number: str) -> Task:
    """Raises NotFound, also for another dealer's."""
    detail = await lead(portal.session, number, portal.reach, now=portal.now, zone=portal.zone)
    return Task(name=f"lead/{number}", lead=detail, people=await _people(portal, detail.lead.dealer_id))


async def care_task(portal: Portal, task_id: int) -> Task:
    """Raises NotFound, also for another dealer's."""
    line = await care_line(portal.session, task_id, portal.reach)
    channel = Channel(line.task.channel)
    return Task(
        name=f"care/{task_id}",
        care=line,
        channel=channel.value,
        verdict=await verdict_on(portal.session, line.task, channel, at=portal.now, zone=portal.zone),
        attempts=await attempts_of(portal.session, task_id),
        people=await _people(portal, line.task.dealer_id or 0),
    )


async def _people(portal: Portal, dealer_id: int) -> list[DealerStaff]:
    return await people_of(portal.session, Reach(frozenset({dealer_id})))


def _usual_contact(portal: Portal) -> datetime:
    """The next full hour, at the latest 16:30; in the evening tomorrow at ten."""
    local = portal.now.astimezone(portal.zone)
    soon = (local + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if local.time() < time(15, 30):
        return max(soon, local.replace(hour=16, minute=30, second=0, microsecond=0))
    return datetime.combine(local.date() + timedelta(days=1), time(10), portal.zone)
