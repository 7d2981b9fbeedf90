"""The digits by which a customer proves who calls: set or taken away on the customer's page, never shown."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent_desktop.customers.page import Asked, Typed, render_customer
from agent_desktop.customers.reader import Reader, TheReader
from agent_desktop.dependencies import needs
from agent_desktop.rendering import translate
from crm_core.access.roles import Permission
from crm_core.customers.view import view
from crm_core.errors import Invalid, NotFound
from crm_core.self_service.identity import set_pin

router = APIRouter(
    prefix="/customers/{customer_id:int}/pin",
    dependencies=[needs(Permission.SEE_CUSTOMERS), needs(Permission.EDIT_CUSTOMERS)],
)


@router.post("")
async def keep_pin(reader: TheReader, customer_id: int) -> Response:
    """A new one takes the place of the old one; 422 for one that is guessed at once."""
    form = await reader.request.form()
    pin = str(form.get("pin", ""))[:12].strip()
    try:
        # An empty field is a slip: taking a PIN away has a button of its own.
        await _save(reader, customer_id, pin or "-")
    except Invalid as refused:
        told = Typed({}, {"pin": translate(reader.request, refused.message_id, **refused.values)}, refused.status)
        return await render_customer(reader, customer_id, Asked(edit="pin", region="pin"), told)
    return await _again(reader, customer_id)


@router.post("/clear")
async def clear_pin(reader: TheReader, customer_id: int) -> Response:
    """From now on only the plate proves who calls."""
    await _save(reader, customer_id, "")
    return await _again(reader, customer_id)


async def _save(reader: Reader, customer_id: int, pin: str) -> None:
    """Raises NotFound for a customer out of reach as for an unknown one."""
    async with reader.writing() as session:
        known = 0 < customer_id < 2**31
        if not known or await view(session, customer_id, now=reader.by["at"], reach=reader.reach) is None:
            raise NotFound("There is no such customer.")
        await set_pin(session, customer_id, pin, **reader.by)


async def _again(reader: Reader, customer_id: int) -> Response:
    if reader.wants_block:
        return await render_customer(reader, customer_id, Asked(region="pin"))
    return RedirectResponse(f"/customers/{customer_id}#pin", status_code=303)
