"""One customer: everything that is known, everything that happened, edited where it stands."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, RedirectResponse, Response

from agent_desktop.customers.forms import typed_from
from agent_desktop.customers.page import Asked, Typed, render_customer
from agent_desktop.customers.reader import TheReader
from agent_desktop.dependencies import needs
from agent_desktop.formats import national
from agent_desktop.rendering import language_of, translate
from crm_core.access.roles import Permission
from crm_core.consent.actions import answers
from crm_core.customers.duplicates import refuse
from crm_core.customers.editing import ChangedMeanwhile, save, undo
from crm_core.customers.parts import Part
from crm_core.customers.seen import open_form, see, show_number
from crm_core.customers.view import living_id, view
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names

router = APIRouter(prefix="/customers", dependencies=[needs(Permission.SEE_CUSTOMERS)])
MAY_EDIT = needs(Permission.EDIT_CUSTOMERS)


@router.get("/{customer_id:int}")
async def show_customer(reader: TheReader, customer_id: int, asked: Annotated[Asked, Depends()]) -> Response:
    """A merged customer leads to the living one. The look is on the audit log before the page goes out."""
    ident = await living_id(reader.session, _known(customer_id))
    if ident is not None and ident != customer_id:
        return RedirectResponse(f"/customers/{ident}", status_code=303)
    answer = await render_customer(reader, customer_id, asked)
    async with reader.writing() as session:
        await see(session, customer_id, **reader.by)
        if asked.edit in (Part.CONTACT, Part.RELATIONS) and reader.me.may(Permission.EDIT_CUSTOMERS):
            await open_form(session, customer_id, asked.edit, **reader.by)
    return answer


@router.post("/{customer_id:int}/edit/{part}", dependencies=[MAY_EDIT])
async def edit(reader: TheReader, customer_id: int, part: Part) -> Response:
    """Saves a part; what was typed stays in the form when it is refused."""
    form = await reader.request.form()
    typed = typed_from(form, part)
    base = str(form.get("base", ""))[:16]
    try:
        async with reader.writing() as session:
            change = await save(session, _known(customer_id), part, typed, base=base, reach=reader.reach, **reader.by)
    except (Unusable, ChangedMeanwhile) as refused:
        told = Typed(typed, await _errors(reader, refused), refused.status)
        return await render_customer(reader, customer_id, Asked(edit=part.value, region=part.value), told)
    saved = change.id if change else 0
    if reader.wants_block:
        return await render_customer(reader, customer_id, Asked(region=part.value, saved=saved))
    return RedirectResponse(f"/customers/{customer_id}?saved={saved}#{part.value}", status_code=303)


@router.post("/{customer_id:int}/consents", dependencies=[MAY_EDIT])
async def answer_consent(reader: TheReader, customer_id: int) -> Response:
    """One answer to what was ticked in the matrix; the answers before it stay on record."""
    form = await reader.request.form()
    asked = [str(one)[:40] for one in form.getlist("asked")]
    given, words = str(form.get("given", "")), str(form.get("words", ""))[:400]
    try:
        if given not in ("yes", "no"):
            raise Invalid("Choose whether the customer agrees or refuses.", field="given")
        async with reader.writing() as session:
            if await view(session, _known(customer_id), now=reader.by["at"], reach=reader.reach) is None:
                raise NotFound("There is no such customer.")
            questions = [one.partition("/")[::2] for one in asked]
            await answers(session, customer_id, questions, given == "yes", contact_id="", words=words, **reader.by)
    except Invalid as refused:
        typed = {"asked": asked, "given": given, "words": words}
        told = Typed(typed, await _errors(reader, refused), refused.status)
        return await render_customer(reader, customer_id, Asked(edit="consents", region="consents"), told)
    if reader.wants_block:
        return await render_customer(reader, customer_id, Asked(region="consents"))
    return RedirectResponse(f"/customers/{customer_id}#consents", status_code=303)


@router.post("/{customer_id:int}/not-same/{other_id:int}", dependencies=[needs(Permission.MERGE_CUSTOMERS)])
async def not_same(reader: TheReader, customer_id: int, other_id: int) -> Response:
    """不是同一人: the suggestion does not come again."""
    async with reader.writing() as session:
        for ident in (customer_id, other_id):
            if await view(session, _known(ident), now=reader.by["at"], reach=reader.reach) is None:
                raise NotFound("There is no such customer.")
    async with reader.writing() as session:
        await refuse(session, customer_id, other_id, **reader.by)
    return RedirectResponse(f"/customers/{customer_id}", status_code=303)


@router.post("/changes/{change_id:int}/undo", dependencies=[MAY_EDIT])
async def take_back(reader: TheReader, change_id: int) -> Response:
    async with reader.writing() as session:
        customer_id = await undo(session, _known(change_id), reach=reader.reach, **reader.by)
    form = await reader.request.form()
    back = urlsplit(str(form.get("next", "")))
    inside = not back.scheme and not back.netloc and back.path.startswith(("/customers/", "/vehicles/"))
    return RedirectResponse(back.path if inside else f"/customers/{customer_id}", status_code=303)


@router.post("/phones/{phone_id:int}/show", dependencies=[needs(Permission.SEE_FULL_NUMBER)])
async def reveal(reader: TheReader, phone_id: int) -> JSONResponse:
    """The whole number, for one person and one look; each is on the audit log."""
    async with reader.writing() as session:
        phone = await show_number(session, _known(phone_id), reach=reader.reach, **reader.by)
        number = phone.e164
    return JSONResponse({"number": national(number)}, headers={"Cache-Control": "no-store"})


def _known(ident: int) -> int:
    """An id that no database can hold names nobody."""
    if not 0 < ident < 2**31:
        raise NotFound("There is no such customer.")
    return ident


async def _errors(reader: TheReader, refused: PlatformError) -> dict[str, str]:
    request = reader.request
    if isinstance(refused, Unusable):
        return {field: translate(request, one.message_id, **one.values) for field, one in refused.by_field.items()}
    if "by" not in refused.values:
        return {str(refused.values.get("field", "")): translate(request, refused.message_id, **refused.values)}
    by = str(refused.values["by"])
    known = (await names(reader.session)).get(by)
    shown = known[language_of(request) == "en"] if known else by or translate(request, "Somebody")
    return {"": translate(request, refused.message_id, by=shown)}
