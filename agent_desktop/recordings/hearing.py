"""The signed-in person as a listener: what they may hear by role and by the teams they lead."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.disclosure.sharing import shared_with_person
from crm_core.workforce.queries import led_agents
from recording.policy import Listener


async def listener_of(session: AsyncSession, me: SignedInUser) -> Listener:
    """What is shared with them now; the teams only of somebody whose hearing depends on them."""
    shared = await shared_with_person(session, me.number, clock.now())
    of_teams = me.may(Permission.HEAR_TEAM_RECORDINGS) and not me.may(Permission.HEAR_ALL_RECORDINGS)
    team = await led_agents(session, me) if of_teams else None
    return Listener(number=me.number, roles=me.roles, team=team or frozenset(), shared=shared)
