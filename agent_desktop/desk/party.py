"""The second party of a consult or a conference, as people know it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.formats import masked_number
from agent_desktop.ports import PartyView
from crm_core.access.model import User
from crm_core.dealers.model import Dealer
from crm_core.workforce.model import AgentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """`about` is the team of a colleague, the city of a dealer, "" of a number. The rest is as in PartyView."""

    kind: str
    name: str
    about: str
    phase: str
    since: float
    result: str = ""


async def read_party(session: AsyncSession, view: PartyView | None, language: str) -> Party | None:
    """A colleague or dealer whom the database does not know keeps what was dialled."""
    if view is None:
        return None
    name, about = view.name, ""
    if view.kind == "agent":
        name, about = await _colleague(session, view.name, language)
    elif view.kind == "dealer" and view.name.isdecimal():
        dealer = await session.get(Dealer, int(view.name))
        if dealer is not None:
            name, about = dealer.short_name or dealer.name, dealer.city
    elif view.kind == "number":
        name = masked_number(view.name, language)
    return Party(kind=view.kind, name=name, about=about, phase=view.phase, since=view.since, result=view.result)


async def _colleague(session: AsyncSession, number: str, language: str) -> tuple[str, str]:
    statement = (
        select(User.name, User.name_en, AgentRow.team)
        .outerjoin(AgentRow, AgentRow.user_id == User.id)
        .where(User.number == number)
    )
    found = (await session.execute(statement)).first()
    if found is None:
        return number, ""
    name, name_en, team = found
    return (name_en or name) if language == "en" else name, team or ""
