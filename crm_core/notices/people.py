"""Whom to tell: an agent's leaders, the supervisors of the site, its quality reviewers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.workforce.model import AgentRow, TeamLeader


async def supervisors(session: AsyncSession) -> list[str]:
    """The numbers of those who can sign in."""
    return await _with_role(session, Role.SUPERVISOR)


async def reviewers(session: AsyncSession) -> list[str]:
    """The numbers of the quality reviewers who can sign in."""
    return await _with_role(session, Role.QUALITY)


async def administrators(session: AsyncSession) -> list[str]:
    """The numbers of the administrators who can sign in."""
    return await _with_role(session, Role.ADMINISTRATOR)


async def _with_role(session: AsyncSession, role: Role) -> list[str]:
    statement = select(User.number, User.roles).where(User.disabled_at.is_(None), User.roles.contains(role.value))
    rows = await session.execute(statement.order_by(User.number))
    return [number for number, roles in rows if role in read_roles(roles)]


_LEADS = select(User.number).join(TeamLeader, TeamLeader.user_id == User.id).where(User.disabled_at.is_(None))


async def own_leaders(session: AsyncSession, agent: str) -> list[str]:
    """Who leads this agent's team; nobody leads "" or an agent without a team."""
    if not agent:
        return []
    team = await session.scalar(
        select(AgentRow.team).join(User, User.id == AgentRow.user_id).where(User.number == agent)
    )
    return list(await session.scalars(_LEADS.where(TeamLeader.team == team).order_by(User.number))) if team else []


async def leaders_of(session: AsyncSession, agent: str) -> list[str]:
    """Who leads this agent's team; "" or a team without a leader = the leaders of all teams, else the supervisors."""
    own = await own_leaders(session, agent)
    found = own or list(await session.scalars(_LEADS.distinct().order_by(User.number)))
    return found or await supervisors(session)
