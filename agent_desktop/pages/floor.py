"""The floor: what a leader sees of the own teams, pushed as it changes. What a leader does: floor_acts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session, TheDatabase, TheRendering, TheSignIns, needs
from agent_desktop.desk.pop import Said
from agent_desktop.floor.live import FloorHub
from agent_desktop.floor.model import one_agent
from agent_desktop.floor.queries import leg_of
from agent_desktop.floor.regions import floor_values, inspector_values
from agent_desktop.floor.scope import Scope, scope_of, teams_of
from agent_desktop.floor.words import SCRIPT_WORDS
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.workforce import queries
from crm_core.workforce.hours_queries import closures_now

router = APIRouter(dependencies=[needs(Permission.SEE_FLOOR)])
Team = Annotated[str, Query(max_length=40)]
FILTERS = ("", "talking", "ready", "alarm")


def the_hub(request: Request | WebSocket) -> FloorHub:
    hub: FloorHub = request.app.state.floor
    return hub


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address says: one of the own teams, the agent in the panel, the filter."""

    team: Annotated[str, Query(max_length=40)] = ""
    agent: Annotated[str, Query(max_length=8)] = ""
    filter: Annotated[str, Query(max_length=10)] = ""


@router.get("/floor")
async def show_floor(
    request: Request, session: Session, me: Me, rendering: TheRendering, chosen: Annotated[Chosen, Depends()]
) -> HTMLResponse:
    scope = await scope_of(session, me, chosen.team)
    picture, ground = await the_hub(request).picture(scope)
    own = await queries.agent(session, me.number)
    phone = "none" if own is None else "fixed" if own.phone_contact else "connecting"
    return page(
        request,
        "floor/page.html",
        **{
            **floor_values(rendering, picture, ground, me),
            **await _inspector(request, session, me, scope, chosen.agent),
            "script_words": {name: rendering.translate(me.language, text) for name, text in SCRIPT_WORDS.items()},
            "teams": await teams_of(session, me),
            "all_teams": (await queries.led_teams(session, me)) is None,
            "team": chosen.team,
            "chosen": chosen.agent if chosen.agent in scope.agents else "",
            "filter": chosen.filter if chosen.filter in FILTERS else "",
            "phone": phone,
            "closures": await closures_now(session, clock.now()),
            "closure_path": "/admin/hours#closure" if me.may(Permission.EDIT_WORKFORCE) else "",
        },
    )


@router.get("/floor/agents/{agent}")
async def show_agent(request: Request, session: Session, me: Me, agent: str) -> HTMLResponse:
    """The panel of one agent, drawn again when that agent's row has changed."""
    scope = await scope_of(session, me)
    scope.require_agent(agent)
    return page(request, "floor/inspector.html", **await _inspector(request, session, me, scope, agent))


async def _inspector(
    request: Request, session: AsyncSession, me: SignedInUser, scope: Scope, agent: str
) -> dict[str, Any]:
    hub, telephony, rendering = the_hub(request), request.app.state.telephony, request.app.state.rendering
    empty = {"line": None, "viewer_number": me.number, "said": _said}
    if agent not in scope.agents:
        return empty
    ground, floor = await hub.ground(), telephony.floor()
    names = await hub.names(floor)
    line = one_agent(telephony.desk(agent), floor, ground, names, clock.instant(clock.now()))
    if line is None:
        return empty
    leg = await leg_of(session, line.call.leg) if line.call is not None else None
    return {**empty, **inspector_values(rendering, line, ground, me, leg)}


def _said(message_id: str, **values: object) -> Said:
    return Said(message_id, values)


@router.websocket("/floor/live")
async def follow_floor(socket: WebSocket, me: Me, db: TheDatabase, sign_ins: TheSignIns, team: Team = "") -> None:
    """Until the page goes away, is too slow, or its sign-in ends."""
    async with db.begin() as session:
        scope = await scope_of(session, me, team)
    async with the_hub(socket).watching(me, scope, team) as watcher:
        await push_to_person(socket, me, sign_ins, watcher.messages())
