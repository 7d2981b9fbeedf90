"""Queues, teams and agents as the engine, the pages and Asterisk's files need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_core.access.actions import SignedInUser
from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.workforce.model import AgentRow, BreakReason, QueueRow, Team, TeamLeader
from crm_core.workforce.words import FIRST_REASONS, MISSED_LIMIT, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """`skills` maps a skill to its level, 1 to 9. `phone_contact` "" = the phone in the browser.

    `missed_limit` is the team's: offers missed in a row until the agent is set to break, 0 = never.
    """

    number: str
    name: str
    name_en: str
    team: str
    phone_contact: str
    skills: Mapping[str, int]
    tags: frozenset[str] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=dict)
    missed_limit: int = MISSED_LIMIT


async def queues(session: AsyncSession, *, removed: bool = False) -> list[QueueRow]:
    """All queues in the order in which people list them; with `removed`, also those that only history names."""
    statement = select(QueueRow).order_by(QueueRow.position, QueueRow.id)
    if not removed:
        statement = statement.where(QueueRow.removed_at.is_(None))
    return list(await session.scalars(statement))


async def agents(session: AsyncSession) -> list[AgentFacts]:
    """All agents who are not disabled, by number."""
    return await _agents(session)


async def agent(session: AsyncSession, number: str) -> AgentFacts | None:
    """The agent with this number; None for a user without a phone."""
    found = await _agents(session, number)
    return found[0] if found else None


async def teams(session: AsyncSession) -> list[Team]:
    """All teams in the order in which people list them."""
    return list(await session.scalars(select(Team).order_by(Team.position, Team.id)))


async def leaders(session: AsyncSession) -> dict[str, list[str]]:
    """Team id to the numbers of those who lead it."""
    rows = await session.execute(
        select(TeamLeader.team, User.number).join(User, User.id == TeamLeader.user_id).order_by(User.number)
    )
    found: dict[str, list[str]] = {}
    for team, number in rows:
        found.setdefault(team, []).append(number)
    return found


async def led_teams(session: AsyncSession, user: SignedInUser) -> frozenset[str] | None:
    """The teams whose agents this person may steer; None = every team, for a supervisor. Nobody else leads any."""
    if Role.SUPERVISOR in user.roles:
        return None
    if Role.TEAM_LEADER not in user.roles:
        return frozenset()
    return frozenset(await session.scalars(select(TeamLeader.team).where(TeamLeader.user_id == user.user_id)))


async def led_agents(session: AsyncSession, user: SignedInUser) -> frozenset[str] | None:
    """The numbers of the agents in `led_teams`; None = everybody."""
    led = await led_teams(session, user)
    if led is None:
        return None
    numbers = select(User.number).join(AgentRow, AgentRow.user_id == User.id).where(AgentRow.team.in_(led))
    return frozenset(await session.scalars(numbers)) if led else frozenset()


async def break_reasons(session: AsyncSession, *, retired: bool = False) -> list[Reason]:
    """The reasons that an agent may choose, in order; with `retired`, also those that only history names."""
    rows: Sequence[BreakReason] = (
        await session.scalars(select(BreakReason).order_by(BreakReason.position, BreakReason.code))
    ).all()
    found = [
        Reason(code=row.code, name_zh=row.name_zh, name_en=row.name_en, minutes=row.minutes, active=row.active)
        for row in rows
    ] or list(FIRST_REASONS)
    return [reason for reason in found if retired or reason.active]


async def names(session: AsyncSession) -> dict[str, tuple[str, str]]:
    """Number to (name, English name) of every user, disabled ones too: history still speaks of them."""
    rows = await session.execute(select(User.number, User.name, User.name_en))
    return {number: (name, name_en or name) for number, name, name_en in rows}


async def _agents(session: AsyncSession, number: str = "") -> list[AgentFacts]:
    statement = (
        select(AgentRow, User, Team.missed_limit)
        .join(User, User.id == AgentRow.user_id)
        .outerjoin(Team, Team.id == AgentRow.team)
        .where(User.disabled_at.is_(None))
        .order_by(User.number)
        .options(selectinload(AgentRow.skills))
    )
    if number:
        statement = statement.where(User.number == number)
    return [_facts(row, user, limit) for row, user, limit in await session.execute(statement)]


def _facts(row: AgentRow, user: User, missed_limit: int | None) -> AgentFacts:
    return AgentFacts(
        number=user.number,
        name=user.name,
        name_en=user.name_en or user.name,
        team=row.team,
        phone_contact=row.phone_contact,
        skills={skill.skill: skill.level for skill in row.skills},
        tags=frozenset(row.tags),
        capacity=dict(row.capacity),
        missed_limit=MISSED_LIMIT if missed_limit is None else missed_limit,
    )
