"""The clocks of a case in the records: its deadlines, its stages, and the one job that watches both."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.soon import plan_soon
from crm_core.cases.alarms import Alarm, alarms_of
from crm_core.cases.clocks import add_time, open_time
from crm_core.cases.model import Case, CaseStage
from crm_core.cases.rules import Rules, load_rules
from crm_core.history.model import ContactKind
from crm_core.jobs.actions import cancel, schedule
from crm_core.workforce.hours_queries import calendars, hours_of
from crm_core.workforce.opening_hours import OpeningHours

JOB = "case_clock"
_SHORT = 120  # minutes; a stage that is longer is reminded of, half an hour before its end
_STAGE_REMIND = 30


async def start_clocks(session: AsyncSession, case: Case, rules: Rules, at: datetime) -> None:
    """Both deadlines from the rules, counted from `at`; one that is set already stays."""
    clock = rules.clock(case.kind, case.level)
    if clock.respond and case.respond_by is None and case.responded_at is None:
        case.respond_by = await _after(session, rules, clock.respond_calendar, at, clock.respond)
    if clock.solve and case.due_at is None:
        case.due_at = await _after(session, rules, clock.solve_calendar, at, clock.solve)


async def recount(session: AsyncSession, case: Case, rules: Rules, at: datetime) -> None:
    """The deadlines of a new level, from the opening on; what was paused is added. Stages keep theirs."""
    clock = rules.clock(case.kind, case.level)
    rest = case.paused_seconds // 60
    if clock.respond and case.responded_at is None:
        case.respond_by = await _after(session, rules, clock.respond_calendar, case.opened_at, clock.respond + rest)
    if clock.solve:
        case.due_at = await _after(session, rules, clock.solve_calendar, case.opened_at, clock.solve + rest)
    await plan(session, case, at, rules=rules)


async def enter_stage(session: AsyncSession, case: Case, stage: str, *, at: datetime, by: str, rules: Rules) -> None:
    """The stage's row ends, the next begins with a clock of its own; "" = there is no next."""
    current = await open_stage(session, case.id)
    if current is not None:
        at = max(at, current.began_at)
        current.done_at, current.done_by = at, by
    case.stage = stage
    if stage:
        clock = rules.clock(case.kind, case.level)
        minutes = clock.stages.get(stage, 0)
        due = await _after(session, rules, clock.respond_calendar, at, minutes) if minutes else None
        session.add(CaseStage(case_id=case.id, stage=stage, began_at=at, due_at=due))
    await session.flush()


async def open_stage(session: AsyncSession, case_id: int) -> CaseStage | None:
    return await session.scalar(
        select(CaseStage)
        .where(CaseStage.case_id == case_id, CaseStage.done_at.is_(None))
        .order_by(CaseStage.id.desc())
        .limit(1)
    )


async def shift(session: AsyncSession, case: Case, since: datetime, at: datetime, rules: Rules) -> None:
    """Move every deadline by the counted time between `since` and `at`, when the clocks stood."""
    clock = rules.clock(case.kind, case.level)
    stage = await open_stage(session, case.id)
    for row, name, calendar in (
        (case, "respond_by", clock.respond_calendar),
        (case, "due_at", clock.solve_calendar),
        (stage, "due_at", clock.respond_calendar),
    ):
        due = getattr(row, name) if row is not None else None
        if due is not None and due > since:
            hours = await _hours(session, rules, calendar)
            stood = int(open_time(since, at, hours).total_seconds()) // 60
            setattr(row, name, add_time(due, stood, hours))


async def alarms_for(session: AsyncSession, case: Case, rules: Rules) -> list[Alarm]:
    """Everything that will be told of this case as it stands; nothing of a closed one."""
    if case.closed_at is not None:
        return []
    clock = rules.clock(case.kind, case.level)
    if case.paused_at is not None:
        longest = timedelta(hours=clock.pauses.get(case.pause_reason, 72))
        mark = f"pause@{case.paused_at:%y%m%d%H%M%S}"
        return [Alarm(key=mark, at=case.paused_at + longest, clock="pause", kind="resume")]
    found = alarms_of("solve", case.due_at, remind=clock.remind, escalate=clock.escalate)
    if case.responded_at is None:
        found += alarms_of("respond", case.respond_by, escalate=clock.escalate[:2])
    stage = await open_stage(session, case.id) if case.stage else None
    if stage is not None and stage.due_at is not None:
        minutes = (stage.due_at - stage.began_at).total_seconds() / 60
        remind = (_STAGE_REMIND,) if minutes > _SHORT else ()
        found += alarms_of(case.stage, stage.due_at, remind=remind, escalate=clock.escalate[:2])
    return found


async def plan(session: AsyncSession, case: Case, at: datetime, *, rules: Rules | None = None) -> None:
    """Move the job to the next alarm. Call it after every change; reminders that are past by then are no news."""
    await session.flush()
    if case.kind == ContactKind.COMPLAINT:
        await plan_soon(session, [case.customer_id], at)  # an open one stops the care of its customer
    alarms = await alarms_for(session, case, rules or await load_rules(session))
    told = set(case.told) & {one.key for one in alarms}
    told |= {one.key for one in alarms if one.kind == "remind" and one.at <= at}
    case.told = sorted(told)
    times = [one.at for one in alarms if one.key not in told]
    if times:
        await schedule(session, JOB, f"case/{case.id}", min(times))
    else:
        await cancel(session, JOB, f"case/{case.id}")


async def _after(session: AsyncSession, rules: Rules, calendar: str, at: datetime, minutes: int) -> datetime:
    return add_time(at, minutes, await _hours(session, rules, calendar))


async def _hours(session: AsyncSession, rules: Rules, calendar: str) -> OpeningHours | None:
    """None = around the clock, also for a calendar that somebody removed."""
    if not calendar:
        return None
    rows = {row.id: row for row in await calendars(session)}
    return hours_of(rows[calendar], rules.zone) if calendar in rows else None
