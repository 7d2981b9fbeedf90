"""Rescues at the station: who waits, one with its place and steps, and every step's button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.cases import words as case_words
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, back, show, try_to, whole
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.cases import rescue_actions
from crm_core.cases.rescue_queries import RescueDetail, rescue_of, rescues
from crm_core.errors import NotFound

router = APIRouter(prefix="/dealer/rescues", dependencies=[needs(Permission.SEE_OWN_DEALER)])
STATES = ("open", "closed")
MINUTES = 30  # proposed as the time of arrival while nobody has said one


@router.get("")
async def show_list(portal: ThePortal, state: str = "open") -> Response:
    return await _page(portal, state=state)


@router.get("/waiting")
async def show_waiting(portal: ThePortal) -> Response:
    """The line over every page of the portal, asked for again and again: who waits for this station now."""
    found = await rescues(portal.session, portal.narrowed)
    return page(portal.request, "dealer/waiting.html", portal=portal, waiting=[one for one in found if one.waits])


@router.get("/{number}")
async def show_one(portal: ThePortal, number: str, state: str = "open") -> Response:
    """Raises NotFound, also for another station's."""
    return await _page(portal, number, state=state)


async def _page(
    portal: Portal,
    number: str = "",
    *,
    state: str = "open",
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    every = await rescues(portal.session, portal.narrowed, open_only=False)
    closed = {"open": False, "closed": True}.get(state, False)
    detail = await rescue_of(portal.session, number, portal.reach) if number else None
    return await show(
        portal,
        "dealer/rescues.html",
        status_code=status,
        rescue_lines=[one for one in every if (one.closed_at is not None) is closed],
        counts={"open": sum(not one.closed_at for one in every), "closed": sum(bool(one.closed_at) for one in every)},
        state=state if state in STATES else "open",
        rescue=detail,
        minutes=_minutes(portal, detail) if detail else "",
        rescue_words=case_words,
        errors=errors or {},
        typed=typed or {},
    )


def _minutes(portal: Portal, detail: RescueDetail) -> int:
    """What is left of the time that was said, as the next estimate."""
    if detail.line.eta_at is None:
        return MINUTES
    return max(1, ceil((detail.line.eta_at - portal.now).total_seconds() / 60))


async def _accept(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any]) -> Any:
    return await rescue_actions.accept_rescue(session, case_id, minutes=whole(text(form, "minutes")) or 0, **more)


async def _under_way(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any]) -> Any:
    minutes = whole(text(form, "minutes")) or 0
    return await rescue_actions.under_way(session, case_id, minutes=minutes, truck=text(form, "truck"), **more)


async def _arrived(session: AsyncSession, case_id: int, _form: Any, more: dict[str, Any]) -> Any:
    return await rescue_actions.arrived(session, case_id, **more)


async def _helped(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any]) -> Any:
    return await rescue_actions.helped(session, case_id, words=text(form, "words"), **more)


async def _decline(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any]) -> Any:
    return await rescue_actions.decline(session, case_id, words=text(form, "words"), **more)


Step = Callable[[AsyncSession, int, Any, dict[str, Any]], Awaitable[Any]]
STEPS: dict[str, tuple[Step, str]] = {
    "accept": (_accept, "rescue_accepted"),
    "under-way": (_under_way, "rescue_under_way"),
    "arrived": (_arrived, "rescue_arrived"),
    "helped": (_helped, "rescue_helped"),
    "decline": (_decline, "rescue_declined"),
}


@router.post("/{number}/{step}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def take_step(edit: Edit, portal: ThePortal, number: str, step: str) -> Response:
    """One step. A refusal shows the rescue again with the sentence under its field, nothing cleared."""
    if step not in STEPS:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    action, told = STEPS[step]
    detail = await rescue_of(portal.session, number, portal.reach)
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    errors, status = await try_to(edit, lambda session: action(session, detail.line.case_id, form, more))
    if errors:
        typed = {name: text(form, name) for name in ("minutes", "truck", "words")} | {"step": step}
        return await _page(portal, number, errors=errors, typed=typed, status=status)
    return back("", "/dealer/rescues" if step == "decline" else f"/dealer/rescues/{number}", told)
