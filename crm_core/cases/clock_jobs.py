"""What happens when a case's time comes: a reminder, an escalation, the end of a pause."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING
from crm_core.cases.alarms import LEVELS, Alarm, due_now
from crm_core.cases.changes import log_event
from crm_core.cases.desk_actions import resume
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.model import Case
from crm_core.cases.notices import doers, of_level, tell_people
from crm_core.cases.rules import load_rules
from crm_core.cases.timing import alarms_for, plan
from crm_core.integration.outbox import tell
from crm_core.jobs.runner import Due

ACTOR = "system"


async def watch_clock(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
    """The handler of `timing.JOB`; the key is case/<id>. Tells what is due, then plans the next look itself."""
    case = await session.get(Case, int(job.key.removeprefix("case/")), with_for_update=True)
    if case is None or case.closed_at is not None:
        return None
    rules = await load_rules(session)
    late = due_now(await alarms_for(session, case, rules), case.told, at)
    if any(one.kind == "resume" for one in late):
        await resume(session, case.id, reach=EVERYTHING, actor=ACTOR, at=at)
        tell_people(session, case, await doers(session, case), "remind", at=at, clock="pause")
        return None
    for one in late:
        await _ring(session, case, one, at)
    case.told = sorted({*case.told, *(one.key for one in late)})
    await plan(session, case, at, rules=rules)
    if late:
        await audit(session, at=at, actor=ACTOR, action="case_due", subject=case.number, detail=late[-1].key)
    return None


async def _ring(session: AsyncSession, case: Case, alarm: Alarm, at: datetime) -> None:
    kind = Event.REMINDED if alarm.kind == "remind" else Event.ESCALATED
    people = await of_level(session, case, alarm.level) if alarm.kind == "escalate" else await doers(session, case)
    told = tell_people(session, case, people, alarm.kind, at=at, clock=alarm.clock)
    detail = {"clock": alarm.clock, "told": told, "level": LEVELS[alarm.level]}
    log_event(session, case, kind, actor=ACTOR, at=at, detail=detail)
    if alarm.kind == "escalate":
        case.escalation = max(case.escalation, alarm.level + 1)
    payload = {"number": case.number, "clock": alarm.clock, "level": LEVELS[alarm.level], "told": told}
    await tell(session, f"case.{kind.value}", f"case/{case.id}", payload, at=at)
