"""Saving teams with their leaders, and the set of break reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce import queries, versions
from crm_core.workforce.checks import WORD
from crm_core.workforce.fields import Unusable, named, text_of, within
from crm_core.workforce.model import AgentRow, BreakReason, Team, TeamLeader, WorkforceVersion
from crm_core.workforce.versions import State
from crm_core.workforce.words import Reason

LEADING_ROLES = (Role.TEAM_LEADER, Role.SUPERVISOR)
MOST_REASONS = 20


async def team_state(session: AsyncSession, team: Team) -> State:
    """What one version of a team holds; `members` and `leaders` are personnel numbers in order."""
    members = select(User.number).join(AgentRow, AgentRow.user_id == User.id).where(AgentRow.team == team.id)
    return {
        "name_zh": team.name_zh,
        "name_en": team.name_en,
        "position": team.position,
        "missed_limit": team.missed_limit,
        "leaders": (await queries.leaders(session)).get(team.id, []),
        "members": sorted(await session.scalars(members)),
    }


async def save_team(
    session: AsyncSession, team: str, state: State, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Create or replace a team. A member who was in another team leaves it. Raises Unusable or SavedMeanwhile."""
    row = await session.get(Team, team)
    before = await team_state(session, row) if row else None
    wanted = {**state, "leaders": sorted(set(state["leaders"])), "members": sorted(set(state["members"]))}
    wanted |= {"name_zh": text_of(state["name_zh"], 40), "name_en": text_of(state["name_en"], 60)}
    await versions.require_unchanged(session, "team", team, base)
    people = await _people(session, {*wanted["leaders"], *wanted["members"]})
    problems = _team_problems(team, wanted, people)
    if problems:
        raise Unusable(problems)
    if row is None:
        row = Team(id=team)
        session.add(row)
    row.name_zh, row.name_en = wanted["name_zh"], wanted["name_en"]
    row.position, row.missed_limit = wanted["position"], wanted["missed_limit"]
    await session.flush()
    await _write_people(session, team, wanted, people)
    return await versions.record(session, "team", team, before=before, after=wanted, actor=actor, at=at, base=base)


async def remove_team(
    session: AsyncSession, team: str, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Raises Refused while it has members."""
    row = await session.get(Team, team)
    if row is None:
        raise NotFound("There is no team {team}.", team=team)
    before = await team_state(session, row)
    if before["members"]:
        raise Refused("{team} has {count} members: move them first.", team=row.name_zh, count=len(before["members"]))
    await session.delete(row)
    await session.flush()
    return await versions.record(session, "team", team, before=before, after=None, actor=actor, at=at, base=base)


def reasons_state(reasons: Sequence[Reason]) -> State:
    """What one version of the set of reasons holds."""
    return {
        reason.code: {
            "name_zh": reason.name_zh,
            "name_en": reason.name_en,
            "minutes": reason.minutes,
            "active": reason.active,
        }
        for reason in reasons
    }


async def save_reasons(
    session: AsyncSession, reasons: Sequence[Reason], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Replace the set of break reasons. One that was used is retired by `active` False, so that history keeps its name.

    A reason left out is retired, too. Raises Unusable; its fields are `<field>.<place in the list>`.
    """
    then = await queries.break_reasons(session, retired=True)
    await versions.require_unchanged(session, "reasons", "", base)
    kept = {reason.code for reason in reasons}
    retired = [Reason(**{**_plain(reason), "active": False}) for reason in then if reason.code not in kept]
    wanted = [*reasons, *retired]
    problems = _reason_problems(reasons)
    if problems:
        raise Unusable(problems)
    await session.execute(delete(BreakReason))
    session.add_all(BreakReason(position=place, **_plain(reason)) for place, reason in enumerate(wanted))
    await session.flush()
    before = {**reasons_state(then), "order": [one.code for one in then]}
    after = {**reasons_state(wanted), "order": [one.code for one in wanted]}
    return await versions.record(session, "reasons", "", before=before, after=after, actor=actor, at=at, base=base)


def reasons_of(state: State) -> list[Reason]:
    """The reasons that a version holds, in order."""
    return [Reason(code=code, **state[code]) for code in state["order"]]


def _plain(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "name_zh": text_of(reason.name_zh, 20),
        "name_en": text_of(reason.name_en, 30),
        "minutes": reason.minutes,
        "active": reason.active,
    }


def _reason_problems(reasons: Sequence[Reason]) -> list[Invalid]:
    problems: list[Invalid] = []
    codes = [reason.code for reason in reasons]
    for place, reason in enumerate(reasons):
        if not WORD.fullmatch(reason.code) or codes.count(reason.code) > 1:
            problems.append(Invalid("A code is a lower-case word of its own.", field=f"code.{place}"))
        problems += [Invalid(one.message_id, field=f"{one.values['field']}.{place}") for one in named(_plain(reason))]
        if not 0 <= reason.minutes <= 240:
            problems.append(Invalid("Enter a number from {low} to {high}.", low=0, high=240, field=f"minutes.{place}"))
    if not any(reason.active for reason in reasons):
        problems.append(Invalid("Agents need at least one reason to choose.", field="reasons"))
    if len(reasons) > MOST_REASONS:
        problems.append(
            Invalid("At most {most} reasons: agents choose from them in a hurry.", most=MOST_REASONS, field="reasons")
        )
    return problems


def _team_problems(team: str, wanted: State, people: dict[str, tuple[User, bool]]) -> list[Invalid]:
    problems: list[Invalid] = [] if WORD.fullmatch(team) else [Invalid("An id is a lower-case word.", field="id")]
    problems += named(wanted) + within(wanted, "missed_limit", 1, 10, zero=True)
    for number in wanted["leaders"]:
        known = people.get(number)
        if known is None or not set(LEADING_ROLES) & set(read_roles(known[0].roles)):
            problems.append(Invalid("{number} is no team leader.", number=number, field="leaders"))
    for number in wanted["members"]:
        if number not in people or not people[number][1]:
            problems.append(Invalid("There is no agent {number}.", number=number, field="members"))
    return problems


async def _people(session: AsyncSession, numbers: set[str]) -> dict[str, tuple[User, bool]]:
    """Number to the user, and whether the user is an agent."""
    rows = await session.execute(
        select(User, AgentRow.user_id).outerjoin(AgentRow, AgentRow.user_id == User.id).where(User.number.in_(numbers))
    )
    return {user.number: (user, agent is not None) for user, agent in rows}


async def _write_people(session: AsyncSession, team: str, wanted: State, people: dict[str, tuple[User, bool]]) -> None:
    await session.execute(delete(TeamLeader).where(TeamLeader.team == team))
    session.add_all(TeamLeader(team=team, user_id=people[number][0].id) for number in wanted["leaders"])
    members = {people[number][0].id for number in wanted["members"]}
    for row in await session.scalars(select(AgentRow).where((AgentRow.team == team) | AgentRow.user_id.in_(members))):
        row.team = team if row.user_id in members else ""
    await session.flush()


async def next_position(session: AsyncSession) -> int:
    """Where a new team stands: last."""
    return (await session.scalar(select(func.max(Team.position))) or 0) + 1
