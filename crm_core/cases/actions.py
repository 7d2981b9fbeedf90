"""Opening a case, writing to it, doing a step, closing, opening again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases import opening
from crm_core.cases.changes import ended, log_event, take
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.forms import checked
from crm_core.cases.links import link_contact
from crm_core.cases.loop import Stage
from crm_core.cases.model import Case
from crm_core.cases.notices import of_dealer, tell_people
from crm_core.cases.orders import note_intent
from crm_core.cases.rescue import RescueStage
from crm_core.cases.rules import Rules, form_of, load_rules
from crm_core.cases.timing import enter_stage, plan, start_clocks
from crm_core.db import storable
from crm_core.errors import Invalid, Refused
from crm_core.history.model import ContactKind
from crm_core.integration.outbox import tell
from crm_core.numbering import add_numbered
from crm_core.workforce.fields import Unusable

LONGEST_DETAIL = 20_000


async def open_case(
    session: AsyncSession,
    *,
    customer_id: int,
    kind: str,
    title: str,
    detail: str = "",
    vehicle_id: int | None = None,
    dealer_id: int | None = None,
    due_at: datetime | None = None,
    steps: Sequence[str] = (),
    sub_kind: str = "",
    level: str = "",
    owner: str = "",
    contact_id: str = "",
    relation: str = "",
    fields: Mapping[str, Any] | None = None,
    part_code: str = "",
    part_name: str = "",
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> Case:
    """A new case, numbered GD-MMDD-NNNN by the day in `zone` (TS- for a complaint).

    What is not given is chosen by the rules: level, owner, dealer, deadlines. A complaint begins its loop and goes to
    its dealer at once. `fields` None = the template is not asked. Raises Invalid (Unusable for several fields).
    """
    if kind not in list(ContactKind):
        raise Invalid("Choose the kind of the case.", field="kind")
    if not title.strip():
        raise Invalid("Write in a few words what is asked.", field="title")
    case = Case(
        kind=kind,
        title=storable(title.strip(), 120),
        detail=storable(detail, LONGEST_DETAIL),
        steps=json.dumps([{"name": name, "done_on": None} for name in steps], ensure_ascii=False),
        customer_id=customer_id,
        vehicle_id=vehicle_id,
        dealer_id=dealer_id,
        opened_at=at,
        due_at=due_at,
        sub_kind=storable(sub_kind, 40),
        level=opening.level_word(level),
        owner=owner,
        opened_by=storable(actor, 16),
        contact_id=storable(contact_id, 64),
        relation=storable(relation, 16),
        fields={},
        part_code=storable(part_code, 40),
        part_name=storable(part_name, 60),
    )
    rules = await load_rules(session)
    await _fill(session, case, fields, rules, actor)
    prefix = f"{'TS' if kind == ContactKind.COMPLAINT else 'GD'}-{at.astimezone(zone):%m%d}-"
    await add_numbered(session, case, Case.number, prefix)
    if contact_id:
        await link_contact(session, case, contact_id)
    await note_intent(session, case, at)
    await _begin(session, case, rules, actor=actor, at=at)
    await audit(session, at=at, actor=actor, action="case_opened", subject=case.number)
    return case


async def _fill(session: AsyncSession, case: Case, fields: Mapping[str, Any] | None, rules: Rules, actor: str) -> None:
    """What the rules and the template say of a new case."""
    if fields is not None:
        asked, case.form_version = await form_of(session, case.kind)
        case.fields, problems = checked(asked, case.sub_kind, fields)
        if problems:
            raise Unusable(problems)
        case.part_name = case.part_name or str(case.fields.get("part", ""))[:60]
    await opening.find_model(session, case)
    case.level = case.level or opening.level_of(case, rules, repeats=1).level
    chosen = await opening.choose(session, case, rules, opener=actor)
    case.why_owner = chosen.why if not case.owner else ""
    case.owner = case.owner or chosen.owner
    case.dealer_id = case.dealer_id or chosen.dealer_id


async def _begin(session: AsyncSession, case: Case, rules: Rules, *, actor: str, at: datetime) -> None:
    """The clocks and the first stage; the owner and the dealer are told."""
    await start_clocks(session, case, rules, at)
    detail = {"owner": case.owner, "why": case.why_owner, "level": case.level}
    log_event(session, case, Event.OPENED, actor=actor, at=at, text=case.detail, detail=detail)
    if case.kind == ContactKind.COMPLAINT:
        await enter_stage(session, case, Stage.RECORD, at=at, by=actor, rules=rules)
        if case.dealer_id is not None:
            await enter_stage(session, case, Stage.ACCEPT, at=at, by=actor, rules=rules)
            log_event(session, case, Event.SENT, actor=actor, at=at)
    elif case.kind == ContactKind.RESCUE:
        await enter_stage(session, case, RescueStage.DISPATCH, at=at, by=actor, rules=rules)
    told = await of_dealer(session, case.dealer_id) if case.dealer_id else []
    tell_people(session, case, [*told, *([case.owner] if case.owner != actor else [])], "assigned", at=at)
    payload = {"number": case.number, "kind": case.kind, "level": case.level, "dealer_id": case.dealer_id}
    await tell(session, "case.opened", f"case/{case.id}", {**payload, "customer_id": case.customer_id}, at=at)
    await plan(session, case, at, rules=rules)


async def write_note(
    session: AsyncSession, case_id: int, words: str, *, for_dealer: bool, reach: Reach, actor: str, at: datetime
) -> Case:
    """A note in the story of the case; the first one of the centre is its answer to the customer's wish."""
    case = await take(session, case_id, reach, closed=True)
    if not words.strip():
        raise Invalid("Write the note first.", field="words")
    log_event(session, case, Event.NOTE, actor=actor, at=at, text=words, for_dealer=for_dealer)
    await audit(session, at=at, actor=actor, action="case_note", subject=case.number)
    return case


async def answered(session: AsyncSession, case_id: int, words: str, *, actor: str, at: datetime) -> Case:
    """The customer has had a first answer: the clock of the answer stops."""
    case = await take(session, case_id, EVERYTHING)
    if not words.strip():
        raise Invalid("Write in a few words what the customer was told.", field="words")
    case.responded_at = case.responded_at or at
    log_event(session, case, Event.CONTACTED, actor=actor, at=at, text=words)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action="case_contacted", subject=case.number)
    return case


async def finish_step(session: AsyncSession, case_id: int, name: str, *, actor: str, at: datetime) -> Case:
    """Mark a step of the case as done today."""
    case = await take(session, case_id, EVERYTHING)
    steps = json.loads(case.steps)
    for step in steps:
        if step["name"] == name and not step["done_on"]:
            step["done_on"] = at.date().isoformat()
            break
    else:
        raise Invalid("The case has no open step {name}.", name=name, field="step")
    case.steps = json.dumps(steps, ensure_ascii=False)
    log_event(session, case, Event.STEP, actor=actor, at=at, text=name)
    await audit(session, at=at, actor=actor, action="case_step", subject=case.number, detail=name)
    return case


async def close_case(
    session: AsyncSession, case_id: int, *, result: str = "solved", words: str = "", actor: str, at: datetime
) -> Case:
    """Close it. A complaint or a rescue that has begun its loop closes only when the customer has confirmed."""
    case = await take(session, case_id, EVERYTHING)
    if case.stage:
        raise Refused("Ask the customer first: this case closes when the customer has confirmed.")
    ended(case, result, at)
    case.responded_at = case.responded_at or at
    log_event(session, case, Event.CLOSED, actor=actor, at=at, text=words, detail={"result": result})
    await tell(session, "case.closed", f"case/{case.id}", {"number": case.number, "result": result}, at=at)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action="case_closed", subject=case.number)
    return case


async def reopen(session: AsyncSession, case_id: int, words: str, *, actor: str, at: datetime) -> Case:
    """Go on with a closed case: a complaint goes back to whoever solves it. Its clock starts afresh."""
    case = await take(session, case_id, EVERYTHING, closed=True)
    if case.closed_at is None:
        raise Refused("Case {number} is open.", number=case.number)
    if case.merged_into_id is not None:
        raise Refused("This case was merged into another one. Undo that first.")
    case.closed_at, case.status, case.result, case.escalation = None, "open", "", 0
    case.due_at = case.respond_by = case.responded_at = case.contacted_at = None
    rules = await load_rules(session)
    await start_clocks(session, case, rules, at)
    if case.stage:
        first = Stage.SOLVE if case.staff_id else Stage.ACCEPT if case.dealer_id else Stage.RECORD
        stage = first if case.kind == ContactKind.COMPLAINT else RescueStage.DISPATCH
        await enter_stage(session, case, stage, at=at, by=actor, rules=rules)
    log_event(session, case, Event.REOPENED, actor=actor, at=at, text=words)
    await tell(session, "case.reopened", f"case/{case.id}", {"number": case.number}, at=at)
    await plan(session, case, at, rules=rules)
    await audit(session, at=at, actor=actor, action="case_reopened", subject=case.number)
    return case
