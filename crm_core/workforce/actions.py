"""Adding and changing queues, agents and skills. Afterwards tell telephony: `Telephony.workforce_changed`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import add_user
from crm_core.access.audit import audit
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import Role
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow

# These become section names and extensions in Asterisk's files: nothing else may get in.
_QUEUE_ID = re.compile(r"[a-z][a-z0-9_]{1,38}")
_CONTACT = re.compile(r"sip:[0-9]{3,6}@[0-9]{1,3}(\.[0-9]{1,3}){3}:[0-9]{2,5}")


async def add_queue(session: AsyncSession, queue: QueueRow, *, actor: str, at: datetime) -> QueueRow:
    """A new queue; its id is a lower-case word, since it names things in Asterisk too."""
    if not _QUEUE_ID.fullmatch(queue.id) or not _QUEUE_ID.fullmatch(queue.skill):
        raise Invalid("A queue's id and skill are lower-case words.", field="id")
    if await session.get(QueueRow, queue.id) is not None:
        raise Refused("There is a queue {queue} already.", queue=queue.id)
    session.add(queue)
    await audit(session, at=at, actor=actor, action="queue_added", subject=queue.id)
    return queue


async def add_agent(
    session: AsyncSession,
    *,
    number: str,
    name: str,
    name_en: str = "",
    password: str,
    team: str = "",
    skills: Mapping[str, int],
    phone_contact: str = "",
    roles: tuple[Role, ...] = (Role.AGENT,),
    actor: str,
    at: datetime,
) -> AgentRow:
    """A new user with a phone, whose extension is the number."""
    if phone_contact and not _CONTACT.fullmatch(phone_contact):
        raise Invalid("A desk phone is written sip:1001@10.0.0.5:5060.", field="phone_contact")
    _check_skills(skills)
    user = await add_user(
        session, number=number, name=name, name_en=name_en, password=password, roles=roles, actor=actor, at=at
    )
    row = AgentRow(user_id=user.id, team=storable(team, 40), phone_contact=phone_contact)
    session.add(row)
    await session.flush()
    session.add_all(AgentSkill(user_id=user.id, skill=skill, level=level) for skill, level in skills.items())
    await audit(session, at=at, actor=actor, action="agent_added", subject=number)
    return row


async def set_skills(
    session: AsyncSession, number: str, skills: Mapping[str, int], *, actor: str, at: datetime
) -> None:
    """Replace an agent's skills."""
    _check_skills(skills)
    user_id = await _agent_id(session, number)
    await session.execute(delete(AgentSkill).where(AgentSkill.user_id == user_id))
    session.add_all(AgentSkill(user_id=user_id, skill=skill, level=level) for skill, level in skills.items())
    detail = ",".join(f"{skill}={level}" for skill, level in sorted(skills.items()))
    await audit(session, at=at, actor=actor, action="skills_set", subject=number, detail=detail)


async def disable_user(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """The user cannot sign in any more and every session ends; history keeps the name."""
    user = await session.scalar(select(User).where(User.number == number))
    if user is None:
        raise NotFound("There is no user {number}.", number=number)
    user.disabled_at = at
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))
    await audit(session, at=at, actor=actor, action="user_disabled", subject=number)


async def _agent_id(session: AsyncSession, number: str) -> int:
    found = await session.scalar(
        select(AgentRow.user_id).join(User, User.id == AgentRow.user_id).where(User.number == number)
    )
    if found is None:
        raise NotFound("There is no agent {number}.", number=number)
    return found


def _check_skills(skills: Mapping[str, int]) -> None:
    if any(not _QUEUE_ID.fullmatch(skill) or not 1 <= level <= 9 for skill, level in skills.items()):
        raise Invalid("A skill is a lower-case word with a level from 1 to 9.", field="skills")
