"""The browser phone's account, and calls that the agent begins or ends."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from agent_desktop.dependencies import Me, Session, TheDesk, needs
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import Invalid
from crm_core.phone import to_e164

router = APIRouter(prefix="/api", dependencies=[needs(Permission.TAKE_CALLS)])


@router.post("/phone/account")
async def account(me: Me, telephony: TheDesk) -> JSONResponse:
    """A new SIP secret for this session; given once, in the body of a POST, never stored by the page."""
    made = await telephony.phone_account(me.number, me.session)
    told = {
        "user": made.user,
        "secret": made.secret,
        "domain": made.domain,
        "websocket_url": made.websocket_url,
        "expires_at": made.expires_at,
        "name": me.name,
    }
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/call/dial")
async def dial(
    session: Session,
    me: Me,
    telephony: TheDesk,
    number: Annotated[str, Body(max_length=40)],
    customer_id: Annotated[int | None, Body()] = None,
) -> JSONResponse:
    """Ring the agent's own phone, then the number."""
    e164 = to_e164(number)
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=number[:20], field="number")
    contact = await telephony.dial(me.number, e164, customer_id)
    await audit(session, at=clock.now(), actor=me.number, action="dialled", subject=contact, detail=e164)
    return JSONResponse({"contact": contact})


@router.post("/call/hang-up")
async def hang_up(me: Me, telephony: TheDesk) -> JSONResponse:
    """For a desk phone, and for a browser phone that lost its line."""
    await telephony.hang_up(me.number)
    return JSONResponse({})
