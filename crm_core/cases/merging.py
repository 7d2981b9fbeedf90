"""Repeats of one case become one, and can be taken apart again; a group is told or closed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING
from crm_core.cases.changes import ended, log_event, take
from crm_core.cases.dealer_queries import calls_of
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.levels import Level, Proposal, propose
from crm_core.cases.model import Case, CaseStage
from crm_core.cases.notices import doers, tell_people
from crm_core.cases.rules import load_rules
from crm_core.cases.timing import open_stage, plan
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell

MOST_AT_ONCE = 200


async def merge(session: AsyncSession, into_id: int, other_id: int, *, actor: str, at: datetime) -> Case:
    """`other` is the same matter as `into`: it ends, its contacts count there. Only for the same customer."""
    if into_id == other_id:
        raise Invalid("Choose another case.", field="number")
    into = await take(session, into_id, EVERYTHING)
    other = await take(session, other_id, EVERYTHING)
    if into.customer_id != other.customer_id:
        raise Refused("Only cases of the same customer can be merged.")
    ended(other, "merged", at)
    other.merged_into_id = into.id
    stage = await open_stage(session, other.id)
    if stage is not None:
        stage.done_at, stage.done_by = max(at, stage.began_at), actor
    # What was merged into the other one before follows it.
    for earlier in await session.scalars(select(Case).where(Case.merged_into_id == other.id)):
        earlier.merged_into_id = into.id
    log_event(session, into, Event.MERGED, actor=actor, at=at, detail={"number": other.number, "case_id": other.id})
    log_event(session, other, Event.MERGED, actor=actor, at=at, detail={"into": into.number})
    await tell(session, "case.merged", f"case/{other.id}", {"number": other.number, "into": into.number}, at=at)
    await plan(session, other, at)
    await audit(session, at=at, actor=actor, action="case_merged", subject=into.number, detail=other.number)
    return into


async def unmerge(session: AsyncSession, case_id: int, *, actor: str, at: datetime) -> Case:
    """Take a merged case out again; it goes on where it stood, with its own clock."""
    case = await take(session, case_id, EVERYTHING, closed=True)
    if case.merged_into_id is None:
        raise Refused("This case is not merged into another one.")
    into = await session.get_one(Case, case.merged_into_id)
    case.merged_into_id = case.closed_at = None
    case.status, case.result = "open", ""
    if case.stage:
        last = await session.scalar(
            select(CaseStage).where(CaseStage.case_id == case.id).order_by(CaseStage.id.desc()).limit(1)
        )
        if last is not None:
            last.done_at, last.done_by = None, ""
    log_event(session, case, Event.UNMERGED, actor=actor, at=at, detail={"into": into.number})
    log_event(session, into, Event.UNMERGED, actor=actor, at=at, detail={"number": case.number})
    await tell(session, "case.unmerged", f"case/{case.id}", {"number": case.number, "into": into.number}, at=at)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action="case_unmerged", subject=case.number, detail=into.number)
    return case


async def proposed_level(session: AsyncSession, case: Case) -> Proposal:
    """What the words and the number of calls say, for people to decide; NORMAL without a reason = nothing to say."""
    rules = await load_rules(session)
    calls = (await calls_of(session, [case.id]))[case.id]
    found = propose([case.title, case.detail, *map(str, case.fields.values())], calls, rules.danger)
    higher = list(Level).index(found.level) > list(Level).index(Level(case.level))
    return found if higher else Proposal(Level(case.level), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """`waiting` are complaints and rescues, which close only when the customer has confirmed: they were told only."""

    told: int
    closed: int
    waiting: int


async def tell_group(
    session: AsyncSession, ids: Sequence[int], words: str, *, close: bool, actor: str, at: datetime
) -> GroupResult:
    """The same words to every open case of a group (e.g. the cause is found, a measure begins); `close` ends those
    that have no loop."""
    if not words.strip():
        raise Invalid("Write what all of them are told.", field="words")
    if not ids or len(ids) > MOST_AT_ONCE:
        raise Invalid("Choose between {low} and {high} cases.", low=1, high=MOST_AT_ONCE, field="ids")
    cases = list(
        await session.scalars(select(Case).where(Case.id.in_(ids), Case.closed_at.is_(None)).order_by(Case.id))
    )
    if not cases:
        raise NotFound("None of these cases is open any more.")
    closed = 0
    for case in cases:
        log_event(session, case, Event.NOTICE, actor=actor, at=at, text=words, detail={"group": len(cases)})
        tell_people(session, case, [*await doers(session, case), case.owner], "group", at=at)
        if close and not case.stage:
            ended(case, "group", at)
            closed += 1
            log_event(session, case, Event.CLOSED, actor=actor, at=at, detail={"result": "group"})
            await tell(session, "case.closed", f"case/{case.id}", {"number": case.number, "result": "group"}, at=at)
            await plan(session, case, at)
    numbers = " ".join(case.number for case in cases)
    await audit(session, at=at, actor=actor, action="case_group", subject=cases[0].number, detail=numbers)
    return GroupResult(told=len(cases), closed=closed, waiting=len(cases) - closed if close else 0)
