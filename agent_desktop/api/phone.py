"""The browser phone's account, and calls that the agent begins or ends."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.desk.numbers import NumberKind, number_behind
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.callbacks.actions import called

router = APIRouter(prefix="/api", dependencies=[needs(Permission.TAKE_CALLS)])


@router.post("/phone/account")
async def account(me: Me, telephony: TheDesk) -> JSONResponse:
    """A new SIP secret for this session; given once, in the body of a POST, never stored by the page."""
    made = await telephony.phone_account(me.number, me.session)
    told = {
        "user": made.user,
        "secret": made.secret,
        "domain": made.domain,
        "websocket_urls": made.websocket_urls,
        "expires_at": made.expires_at,
        "ice_servers": made.ice_servers,
        "name": me.name,
    }
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


class DialWish(BaseModel):
    """A number as typed, or what stands for a masked number on the screen."""

    number: str = Field("", max_length=40)
    kind: NumberKind = "number"
    value: str = Field("", max_length=64)
    customer_id: int | None = None


@router.post("/call/dial")
async def dial(session: Session, me: Me, telephony: TheDesk, wish: DialWish) -> JSONResponse:
    """Ring the agent's own phone, then the number."""
    found = await number_behind(session, me, wish.kind, wish.number if wish.kind == "number" else wish.value)
    contact = await telephony.dial(me.number, found.e164, wish.customer_id or found.customer_id)
    if wish.kind == "message":
        await called(session, wish.value, contact, actor=me.number, at=clock.now())
    await audit(session, at=clock.now(), actor=me.number, action="dialled", subject=contact, detail=found.e164)
    return JSONResponse({"contact": contact})


@router.post("/call/hang-up")
async def hang_up(me: Me, telephony: TheDesk) -> JSONResponse:
    """For a desk phone, and for a browser phone that lost its line."""
    await telephony.hang_up(me.number)
    return JSONResponse({})
