"""How long recordings are kept: the setting, what is deleted next, what is held, and the proof of what was deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, Editor, back_to, shown
from agent_desktop.admin.words import RULES_TABS
from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.capture import settings as capture
from crm_core.capture.rules import state_of as state_of_capture
from crm_core.errors import NotFound, PlatformError
from crm_core.retention import holds as held
from crm_core.retention import settings
from crm_core.retention.listing import count_due, items, open_run, runs, wishes
from crm_core.retention.model import RetentionItem, RetentionRun
from crm_core.retention.rules import LEAST_DAYS, Retention, state_of
from crm_core.workforce import versions
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/admin/recordings", dependencies=[needs(Permission.EDIT_RULES)])
SHOWN_ITEMS, OF_PROOF = 100, 1_000_000
RESULTS = {
    "": N_("not decided yet"),
    "deleted": N_("deleted"),
    "spared": N_("kept back"),
    "missing": N_("no file was there"),
}
REASONS = {
    "hold": N_("held"),
    "case": N_("its case is open"),
    "message": N_("its message is not dealt with"),
    "open": N_("still being recorded"),
    "setting": N_("kept for longer now"),
}
HEADS = (
    *(N_("Call recording"), N_("Number of the call"), N_("File"), N_("Began"), N_("Result"), N_("Reason"), N_("Bytes")),
    *("SHA-256", N_("When")),
)


@router.get("")
async def show(request: Request, session: Session, saved: int = 0) -> Response:
    return await _page(request, session, saved=saved)


@router.post("")
async def save(edit: Edit) -> Response:
    """What was typed stays when it is refused."""
    form = await edit.form()
    typed = _typed(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_retention(session, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, typed=typed, errors=errors, status=refused.status)
    return back_to("/admin/recordings", saved)


def _typed(form: FormData) -> dict[str, Any]:
    """The form's state; what is no number stays as it was typed, for the sentence beside it."""

    def days(name: str) -> int | str | None:
        return number(typed) if (typed := text(form, name)) else None

    own = {name.removeprefix("queue_"): days(name) for name in form if name.startswith("queue_")}
    return {
        "days": number(text(form, "days")),
        "short": text(form, "short") == "1",
        "messages": days("messages"),
        "surveys": days("surveys"),
        "compress_days": number(text(form, "compress_days")),
        "queues": {name: value for name, value in own.items() if value is not None},
    }


@router.post("/capture")
async def save_what_is_recorded(edit: Edit) -> Response:
    """In force for the next order to Asterisk; what was typed stays when it is refused."""
    form = await edit.form()
    typed = {name: text(form, name) == "1" for name in ("consults", "holds", "menus")}
    typed_seconds = number(text(form, "pause_seconds"))

    async def work(session: AsyncSession) -> Any:
        state = {**typed, "pause_seconds": typed_seconds}
        return await capture.save_capture(session, state, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work)
    except PlatformError as refused:
        errors = await edit.errors(refused)
        values = {**typed, "pause_seconds": typed_seconds}
        return await _page(edit.request, edit.session, typed=values, errors=errors, status=refused.status)
    return back_to("/admin/recordings", saved)


@router.post("/hold")
async def hold(edit: Edit) -> Response:
    """`contact` is a call's number; `back` = that call's page instead of this one."""
    form = await edit.form()
    contact, why = text(form, "contact"), text(form, "why")
    return await _held(edit, contact, text(form, "back"), lambda s: held.hold(s, contact, why, **edit.by), typed=why)


@router.post("/release")
async def release(edit: Edit) -> Response:
    form = await edit.form()
    contact = text(form, "contact")
    return await _held(edit, contact, text(form, "back"), lambda s: held.release(s, contact, **edit.by))


async def _held(
    edit: Editor, contact: str, back: str, work: Callable[[AsyncSession], Awaitable[Any]], *, typed: str = ""
) -> Response:
    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        errors = {"hold": await edit.sentence(refused)}
        values = {"contact": contact, "why": typed}
        return await _page(edit.request, edit.session, typed=values, errors=errors, status=refused.status)
    there = f"/contacts/{quote(contact, safe='')}" if back == "call" else "/admin/recordings#holds"
    return RedirectResponse(there, 303)


@router.get("/{run_id:int}/proof.csv")
async def proof(request: Request, session: Session, run_id: int) -> Response:
    """Every recording of one list with what became of it; the audit log's entry has the hash of the whole."""
    if not 0 < run_id < 2**31 or await session.get(RetentionRun, run_id) is None:
        raise NotFound("There is no such list.")
    heads = [translate(request, one) for one in HEADS]
    rows = [_cells(request, one) for one in await items(session, run_id, most=OF_PROOF)]
    return csv_file(f"recordings-{run_id}.csv", heads, rows)


def _cells(request: Request, one: RetentionItem) -> tuple[object, ...]:
    result, why = translate(request, RESULTS[one.result]), translate(request, REASONS[one.why]) if one.why else ""
    began, at = one.started_at.isoformat(), one.at.isoformat() if one.at else ""
    return one.recording_id, one.contact_id, one.file, began, result, why, one.bytes or "", one.sha256, at


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rules = await settings.retention_rules(session)
    next_run = await open_run(session)
    people = await names(session)
    return page(
        request,
        "admin/recordings.html",
        status_code=status,
        rules=shown(state_of(rules), typed),
        errors=errors or {},
        capture=shown(state_of_capture(await capture.capture_rules(session)), typed),
        capture_base=await versions.current_number(session, capture.KIND, capture.SUBJECT),
        base=await versions.current_number(session, settings.KIND, settings.SUBJECT),
        saved=saved,
        tabs=RULES_TABS,
        least=LEAST_DAYS,
        due=await _due(session, rules),
        next_run=next_run,
        listed=await items(session, next_run.id, most=SHOWN_ITEMS) if next_run else [],
        runs=await runs(session),
        holds=await held.holds(session),
        queues=await queues(session),
        named_queue=lambda queue: queue.name_en if language_of(request) == "en" else queue.name_zh,
        person=lambda by: people[by][language_of(request) == "en"] if by in people else by,
    )


async def _due(session: AsyncSession, rules: Retention) -> int | None:
    """How many the setting would put on a list now; None = everything is kept."""
    now = clock.now()
    if rules.newest_due(now, await wishes(session)) is None:
        return None
    return await count_due(session, rules, now)
