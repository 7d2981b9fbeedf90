"""Doing, moving and skipping a care task; each attempt counts as a touch of the customer."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.access.reach import Reach
from crm_core.care.handover import bring_home
from crm_core.care.settings import care_rules
from crm_core.consent.gate import may_contact, touched
from crm_core.consent.model import Touch
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer, Verdict
from crm_core.db import storable
from crm_core.dealers.care_rules import LOOKED_BACK
from crm_core.dealers.model import CareTask, DealerStaff
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.leads.capturing import capture, mention, open_lead_of
from crm_core.leads.words import Source

SKIP_REASONS = ("wrong_number", "contacted_already", "moved_away", "sold_car", "does_not_want", "other")
NOT_REACHED = "not_reached"
FARTHEST = timedelta(days=60)


async def verdict_on(session: AsyncSession, task: CareTask, channel: Channel, *, at: datetime, zone: tzinfo) -> Verdict:
    """Whether this customer may be contacted for it now."""
    return await may_contact(session, task.customer_id, Purpose(task.purpose), channel, at=at, zone=zone)


async def attempts_of(session: AsyncSession, task_id: int) -> int:
    """How often it was tried."""
    subject = f"care_task/{task_id}"
    return await session.scalar(select(func.count()).select_from(Touch).where(Touch.subject == subject)) or 0


async def finish(
    session: AsyncSession,
    task_id: int,
    *,
    reached: bool,
    note: str,
    channel: Channel,
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
    wish: str = "",
) -> CareTask:
    """The contact was made: done; or tried in vain: it comes again tomorrow, until its rule's attempts are used.

    Needs a note when reached, but not for a card. A `wish`, e.g. for accessories (B-173), becomes a lead of the dealer.

    Raises Refused with the reason when the customer is not to be contacted for this at all.
    """
    task = await _open(session, task_id, reach)
    if reached and not note.strip() and task.channel != Channel.POST:
        raise Invalid("Write what the customer said.", field="note")
    verdict = await verdict_on(session, task, channel, at=at, zone=zone)
    if verdict.answer is Answer.NO:
        raise Refused(verdict.reason, **verdict.values)
    touched(session, task.customer_id, Purpose(task.purpose), channel, by=actor, at=at, subject=f"care_task/{task.id}")
    task.note = storable(note.strip(), 2000) or task.note
    if reached:
        task.status, task.reason, task.done_at, task.done_by = "done", "", at, actor
    elif await _is_last(session, task):
        task.status, task.reason, task.done_at, task.done_by = "skipped", NOT_REACHED, at, actor
    else:
        task.due_on, task.fixed = max(task.due_on, at.astimezone(zone).date() + timedelta(days=1)), True
    await bring_home(session, task, at=at)
    if wish.strip():
        await _take_wish(session, task, wish, zone=zone, actor=actor, at=at)
    await _told(session, task, "done" if reached else "tried", actor=actor, at=at)
    return task


async def _take_wish(
    session: AsyncSession, task: CareTask, wish: str, *, zone: tzinfo, actor: str, at: datetime
) -> None:
    """A new lead of this dealer; an open one of the customer hears of it instead of a second one."""
    known = await open_lead_of(session, task.customer_id)
    if known is not None:
        await mention(session, known.id, words=wish, actor=actor, at=at)
        return
    await capture(
        session,
        customer_id=task.customer_id,
        source=Source.DEALER.value,
        wish=wish,
        dealer_id=task.dealer_id,
        actor=actor,
        at=at,
        zone=zone,
    )


async def _is_last(session: AsyncSession, task: CareTask) -> bool:
    """Whether the rule that wanted it asks for no more attempts; the latest one is in the session already."""
    rule = next((one for one in await care_rules(session) if one.id == task.kind), None)
    return rule is not None and 0 < rule.attempts <= await attempts_of(session, task.id)


async def skip(
    session: AsyncSession, task_id: int, *, reason: str, note: str, reach: Reach, actor: str, at: datetime
) -> CareTask:
    """Not done, with the reason. Raises Invalid without one."""
    task = await _open(session, task_id, reach)
    if reason not in SKIP_REASONS:
        raise Invalid("Choose why it is skipped.", field="reason")
    if reason == "other" and not note.strip():
        raise Invalid("Write the reason.", field="note")
    task.status, task.reason, task.note = "skipped", reason, storable(note.strip(), 2000) or task.note
    task.done_at, task.done_by = at, actor
    await bring_home(session, task, at=at)
    await _told(session, task, "skipped", actor=actor, at=at)
    return task


async def reopen(session: AsyncSession, task_id: int, *, reach: Reach, actor: str, at: datetime) -> CareTask:
    """Undoes `finish` and `skip`; the touch stays, because it happened."""
    task = await _own(session, task_id, reach)
    if task.status not in ("done", "skipped"):
        raise Refused("This task is open already.")
    task.status, task.reason, task.done_at, task.done_by = "open", "", None, ""
    await bring_home(session, task, at=at)
    await _told(session, task, "reopened", actor=actor, at=at)
    return task


async def reschedule(
    session: AsyncSession, task_id: int, due_on: date | None, *, zone: tzinfo, reach: Reach, actor: str, at: datetime
) -> CareTask:
    """Raises Invalid for a day that has passed or is too far away."""
    task = await _open(session, task_id, reach)
    today = at.astimezone(zone).date()
    if due_on is None or not today <= due_on <= today + FARTHEST:
        raise Invalid("Choose a day within the next {days} days.", days=FARTHEST.days, field="due_on")
    before, task.due_on, task.fixed = task.due_on, due_on, True
    await _told(session, task, "moved", actor=actor, at=at, detail=changed({"due_on": before}, {"due_on": due_on}))
    return task


async def name_person(
    session: AsyncSession, task_id: int, staff_id: int | None, *, reach: Reach, actor: str, at: datetime
) -> CareTask:
    """Who at the dealer does it."""
    task = await _open(session, task_id, reach)
    person = await session.get(DealerStaff, staff_id) if staff_id else None
    if staff_id and (person is None or person.dealer_id != task.dealer_id or not person.active):
        raise Invalid("Choose somebody of this dealer.", field="staff_id")
    task.staff_id = staff_id
    await _told(session, task, "named", actor=actor, at=at, detail=person.name if person else "")
    return task


async def add_task(
    session: AsyncSession,
    *,
    kind: str,
    subject: str,
    purpose: Purpose,
    dealer_id: int,
    customer_id: int,
    due_on: date,
    staff_id: int | None = None,
    vehicle_id: int | None = None,
    zone: tzinfo,
    reach: Reach,
    actor: str,
    at: datetime,
) -> CareTask:
    """A task that a person plans, e.g. an invitation to an event; once for each kind and subject."""
    reach.require(dealer_id)
    today = at.astimezone(zone).date()
    if not today - LOOKED_BACK <= due_on <= today + timedelta(days=366):
        raise Invalid("Choose a day within the next {days} days.", days=366, field="due_on")
    if await session.scalar(select(CareTask.id).where(CareTask.kind == kind, CareTask.subject == subject)):
        raise Refused("This is on the list already.")
    task = CareTask(kind=kind, subject=storable(subject, 40), purpose=purpose.value, due_on=due_on)
    task.dealer_id, task.customer_id, task.staff_id, task.vehicle_id = dealer_id, customer_id, staff_id, vehicle_id
    session.add(task)
    await session.flush()
    await _told(session, task, "planned", actor=actor, at=at)
    return task


async def _open(session: AsyncSession, task_id: int, reach: Reach) -> CareTask:
    task = await _own(session, task_id, reach)
    if task.status not in ("open", "stopped"):
        raise Refused("This task is finished already. Load the page again.")
    return task


async def _own(session: AsyncSession, task_id: int, reach: Reach) -> CareTask:
    task = await session.scalar(select(CareTask).where(CareTask.id == task_id).with_for_update())
    if task is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(task.dealer_id)
    return task


async def _told(
    session: AsyncSession, task: CareTask, what: str, *, actor: str, at: datetime, detail: str = ""
) -> None:
    facts = {"kind": task.kind, "status": task.status, "dealer": task.dealer_id, "due_on": task.due_on.isoformat()}
    await tell(session, f"care.{what}", f"care_task/{task.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action=f"care_{what}", subject=f"care_task/{task.id}", detail=detail)
