"""Nuisance numbers: marked at a call by who works with it; looked through, released and blocked by those who lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.nuisance_words import REASONS
from agent_desktop.pages.contact import seen_contact
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.customers.actions import block, unblock
from crm_core.errors import NotFound
from crm_core.nuisance.actions import mark, release, take_back, weight_of
from crm_core.nuisance.model import NuisanceMark
from crm_core.nuisance.queries import marked_numbers
from crm_core.nuisance.scoring import LOW_PRIORITY, SHORT_MESSAGE
from crm_core.workforce.queries import names, queues

router = APIRouter()
_LEADING = [needs(Permission.BLOCK_NUMBERS)]
_WRITING = [needs(Permission.SEE_CUSTOMERS), needs(Permission.WRITE_RECORD)]


@router.get("/nuisance", dependencies=_LEADING)
async def show_nuisance(request: Request, session: Session) -> Response:
    return page(
        request,
        "nuisance.html",
        lines=await marked_numbers(session, clock.now()),
        reasons=REASONS,
        low=LOW_PRIORITY,
        message=SHORT_MESSAGE,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.post("/nuisance/{mark_id:int}/{act}", dependencies=_LEADING)
async def decide(session: Session, me: Me, mark_id: int, act: str) -> Response:
    """About the number of this mark: release, confirm, block or unblock. NotFound for anything else."""
    seen = await session.get(NuisanceMark, mark_id)
    if seen is None or act not in _ACTS:
        raise NotFound("There is no such mark.")
    await _ACTS[act](session, seen, me)
    return RedirectResponse("/nuisance", status_code=303)


@router.post("/contacts/{contact_id}/nuisance", dependencies=_WRITING)
async def mark_contact(
    session: Session,
    me: Me,
    contact_id: str,
    reason: Annotated[str, Form(max_length=16)] = "",
    note: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    seen = await seen_contact(session, me, contact_id)
    await mark(
        session,
        seen.contact.caller,
        reason=reason,
        note=note,
        contact_id=seen.contact.id,
        weight=weight_of(me.roles),
        actor=me.number,
        at=clock.now(),
    )
    return RedirectResponse(f"/contacts/{seen.contact.id}", status_code=303)


@router.post("/contacts/{contact_id}/nuisance/{mark_id:int}/undo", dependencies=_WRITING)
async def take_mark_back(session: Session, me: Me, contact_id: str, mark_id: int) -> Response:
    """The own mark only."""
    seen = await seen_contact(session, me, contact_id)
    await take_back(session, mark_id, actor=me.number, at=clock.now())
    return RedirectResponse(f"/contacts/{seen.contact.id}", status_code=303)


async def _release(session: AsyncSession, seen: NuisanceMark, me: SignedInUser) -> None:
    await release(session, seen.e164, actor=me.number, at=clock.now())


async def _confirm(session: AsyncSession, seen: NuisanceMark, me: SignedInUser) -> None:
    """With the own weight: a supervisor's word counts even for a customer with an open case."""
    await mark(
        session,
        seen.e164,
        reason=seen.reason,
        contact_id=seen.contact_id,
        weight=weight_of(me.roles),
        actor=me.number,
        at=clock.now(),
    )


async def _block(session: AsyncSession, seen: NuisanceMark, me: SignedInUser) -> None:
    await block(session, seen.e164, reason=seen.note or seen.reason, actor=me.number, at=clock.now())


async def _unblock(session: AsyncSession, seen: NuisanceMark, me: SignedInUser) -> None:
    await unblock(session, seen.e164, actor=me.number, at=clock.now())


_ACTS = {"release": _release, "confirm": _confirm, "block": _block, "unblock": _unblock}
