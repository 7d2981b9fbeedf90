"""A site with talks to judge: agent 1018 has three, 1019 one; two reviewers, leaders, a form in force."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.history.model import Contact, Leg, Recording
from crm_core.quality import form_actions
from crm_core.quality.form_queries import Given, given
from crm_core.quality.forms import Form
from crm_core.quality.model import QualityForm
from crm_core.quality.templates import COMPLAINT
from crm_core.workforce.model import Team, TeamLeader
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

REVIEWER, SECOND, LEADER, FOREIGN_LEADER = "3001", "3002", "2011", "2012"
TALKS = (9101, 9102, 9103, 9104)
FULL = {"c1": 10, "c2": 20, "c3": 20, "c4": 20, "c5": 30}
HALF = {"c1": 5, "c2": 10, "c3": 10, "c4": 10, "c5": 10}


async def settle(session: AsyncSession, *, at: datetime | None = None, form: Form = COMPLAINT) -> Given:
    """On the site of tests.browser.people."""
    secret = (await session.scalars(select(User.password_hash).where(User.number == people.AGENT))).one()
    who = (
        (901, REVIEWER, "田雨", "Tian Yu", "quality"),
        (902, SECOND, "何静", "He Jing", "quality"),
        (903, LEADER, "周敏", "Zhou Min", "team_leader"),
        (904, FOREIGN_LEADER, "吴浩", "Wu Hao", "team_leader"),
    )
    for user_id, number, name, name_en, roles in who:
        session.add(User(id=user_id, number=number, name=name, name_en=name_en, roles=roles, password_hash=secret))
    session.add_all([Team(id="一组", name_zh="一组", name_en="One"), Team(id="二组", name_zh="二组", name_en="Two")])
    await session.flush()
    session.add_all([TeamLeader(user_id=903, team="一组"), TeamLeader(user_id=904, team="二组")])
    add_talks(session, at or now() - timedelta(hours=2))
    await session.flush()
    return await form_in_force(session, form)


def add_talks(session: AsyncSession, at: datetime, talks: tuple[int, ...] = TALKS) -> None:
    """The last talk is the English agent's."""
    for place, number in enumerate(talks):
        agent = people.ENGLISH_AGENT if number == talks[-1] else people.AGENT
        begin = at + timedelta(minutes=10 * place)
        row = Contact(id=f"judged-{number}", direction="inbound", caller="+8613900000000", entry="4001718888")
        row.queue, row.outcome, row.agent, row.started_at = "repair", "answered", agent, begin
        row.answered_at, row.ended_at = begin, begin + timedelta(minutes=4)
        leg = Leg(id=f"judged-{number}-1", contact_id=row.id, agent=agent, queue="repair", result="answered")
        leg.offered_at, leg.answered_at, leg.ended_at = begin, begin, begin + timedelta(minutes=4)
        sound = Recording(
            id=number, contact_id=row.id, leg_id=leg.id, agent=agent, file=f"20261126/judged-{number}.flac"
        )
        sound.started_at, sound.status, sound.seconds = begin, "ready", 240.0
        session.add_all([row, leg, sound])


async def form_in_force(session: AsyncSession, form: Form = COMPLAINT) -> Given:
    row: QualityForm = await form_actions.create(session, form, actor=REVIEWER, at=now())
    await form_actions.publish(session, row.id, actor=REVIEWER, at=now())
    using = await given(session, row.id)
    assert using is not None
    return using


async def token(web: WebSite, path: str = "/quality") -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', (await web.client.get(path)).text)
    assert found
    return found.group(1)


async def headers(web: WebSite, path: str = "/quality") -> dict[str, str]:
    return {"X-CSRF-Token": await token(web, path), "accept": "application/json"}


def sent(points: dict[str, int], *, revision: int = 0, form: int = 1, version: int = 1, **more: Any) -> dict[str, Any]:
    marks = {"points": points, "knocked": more.pop("knocked", []), "evidence": more.pop("evidence", {})}
    return {"form": form, "version": version, "revision": revision, "comment": "好", "marks": marks, **more}
