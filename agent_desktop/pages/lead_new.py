"""A new lead by hand, from a customer's page or from a contact: who it is, what they wish, and whether we may call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Session, TheRendering, needs
from agent_desktop.leads import words as lead_words
from agent_desktop.leads.forms import captured_from, id_of, typed_of
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.customers.actions import create
from crm_core.customers.model import Customer
from crm_core.customers.queries import matches, search
from crm_core.errors import Invalid, PlatformError
from crm_core.leads import actions, queries
from crm_core.leads.touchpoints import touchpoints
from crm_core.phone import to_e164

router = APIRouter(prefix="/leads", dependencies=[needs(Permission.WORK_LEADS)])


@router.get("/new")
async def show_new(
    request: Request, session: Session, customer: str = "", contact: str = "", number: str = ""
) -> Response:
    found = await session.get(Customer, id_of(customer)) if id_of(customer) else None
    return await _new_page(request, session, found, {"contact_id": contact[:64], "number": number[:40]})


@router.post("/new")
async def make_new(edit: Edit, rendering: TheRendering) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> str:
        customer_id = await _customer(session, form, edit)
        referrer = await _referrer(session, text(form, "referrer"))
        facts = captured_from(form)
        lead = await actions.capture(
            session,
            customer_id=customer_id,
            referred_by_id=referrer,
            zone=rendering.site.zone,
            **facts,
            **edit.by,
        )
        return lead.number

    try:
        made = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        typed = {**typed_of(form), "open_lead": getattr(refused, "lead_number", "")}
        known = id_of(text(form, "customer"))
        found = await edit.session.get(Customer, known) if known else None
        return await _new_page(edit.request, edit.session, found, typed, errors, status=refused.status)
    return RedirectResponse(f"/leads/{made}", 303)


async def _customer(session: AsyncSession, form: FormData, edit: Editor) -> int:
    """The customer named by the page, the one with this number and name, or a new one."""
    known = id_of(text(form, "customer"))
    if known is not None:
        return known
    number, name = text(form, "number"), text(form, "name")
    e164 = to_e164(number)
    if e164:
        for customer_id in await matches(session, e164):
            customer = await session.get(Customer, customer_id)
            if customer is not None and (not name or customer.name == name):
                return customer_id
    made = await create(
        session, name=name, number=number, salutation=text(form, "salutation"), city=text(form, "city"), **edit.by
    )
    made.source = text(form, "source") or "hotline"
    return made.id


async def _referrer(session: AsyncSession, typed: str) -> int | None:
    """Who recommended, by number or name; must be exactly one."""
    if not typed:
        return None
    e164 = to_e164(typed)
    found = await matches(session, e164) if e164 else [hit.customer.customer_id for hit in await search(session, typed)]
    if len(found) != 1:
        raise Invalid(
            "Nobody, or more than one customer, is known by this. Enter a telephone number.", field="referrer"
        )
    return found[0]


async def _new_page(
    request: Request,
    session: AsyncSession,
    customer: Customer | None,
    typed: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "leads/new.html",
        status_code=status,
        customer=customer,
        typed=typed,
        errors=errors or {},
        sellers=await queries.sellers(session),
        models=await queries.models_seen(session),
        touchpoints=await touchpoints(session),
        lw=lead_words,
    )
