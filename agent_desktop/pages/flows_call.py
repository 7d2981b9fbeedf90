"""A draft is heard on one's own phone: spoken first, then the phone rings. Telephony does the rest (decision 0031)."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.dependencies import Me, TheDatabase, TheDesk, needs
from agent_desktop.flows.reading import open_flow
from agent_desktop.flows.sounds import shelf_of
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import Refused
from crm_core.workforce.queries import queues
from ivr.heard_trial import HeardTrial
from ivr.question_prompts import NotSpoken
from ivr.trial import Trial
from ivr.trial_notices import notices
from ivr.trial_prompts import speak_trial

_NEEDED = (Permission.SEE_FLOWS, Permission.EDIT_FLOWS, Permission.TAKE_CALLS)
router = APIRouter(prefix="/flows", dependencies=[needs(permission) for permission in _NEEDED])


class NotToBeHeard(Refused):
    def __init__(self) -> None:
        super().__init__("The menu has errors. Correct them first, then call it.")


class NoVoice(Refused):
    def __init__(self) -> None:
        super().__init__("No voice can speak this menu now. Its texts stay; try again later.")


class Wish(BaseModel):
    """Who the caller is: as in the walk beside it."""

    language: str = Field("zh-CN", max_length=8)
    closed: bool = False
    customer_class: str = Field("", max_length=16)
    entry: str = Field("", max_length=20)

    def trial(self) -> Trial:
        facts = {"class": self.customer_class} if self.customer_class else {}
        return Trial(entry=self.entry, language=self.language, open=not self.closed, facts=facts)


@router.post("/{flow}/call")
async def call_it(
    request: Request, db: TheDatabase, me: Me, telephony: TheDesk, *, flow: str, wish: Wish
) -> JSONResponse:
    """The text that the pages show now. The answer comes when the phone is being rung."""
    async with db.begin() as session:
        opened = await open_flow(session, flow)
        rows = await queues(session)
    if opened.flow is None or opened.errors:
        raise NotToBeHeard
    names = {"zh-CN": {row.id: row.name_zh for row in rows}, "en": {row.id: row.name_en for row in rows}}
    heard = HeardTrial(flow=opened.flow, trial=wish.trial(), notices=notices(opened.flow, names))
    try:  # no transaction is open: a voice needs seconds
        spoken = await asyncio.to_thread(speak_trial, shelf_of(request).folder, heard.flow, heard.notices)
    except NotSpoken as failed:
        raise NoVoice from failed
    await telephony.menu_trials.call(me.number, heard)
    async with db.begin() as session:
        version = opened.version.number if opened.version else 0
        subject, detail = f"flow/{opened.name}", f"v{version}"
        await audit(session, at=clock.now(), actor=me.number, action="flow_called", subject=subject, detail=detail)
    return JSONResponse({"spoken": spoken})


@router.post("/{flow}/call/end")
async def end_call(me: Me, telephony: TheDesk, flow: str) -> JSONResponse:
    """For a desk phone, and for a browser that lost its line."""
    await telephony.menu_trials.hang_up(me.number)
    return JSONResponse({})
