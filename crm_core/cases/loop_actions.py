"""The steps of a complaint's loop (B-151), each by whom it belongs to; both sides read the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.changes import ended, log_event, take
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.loop import Act, Loop, Stage, after
from crm_core.cases.model import Case
from crm_core.cases.notices import doers, of_dealer, tell_people
from crm_core.cases.rules import load_rules
from crm_core.cases.timing import enter_stage, plan
from crm_core.db import storable
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell

_EVENTS: Mapping[Act, Event] = {
    Act.SEND: Event.SENT,
    Act.ACCEPT: Event.ACCEPTED,
    Act.NAME_OWNER: Event.OWNER_NAMED,
    Act.CONTACTED: Event.CONTACTED,
    Act.SOLVED: Event.SOLVED,
    Act.ASK_SUPPORT: Event.SUPPORT_ASKED,
    Act.ANSWER_SUPPORT: Event.SUPPORT_ANSWERED,
    Act.REPORT: Event.REPORTED,
    Act.SATISFIED: Event.CONFIRMED,
    Act.NOT_SATISFIED: Event.RETURNED,
    Act.WITHDRAW: Event.WITHDRAWN,
}


async def send(
    session: AsyncSession, case_id: int, dealer_id: int, *, words: str = "", actor: str, at: datetime
) -> Case:
    """The centre gives the complaint to a dealer; its relations managers are told."""
    dealer = await session.get(Dealer, dealer_id)
    if dealer is None or not dealer.active:
        raise Invalid("Choose a dealer from the list.", field="dealer_id")
    case = await take(session, case_id, EVERYTHING)
    after(loop_of(case), Act.SEND)
    case.dealer_id = dealer_id
    await _step(session, case, Act.SEND, actor=actor, at=at, text=words, detail={"dealer": dealer.short_name})
    tell_people(session, case, await of_dealer(session, dealer_id), "assigned", at=at)
    return await _done(session, case, Act.SEND, actor=actor, at=at)


async def withdraw(session: AsyncSession, case_id: int, *, words: str, actor: str, at: datetime) -> Case:
    """The centre takes the complaint back from the dealer, with the reason; it can be sent to another one."""
    case = await take(session, case_id, EVERYTHING)
    _required(words, "Write why it is taken back.")
    told = await of_dealer(session, case.dealer_id) if case.dealer_id else []
    dealer = await session.get(Dealer, case.dealer_id) if case.dealer_id else None
    detail = {"dealer": dealer.short_name if dealer else ""}
    await _step(session, case, Act.WITHDRAW, actor=actor, at=at, text=words, detail=detail)
    tell_people(session, case, told, "withdrawn", at=at)
    case.dealer_id = case.staff_id = case.contact_by = None
    return await _done(session, case, Act.WITHDRAW, actor=actor, at=at)


async def accept(session: AsyncSession, case_id: int, *, reach: Reach, actor: str, at: datetime) -> Case:
    """The dealer's relations manager has it."""
    case = await take(session, case_id, reach)
    await _step(session, case, Act.ACCEPT, actor=actor, at=at)
    return await _done(session, case, Act.ACCEPT, actor=actor, at=at)


async def name_owner(
    session: AsyncSession,
    case_id: int,
    staff_id: int,
    *,
    contact_by: datetime | None,
    words: str = "",
    reach: Reach,
    actor: str,
    at: datetime,
) -> Case:
    """Somebody of the dealer owns the problem, and speaks with the customer by `contact_by`. Also for another owner."""
    case = await take(session, case_id, reach)
    staff = await session.get(DealerStaff, staff_id)
    if staff is None or staff.dealer_id != case.dealer_id or not staff.active:
        raise Invalid("Choose one of your own people.", field="staff_id")
    if contact_by is not None and contact_by <= at:
        raise Invalid("Choose a time that is still to come.", field="contact_by")
    detail = {"staff_id": staff_id, "name": staff.name, "contact_by": contact_by.isoformat() if contact_by else None}
    await _step(session, case, Act.NAME_OWNER, actor=actor, at=at, text=words, detail=detail)
    case.staff_id, case.contact_by, case.contacted_at = staff_id, contact_by, None
    tell_people(session, case, await doers(session, case), "assigned", at=at)
    return await _done(session, case, Act.NAME_OWNER, actor=actor, at=at)


async def contacted(session: AsyncSession, case_id: int, *, words: str, reach: Reach, actor: str, at: datetime) -> Case:
    """The owner spoke with the customer: what was said."""
    case = await take(session, case_id, reach)
    after(loop_of(case), Act.CONTACTED)
    _required(words, "Write in a few words what the customer said.")
    await _step(session, case, Act.CONTACTED, actor=actor, at=at, text=words)
    case.contacted_at = at
    case.responded_at = case.responded_at or at
    return await _done(session, case, Act.CONTACTED, actor=actor, at=at)


async def solved(session: AsyncSession, case_id: int, *, words: str, reach: Reach, actor: str, at: datetime) -> Case:
    """The owner says that the problem is solved: how."""
    case = await take(session, case_id, reach)
    after(loop_of(case), Act.SOLVED)
    _required(words, "Write how it was solved.")
    await _step(session, case, Act.SOLVED, actor=actor, at=at, text=words)
    return await _done(session, case, Act.SOLVED, actor=actor, at=at)


async def ask_support(
    session: AsyncSession, case_id: int, *, words: str, reach: Reach, actor: str, at: datetime
) -> Case:
    """The dealer asks the maker for help with a hard case; the centre's owner is told. The clocks go on."""
    case = await take(session, case_id, reach)
    after(loop_of(case), Act.ASK_SUPPORT)
    _required(words, "Write what you need from the maker.")
    await _step(session, case, Act.ASK_SUPPORT, actor=actor, at=at, text=words)
    tell_people(session, case, [case.owner or case.opened_by], "support", at=at)
    return await _done(session, case, Act.ASK_SUPPORT, actor=actor, at=at)


async def answer_support(session: AsyncSession, case_id: int, *, words: str, actor: str, at: datetime) -> Case:
    """The maker's answer, by the centre; whoever acts at the dealer is told."""
    case = await take(session, case_id, EVERYTHING)
    after(loop_of(case), Act.ANSWER_SUPPORT)
    _required(words, "Write the answer for the dealer.")
    await _step(session, case, Act.ANSWER_SUPPORT, actor=actor, at=at, text=words)
    tell_people(session, case, await doers(session, case), "answered", at=at)
    return await _done(session, case, Act.ANSWER_SUPPORT, actor=actor, at=at)


async def report(
    session: AsyncSession,
    case_id: int,
    *,
    cause: str,
    measures: str,
    customer_said: str,
    reach: Reach,
    actor: str,
    at: datetime,
) -> Case:
    """The handling report (投诉处理报告). Files are attached to `case/<id>`. Raises Invalid naming the field."""
    case = await take(session, case_id, reach)
    after(loop_of(case), Act.REPORT)
    told = {"cause": cause, "measures": measures, "customer_said": customer_said}
    for field, text in told.items():
        if not text.strip():
            raise Invalid("Fill this in: the centre reads it before it calls the customer.", field=field)
    detail = {field: storable(text.strip(), 4000) for field, text in told.items()}
    await _step(session, case, Act.REPORT, actor=actor, at=at, detail=detail)
    case.status = "reported"
    tell_people(session, case, [case.owner or case.opened_by], "report", at=at)
    return await _done(session, case, Act.REPORT, actor=actor, at=at)


async def confirm(
    session: AsyncSession, case_id: int, *, satisfied: bool, score: int | None, words: str, actor: str, at: datetime
) -> Case:
    """The centre has asked the customer. Satisfied: the case closes, with 1 to 5 for the handling (B-156; None = the
    customer would not say). Not satisfied: back to the owner with the reason in `words`."""
    case = await take(session, case_id, EVERYTHING)
    act = Act.SATISFIED if satisfied else Act.NOT_SATISFIED
    after(loop_of(case), act)
    if score is not None and not 1 <= score <= 5:
        raise Invalid("Satisfaction is a number from 1 to 5.", field="score")
    if not satisfied:
        _required(words, "Write what the customer is not satisfied with: the owner reads it.")
    await _step(session, case, act, actor=actor, at=at, text=words, detail={"score": score})
    case.satisfaction = score if score is not None else case.satisfaction
    if satisfied:
        ended(case, "confirmed", at)
    else:
        case.status, case.contacted_at, case.support = "open", None, ""
        tell_people(session, case, await doers(session, case), "returned", at=at)
    return await _done(session, case, act, actor=actor, at=at)


def loop_of(case: Case) -> Loop:
    """Raises Refused for a case that has no loop."""
    if case.kind != "complaint" or not case.stage:
        raise Refused("Only a complaint goes through these steps.")
    return Loop(
        stage=Stage(case.stage),
        contacted=case.contacted_at is not None,
        support=case.support,
        closed=case.closed_at is not None,
    )


async def _step(
    session: AsyncSession,
    case: Case,
    act: Act,
    *,
    actor: str,
    at: datetime,
    text: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    before = loop_of(case)
    now = after(before, act)
    if case.paused_at is not None:
        raise Refused("The case is paused. Let it go on first.")
    case.support = now.support
    if now.stage is not before.stage or now.closed:
        await enter_stage(
            session, case, "" if now.closed else now.stage, at=at, by=actor, rules=await load_rules(session)
        )
        case.stage = now.stage
    log_event(session, case, _EVENTS[act], actor=actor, at=at, text=text, detail=detail)


async def _done(session: AsyncSession, case: Case, act: Act, *, actor: str, at: datetime) -> Case:
    told = {"number": case.number, "stage": case.stage, "dealer_id": case.dealer_id, "act": act.value}
    kind = "case.closed" if case.closed_at else "case.step"
    await tell(session, kind, f"case/{case.id}", told, at=at)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action=f"case_{act.value}", subject=case.number)
    return case


def _required(words: str, sentence: str) -> None:
    if not words.strip():
        raise Invalid(sentence, field="words")
