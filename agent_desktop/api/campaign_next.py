"""Preview at the desk: the next customer's record, then Dial, Skip with a reason, or later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.campaigns import words
from agent_desktop.customers.words import PURPOSES
from agent_desktop.dependencies import Me, Session, TheDatabase, TheDesk, needs
from agent_desktop.rendering import page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.campaigns import preview
from crm_core.campaigns.model import CampaignEntry
from crm_core.errors import Refused
from crm_core.knowledge.scripts import script_of

router = APIRouter(prefix="/api/campaign-next", dependencies=[needs(Permission.TAKE_CALLS)])


class Why(BaseModel):
    why: str = Field("", max_length=200)


class Until(BaseModel):
    until: str = Field("", max_length=16)


@router.get("")
async def show_next(request: Request, session: Session, me: Me) -> HTMLResponse:
    """Nothing at all when nobody is due for this agent."""
    now, zone = clock.now(), request.app.state.site.zone
    found = await preview.next_for(session, me.number, at=now, zone=zone)
    values: dict[str, Any] = {"found": found, "words": words, "purposes": PURPOSES, "guide": None}
    if found is not None:
        script = int(found.campaign.settings.get("script") or 0)
        spoken = found.customer.language or "zh-CN"
        values["guide"] = await script_of(session, script, language=spoken, on=now.astimezone(zone).date())
    return page(request, "desk/campaign_next.html", **values)


@router.post("/{entry_id:int}/dial")
async def dial(request: Request, db: TheDatabase, me: Me, telephony: TheDesk, entry_id: int) -> JSONResponse:
    """The attempt is written before the line is asked. Refused with the reason when the customer may not be called."""
    async with db.begin() as session:
        _, campaign = await preview.entry_for(session, me.number, entry_id, at=clock.now())
        campaign_id = campaign.id
    if await telephony.previews.preview(campaign_id, entry_id, me.number):
        return JSONResponse({"called": True})
    async with db.begin() as session:
        entry = await session.get_one(CampaignEntry, entry_id)
        reason = translate(request, entry.reason, **entry.reason_values) if entry.reason else ""
    if reason:
        raise Refused("Not now: {reason}", reason=reason)
    raise Refused("A colleague took this customer. Take the next one.")


@router.post("/{entry_id:int}/skip")
async def skip(session: Session, me: Me, entry_id: int, entered: Why) -> JSONResponse:
    await preview.skip(session, entry_id, entered.why, actor=me.number, at=clock.now())
    return JSONResponse({})


@router.post("/{entry_id:int}/later")
async def later(request: Request, session: Session, me: Me, entry_id: int, entered: Until) -> JSONResponse:
    try:
        until = datetime.fromisoformat(entered.until).replace(tzinfo=request.app.state.site.zone)
    except ValueError:
        until = None
    await preview.put_off(session, entry_id, until, actor=me.number, at=clock.now())
    return JSONResponse({})
