"""Customers and what they allow."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from agent_desktop.api.v1.calling import ChangedSince, TheCall, needs_scope
from agent_desktop.api.v1.lists import Cursor, Limit, by_id, listed
from agent_desktop.api.v1.shapes import CustomerOut, Moment, Page, Strict
from crm_core.consent.actions import answer
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.queries import matrix
from crm_core.customers import actions
from crm_core.customers.editing import ChangedMeanwhile, save
from crm_core.customers.part_states import read_state
from crm_core.customers.parts import Part, fingerprint
from crm_core.errors import Invalid
from crm_core.integration import lists
from crm_core.integration.cursor import read_id
from crm_core.integration.outbox import tell
from crm_core.integration.scopes import Scope
from crm_core.integration.upserts import dealer_id
from crm_core.phone import to_e164

router = APIRouter(prefix="/api/v1", tags=["Customers"])
CustomerId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])]
_READ, _WRITE = needs_scope(Scope.READ_CUSTOMERS), needs_scope(Scope.WRITE_CUSTOMERS)


class NewCustomer(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "赵磊", "number": "13944120031", "salutation": "先生", "city": "长春"}]
        }
    )
    name: str = Field(min_length=1, max_length=80)
    number: str = Field(max_length=40, description="As dialled in China, or E.164")
    kind: Literal["person", "company"] = "person"
    salutation: str = Field("", max_length=10)
    city: str = Field("", max_length=40)
    dealer: str | None = Field(None, max_length=16, description="A dealer's code")


class CustomerChanges(Strict):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"city": "吉林", "preference": "晚 6 点后勿回呼"}]})
    name: str | None = Field(None, min_length=1, max_length=80)
    salutation: str | None = Field(None, max_length=10)
    city: str | None = Field(None, max_length=40)
    language: Literal["", "zh-CN", "en"] | None = None
    preference: str | None = Field(None, max_length=120)
    sales_consultant: str | None = Field(None, max_length=40)
    service_adviser: str | None = Field(None, max_length=40)


class NewPhone(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "0431-88883318", "label": "office"}]})
    number: str = Field(max_length=40)
    label: Literal["mobile", "home", "office", "family", "company"] = "mobile"


class ConsentOut(BaseModel):
    """`given` null = never asked."""

    purpose: Purpose
    channel: Channel
    given: bool | None
    at: Moment | None
    words: str


class NewConsent(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"purpose": "news", "channel": "sms", "given": False, "words": "网站表单退订"}]}
    )
    purpose: Purpose
    channel: Channel
    given: bool
    words: str = Field("", max_length=200, description="The proof: what was said, or which form. Needed for a yes.")
    contact_id: str = Field("", max_length=64)


@router.get("/customers", dependencies=[_READ], response_model=Page[CustomerOut])
async def list_customers(
    call: TheCall,
    *,
    phone: Annotated[str, Query(max_length=40, description="Whole number")] = "",
    name: Annotated[str, Query(max_length=80, description="Begins with")] = "",
    changed_since: Moment | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    """In the order in which they became known."""
    e164 = to_e164(phone) if phone else ""
    if e164 is None:
        raise Invalid("{number} is not a complete telephone number.", number=phone[:20], field="phone")
    after = read_id(cursor)
    found = await lists.customers(
        call.session, call.reach, after=after, limit=limit, e164=e164, name=name, changed_since=changed_since
    )
    return listed(call, found, CustomerOut.of, by_id)


@router.post("/customers", dependencies=[_WRITE], status_code=201, response_model=CustomerOut)
async def create_customer(call: TheCall, body: NewCustomer) -> Response:
    """Ask first whether the number is known: the same person twice is merged by people."""

    async def work() -> Response:
        dealer = await dealer_id(call.session, body.dealer, call.reach)
        facts = body.model_dump(exclude={"dealer"})
        made = await actions.create(call.session, **facts, **call.by)
        made.dealer_id, made.source = dealer, "web"
        await tell(call.session, "customer.created", f"customer/{made.id}", {"customer_id": made.id}, at=call.at)
        await call.session.flush()
        row = await lists.customer(call.session, call.reach, made.id)
        return call.answer(CustomerOut.of(row), 201, Location=f"/api/v1/customers/{made.id}")

    return await call.once(body, work)


@router.get("/customers/{customer_id}", dependencies=[_READ], response_model=CustomerOut)
async def read_customer(call: TheCall, customer_id: CustomerId) -> Response:
    return call.answer(CustomerOut.of(await lists.customer(call.session, call.reach, customer_id)))


@router.patch("/customers/{customer_id}", dependencies=[_WRITE], response_model=CustomerOut)
async def change_customer(call: TheCall, customer_id: CustomerId, body: CustomerChanges) -> Response:
    """With If-Match: the ETag of the customer as it was read. 412 when somebody changed it since."""
    row = await lists.customer(call.session, call.reach, customer_id)
    call.unchanged_since_read(CustomerOut.of(row))
    before = await read_state(call.session, row, Part.PERSON)
    wanted = {**before, **body.model_dump(exclude_none=True)}
    base = fingerprint(before)
    try:
        await save(call.session, customer_id, Part.PERSON, wanted, base=base, reach=call.reach, **call.by)
    except ChangedMeanwhile:  # between our look and our change
        raise ChangedSince from None
    return call.answer(CustomerOut.of(await lists.customer(call.session, call.reach, customer_id)))


@router.post("/customers/{customer_id}/phones", dependencies=[_WRITE], status_code=201, response_model=CustomerOut)
async def add_phone(call: TheCall, customer_id: CustomerId, body: NewPhone) -> Response:
    """A number they have already changes nothing."""

    async def work() -> Response:
        row = await lists.customer(call.session, call.reach, customer_id)
        await actions.add_phone(call.session, row.id, body.number, label=body.label, **call.by)
        return call.answer(CustomerOut.of(await lists.customer(call.session, call.reach, customer_id)), 201)

    return await call.once(body, work)


@router.get(
    "/customers/{customer_id}/consents",
    dependencies=[needs_scope(Scope.READ_CONSENTS)],
    tags=["Consents"],
    response_model=Page[ConsentOut],
)
async def list_consents(call: TheCall, customer_id: CustomerId) -> Response:
    """The last answer for every purpose and channel."""
    row = await lists.customer(call.session, call.reach, customer_id)
    return call.answer({"items": await _consents(call, row.id), "next": None})


@router.post(
    "/customers/{customer_id}/consents",
    dependencies=[needs_scope(Scope.WRITE_CONSENTS)],
    tags=["Consents"],
    status_code=201,
    response_model=Page[ConsentOut],
)
async def record_consent(call: TheCall, customer_id: CustomerId, body: NewConsent) -> Response:
    """One answer with its proof; earlier ones are kept. A refusal needs no proof."""

    async def work() -> Response:
        row = await lists.customer(call.session, call.reach, customer_id)
        said = body.model_dump(exclude={"purpose", "channel", "given"})
        await answer(call.session, row.id, body.purpose, body.channel, body.given, **said, **call.by)
        return call.answer({"items": await _consents(call, row.id), "next": None}, 201)

    return await call.once(body, work)


async def _consents(call: TheCall, customer_id: int) -> list[dict[str, object]]:
    known = await matrix(call.session, customer_id)
    return [
        ConsentOut(purpose=purpose, channel=channel, given=state.given, at=state.at, words=state.words).model_dump(
            mode="json"
        )
        for (purpose, channel), state in known.items()
    ]
