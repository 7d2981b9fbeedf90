"""The draft of a week as a grid: who, which shift, what speaks against it, what the agents already know of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent_desktop.staffing import charts
from agent_desktop.staffing.look import Look
from agent_desktop.staffing.weeks import StaffedWeek, default_goal, staffed_week
from crm_core.shifts.checks import WARNINGS, Conflict, Limits, conflicts
from crm_core.shifts.kinds import Kind, kinds
from crm_core.shifts.model import PlanPublication, PlanStep
from crm_core.shifts.queries import absences, last_publication, last_step, shifts
from crm_core.shifts.times import Shift, week_days
from crm_core.workforce.queries import AgentFacts

LOOKED_BACK = timedelta(days=14)  # for rest and days in a row over the turn of the week


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`fresh` = the agents do not know it yet. `off` is the kind of an approved leave, "" = none."""

    agent: str
    day: date
    shift: Shift | None
    off: str
    fresh: bool
    against: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    agent: AgentFacts
    cells: tuple[Cell, ...]

    @property
    def hours(self) -> float:
        return sum(cell.shift.paid_minutes for cell in self.cells if cell.shift and not cell.off) / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHead:
    """Agent hours of all queues; `short` are half hours with too few agents, by queue; `working` people."""

    on: date
    asked: float
    planned: float
    short: Counter[str]
    working: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    monday: date
    rows: tuple[Row, ...]
    heads: tuple[DayHead, ...]
    kinds: tuple[Kind, ...]
    every_kind: dict[str, Kind]
    problems: tuple[Conflict, ...]
    published: PlanPublication | None
    undoable: PlanStep | None
    week: StaffedWeek

    @property
    def fresh(self) -> int:
        return sum(cell.fresh for row in self.rows for cell in row.cells)

    @property
    def is_hard(self) -> int:
        """How many problems are more than a warning."""
        return sum(one.why not in WARNINGS for one in self.problems)


async def plan_of(look: Look, monday: date) -> Plan:
    """The week's draft of the agents whom this person plans."""
    crew, days = await look.led(), week_days(monday)
    led = {one.number for one in crew}
    week = await staffed_week(look.session, look.learnt, monday, look.now, look.zone)
    draft = await shifts(look.session, monday - LOOKED_BACK, days[-1], published=False, agents=led)
    known = await shifts(look.session, monday, days[-1], published=True, agents=led)
    away = await absences(look.session, monday, days[-1])
    holidays = frozenset(day for day, one in week.special.items() if one.kind == "holiday")
    off = {agent: frozenset(days_off) for agent, days_off in away.items()}
    found = [one for one in conflicts(draft, off, holidays, Limits()) if one.day in days]
    all_kinds = await kinds(look.session, retired=True)
    given = {(one.agent, one.day): one for one in draft}
    told = {(one.agent, one.day): one for one in known}
    rows = tuple(
        Row(agent=one, cells=tuple(_cell((one.number, day), given, told, away, found) for day in days)) for one in crew
    )
    return Plan(
        monday=monday, rows=rows, heads=tuple(_head(week, day) for day in days),
        kinds=tuple(one for one in all_kinds if not one.retired), every_kind={one.id: one for one in all_kinds},
        problems=tuple(found), published=await last_publication(look.session, monday),
        undoable=await last_step(look.session, monday, look.me.number), week=week,
    )  # fmt: skip


def _cell(
    key: tuple[str, date],
    given: dict[tuple[str, date], Shift],
    told: dict[tuple[str, date], Shift],
    away: dict[str, dict[date, str]],
    found: Sequence[Conflict],
) -> Cell:
    agent, day = key
    return Cell(
        agent=agent, day=day, shift=given.get(key), off=away.get(agent, {}).get(day, ""),
        fresh=given.get(key) != told.get(key),
        against=tuple(one for one in found if (one.agent, one.day) == key),
    )  # fmt: skip


def _head(week: StaffedWeek, on: date) -> DayHead:
    asked = planned = 0.0
    short: Counter[str] = Counter()
    for queue, of_queue in week.days.items():
        model = (week.goals.get(queue) or default_goal(queue)).model
        one = of_queue[on.weekday()]
        asked += one.agent_hours(model)
        planned += one.planned_hours
        short[queue] += sum(charts.state(row, model) == "under" for row in one.rows)
    working = len({one.agent for one in week.shifts if one.day == on})
    return DayHead(on=on, asked=asked, planned=planned, short=+short, working=working)
