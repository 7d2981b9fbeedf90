"""A supervisor for the sites whose people are agents and an administrator."""

from __future__ import annotations

from sqlalchemy import select

from crm_core.access.actions import SignedIn
from crm_core.access.model import User
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

SUPERVISOR = "2001"


async def enter_as_supervisor(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        agent = (await session.scalars(select(User).where(User.number == people.AGENT))).one()
        if await session.scalar(select(User.id).where(User.number == SUPERVISOR)) is None:
            who = {"number": SUPERVISOR, "name": "高海燕", "roles": "supervisor", "language": "zh-CN"}
            session.add(User(password_hash=agent.password_hash, **who))
    return await web.enter(SUPERVISOR)
