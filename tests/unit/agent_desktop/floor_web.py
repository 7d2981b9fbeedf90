"""The floor's page on a busy site, and what a leader does there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent_desktop.floor.live import FloorHub
from agent_desktop.floor.regions import regions_of
from agent_desktop.floor.scope import scope_of
from crm_core.access.model import AuditEntry
from tests.browser.desk_site import DeskSite
from tests.browser.floor_people import AGENTS, busy_floor, settle_floor
from tests.scripted_telephony import ScriptedTelephony
from tests.unit.agent_desktop.conftest import WebSite


async def at_work(web: WebSite) -> WebSite:
    """A busy floor."""
    telephony: ScriptedTelephony = web.telephony
    for agent in AGENTS:
        telephony.set_desk(agent) if agent in telephony._desks else telephony._desks.update(
            {agent: telephony._fresh(agent)}
        )
    async with web.db.begin() as session:
        await settle_floor(session)
    await busy_floor(DeskSite("http://hotline.test", web.db, telephony))
    return web


async def act(web: WebSite, number: str, path: str, **body: Any) -> int:
    entered = await web.enter(number)
    answer = await web.client.post(f"/api/floor/{path}", json=body, headers={"X-CSRF-Token": entered.user.csrf})
    return answer.status_code


async def regions(web: WebSite, number: str, team: str = "") -> dict[str, str]:
    hub: FloorHub = web.app.state.floor
    user = (await web.enter(number)).user
    async with web.db.begin() as session:
        scope = await scope_of(session, user, team)
    picture, ground = await hub.picture(scope)
    return regions_of(web.app.state.rendering, picture, ground, user)


async def audited(web: WebSite) -> list[tuple[str, str, str, str]]:
    async with web.db.begin() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("floor_%")).order_by(AuditEntry.id)
        )
        return [(row.actor, row.action, row.subject, row.detail) for row in rows]
