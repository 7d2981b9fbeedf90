"""What people of the centre decide about a case: its level, its owner and dealer, its pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.model import User
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases import opening
from crm_core.cases.changes import log_event, take
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.levels import Level
from crm_core.cases.model import Case, CaseEvent
from crm_core.cases.notices import tell_people
from crm_core.cases.rules import load_rules
from crm_core.cases.timing import plan, recount, shift
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell

MOST_AT_ONCE = 500
UNDO_WITHIN = timedelta(minutes=10)


async def set_level(session: AsyncSession, case_id: int, level: str, *, words: str, actor: str, at: datetime) -> Case:
    """People decide the level; the deadlines are counted anew from the opening."""
    case = await take(session, case_id, EVERYTHING)
    if not level or opening.level_word(level) == case.level:
        raise Invalid("Choose another level.", field="level")
    log_event(session, case, Event.LEVEL, actor=actor, at=at, text=words, detail={"level": level, "before": case.level})
    case.level = Level(level)
    await recount(session, case, await load_rules(session), at)
    await audit(session, at=at, actor=actor, action="case_level", subject=case.number, detail=level)
    return case


async def assign(session: AsyncSession, case_id: int, owner: str, *, words: str = "", actor: str, at: datetime) -> Case:
    """Another person of the centre owns the case. Raises Invalid for somebody who may not work cases."""
    from_list = select(User).where(User.number == owner, User.disabled_at.is_(None), User.dealer_id.is_(None))
    person = await session.scalar(from_list)
    if person is None:
        raise Invalid("Choose a person from the list.", field="owner")
    case = await take(session, case_id, EVERYTHING)
    before, case.owner, case.why_owner = case.owner, owner, ""
    log_event(session, case, Event.ASSIGNED, actor=actor, at=at, text=words, detail={"owner": owner, "before": before})
    if owner != actor:
        tell_people(session, case, [owner], "assigned", at=at)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action="case_assigned", subject=case.number, detail=owner)
    return case


async def give_to_dealer(
    session: AsyncSession, case_id: int, dealer_id: int | None, *, words: str = "", actor: str, at: datetime
) -> Case:
    """Another dealer handles a case without a loop; a complaint is sent and withdrawn by its loop instead."""
    case = await take(session, case_id, EVERYTHING)
    if case.stage:
        raise Refused("Take it back from the dealer by its steps, then send it to another one.")
    dealer = await session.get(Dealer, dealer_id) if dealer_id else None
    if dealer_id and (dealer is None or not dealer.active):
        raise Invalid("Choose a dealer from the list.", field="dealer_id")
    case.dealer_id, case.staff_id = dealer_id, None
    name = dealer.short_name if dealer else ""
    log_event(session, case, Event.ASSIGNED, actor=actor, at=at, text=words, detail={"dealer": name})
    await audit(session, at=at, actor=actor, action="case_dealer", subject=case.number, detail=name)
    return case


async def pause(
    session: AsyncSession, case_id: int, reason: str, *, words: str, reach: Reach, actor: str, at: datetime
) -> Case:
    """The clocks stand until somebody lets it go on, or for as long as the rules allow for this reason."""
    case = await take(session, case_id, reach)
    if case.paused_at is not None:
        raise Refused("The case is paused already.")
    rules = await load_rules(session)
    allowed = rules.clock(case.kind, case.level).pauses
    if reason not in allowed:
        raise Invalid("Choose one of the reasons that are allowed for this kind.", field="reason")
    case.paused_at, case.pause_reason, case.status = at, reason, "paused"
    detail = {"reason": reason, "hours": allowed[reason]}
    log_event(session, case, Event.PAUSED, actor=actor, at=at, text=words, detail=detail)
    await plan(session, case, at, rules=rules)
    await audit(session, at=at, actor=actor, action="case_paused", subject=case.number, detail=reason)
    return case


async def resume(session: AsyncSession, case_id: int, *, reach: Reach, actor: str, at: datetime) -> Case:
    """Every deadline moves by the time that the clocks stood."""
    case = await take(session, case_id, reach)
    if case.paused_at is None:
        raise Refused("The case is not paused.")
    rules = await load_rules(session)
    await shift(session, case, case.paused_at, at, rules)
    case.paused_seconds += int((at - case.paused_at).total_seconds())
    case.paused_at, case.pause_reason, case.status = None, "", "open"
    log_event(session, case, Event.RESUMED, actor=actor, at=at)
    await tell(session, "case.resumed", f"case/{case.id}", {"number": case.number}, at=at)
    await plan(session, case, at, rules=rules)
    await audit(session, at=at, actor=actor, action="case_resumed", subject=case.number)
    return case


async def assign_many(session: AsyncSession, ids: Sequence[int], owner: str, *, actor: str, at: datetime) -> list[int]:
    """Several open cases to one person; gives those that changed hands. Raises Invalid when none is chosen."""
    if not ids:
        raise Invalid("Choose at least one case.", field="ids")
    wanted = select(Case.id).where(Case.id.in_(ids[:MOST_AT_ONCE]), Case.closed_at.is_(None), Case.owner != owner)
    done = list(await session.scalars(wanted.order_by(Case.id)))
    for case_id in done:
        await assign(session, case_id, owner, actor=actor, at=at)
    return done


async def undo_assign(session: AsyncSession, ids: Sequence[int], *, actor: str, at: datetime) -> None:
    """Back to the owners before, as far as `actor` gave them away within the last minutes and nobody did since."""
    for case_id in ids[:MOST_AT_ONCE]:
        last = await session.scalar(
            select(CaseEvent)
            .where(CaseEvent.case_id == case_id, CaseEvent.kind == Event.ASSIGNED)
            .order_by(CaseEvent.id.desc())
            .limit(1)
        )
        if last is None or last.actor != actor or at - last.at > UNDO_WITHIN or "before" not in last.detail:
            continue
        case = await take(session, case_id, EVERYTHING)
        case.owner = str(last.detail["before"])
        log_event(session, case, Event.ASSIGNED, actor=actor, at=at, detail={"owner": case.owner, "undone": True})
        await plan(session, case, at)
        await audit(session, at=at, actor=actor, action="case_assigned", subject=case.number, detail=case.owner)
