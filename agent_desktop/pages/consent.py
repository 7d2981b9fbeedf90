"""What one customer allows: the matrix, its proofs, numbers nobody may use, and what the law lets them ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.leads import words as lead_words
from agent_desktop.leads.forms import typed_of
from agent_desktop.rendering import page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.consent.actions import allow_contact, answers, stop_contact
from crm_core.consent.gate import may_contact
from crm_core.consent.privacy import ask_deletion, everything
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.queries import matrix, proofs, stopped_numbers
from crm_core.consent.verdict import Verdict
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.errors import Invalid, NotFound, PlatformError

router = APIRouter(prefix="/consent")
SHOWN = (Channel.PHONE, Channel.SMS, Channel.EMAIL, Channel.WECHAT, Channel.POST)
PURPOSES = tuple(one for one in Purpose if one is not Purpose.SERVICE)


@router.get("/{customer_id}", dependencies=[needs(Permission.SEE_CUSTOMERS)])
async def show_consent(
    request: Request, session: Session, me: Me, rendering: TheRendering, customer_id: int
) -> Response:
    """`?contact=` names the call in which the answers are given."""
    typed = {"contact_id": request.query_params.get("contact", "")[:64]}
    may_edit = me.may(Permission.EDIT_CUSTOMERS)
    return await _page(request, session, rendering, customer_id, may_edit=may_edit, typed=typed)


@router.post("/{customer_id}/answer", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def keep_answer(edit: Edit, rendering: TheRendering, customer_id: int) -> Response:
    """One answer to what was chosen: `asked` holds "purpose/channel" words."""

    async def work(session: AsyncSession, form: Any) -> None:
        if text(form, "given") not in ("yes", "no"):
            raise Invalid("Choose whether the customer agrees or refuses.", field="given")
        asked = [str(one).partition("/")[::2] for one in form.getlist("asked")]
        proof = {"contact_id": text(form, "contact_id")[:64], "words": text(form, "words")}
        await answers(session, customer_id, asked, text(form, "given") == "yes", **proof, **edit.by)

    return await _done(edit, rendering, customer_id, work)


@router.post("/{customer_id}/stop", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def stop_number(edit: Edit, rendering: TheRendering, customer_id: int) -> Response:
    async def work(session: AsyncSession, form: Any) -> None:
        number = await _own_number(session, customer_id, text(form, "phone"))
        await stop_contact(session, number, reason=text(form, "reason"), **edit.by)

    return await _done(edit, rendering, customer_id, work)


@router.post("/{customer_id}/allow", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def allow_number(edit: Edit, rendering: TheRendering, customer_id: int) -> Response:
    async def work(session: AsyncSession, form: Any) -> None:
        await allow_contact(session, await _own_number(session, customer_id, text(form, "phone")), **edit.by)

    return await _done(edit, rendering, customer_id, work)


@router.post("/{customer_id}/deletion", dependencies=[needs(Permission.EDIT_CUSTOMERS)])
async def want_deletion(edit: Edit, rendering: TheRendering, customer_id: int) -> Response:
    async def work(session: AsyncSession, form: Any) -> None:
        zone = rendering.site.zone
        await ask_deletion(session, customer_id, words=text(form, "deletion_words"), zone=zone, **edit.by)

    return await _done(edit, rendering, customer_id, work)


@router.post("/{customer_id}/everything.zip", dependencies=[needs(Permission.SEE_FULL_NUMBER)])
async def give_everything(session: Session, me: Me, customer_id: int) -> Response:
    """Whole numbers are in it, so it needs that right; each time it is on the audit log."""
    packed = await everything(session, customer_id, actor=me.number, at=clock.now())
    name = f"customer-{customer_id}-{clock.now():%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)


async def _done(edit: Edit, rendering: TheRendering, customer_id: int, work: Any) -> Response:
    form = await edit.form()
    try:
        await edit.save(lambda session: work(session, form), tell=False)
    except PlatformError as refused:
        told = {"typed": typed_of(form) | {"asked": form.getlist("asked")}, "errors": await edit.errors(refused)}
        async with edit.db.begin() as fresh:
            return await _page(
                edit.request, fresh, rendering, customer_id, may_edit=True, status=refused.status, **told
            )
    back = text(form, "back")
    own = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return RedirectResponse(back if own else f"/consent/{customer_id}", 303)


async def _own_number(session: AsyncSession, customer_id: int, phone: str) -> str:
    known = await session.get(CustomerPhone, int(phone)) if phone.isascii() and phone.isdigit() else None
    if known is None or known.customer_id != customer_id:
        raise Invalid("Choose one of the customer's numbers.", field="phone")
    return known.e164


async def _page(
    request: Request,
    session: AsyncSession,
    rendering: TheRendering,
    customer_id: int,
    *,
    may_edit: bool,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    if customer.merged_into_id is not None:
        return RedirectResponse(f"/consent/{customer.merged_into_id}", 303)
    verdicts = await _verdicts(request, session, rendering, customer_id)
    stopped = {row.e164: row for row in await stopped_numbers(session, customer_id)}
    return page(
        request,
        "leads/consent.html",
        status_code=status,
        customer=customer,
        allowed=await matrix(session, customer_id),
        proofs=await proofs(session, customer_id),
        verdicts=verdicts,
        phones=await _phones(session, customer_id),
        stopped=stopped,
        purposes=PURPOSES,
        channels=SHOWN,
        may_edit=may_edit,
        typed=typed or {},
        errors=errors or {},
        lw=lead_words,
    )


async def _phones(session: AsyncSession, customer_id: int) -> list[CustomerPhone]:
    own = select(CustomerPhone).where(CustomerPhone.customer_id == customer_id).order_by(CustomerPhone.position)
    return list(await session.scalars(own))


async def _verdicts(
    request: Request, session: AsyncSession, rendering: TheRendering, customer_id: int
) -> list[tuple[Purpose, Verdict, str]]:
    """What the gate says now for a call, purpose by purpose."""
    found = []
    for purpose in Purpose:
        verdict = await may_contact(
            session, customer_id, purpose, Channel.PHONE, at=clock.now(), zone=rendering.site.zone
        )
        sentence = translate(request, verdict.reason, **verdict.values) if verdict.reason else ""
        found.append((purpose, verdict, sentence))
    return found
