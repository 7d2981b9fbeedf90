"""The plan for who buys later (N7): material first, then a call every three months, until bought, lost or refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.actions import open_case
from crm_core.consent.gate import may_contact, touched
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer
from crm_core.customers.model import Customer
from crm_core.dealers.model import CareTask, Dealer
from crm_core.errors import Invalid
from crm_core.history.model import ContactKind
from crm_core.jobs.actions import cancel, schedule
from crm_core.leads.model import Lead
from crm_core.leads.record import NURTURE_JOB, PLATFORM, close, locked, step, stop_jobs, tell_event, words_needed
from crm_core.leads.rules import LeadRules
from crm_core.leads.settings import lead_rules
from crm_core.leads.turns import end_turn
from crm_core.leads.words import Act, LeadStatus, LostReason

TASK_KIND = "three_months"
WRITTEN = (Channel.EMAIL, Channel.WECHAT, Channel.POST)
CALLS_AT = time(10)  # of the site's day: the task stands on the list in the morning


async def nurture(
    session: AsyncSession, lead_id: int, *, words: str = "", actor: str, at: datetime, zone: tzinfo
) -> Lead:
    """Put a lead into the plan by hand."""
    lead = await locked(session, lead_id)
    await begin_plan(session, lead, await lead_rules(session), words=words, actor=actor, at=at, zone=zone)
    return lead


async def begin_plan(
    session: AsyncSession, lead: Lead, rules: LeadRules, *, words: str = "", actor: str, at: datetime, zone: tzinfo
) -> None:
    """Brochure and the local dealer's data go first where a written channel is allowed; the first call follows."""
    step(lead, Act.NURTURED)
    await stop_jobs(session, lead)
    await end_turn(session, lead, at=at)
    channel = await _written_channel(session, lead.customer_id, at, zone)
    if channel is not None:
        await _open_material(session, lead, channel, actor=actor, at=at, zone=zone)
    lead.feedback_due_at, lead.sent_at = None, None
    await _plan_call(session, lead, at.astimezone(zone).date() + timedelta(days=rules.nurture_days), zone)
    detail = {"material": channel.value if channel else "", "next": str(lead.next_step_on)}
    await tell_event(session, lead, Act.NURTURED, text=words, detail=detail, actor=actor, at=at)


async def step_due(session: AsyncSession, lead_id: int, *, at: datetime, zone: tzinfo) -> datetime | None:
    """The day of a call came: put it on the list, or end the plan when the customer refused; None = the plan is over.

    One call is open at a time: while nobody made it, no second one is put beside it.
    """
    lead = await session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None or lead.status != LeadStatus.NURTURE:
        return None
    verdict = await may_contact(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, at=at, zone=zone)
    if verdict.answer is Answer.NO:
        lead.lost_reason = LostReason.REFUSED.value
        step(lead, Act.LOST)
        close(lead, at)
        await stop_tasks(session, lead, at=at)
        await tell_event(session, lead, Act.LOST, detail={"reason": verdict.reason}, actor=PLATFORM, at=at)
        return None
    today = at.astimezone(zone).date()
    if await open_task(session, lead) is None:
        made = await session.scalar(select(func.count()).where(CareTask.subject.startswith(f"lead/{lead.id}/")))
        task = CareTask(kind=TASK_KIND, subject=f"lead/{lead.id}/{(made or 0) + 1}", purpose=Purpose.LEAD.value)
        task.customer_id, task.due_on = lead.customer_id, today
        session.add(task)
        await tell_event(session, lead, Act.NURTURE_STEP, detail={"due": today.isoformat()}, actor=PLATFORM, at=at)
    return _morning(today + timedelta(days=(await lead_rules(session)).nurture_days), zone)


async def nurture_called(
    session: AsyncSession,
    lead_id: int,
    *,
    words: str,
    next_on: date | None = None,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Lead:
    """The call was made and the customer still waits; the next one is on `next_on`, or after the plan's months."""
    lead = await locked(session, lead_id)
    text = words_needed(words, "Write in a few words what the customer said.")
    today = at.astimezone(zone).date()
    rules = await lead_rules(session)
    following = next_on or today + timedelta(days=rules.nurture_days)
    if not today < following <= today + timedelta(days=366):
        raise Invalid("Choose a day within a year from now.", field="next_on")
    step(lead, Act.NURTURE_STEP)
    task = await open_task(session, lead)
    if task is not None:
        task.status, task.note, task.done_at, task.done_by = "done", text, at, actor[:16]
    touched(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, by=actor, at=at, subject=f"lead/{lead.id}")
    await _plan_call(session, lead, following, zone)
    await tell_event(session, lead, Act.NURTURE_STEP, text=text, detail={"next": str(following)}, actor=actor, at=at)
    return lead


async def open_task(session: AsyncSession, lead: Lead) -> CareTask | None:
    """The call of the plan that is to be made now."""
    mine = CareTask.subject.startswith(f"lead/{lead.id}/")
    return await session.scalar(select(CareTask).where(mine, CareTask.status == "open").limit(1))


async def stop_tasks(session: AsyncSession, lead: Lead, *, at: datetime) -> None:
    """The plan ended: its open call is not to be made any more."""
    await cancel(session, NURTURE_JOB, str(lead.id))
    mine = CareTask.subject.startswith(f"lead/{lead.id}/")
    stopped = update(CareTask).where(mine, CareTask.status == "open")
    await session.execute(stopped.values(status="stopped", reason=lead.status, done_at=at))


async def _plan_call(session: AsyncSession, lead: Lead, day: date, zone: tzinfo) -> None:
    lead.next_step_on = day
    await schedule(session, NURTURE_JOB, str(lead.id), _morning(day, zone))


def _morning(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, CALLS_AT, zone)


async def _written_channel(session: AsyncSession, customer_id: int, at: datetime, zone: tzinfo) -> Channel | None:
    for channel in WRITTEN:
        verdict = await may_contact(session, customer_id, Purpose.LEAD, channel, at=at, zone=zone)
        if verdict.answer is not Answer.NO:
            return channel
    return None


async def _open_material(
    session: AsyncSession, lead: Lead, channel: Channel, *, actor: str, at: datetime, zone: tzinfo
) -> None:
    customer = await session.get(Customer, lead.customer_id)
    dealer_id = lead.dealer_id or (customer.dealer_id if customer else None)
    dealer = await session.get(Dealer, dealer_id) if dealer_id else None
    local = (
        f"本地经销商：{dealer.name}，{dealer.address}，{dealer.phone}" if dealer else "本地经销商：按客户所在城市附上"
    )
    by = {Channel.EMAIL: "电子邮件", Channel.WECHAT: "微信", Channel.POST: "邮寄"}[channel]
    await open_case(
        session,
        customer_id=lead.customer_id,
        kind=ContactKind.MATERIAL,
        title=f"寄产品资料：{lead.model or lead.wish}"[:120],
        detail=f"线索 {lead.number}（长期）。渠道：{by}。\n{local}",
        dealer_id=dealer_id,
        due_at=at + timedelta(days=5),
        steps=("受理", "寄出", "确认收到"),
        actor=actor,
        at=at,
        zone=zone,
    )
