"""An interest in buying, taken down in the call itself, with the question of consent (B-130, B-138)."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.admin.saving import By
from agent_desktop.api.record import TheRecord
from agent_desktop.dependencies import TheRendering, needs
from agent_desktop.desk.queries import contact as read_contact
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, Refused
from crm_core.leads import actions
from crm_core.leads.model import Lead

router = APIRouter(prefix="/api/record/{contact}", dependencies=[needs(Permission.WORK_LEADS)])


class LeadEntries(BaseModel):
    """As the desk sends it. `mode`: "" = a new lead unless one is open, "again", or "mention" = add to it."""

    model: str = Field("", max_length=60)
    wish: str = Field("", max_length=200)
    buy_by: str = Field("", max_length=10)
    horizon: str = Field("", max_length=6)
    test_drive: bool = False
    consent: str = Field("", max_length=3)
    words: str = Field("", max_length=200)
    mode: str = Field("", max_length=8)


@router.post("/lead", dependencies=[needs(Permission.WRITE_RECORD)])
async def take_down(record: TheRecord, rendering: TheRendering, entries: LeadEntries) -> JSONResponse:
    """Gives the number of the lead. Raises LeadOpenAlready when the customer has an open one."""
    row = await read_contact(record.session, record.contact)
    if row is None or row.customer_id is None:
        raise Refused("Choose the customer first: the lead needs to know whose it is.")
    lead = await _lead(record, rendering, entries, row.customer_id)
    return JSONResponse({"number": lead.number, "path": f"/leads/{lead.number}"})


async def _lead(record: TheRecord, rendering: TheRendering, entries: LeadEntries, customer_id: int) -> Lead:
    by: By = {"actor": record.me.number, "at": clock.now()}
    known = await actions.open_lead_of(record.session, customer_id)
    if entries.mode == "mention" and known is not None:
        words = " ".join(part for part in (entries.model, entries.wish) if part)
        return await actions.mention(record.session, known.id, words=words, contact_id=record.contact, **by)
    return await actions.capture(
        record.session,
        customer_id=customer_id,
        source="hotline",
        model=entries.model,
        wish=entries.wish,
        buy_by=_day(entries.buy_by),
        horizon=entries.horizon,
        test_drive=entries.test_drive,
        contact_id=record.contact,
        consent={"yes": True, "no": False}.get(entries.consent),
        consent_words=entries.words,
        again=entries.mode == "again",
        zone=rendering.site.zone,
        **by,
    )


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Write a day as 2026-11-30.", field="buy_by") from None
