"""The rules of contact and of leads: when, how often and for what a customer may be contacted; the dealers' clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.admin.words import RULES_TABS
from agent_desktop.dependencies import Session, needs
from agent_desktop.leads import words as lead_words
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.consent import rules as contact
from crm_core.consent import settings as contact_settings
from crm_core.consent.purposes import Purpose
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.leads import rules as lead
from crm_core.leads import settings as lead_settings
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.spans import SpansWrong, read_spans, write_spans

router = APIRouter(prefix="/admin/contact-rules", dependencies=[needs(Permission.EDIT_RULES)])
DAYS = ("workday", "weekend", "holiday")


@router.get("")
async def show_rules(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, saved=saved)


@router.post("/{which}")
async def save(edit: Edit, which: str) -> Response:
    """`which`: contact or leads. What was typed stays when it is refused."""
    if which not in ("contact", "leads"):
        raise NotFound("This page does not exist.")
    form = await edit.form()
    typed, wrong = _contact_from(form) if which == "contact" else _leads_from(form)

    async def work(session: AsyncSession) -> Any:
        if wrong:
            raise Unusable(wrong)
        if which == "contact":
            return await contact_settings.save_contact_rules(session, typed, base=base_of(form), **edit.by)
        return await lead_settings.save_lead_rules(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        told = {which: await edit.errors(refused)}
        again = {which: {**typed, **{f"hours_{day}_text": text(form, f"hours_{day}") for day in DAYS}}}
        return await _page(edit.request, edit.session, typed=again, errors=told, status=refused.status)
    return back_to("/admin/contact-rules", saved)


def _contact_from(form: FormData) -> tuple[dict[str, Any], list[Invalid]]:
    state: dict[str, Any] = {
        name: [str(one) for one in form.getlist(name)] for name in ("consent_needed", "stopped_by_complaint")
    }
    numbers = ("most_touches", "period_days", *(f"rhythm_{one}" for one in contact.CLASSES))
    state |= {name: number(text(form, name)) for name in numbers}
    wrong: list[Invalid] = []
    for day in DAYS:
        try:
            state[f"hours_{day}"] = read_spans(text(form, f"hours_{day}"))
        except SpansWrong as unreadable:
            state[f"hours_{day}"] = []
            wrong.append(SpansWrong(unreadable.message_id, **unreadable.values, field=f"hours_{day}"))
    return state, wrong


def _leads_from(form: FormData) -> tuple[dict[str, Any], list[Invalid]]:
    names = ("hot_days", "mid_days", "feedback_days", "remind_days", "reassign_days", "most_dealers", "nurture_days")
    state: dict[str, Any] = {name: number(text(form, name)) for name in names}
    state |= {name: text(form, name) == "1" for name in ("hot_at_once", "send_long")}
    hours, _, minutes = text(form, "send_at").partition(":")
    clock = hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and int(minutes) < 60
    state["send_at"] = int(hours) * 60 + int(minutes) if clock else text(form, "send_at")
    return state, []


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    typed: Mapping[str, Mapping[str, Any]] | None = None,
    errors: Mapping[str, Mapping[str, str]] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    known = contact.state_of(await contact_settings.contact_rules(session))
    known |= {f"hours_{day}_text": write_spans(known[f"hours_{day}"]) for day in DAYS}
    of_leads = lead.state_of(await lead_settings.lead_rules(session))
    return page(
        request,
        "admin/contact_rules.html",
        status_code=status,
        contact=shown(known, (typed or {}).get("contact")),
        leads=shown(of_leads, (typed or {}).get("leads")),
        errors=errors or {},
        bases={
            "contact": await versions.current_number(session, contact_settings.KIND, contact_settings.SUBJECT),
            "leads": await versions.current_number(session, lead_settings.KIND, lead_settings.SUBJECT),
        },
        purposes=[one.value for one in Purpose if one is not Purpose.SERVICE],
        classes=contact.CLASSES,
        days=DAYS,
        saved=saved,
        lw=lead_words,
        tabs=RULES_TABS,
    )
