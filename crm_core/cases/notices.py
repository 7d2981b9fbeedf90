"""Telling people of a case: the owner, those who lead, and at the dealer whoever has to act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role, read_roles
from crm_core.cases.alarms import LEVELS
from crm_core.cases.loop import Stage
from crm_core.cases.model import Case, CaseNotice
from crm_core.dealers.model import Dealer, DealerStaff
from crm_core.workforce.model import AgentRow, TeamLeader

_CENTRE_STAGES = ("", Stage.RECORD, Stage.CONFIRM, "dispatch")


def tell_people(
    session: AsyncSession, case: Case, numbers: Iterable[str], kind: str, *, at: datetime, clock: str = ""
) -> list[str]:
    """One notice each; gives who they are."""
    told = list(dict.fromkeys(number for number in numbers if number))
    session.add_all(CaseNotice(number=number, case_id=case.id, kind=kind, clock=clock, at=at) for number in told)
    return told


async def of_level(session: AsyncSession, case: Case, level: int) -> list[str]:
    """Whom a deadline that passed is told to, by the place in `alarms.LEVELS`; nobody there = the supervisors."""
    match LEVELS[level]:
        case "owner":
            return await doers(session, case)
        case "team_leader":
            found = await _leaders(session, case.owner)
        case "supervisor":
            found = await _with_role(session, Role.SUPERVISOR)
        case _:
            region = await session.scalar(select(Dealer.region).where(Dealer.id == case.dealer_id))
            found = await _with_role(session, Role.REGIONAL_MANAGER, User.region == region) if region else []
    return found or await _with_role(session, Role.SUPERVISOR)


async def doers(session: AsyncSession, case: Case) -> list[str]:
    """Who has to act now: the owner at the centre, or at the dealer the named owner, else the relations managers."""
    if case.stage in _CENTRE_STAGES or case.dealer_id is None:
        return [case.owner or case.opened_by]
    if case.staff_id is not None:
        number = await session.scalar(
            select(User.number).join(DealerStaff, DealerStaff.user_id == User.id).where(DealerStaff.id == case.staff_id)
        )
        if number is not None:
            return [number]
    return await of_dealer(session, case.dealer_id) or [case.owner or case.opened_by]


async def of_dealer(session: AsyncSession, dealer_id: int) -> list[str]:
    """The dealer's customer relations managers; where it has none that can sign in, its managers."""
    here = User.dealer_id == dealer_id
    return await _with_role(session, Role.DEALER_RELATIONS, here) or await _with_role(
        session, Role.DEALER_MANAGER, here
    )


async def mark_read(session: AsyncSession, number: str, case_id: int | None, at: datetime) -> None:
    """Somebody has seen what they were told of a case; None = of every case."""
    mine = update(CaseNotice).where(CaseNotice.number == number, CaseNotice.read_at.is_(None))
    await session.execute((mine if case_id is None else mine.where(CaseNotice.case_id == case_id)).values(read_at=at))


async def _leaders(session: AsyncSession, owner: str) -> list[str]:
    leads = select(User.number).join(TeamLeader, TeamLeader.user_id == User.id).where(User.disabled_at.is_(None))
    team = await session.scalar(
        select(AgentRow.team).join(User, User.id == AgentRow.user_id).where(User.number == owner)
    )
    found = list(await session.scalars(leads.where(TeamLeader.team == team))) if team else []
    return found or list(await session.scalars(leads.distinct()))


async def _with_role(session: AsyncSession, role: Role, *more: ColumnElement[bool]) -> list[str]:
    statement = select(User.number, User.roles).where(
        User.disabled_at.is_(None), User.roles.contains(role.value), *more
    )
    rows = await session.execute(statement.order_by(User.number))
    return [number for number, roles in rows if role in read_roles(roles)]
