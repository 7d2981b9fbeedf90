"""What a planner changes: the goal of a queue's staffing, corrections of a forecast, kept scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed, noting
from crm_core.errors import Invalid, NotFound
from crm_core.forecasts.model import ForecastCorrection, Scenario, StaffingGoal
from crm_core.workforce.fields import Unusable, text_of, within

MODELS = ("A", "C")
_FIELDS = ("occupancy_percent", "shrinkage_percent", "patience_seconds", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionTyped:
    """Minutes of the day; `percent` of what the forecast says, 0 to 500."""

    queue: str
    day: date
    from_minute: int
    until_minute: int
    percent: int
    reason: str


async def save_goal(
    session: AsyncSession, queue: str, typed: Mapping[str, Any], *, actor: str, at: datetime
) -> StaffingGoal:
    """Raises Unusable for an occupancy outside 40 to 100, a shrinkage over 60, a patience over an hour."""
    state = {name: typed.get(name) for name in _FIELDS}
    problems = [
        *within(state, "occupancy_percent", 40, 100),
        *within(state, "shrinkage_percent", 0, 60),
        *within(state, "patience_seconds", 10, 3600, zero=True),
    ]
    if state["model"] not in MODELS:
        problems.append(Invalid("Choose Erlang A or Erlang C.", field="model"))
    if problems:
        raise Unusable(problems)
    row = await session.get(StaffingGoal, queue)
    before = {name: getattr(row, name) for name in _FIELDS} if row else None
    if row is None:
        row = StaffingGoal(queue=queue)
        session.add(row)
    for name, value in state.items():
        setattr(row, name, value)
    await session.flush()
    await audit(session, at=at, actor=actor, action="staffing_goal_saved", subject=queue, detail=changed(before, state))
    return row


async def correct(session: AsyncSession, typed: CorrectionTyped, *, actor: str, at: datetime) -> ForecastCorrection:
    """Raises Unusable without a reason, for a span that is none, or a percentage outside 0 to 500."""
    problems: list[Invalid] = []
    if not 0 <= typed.from_minute < typed.until_minute <= 1440:
        problems.append(Invalid("Write the hours as 08:00-16:30.", field="hours"))
    if not 0 <= typed.percent <= 500:
        problems.append(Invalid("Enter a number from {low} to {high}.", low=0, high=500, field="percent"))
    reason = text_of(typed.reason, 120)
    if not reason:
        problems.append(Invalid("Say why, so that others understand the figure.", field="reason"))
    if problems:
        raise Unusable(problems)
    row = ForecastCorrection(
        queue=typed.queue, day=typed.day, from_minute=typed.from_minute, until_minute=typed.until_minute,
        percent=typed.percent, reason=reason, made_by=actor, made_at=at,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    detail = noting(day=typed.day.isoformat(), percent=typed.percent, reason=reason)
    await audit(session, at=at, actor=actor, action="forecast_changed", subject=typed.queue, detail=detail)
    return row


async def take_back(session: AsyncSession, correction_id: int, *, actor: str, at: datetime) -> ForecastCorrection:
    """The forecast counts again as it was."""
    row = await session.get(ForecastCorrection, correction_id)
    if row is None:
        raise NotFound("There is no such correction.")
    if row.removed_at is None:
        row.removed_at = at
        detail = noting(day=row.day.isoformat(), percent=row.percent, reason=row.reason)
        await audit(session, at=at, actor=actor, action="forecast_restored", subject=row.queue, detail=detail)
    return row


async def keep_scenario(
    session: AsyncSession, name: str, day: date, played: Mapping[str, Any], *, actor: str, at: datetime
) -> Scenario:
    """`played` has changes, result and days. Raises Unusable without a name."""
    title = text_of(name, 60)
    if not title:
        raise Unusable([Invalid("Give the scenario a name.", field="name")])
    row = Scenario(
        name=title, day=day, changes=played["changes"], result=played["result"], days_played=played["days"],
        made_by=actor, made_at=at,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="scenario_saved", subject=str(row.id), detail=noting(name=title))
    return row


async def remove_scenario(session: AsyncSession, scenario_id: int, *, actor: str, at: datetime) -> None:
    row = await session.get(Scenario, scenario_id)
    if row is None:
        raise NotFound("There is no such scenario.")
    await session.delete(row)
    await audit(
        session, at=at, actor=actor, action="scenario_removed", subject=str(row.id), detail=noting(name=row.name)
    )
