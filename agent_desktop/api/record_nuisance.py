"""Marking the number of one's own contact as a nuisance, and taking the mark back."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.api.record import TheRecord
from agent_desktop.dependencies import needs
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.nuisance.actions import mark, take_back, weight_of

router = APIRouter(prefix="/api/record/{contact}", dependencies=[needs(Permission.WRITE_RECORD)])


class Mark(BaseModel):
    reason: str = Field("", max_length=16)
    note: str = Field("", max_length=120)


class MarkTakenBack(BaseModel):
    mark: int


@router.post("/nuisance")
async def mark_caller(record: TheRecord, entries: Mark) -> JSONResponse:
    """A second mark of the same call changes the first. Raises Invalid for a hidden number or an unknown reason."""
    await mark(
        record.session,
        record.caller,
        reason=entries.reason,
        note=entries.note,
        contact_id=record.contact,
        weight=weight_of(record.me.roles),
        actor=record.me.number,
        at=clock.now(),
    )
    return record.done()


@router.post("/nuisance/undo")
async def take_mark_back(record: TheRecord, entries: MarkTakenBack) -> JSONResponse:
    """Only the own mark; a colleague's does not exist here."""
    await take_back(record.session, entries.mark, actor=record.me.number, at=clock.now())
    return record.done()
