"""Opening a case from the record of a contact, in place: what is open already is proposed first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from agent_desktop.api.record import TheRecord
from agent_desktop.dependencies import TheRendering, needs
from agent_desktop.desk import words as desk_words
from agent_desktop.desk.queries import contact as read_contact
from agent_desktop.rendering import page, translate
from agent_desktop.words import KINDS
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.cases.actions import open_case
from crm_core.cases.forms import asked
from crm_core.cases.links import link_contact
from crm_core.cases.queries import others_open
from crm_core.cases.rules import form_of
from crm_core.errors import Invalid, Refused
from crm_core.history.model import Contact, ContactKind
from crm_core.workforce.fields import Unusable

router = APIRouter(prefix="/api/record/{contact}/case", dependencies=[needs(Permission.WORK_CASES)])


class NewCase(BaseModel):
    """The panel as the page sends it. `fields` are the entries of the kind's template by their codes."""

    kind: str = Field("", max_length=16)
    sub_kind: str = Field("", max_length=40)
    relation: str = Field("", max_length=16)
    title: str = Field("", max_length=120)
    detail: str = Field("", max_length=8000)
    vehicle_id: str = Field("", max_length=12, pattern=r"^\d*$")
    fields: dict[str, str] = Field(default_factory=dict, max_length=40)


@router.get("")
async def show_panel(
    request: Request,
    record: TheRecord,
    kind: Annotated[str, Query(max_length=16)] = "",
    sub_kind: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The customer's open cases, then what is asked for a new one of this kind."""
    row = await _with_customer(record)
    known = kind in list(ContactKind)
    fields, _ = await form_of(record.session, kind) if known else ((), 0)
    open_now = await others_open(record.session, row.customer_id or 0)
    return page(
        request,
        "cases/desk_case.html",
        kind=kind if known else "",
        kinds=KINDS,
        fields=asked(fields, sub_kind),
        # Of the same kind first: that is most likely what the caller asks about.
        others=sorted(open_now, key=lambda case: case.kind != kind),
        sub_word=desk_words.SUB_KINDS.get(kind, {}).get(sub_kind, ""),
    )


@router.post("")
async def open_one(request: Request, record: TheRecord, rendering: TheRendering, new: NewCase) -> JSONResponse:
    """Opens it, linked to this contact. A refusal names every field that is wrong."""
    row = await _with_customer(record)
    try:
        async with record.session.begin_nested():
            case = await open_case(
                record.session,
                customer_id=row.customer_id or 0,
                kind=new.kind,
                sub_kind=new.sub_kind,
                relation=new.relation,
                title=new.title,
                detail=new.detail,
                vehicle_id=int(new.vehicle_id) if new.vehicle_id else None,
                fields=new.fields,
                contact_id=row.id,
                actor=record.me.number,
                at=clock.now(),
                zone=rendering.site.zone,
            )
    except Invalid as refused:
        problems = (
            refused.by_field if isinstance(refused, Unusable) else {str(refused.values.get("field", "")): refused}
        )
        told = {field: translate(request, one.message_id, **one.values) for field, one in problems.items()}
        return JSONResponse({"message": next(iter(told.values())), "errors": told}, refused.status)
    return JSONResponse({"case_id": case.id, "number": case.number, "title": case.title})


@router.post("/{case_id}")
async def go_on(record: TheRecord, case_id: int) -> JSONResponse:
    """The caller asks about a case that is open: this contact belongs to it."""
    row = await _with_customer(record)
    found = [one for one in await others_open(record.session, row.customer_id or 0) if one.id == case_id]
    if not found:
        raise Refused("This case is not open any more, or it is another customer's.")
    await link_contact(record.session, found[0], row.id)
    return JSONResponse({"case_id": found[0].id, "number": found[0].number, "title": found[0].title})


async def _with_customer(record: TheRecord) -> Contact:
    row = await read_contact(record.session, record.contact)
    if row is None or row.customer_id is None:
        raise Refused("Say first who is calling: a case belongs to a customer.")
    return row
