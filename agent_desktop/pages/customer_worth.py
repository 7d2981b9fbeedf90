"""What one customer is worth and why: class, stage, RFM, risk, next need; a class by hand, purchases as a number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from agent_desktop.segments.pages import Look, TheLook
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.errors import NotFound
from crm_core.segments import class_actions, queries
from crm_core.segments.rulebook import CLASSES
from crm_core.segments.worth import worth
from crm_core.workforce.fields import Unusable

router = APIRouter(prefix="/segments/customers", dependencies=[needs(Permission.SEE_CUSTOMERS)])
EDITING = [needs(Permission.EDIT_RULES)]


@router.get("/{customer_id}")
async def show_worth(look: TheLook, customer_id: int) -> Response:
    return await _page(look, customer_id)


async def _page(
    look: Look,
    customer_id: int,
    *,
    typed: Mapping[str, str] = {},
    errors: Mapping[str, str] = {},
    status: int = 200,
) -> Response:
    customer = await look.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    look.reach.require(customer.dealer_id)
    if customer.merged_into_id is not None:
        return RedirectResponse(f"/segments/customers/{customer.merged_into_id}", 303)
    return page(
        look.request,
        "segments/customer.html",
        status_code=status,
        **await look.frame(),
        customer=customer,
        worth=await worth(look.session, customer_id, now=look.now),
        manual=await queries.manual_class(look.session, customer_id),
        fleets=await queries.fleet_purchases(look.session, customer_id),
        segments=await queries.segments_of(look.session, customer_id),
        classes=CLASSES,
        typed=typed,
        errors=errors,
    )


@router.post("/{customer_id}/class", dependencies=EDITING)
async def give(look: TheLook, customer_id: int) -> Response:
    form = await look.request.form()
    try:
        await class_actions.give_class(
            look.session,
            customer_id,
            customer_class=text(form, "customer_class"),
            reason=text(form, "reason"),
            until=_date(form, "until"),
            **look.by,
        )
    except Unusable as refused:
        return await _refused(look, customer_id, form, refused)
    return RedirectResponse(f"/segments/customers/{customer_id}", 303)


@router.post("/{customer_id}/class/back", dependencies=EDITING)
async def take_back(look: TheLook, customer_id: int) -> Response:
    await class_actions.take_class_back(look.session, customer_id, **look.by)
    return RedirectResponse(f"/segments/customers/{customer_id}", 303)


@router.post("/{customer_id}/fleet", dependencies=EDITING)
async def add_fleet(look: TheLook, customer_id: int) -> Response:
    form = await look.request.form()
    try:
        await class_actions.record_fleet_purchase(
            look.session,
            customer_id,
            bought_on=_date(form, "bought_on"),
            vehicles=number(text(form, "vehicles")),
            amount_yuan=_amount(text(form, "amount_yuan")),
            reference=text(form, "reference"),
            **look.by,
        )
    except Unusable as refused:
        return await _refused(look, customer_id, form, refused)
    return RedirectResponse(f"/segments/customers/{customer_id}", 303)


@router.post("/{customer_id}/fleet/{purchase_id}/remove", dependencies=EDITING)
async def remove_fleet(look: TheLook, customer_id: int, purchase_id: int) -> Response:
    await class_actions.remove_fleet_purchase(look.session, customer_id, purchase_id, **look.by)
    return RedirectResponse(f"/segments/customers/{customer_id}", 303)


async def _refused(look: Look, customer_id: int, form: FormData, refused: Unusable) -> Response:
    told = {field: translate(look.request, one.message_id, **one.values) for field, one in refused.by_field.items()}
    typed = {name: text(form, name) for name in form}
    return await _page(look, customer_id, typed=typed, errors=told, status=refused.status)


def _date(form: FormData, name: str) -> date | None:
    try:
        return date.fromisoformat(text(form, name))
    except ValueError:
        return None


def _amount(typed: str) -> int | str:
    """Yuan, with or without commas; what is no number stays as it was typed. Empty = 0."""
    plain = typed.replace(",", "").replace("，", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 11 else typed or 0
