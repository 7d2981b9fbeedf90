"""The contact record: saved while it is written, finished once, put to a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.desk.queries import contact as read_contact
from agent_desktop.live import DeskHub, TheHub
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.customers.actions import create
from crm_core.errors import NotFound, Refused
from crm_core.history.actions import assign_customer, save_record


class NotYet(Refused):
    """The history writes a contact within moments of its first fact; the page tries again by itself."""

    def __init__(self) -> None:
        super().__init__("The call is not written down yet. We save again in a moment.")


class ColleaguesRecord(Refused):
    def __init__(self) -> None:
        super().__init__("This is your colleague's record. It becomes yours when the call is given to you.")


class RecordEntries(BaseModel):
    """The form as the page sends it; an empty text is "not chosen"."""

    kind: str = Field("", max_length=16)
    sub_kind: str = Field("", max_length=40)
    relation: str = Field("", max_length=16)
    disposition: str = Field("", max_length=24)
    note: str = Field("", max_length=8000)
    vehicle_id: str = Field("", max_length=12, pattern=r"^\d*$")
    case_id: str = Field("", max_length=12, pattern=r"^\d*$")


class NewCustomer(BaseModel):
    name: str = Field("", max_length=80)
    salutation: str = Field("", max_length=10)
    city: str = Field("", max_length=40)
    number: str = Field("", max_length=40)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One of the agent's own contacts, in the transaction of this request."""

    session: AsyncSession
    me: SignedInUser
    contact: str
    caller: str
    hub: DeskHub

    async def save(self, entries: RecordEntries, *, finish: bool) -> None:
        await save_record(
            self.session,
            self.contact,
            kind=entries.kind,
            sub_kind=entries.sub_kind,
            relation=entries.relation,
            disposition=entries.disposition,
            note=entries.note,
            vehicle_id=int(entries.vehicle_id) if entries.vehicle_id else None,
            case_id=int(entries.case_id) if entries.case_id else None,
            finished=finish,
            actor=self.me.number,
            at=clock.now(),
        )

    async def put_to(self, customer_id: int) -> None:
        await assign_customer(self.session, self.contact, customer_id, actor=self.me.number, at=clock.now())

    def done(self) -> JSONResponse:
        # After the answer, that is after the commit: the desk must be read with what was saved.
        refresh = BackgroundTask(self.hub.saved, self.contact, self.me.number)
        return JSONResponse({"at": clock.instant(clock.now())}, background=refresh)


async def own_record(
    session: Session, me: Me, telephony: TheDesk, hub: TheHub, contact: Annotated[str, Path(max_length=64)]
) -> OwnRecord:
    """Raises NotFound for anybody else's contact, NotYet for a call that the history has not written."""
    view = telephony.desk(me.number)
    on_desk = contact in (view.last_call, view.call.call if view.call else "")
    if view.call and view.call.call == contact and view.call.part == "consulted":
        raise ColleaguesRecord
    row = await read_contact(session, contact)
    if row is None and on_desk:
        raise NotYet
    if row is None or not (on_desk or row.agent == me.number):
        raise NotFound("There is no such contact among yours.")
    return OwnRecord(session, me, contact, row.caller, hub)


TheRecord = Annotated[OwnRecord, Depends(own_record, scope="function")]
router = APIRouter(prefix="/api/record/{contact}", dependencies=[needs(Permission.WRITE_RECORD)])


@router.put("")
async def autosave(record: TheRecord, entries: RecordEntries) -> JSONResponse:
    """What is written so far; nothing is required yet."""
    await record.save(entries, finish=False)
    return record.done()


@router.post("/finish")
async def finish(record: TheRecord, entries: RecordEntries) -> JSONResponse:
    """Kind and disposition are required; raises Invalid with the field that is missing."""
    await record.save(entries, finish=True)
    return record.done()


@router.post("/customer")
async def choose_customer(record: TheRecord, customer_id: Annotated[int, Body(embed=True)]) -> JSONResponse:
    """Who the agent says is calling."""
    await record.put_to(customer_id)
    return record.done()


@router.post("/new-customer", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def new_customer(record: TheRecord, entries: NewCustomer) -> JSONResponse:
    """A customer made from the caller's number; a caller who hides it is asked for one."""
    made = await create(
        record.session,
        name=entries.name,
        number=record.caller or entries.number,
        salutation=entries.salutation,
        city=entries.city,
        actor=record.me.number,
        at=clock.now(),
    )
    await record.put_to(made.id)
    return record.done()
