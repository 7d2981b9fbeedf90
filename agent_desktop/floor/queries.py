"""What the floor page reads beside the live picture: people, queues, the day's figures, names of callers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import from_instant
from crm_core.customers.model import Customer
from crm_core.history.model import Leg
from crm_core.workforce import queries
from crm_core.workforce.queries import AgentFacts
from reports.adherence_queries import planned
from reports.intervals import agent_intervals
from reports.metrics import AgentTimes, QueueCounts, Thresholds
from reports.periods import Period, Step
from reports.queries import queue_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """A queue as the floor shows it. `overflow` is (seconds of wait, seconds expected, to) each, 0 = not used."""

    id: str
    name_zh: str
    name_en: str
    skill: str
    priority: int
    overflow: tuple[tuple[int, int, str], ...]
    callback_offered: bool
    is_open: bool
    thresholds: Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerName:
    name: str
    customer_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What changes slowly, as of `at`. `counts` per queue and `times` per agent are of the site's day.

    `due` are agents who work now by the published plan, with the begin and the end of it. `away`: the database is, so
    that this is older than it should be.
    """

    at: float
    people: Mapping[str, AgentFacts] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    queues: tuple[QueueFacts, ...] = ()
    counts: Mapping[str, QueueCounts] = field(default_factory=dict)
    times: Mapping[str, AgentTimes] = field(default_factory=dict)
    break_minutes: Mapping[str, int] = field(default_factory=dict)
    break_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    due: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    away: bool = False


async def read_ground(session: AsyncSession, start: datetime, end: datetime, at: float, zone: ZoneInfo) -> Ground:
    """`start` and `end` bound the site's day."""
    reasons = await queries.break_reasons(session, retired=True)
    people = {one.number: one for one in await queries.agents(session)}
    return Ground(
        at=at,
        people=people,
        teams={team.id: (team.name_zh, team.name_en) for team in await queries.teams(session)},
        queues=await _queues(session),
        counts=await queue_counts(session, start, end),
        times=await agent_times(session, at, zone),
        break_minutes={reason.code: reason.minutes for reason in reasons},
        break_names={reason.code: (reason.name_zh, reason.name_en) for reason in reasons},
        due=await _due(session, at, people, zone),
    )


async def _due(
    session: AsyncSession, at: float, people: Collection[str], zone: ZoneInfo
) -> dict[str, tuple[float, float]]:
    """Who works at this moment by the published plan: agent to the begin and end of that stretch."""
    now = from_instant(at)
    plan = await planned(session, now - timedelta(hours=24), now + timedelta(hours=1), people, zone)
    return {
        agent: (one.begins, one.ends)
        for agent, stretches in plan.items()
        for one in stretches
        if one.is_work and one.begins <= at < one.ends
    }


async def _queues(session: AsyncSession) -> tuple[QueueFacts, ...]:
    return tuple(
        QueueFacts(
            id=row.id,
            name_zh=row.name_zh,
            name_en=row.name_en or row.name_zh,
            skill=row.skill,
            priority=row.priority,
            overflow=tuple(
                (int(move.get("after_seconds", 0)), int(move.get("expected_over_seconds", 0)), str(move["to"]))
                for move in row.overflow
            ),
            callback_offered=row.callback_offered,
            is_open=row.is_open_for_calls and row.leaving_at is None,
            thresholds=Thresholds(
                service_seconds=row.service_seconds,
                short_abandon_seconds=row.short_abandon_seconds,
                target_percent=row.service_target_percent,
            ),
        )
        for row in await queries.queues(session)
    )


async def agent_times(session: AsyncSession, at: float, zone: ZoneInfo) -> dict[str, AgentTimes]:
    """Of the site's day that holds `at`, up to it, as the reports count it: the floor and they tell the same."""
    now = from_instant(at)
    day = now.astimezone(zone).date()
    (today,) = await agent_intervals(session, Period(first=day, last=day, step=Step.DAY, zone=zone), now=now)
    return {agent: figures.times for agent, figures in today.agents.items()}


async def caller_names(session: AsyncSession, customers: Iterable[int]) -> dict[int, CallerName]:
    wanted = set(customers)
    if not wanted:
        return {}
    rows = await session.execute(
        select(Customer.id, Customer.name, Customer.customer_class).where(Customer.id.in_(wanted))
    )
    return {key: CallerName(name=name, customer_class=kind) for key, name, kind in rows}


async def leg_of(session: AsyncSession, leg: str) -> Leg | None:
    return await session.get(Leg, leg)
