"""A new case from a customer's page: the kind first, then what that kind asks; what is open already is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, TheRendering, needs
from agent_desktop.leads.forms import id_of
from agent_desktop.pages.cases import shown_words
from agent_desktop.rendering import page
from agent_desktop.words import RELATIONS
from crm_core.access.roles import Permission
from crm_core.cases.actions import open_case
from crm_core.cases.queries import others_open
from crm_core.cases.rules import form_of
from crm_core.customers.model import Customer
from crm_core.errors import Invalid, PlatformError
from crm_core.history.model import ContactKind
from crm_core.vehicles.owned import vehicles_of

router = APIRouter(prefix="/cases", dependencies=[needs(Permission.WORK_CASES)])
KINDS = tuple(kind.value for kind in ContactKind)


@router.get("/new")
async def show_new(
    request: Request,
    session: Session,
    customer: Annotated[str, Query(max_length=12)] = "",
    kind: Annotated[str, Query(max_length=16)] = "",
    vehicle: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """Without a kind only the kinds are shown: it decides what is asked."""
    typed = {"kind": kind if kind in KINDS else "", "vehicle_id": vehicle}
    return await _page(request, session, await _customer(session, customer), typed)


@router.post("/new")
async def make_new(edit: Edit, rendering: TheRendering) -> Response:
    form = await edit.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    entered = {name.removeprefix("field."): value for name, value in typed.items() if name.startswith("field.")}

    async def work(session: AsyncSession) -> str:
        customer = await _customer(session, text(form, "customer"))
        if customer is None:
            raise Invalid("There is no such customer.", field="customer")
        vehicle_id = id_of(text(form, "vehicle_id"))
        if vehicle_id is not None and vehicle_id not in {one.id for one in await vehicles_of(session, customer.id)}:
            raise Invalid("Choose one of the customer's vehicles.", field="vehicle_id")
        case = await open_case(
            session,
            customer_id=customer.id,
            kind=text(form, "kind"),
            sub_kind=text(form, "sub_kind")[:40],
            title=text(form, "title"),
            detail=text(form, "detail"),
            relation=text(form, "relation")[:16],
            vehicle_id=vehicle_id,
            fields=entered,
            zone=rendering.site.zone,
            **edit.by,
        )
        return case.number

    try:
        made = await edit.save(work, tell=False)
    except PlatformError as refused:
        found = await _customer(edit.session, text(form, "customer"))
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, found, typed, errors, status=refused.status)
    return RedirectResponse(f"/cases/{made}", 303)


async def _customer(session: AsyncSession, typed: str) -> Customer | None:
    """A merged customer counts as the one that lives on."""
    found = await session.get(Customer, id_of(typed)) if id_of(typed) else None
    if found is not None and found.merged_into_id is not None:
        return await session.get(Customer, found.merged_into_id)
    return found


async def _page(
    request: Request,
    session: AsyncSession,
    customer: Customer | None,
    typed: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    kind = typed.get("kind", "") if typed.get("kind") in KINDS else ""
    return page(
        request,
        "cases/new.html",
        status_code=status if customer else 404,
        customer=customer,
        kind=kind,
        typed=typed,
        errors=errors or {},
        vehicles=await vehicles_of(session, customer.id) if customer else [],
        others=await others_open(session, customer.id) if customer else [],
        fields=(await form_of(session, kind))[0] if kind else (),
        relations=RELATIONS,
        **shown_words(),
    )
