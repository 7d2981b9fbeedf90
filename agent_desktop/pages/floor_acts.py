"""What a leader does on the floor: each act is for the own teams only, and on the audit log."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse

from agent_desktop.dependencies import Me, TheDatabase, TheDesk, needs
from agent_desktop.floor.scope import Scope, scope_of
from agent_desktop.pages.floor import the_hub
from agent_desktop.ports import FloorControl, Telephony
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound
from crm_core.workforce import queries
from crm_core.workforce.actions import serve_queue
from crm_core.workforce.queue_actions import set_open_for_calls

router = APIRouter(prefix="/api/floor", dependencies=[needs(Permission.STEER_AGENTS)])

Agent = Annotated[str, Body(max_length=8)]
OneAgent = Annotated[str, Body(embed=True, max_length=8)]
Call = Annotated[str, Body(max_length=64)]
OneCall = Annotated[str, Body(embed=True, max_length=64)]
OnePlace = Annotated[str, Body(embed=True, max_length=64)]


@dataclass(frozen=True, slots=True)
class Leader:
    """Who acts, with what it takes."""

    user: SignedInUser
    db: Database
    telephony: Telephony

    @property
    def number(self) -> str:
        return self.user.number

    @property
    def control(self) -> FloorControl:
        return self.telephony.floor_control

    async def scope(self, team: str = "") -> Scope:
        async with self.db.begin() as session:
            return await scope_of(session, self.user, team)

    async def over_agent(self, agent: str) -> None:
        """Raises NotYourTeam, a NotFound."""
        (await self.scope()).require_agent(agent)

    async def over_caller(self, call: str) -> Scope:
        """Raises NotFound for a caller who does not wait, or not in a queue of the own teams."""
        scope = await self.scope()
        if any(view.call == call and view.queue in scope.queues for view in self.telephony.floor().waiting):
            return scope
        raise NotFound("This caller does not wait any more.")

    async def over_callback(self, callback: str) -> None:
        """Raises NotFound for a place that is not kept any more, or not in a queue of the own teams."""
        scope = await self.scope()
        kept = self.telephony.floor().callbacks
        if not any(view.callback == callback and view.queue in scope.queues for view in kept):
            raise NotFound("This callback is not open any more.")

    async def act(self, work: Awaitable[None], action: str, subject: str, detail: str = "") -> JSONResponse:
        """Do it, and write down that it was done; a refusal leaves no entry."""
        await work
        async with self.db.begin() as session:
            await audit(session, at=clock.now(), actor=self.number, action=action, subject=subject, detail=detail)
        return JSONResponse({})


def the_leader(me: Me, db: TheDatabase, telephony: TheDesk) -> Leader:
    return Leader(me, db, telephony)


TheLeader = Annotated[Leader, Depends(the_leader)]


@router.post("/supervise")
async def supervise(
    leader: TheLeader, agent: Agent, mode: Annotated[Literal["listen", "whisper", "barge"], Body()]
) -> JSONResponse:
    """Rings the leader's own phone, or changes what it hears and who hears it."""
    await leader.over_agent(agent)
    return await leader.act(leader.control.supervise(leader.number, agent, mode), f"floor_{mode}", agent)


@router.post("/take-over")
async def take_over(leader: TheLeader, agent: OneAgent) -> JSONResponse:
    await leader.over_agent(agent)
    return await leader.act(leader.control.take_over(leader.number, agent), "floor_take_over", agent)


@router.post("/stop")
async def stop(leader: TheLeader) -> JSONResponse:
    return await leader.act(leader.control.stop_supervising(leader.number), "floor_stop", leader.number)


@router.post("/force")
async def force(
    leader: TheLeader,
    agent: Agent,
    state: Annotated[Literal["ready", "break", "offline"], Body()],
    reason: Annotated[str, Body(max_length=40)] = "",
) -> JSONResponse:
    """Who talks goes there after the call."""
    await leader.over_agent(agent)
    async with leader.db.begin() as session:
        known = {one.code for one in await queries.break_reasons(session)}
    if state == "break" and reason not in known:
        raise Invalid("Choose the reason of the break.", field="reason")
    work = leader.control.force(leader.number, agent, state, reason)
    return await leader.act(work, "floor_force", agent, noting(state=state, reason=reason))


@router.post("/promote")
async def promote(leader: TheLeader, call: OneCall) -> JSONResponse:
    await leader.over_caller(call)
    return await leader.act(leader.control.promote(leader.number, call), "floor_promote", call)


@router.post("/move")
async def move(leader: TheLeader, call: Call, queue: Annotated[str, Body(max_length=40)]) -> JSONResponse:
    (await leader.over_caller(call)).require_queue(queue)
    return await leader.act(leader.control.move(leader.number, call, queue), "floor_move", call, queue)


@router.post("/assign")
async def assign(leader: TheLeader, call: Call, agent: Agent) -> JSONResponse:
    (await leader.over_caller(call)).require_agent(agent)
    return await leader.act(leader.control.assign(leader.number, call, agent), "floor_assign", call, agent)


@router.post("/call-now")
async def call_now(leader: TheLeader, callback: OnePlace) -> JSONResponse:
    """As soon as an agent is free, before all who wait; also one whose next try is later."""
    await leader.over_callback(callback)
    work = leader.telephony.callbacks.call_now(leader.number, callback)
    return await leader.act(work, "floor_call_now", callback)


@router.post("/call-off")
async def call_off(leader: TheLeader, callback: OnePlace) -> JSONResponse:
    """Nobody calls this customer back."""
    await leader.over_callback(callback)
    return await leader.act(leader.telephony.callbacks.cancel(leader.number, callback), "floor_call_off", callback)


@router.post("/message")
async def message(
    leader: TheLeader,
    text: Annotated[str, Body(max_length=400)],
    agents: Annotated[list[Annotated[str, Body(max_length=8)]], Body(max_length=500)],
    teams: Annotated[list[Annotated[str, Body(max_length=40)]], Body(max_length=100)],
) -> JSONResponse:
    """To these agents, and to everybody of these teams who is signed in. Both must be the leader's own."""
    scope = await leader.scope()
    for agent in agents:
        scope.require_agent(agent)
    there = {desk.agent for desk in leader.telephony.floor().agents}
    for team in teams:
        agents += sorted((await leader.scope(team)).agents & scope.agents & there)
    to = tuple(dict.fromkeys(agents))
    return await leader.act(leader.control.message(leader.number, to, text), "floor_message", ",".join(to)[:80], text)


@router.post("/intake", dependencies=[needs(Permission.EDIT_WORKFORCE)])
async def intake(
    request: Request, leader: TheLeader, queue: Annotated[str, Body(max_length=40)], is_open: Annotated[bool, Body()]
) -> JSONResponse:
    """The queue's switch: callers who wait stay, new ones are told. The workforce's rules version and audit it."""
    async with leader.db.begin() as session:
        await set_open_for_calls(session, queue, is_open=is_open, actor=leader.number, at=clock.now())
    await leader.telephony.workforce_changed()
    the_hub(request).forget()
    return JSONResponse({})


@router.post("/staff", dependencies=[needs(Permission.EDIT_WORKFORCE)])
async def staff(
    request: Request,
    leader: TheLeader,
    agent: Agent,
    queue: Annotated[str, Body(max_length=40)],
    serves: Annotated[bool, Body()],
) -> JSONResponse:
    """An agent is lent to a queue, or taken from it, from the next call on; versioned and audited as all settings."""
    await leader.over_agent(agent)
    async with leader.db.begin() as session:
        await serve_queue(session, agent, queue, serves=serves, actor=leader.number, at=clock.now())
    await leader.telephony.workforce_changed()
    the_hub(request).forget()
    return JSONResponse({})
