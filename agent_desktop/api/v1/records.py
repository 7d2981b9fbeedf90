"""Contacts, cases, leads, dealers, knowledge and events."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from agent_desktop.api.v1.calling import TheCall, needs_scope
from agent_desktop.api.v1.lists import Cursor, CustomerId, Limit, by_id, listed
from agent_desktop.api.v1.shapes import (
    CaseOut,
    ContactOut,
    Day,
    Id,
    LeadOut,
    Moment,
    Page,
    Strict,
)
from crm_core.cases.actions import open_case
from crm_core.customers.actions import create
from crm_core.customers.model import Customer
from crm_core.customers.queries import matches
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import ContactKind
from crm_core.integration import lists
from crm_core.integration.cursor import read_id, read_moment
from crm_core.integration.outbox import tell
from crm_core.integration.scopes import Scope
from crm_core.integration.upserts import dealer_id
from crm_core.leads.actions import capture
from crm_core.phone import to_e164

router = APIRouter(prefix="/api/v1")
_Number = Annotated[str, Path(max_length=20)]


class NewCase(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"customer_id": 1, "kind": "repair", "title": "空调不制冷", "detail": "上周开始，预约周六。"}]
        }
    )
    customer_id: Id
    kind: ContactKind
    title: str = Field(min_length=1, max_length=120)
    detail: str = Field("", max_length=20_000)
    sub_kind: str = Field("", max_length=40)
    vin: str = Field("", max_length=17)
    dealer: str | None = Field(None, max_length=16, description="A dealer's code; null = by the rules")


class Prospect(Strict):
    """Who filled in a form: the customer with this number and name, or a new one."""

    name: str = Field(min_length=1, max_length=80)
    number: str = Field(max_length=40, description="As dialled in China, or E.164")
    salutation: str = Field("", max_length=10)
    city: str = Field("", max_length=40)


class NewLead(Strict):
    """Of a `customer_id`, or of whom a web form or a fair names as `customer`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": 2,
                    "source": "web",
                    "model": "远辰 E6",
                    "wish": "周末试驾",
                    "consent": True,
                    "consent_words": "官网试驾表单：同意电话联系",
                },
                {
                    "customer": {"name": "高明", "number": "13800000925", "city": "长春"},
                    "source": "event",
                    "touchpoint": "autumn_show",
                    "model": "远辰 E8",
                    "test_drive": True,
                },
            ]
        }
    )
    customer_id: Id | None = None
    customer: Prospect | None = None
    touchpoint: str = Field("api", max_length=40, description="The contact point: a form, a fair")
    source: Literal["web", "event", "referral", "dealer"] = "web"
    model: str = Field("", max_length=60)
    wish: str = Field("", max_length=200)
    buy_by: Day | None = None
    budget_wan: int | None = Field(None, ge=0, le=100_000)
    trade_in: str = Field("", max_length=80)
    test_drive: bool = False
    dealer: str | None = Field(None, max_length=16, description="A dealer's code; null = the nearest")
    consent: bool | None = Field(None, description="The answer to: may we call you about it?")
    consent_words: str = Field("", max_length=200)


@router.get(
    "/contacts", tags=["Contacts"], dependencies=[needs_scope(Scope.READ_CONTACTS)], response_model=Page[ContactOut]
)
async def list_contacts(
    call: TheCall,
    *,
    customer_id: CustomerId = None,
    ended_since: Moment | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    """Finished contacts, in the order in which they ended: a poll with the last cursor misses none."""
    after = read_moment(cursor)
    found = await lists.contacts(
        call.session, call.reach, after=after, limit=limit, customer_id=customer_id, since=ended_since
    )
    return listed(call, found, ContactOut.of, lambda row: (row.ended_at, row.id))


@router.get(
    "/contacts/{contact_id}",
    tags=["Contacts"],
    dependencies=[needs_scope(Scope.READ_CONTACTS)],
    response_model=ContactOut,
)
async def read_contact(call: TheCall, contact_id: Annotated[str, Path(max_length=64, examples=["old-1"])]) -> Response:
    return call.answer(ContactOut.of(await lists.contact(call.session, call.reach, contact_id)))


@router.get("/cases", tags=["Cases"], dependencies=[needs_scope(Scope.READ_CASES)], response_model=Page[CaseOut])
async def list_cases(
    call: TheCall,
    *,
    customer_id: CustomerId = None,
    kind: ContactKind | None = None,
    open_only: bool = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    after, asked = read_id(cursor), kind.value if kind else ""
    found = await lists.cases(
        call.session, call.reach, after=after, limit=limit, customer_id=customer_id, kind=asked, open_only=open_only
    )
    return listed(call, found, CaseOut.of, by_id)


@router.post(
    "/cases", tags=["Cases"], dependencies=[needs_scope(Scope.WRITE_CASES)], status_code=201, response_model=CaseOut
)
async def create_case(call: TheCall, body: NewCase) -> Response:
    """Level, owner and deadlines come from the rules of the centre; a complaint begins its loop at once."""

    async def work() -> Response:
        customer = await _customer(call, body.customer_id)
        vehicle_id = await _vehicle_id(call, body.vin)
        dealer = await dealer_id(call.session, body.dealer, call.reach) if body.dealer else customer.dealer_id
        case = await open_case(
            call.session,
            **body.model_dump(include={"kind", "title", "detail", "sub_kind", "customer_id"}),
            vehicle_id=vehicle_id,
            dealer_id=dealer,
            zone=call.request.app.state.site.zone,
            **call.by,
        )
        await call.session.flush()
        return call.answer(CaseOut.of(case), 201, Location=f"/api/v1/cases/{case.number}")

    return await call.once(body, work)


@router.get("/cases/{number}", tags=["Cases"], dependencies=[needs_scope(Scope.READ_CASES)], response_model=CaseOut)
async def read_case(call: TheCall, number: Annotated[_Number, Path(examples=["GD-0713-0183"])]) -> Response:
    return call.answer(CaseOut.of(await lists.case(call.session, call.reach, number)))


@router.get("/leads", tags=["Leads"], dependencies=[needs_scope(Scope.READ_LEADS)], response_model=Page[LeadOut])
async def list_leads(
    call: TheCall,
    *,
    customer_id: CustomerId = None,
    status: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    after, asked = read_id(cursor), status.replace("\0", "")
    found = await lists.leads(call.session, call.reach, after=after, limit=limit, customer_id=customer_id, status=asked)
    return listed(call, found, LeadOut.of, by_id)


@router.post(
    "/leads", tags=["Leads"], dependencies=[needs_scope(Scope.WRITE_LEADS)], status_code=201, response_model=LeadOut
)
async def create_lead(call: TheCall, body: NewLead) -> Response:
    """An open lead of the same customer is a 409 with its number."""

    async def work() -> Response:
        dealer = await dealer_id(call.session, body.dealer, call.reach)
        facts = body.model_dump(exclude={"dealer", "customer"})
        facts["customer_id"] = await _whose(call, body, dealer)
        zone = call.request.app.state.site.zone
        lead = await capture(call.session, **facts, dealer_id=dealer, zone=zone, **call.by)
        await call.session.flush()
        return call.answer(LeadOut.of(lead), 201, Location=f"/api/v1/leads/{lead.number}")

    return await call.once(body, work)


@router.get("/leads/{number}", tags=["Leads"], dependencies=[needs_scope(Scope.READ_LEADS)], response_model=LeadOut)
async def read_lead(call: TheCall, number: Annotated[_Number, Path(examples=["XS-0713-0001"])]) -> Response:
    return call.answer(LeadOut.of(await lists.lead(call.session, call.reach, number)))


async def _whose(call: TheCall, body: NewLead, dealer: int | None) -> int:
    """Within the key's reach: of a customer elsewhere with the same number nothing is told."""
    if (body.customer_id is None) == (body.customer is None):
        raise Invalid("Name the customer by id, or with name and number.", field="customer_id")
    if body.customer is None:
        assert body.customer_id is not None  # noqa: S101 - one of the two is there
        return (await _customer(call, body.customer_id)).id
    e164 = to_e164(body.customer.number)
    for customer_id in await matches(call.session, e164) if e164 else ():
        known = await call.session.get(Customer, customer_id)
        if known is not None and known.name == body.customer.name.strip() and call.reach.covers(known.dealer_id):
            return known.id
    made = await create(call.session, **body.customer.model_dump(), **call.by)
    made.source, made.dealer_id = body.source, dealer if call.reach.dealers is not None else None
    await tell(call.session, "customer.created", f"customer/{made.id}", {"customer_id": made.id}, at=call.at)
    return made.id


async def _customer(call: TheCall, customer_id: int) -> Customer:
    """A foreign customer is told as one that does not exist, under the field."""
    try:
        return await lists.customer(call.session, call.reach, customer_id)
    except NotFound:
        raise Invalid("There is no such customer.", field="customer_id") from None


async def _vehicle_id(call: TheCall, vin: str) -> int | None:
    if not vin:
        return None
    try:
        return (await lists.vehicle(call.session, call.reach, vin.upper())).id
    except NotFound:
        raise Invalid("There is no vehicle {vin} yet. Send it first.", vin=vin, field="vin") from None
