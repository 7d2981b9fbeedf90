"""A day of the plan as the engine plays it: forecast callers, measured handling and patience, shifts of the draft."""

from __future__ import annotations

from datetime import date, timedelta

from acd.model import AgentId, QueueId, Skill
from agent_desktop.staffing.look import Look
from agent_desktop.staffing.weeks import StaffedWeek, default_goal, goal_of, staffed_week
from crm_core.errors import Refused
from crm_core.shifts.times import DAY, monday_of
from reports.counts import Thresholds
from reports.engine_queues import routed
from reports.what_if import Duty, Plan, Stream


async def plan_of_day(look: Look, day: date) -> Plan:
    """Everybody of the site, whoever leads them: callers do not ask for teams. Raises Refused when nobody can be
    foreseen or nobody is planned."""
    week = await staffed_week(look.session, look.learnt, monday_of(day), look.now, look.zone)
    streams = tuple(_stream(week, place, day) for place in range(len(week.queues)) if _is_known(week, place, day))
    duties = _duties(week, day)
    if not streams:
        raise Refused("Nothing is forecast for this day: fewer than two weeks are known.")
    if not duties:
        raise Refused("Nobody is planned on this day. Give shifts first.")
    return Plan(queues=tuple(routed(row) for row in week.queues), duties=duties, streams=streams)


def _is_known(week: StaffedWeek, place: int, day: date) -> bool:
    return week.days[week.queues[place].id][day.weekday()].told is not None


def _stream(week: StaffedWeek, place: int, day: date) -> Stream:
    row = week.queues[place]
    of_day = week.days[row.id][day.weekday()]
    goal = goal_of(row, week.goals.get(row.id) or default_goal(row.id), week.outlooks[row.id])
    calls = tuple(round(cell.calls, 3) for cell in of_day.rows)
    whole = sum(calls)
    handling = sum(cell.calls * cell.handling for cell in of_day.rows) / whole if whole else 180.0
    return Stream(
        queue=QueueId(row.id),
        calls=calls,
        handling=round(handling, 1),
        patience=goal.patience,
        thresholds=Thresholds(
            service_seconds=row.service_seconds,
            short_abandon_seconds=row.short_abandon_seconds,
            target_percent=row.service_target_percent,
        ),
    )


def _duties(week: StaffedWeek, day: date) -> tuple[Duty, ...]:
    """Spans of work of the day in seconds; a night shift of the day before reaches into it."""
    skills = {one.number: {Skill(skill): level for skill, level in one.skills.items()} for one in week.crew}
    spans: dict[str, list[tuple[float, float]]] = {}
    for shift in week.shifts:
        if shift.day not in (day, day - timedelta(days=1)) or shift.agent not in skills:
            continue
        offset = (shift.day - day).days * DAY
        for begins, ends, is_work in shift.stretches():
            if is_work and ends + offset > 0:
                spans.setdefault(shift.agent, []).append((max(begins + offset, 0) * 60.0, (ends + offset) * 60.0))
    return tuple(
        Duty(agent=AgentId(agent), skills=skills[agent], work=tuple(sorted(work)))
        for agent, work in sorted(spans.items())
        if skills[agent]
    )
