"""The agent's own state: ready, break with a reason, what follows this call, more after-call time."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.desk.break_reasons import TheBreakReasons
from agent_desktop.desk.record import record_missing
from crm_core.access.roles import Permission
from crm_core.errors import Refused

router = APIRouter(prefix="/api/state", dependencies=[needs(Permission.TAKE_CALLS)])


class RecordUnfinished(Refused):
    def __init__(self) -> None:
        super().__init__("You are in after-call work. Finish the record, then go ready.")


@router.post("/sign-in")
async def sign_in(me: Me, telephony: TheDesk) -> JSONResponse:
    """Join the queues on a break; ready is the next click."""
    await telephony.sign_in(me.number, ready=False)
    return JSONResponse({})


@router.post("/ready")
async def ready(session: Session, me: Me, telephony: TheDesk) -> JSONResponse:
    view = telephony.desk(me.number)
    if view.state == "wrap_up" and view.last_call:
        missing = await record_missing(session, telephony.floor(), view.last_call, me.number)
        if missing:
            raise RecordUnfinished
    await telephony.go_ready(me.number)
    return JSONResponse({})


@router.post("/break")
async def take_break(
    reasons: TheBreakReasons, me: Me, telephony: TheDesk, reason: Annotated[str, Body(embed=True)]
) -> JSONResponse:
    await telephony.take_break(me.number, await reasons.checked(reason))
    return JSONResponse({})


@router.post("/next")
async def plan_next(
    reasons: TheBreakReasons,
    me: Me,
    telephony: TheDesk,
    state: Annotated[Literal["ready", "break"], Body()],
    reason: Annotated[str, Body()] = "",
) -> JSONResponse:
    """What follows the present call's after-call work."""
    await telephony.plan_next(me.number, state, await reasons.checked(reason) if state == "break" else "")
    return JSONResponse({})


@router.post("/extend")
async def extend(me: Me, telephony: TheDesk) -> JSONResponse:
    """30 s more, once for each call; the engine refuses a second time."""
    await telephony.extend_wrap_up(me.number)
    return JSONResponse({})
