"""Who leads whom, for telling people: an agent's leaders, and the supervisors of the site."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.workforce.model import AgentRow, TeamLeader


async def supervisors(session: AsyncSession) -> list[str]:
    """The numbers of those who can sign in."""
    statement = select(User.number, User.roles).where(
        User.disabled_at.is_(None), User.roles.contains(Role.SUPERVISOR.value)
    )
    rows = await session.execute(statement.order_by(User.number))
    return [number for number, roles in rows if Role.SUPERVISOR in read_roles(roles)]


async def leaders_of(session: AsyncSession, agent: str) -> list[str]:
    """Who leads this agent's team; "" or a team without a leader = the leaders of all teams, else the supervisors."""
    leads = select(User.number).join(TeamLeader, TeamLeader.user_id == User.id).where(User.disabled_at.is_(None))
    own: list[str] = []
    if agent:
        team = await session.scalar(
            select(AgentRow.team).join(User, User.id == AgentRow.user_id).where(User.number == agent)
        )
        own = list(await session.scalars(leads.where(TeamLeader.team == team).order_by(User.number))) if team else []
    found = own or list(await session.scalars(leads.distinct().order_by(User.number)))
    return found or await supervisors(session)
