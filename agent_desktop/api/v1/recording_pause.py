"""Pausing the recording of a running call for another system, e.g. a payment page that asks for card data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from agent_desktop.api.v1.calling import TheCall, needs_scope
from agent_desktop.dependencies import TheDesk
from crm_core.integration.scopes import Scope

router = APIRouter(prefix="/api/v1/calls", tags=["Calls"], dependencies=[needs_scope(Scope.PAUSE_RECORDINGS)])
CallId = Annotated[str, Path(max_length=64, description="The contact's id, as in /contacts", examples=["old-1"])]


class RecordingWish(BaseModel):
    """`paused` true: nothing of the talk is recorded, from the answer on, until it is set false or the site's limit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"paused": True}]})
    paused: bool


@router.put("/{call_id}/recording", response_model=RecordingWish)
async def pause_recording(call: TheCall, telephony: TheDesk, call_id: CallId, wish: RecordingWish) -> Response:
    """Asked for twice is as once. 404: nobody talks in a call of this id now. Keys of one dealer have no calls."""
    call.reach.require(None)
    act = telephony.recordings.pause_call if wish.paused else telephony.recordings.resume_call
    await act(call_id, call.caller.actor)
    return call.answer(wish)
