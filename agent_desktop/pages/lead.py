"""One lead: what is known, what happened, and the one step that comes next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.leads import words as lead_words
from agent_desktop.leads.forms import day_of, number_of, typed_of
from agent_desktop.naming import names_for
from agent_desktop.pages.leads import clock_of_line
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.reach import EVERYTHING
from crm_core.access.roles import Permission
from crm_core.consent.actions import answer
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.queries import matrix
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.leads import actions, queries
from crm_core.leads.model import Lead
from crm_core.leads.nurture import open_task
from crm_core.workforce.queries import names

router = APIRouter(prefix="/leads", dependencies=[needs(Permission.WORK_LEADS)])
By = Mapping[str, Any]
Work = Callable[[AsyncSession, int, FormData, By], Awaitable[Any]]


@router.get("/{number}")
async def show_lead(request: Request, session: Session, me: Me, rendering: TheRendering, number: str) -> Response:
    return await _lead_page(request, session, rendering, number)


@router.post("/{number}/{act}")
async def do(edit: Edit, rendering: TheRendering, number: str, act: str) -> Response:
    """One step. A refusal shows the page again with what was typed, its sentence at the field."""
    if act not in ACTS:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    story = await queries.lead_story(edit.session, number)
    by = {**edit.by, "zone": rendering.site.zone}
    try:
        await edit.save(lambda session: ACTS[act](session, story.line.lead.id, form, by), tell=False)
    except PlatformError as refused:
        errors = {act: await edit.errors(refused)}
        typed = {act: typed_of(form)}
        async with edit.db.begin() as fresh:
            return await _lead_page(
                edit.request, fresh, rendering, number, errors=errors, typed=typed, status=refused.status
            )
    return RedirectResponse(f"/leads/{number}", 303)


async def _lead_page(
    request: Request,
    session: AsyncSession,
    rendering: Any,
    number: str,
    *,
    errors: Mapping[str, Mapping[str, str]] | None = None,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    status: int = 200,
) -> Response:
    story = await queries.lead_story(session, number)
    lead, now, zone = story.line.lead, clock.now(), rendering.site.zone
    gate = await may_contact(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, at=now, zone=zone)
    allowed = await matrix(session, lead.customer_id)
    return page(
        request,
        "leads/lead.html",
        status_code=status,
        story=story,
        lead=lead,
        due=clock_of_line(story.line),
        gate=gate,
        sentence=translate(request, gate.reason, **gate.values) if gate.reason else "",
        held=_held(request, story),
        consent=allowed[Purpose.LEAD, Channel.PHONE],
        task=await open_task(session, lead),
        sellers=await queries.sellers(session),
        models=await queries.models_seen(session),
        errors=errors or {},
        typed=typed or {},
        named=names_for(language_of(request), await names(session), ()),
        today=now.astimezone(zone).date(),
        lw=lead_words,
    )


def _held(request: Request, story: queries.LeadStory) -> dict[int, str]:
    """Why a lead was held back, or ended by itself, as a sentence; by the event's id."""
    told = {}
    for event in story.events:
        reason = str(event.detail.get("reason", ""))
        if reason in lead_words.LOST_REASONS:
            told[event.id] = translate(request, lead_words.LOST_REASONS[reason])
        elif reason and "{" not in reason:
            told[event.id] = translate(request, reason)
    return told


async def _verify(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    if text(form, "consent") in ("yes", "no"):
        given = text(form, "consent") == "yes"
        lead = await session.get_one(Lead, lead_id)
        proof = {"contact_id": text(form, "contact_id")[:64], "words": text(form, "consent_words"), **_mine(by)}
        await answer(session, lead.customer_id, Purpose.LEAD, Channel.PHONE, given, **proof)
        if not given:
            told = {"reason": "refused", "lost_to": "", "words": text(form, "words"), **_mine(by)}
            await actions.lost(session, lead_id, reach=EVERYTHING, **told)
            return
    await actions.verify(
        session,
        lead_id,
        model=text(form, "model"),
        wish=text(form, "wish"),
        buy_by=day_of(form, "buy_by"),
        horizon=text(form, "horizon"),
        dealer_id=number_of(form, "dealer_id"),
        words=text(form, "words"),
        **by,
    )


async def _send(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.send(session, lead_id, dealer_id=number_of(form, "dealer_id"), **by)


async def _reassign(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    dealer = number_of(form, "dealer_id")
    await actions.reassign(session, lead_id, dealer_id=dealer, words=text(form, "words"), **_mine(by))


async def _take_back(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.take_back(session, lead_id, words=text(form, "words"), **_mine(by))


async def _nurture(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.nurture(session, lead_id, words=text(form, "words"), **by)


async def _called(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.nurture_called(session, lead_id, words=text(form, "words"), next_on=day_of(form, "next_on"), **by)


async def _note(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.mention(session, lead_id, words=text(form, "words"), **_mine(by))


async def _lost(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    told = {name: text(form, name) for name in ("reason", "lost_to", "words")}
    await actions.lost(session, lead_id, reach=EVERYTHING, **{**told, **_mine(by)})


async def _won(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    delivered_on = day_of(form, "delivered_on")
    if delivered_on is None:
        raise Invalid("Enter the day of the delivery; it is not in the future.", field="delivered_on")
    price = number_of(form, "price_yuan") or 0
    bought = {name: text(form, name) for name in ("vin", "plate", "model")} | {"price_yuan": price}
    await actions.won(session, lead_id, delivered_on=delivered_on, reach=EVERYTHING, **{**bought, **_mine(by)})


async def _invalid(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.invalidate(session, lead_id, words=text(form, "words"), **_mine(by))


async def _reopen(session: AsyncSession, lead_id: int, form: FormData, by: By) -> None:
    await actions.reopen(session, lead_id, words=text(form, "words"), **_mine(by))


def _mine(by: By) -> dict[str, Any]:
    return {"actor": by["actor"], "at": by["at"]}


ACTS: Mapping[str, Work] = {
    "verify": _verify,
    "send": _send,
    "reassign": _reassign,
    "take-back": _take_back,
    "nurture": _nurture,
    "called": _called,
    "note": _note,
    "lost": _lost,
    "won": _won,
    "invalid": _invalid,
    "reopen": _reopen,
}
"""What the page's forms do, by the last word of their address."""
