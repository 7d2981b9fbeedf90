"""Queues and agents as the engine, the pages and Asterisk's files need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_core.access.model import User
from crm_core.workforce.model import AgentRow, QueueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """`skills` maps a skill to its level, 1 to 9. `phone_contact` "" = the phone in the browser."""

    number: str
    name: str
    name_en: str
    team: str
    phone_contact: str
    skills: Mapping[str, int]


async def queues(session: AsyncSession) -> list[QueueRow]:
    """All queues in the order in which people list them."""
    return list(await session.scalars(select(QueueRow).order_by(QueueRow.position, QueueRow.id)))


async def agents(session: AsyncSession) -> list[AgentFacts]:
    """All agents who are not disabled, by number."""
    statement = (
        select(AgentRow, User)
        .join(User, User.id == AgentRow.user_id)
        .where(User.disabled_at.is_(None))
        .order_by(User.number)
        .options(selectinload(AgentRow.skills))
    )
    return [_facts(row, user) for row, user in await session.execute(statement)]


async def agent(session: AsyncSession, number: str) -> AgentFacts | None:
    """The agent with this number; None for a user without a phone."""
    statement = (
        select(AgentRow, User)
        .join(User, User.id == AgentRow.user_id)
        .where(User.disabled_at.is_(None), User.number == number)
        .options(selectinload(AgentRow.skills))
    )
    found = (await session.execute(statement)).first()
    return _facts(*found) if found else None


async def names(session: AsyncSession) -> dict[str, tuple[str, str]]:
    """Number to (name, English name) of every user, disabled ones too: history still speaks of them."""
    rows = await session.execute(select(User.number, User.name, User.name_en))
    return {number: (name, name_en or name) for number, name, name_en in rows}


def _facts(row: AgentRow, user: User) -> AgentFacts:
    return AgentFacts(
        number=user.number,
        name=user.name,
        name_en=user.name_en or user.name,
        team=row.team,
        phone_contact=row.phone_contact,
        skills={skill.skill: skill.level for skill in row.skills},
    )
