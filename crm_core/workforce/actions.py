"""Adding and changing queues, agents and skills. Afterwards tell telephony: `Telephony.workforce_changed`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import add_user
from crm_core.access.audit import audit
from crm_core.access.model import SignInSession, User
from crm_core.access.roles import Role
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce import versions
from crm_core.workforce.checks import without_way_out
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow, WorkforceVersion
from crm_core.workforce.queries import AgentFacts, agents, queues
from crm_core.workforce.queue_actions import levels_of_skills, queue_state
from crm_core.workforce.versions import State
from crm_core.workforce.words import MEDIA

# These become section names and extensions in Asterisk's files: nothing else may get in.
_QUEUE_ID = re.compile(r"[a-z][a-z0-9_]{1,38}")
_TAG = re.compile(r"[a-z]{2,10}:[\w-]{1,20}")
LENT = 5
"""The level of a skill that an agent is lent with: neither first nor last."""
_CONTACT = re.compile(r"sip:[0-9]{3,6}@[0-9]{1,3}(\.[0-9]{1,3}){3}:[0-9]{2,5}")


class QueuesWithoutAgents(Refused):
    """Callers of these queues would wait for ever; may be confirmed."""

    def __init__(self, queues: Sequence[str]) -> None:
        super().__init__("Nobody could serve {queues} any more.", queues=", ".join(queues), field="confirm")
        self.queues = tuple(queues)


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


def agent_state(facts: AgentFacts) -> State:
    """What one version of an agent's settings holds."""
    return {
        "skills": dict(sorted(facts.skills.items())),
        "tags": sorted(facts.tags),
        "capacity": dict(sorted(facts.capacity.items())),
    }


async def set_skills(
    session: AsyncSession, number: str, skills: Mapping[str, int], *, actor: str, at: datetime
) -> None:
    """Replace an agent's skills."""
    await save_agents(session, {number: {"skills": skills}}, bases={}, confirmed=True, actor=actor, at=at)


async def serve_queue(
    session: AsyncSession, number: str, queue: str, *, serves: bool, actor: str, at: datetime
) -> None:
    """The queue's skill is added to the agent's, at LENT, or taken away; one that is there keeps its level.

    Raises NotFound; QueuesWithoutAgents when nobody would be left for a queue.
    """
    row = await session.get(QueueRow, queue)
    known = next((one for one in await agents(session) if one.number == number), None)
    if row is None or row.removed_at is not None:
        raise NotFound("There is no queue {queue}.", queue=queue[:40])
    if known is None:
        raise NotFound("There is no agent {number}.", number=number[:16])
    skills = dict(known.skills)
    if serves:
        skills.setdefault(row.skill, LENT)
    else:
        skills.pop(row.skill, None)
    await save_agents(session, {number: {"skills": skills}}, bases={}, confirmed=False, actor=actor, at=at)


async def save_agents(
    session: AsyncSession,
    changed: Mapping[str, State],
    *,
    bases: Mapping[str, int],
    confirmed: bool,
    actor: str,
    at: datetime,
) -> list[WorkforceVersion]:
    """Replace the given settings (skills, tags, capacity) of several agents at once, or of none.

    `bases` are the version numbers the page was made from. Raises Invalid, NotFound, SavedMeanwhile; and unless
    `confirmed` QueuesWithoutAgents, when the callers of a queue would wait for ever.
    """
    known = {agent.number: agent for agent in await agents(session)}
    stuck_then = await _queues_without_way_out(session)
    saved = []
    for number, settings in changed.items():
        if number not in known:
            raise NotFound("There is no agent {number}.", number=number)
        before = agent_state(known[number])
        after = {**before, **_checked(settings)}
        await _write_agent(session, number, after)
        version = await versions.record(
            session, "agent", number, before=before, after=after, actor=actor, at=at, base=bases.get(number)
        )
        saved += [version] if version else []
    stuck = [name for name in await _queues_without_way_out(session) if name not in stuck_then]
    if stuck and not confirmed:
        raise QueuesWithoutAgents(stuck)
    return saved


async def disable_user(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """The user cannot sign in any more and every session ends; history keeps the name."""
    user = await _user(session, number)
    user.disabled_at = at
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))
    await audit(session, at=at, actor=actor, action="user_disabled", subject=number)


async def enable_user(session: AsyncSession, number: str, *, actor: str, at: datetime) -> None:
    """The user may sign in again, with the old password."""
    user = await _user(session, number)
    user.disabled_at = None
    await audit(session, at=at, actor=actor, action="user_enabled", subject=number)


async def _user(session: AsyncSession, number: str) -> User:
    user = await session.scalar(select(User).where(User.number == number))
    if user is None:
        raise NotFound("There is no user {number}.", number=number)
    return user


async def _write_agent(session: AsyncSession, number: str, state: State) -> None:
    row = await session.scalar(select(AgentRow).join(User, User.id == AgentRow.user_id).where(User.number == number))
    if row is None:
        raise NotFound("There is no agent {number}.", number=number)
    row.tags, row.capacity = state["tags"], state["capacity"]
    await session.execute(delete(AgentSkill).where(AgentSkill.user_id == row.user_id))
    session.add_all(AgentSkill(user_id=row.user_id, skill=skill, level=n) for skill, n in state["skills"].items())
    await session.flush()
    session.expire(row)


async def _queues_without_way_out(session: AsyncSession) -> list[str]:
    """Their names, in order."""
    rows = await queues(session)
    stuck = without_way_out({row.id: queue_state(row) for row in rows}, await levels_of_skills(session))
    return [row.name_zh for row in rows if row.id in stuck]


def _checked(settings: State) -> State:
    state = dict(settings)
    if "skills" in state:
        _check_skills(state["skills"])
        state["skills"] = dict(sorted(state["skills"].items()))
    if "tags" in state:
        state["tags"] = sorted({str(tag).strip() for tag in state["tags"]})
        if len(state["tags"]) > 20 or any(not _TAG.fullmatch(tag) for tag in state["tags"]):
            raise Invalid("A tag is written dealer:17 or region:east.", field="tags")
    if "capacity" in state:
        state["capacity"] = dict(sorted(state["capacity"].items()))
        if any(word not in MEDIA[1:] or not 1 <= most <= 9 for word, most in state["capacity"].items()):
            raise Invalid("Work beside calls: a number from 1 to 9 for each kind.", field="capacity")
    return state


def _check_skills(skills: Mapping[str, int]) -> None:
    if any(not _QUEUE_ID.fullmatch(skill) or not 1 <= level <= 9 for skill, level in skills.items()):
        raise Invalid("A skill is a lower-case word with a level from 1 to 9.", field="skills")
