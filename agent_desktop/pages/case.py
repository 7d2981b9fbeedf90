"""One case: what it is, its clock and steps, what happened, and what is to be done next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.cases.acts import ACTS
from agent_desktop.cases.view import CaseView, read_case
from agent_desktop.dependencies import Me, Session, TheDatabase, TheReach, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.pages.cases import case_workers, dealer_names, shown_words
from agent_desktop.pages.files import chunks, files_folder
from agent_desktop.rendering import language_of, page
from agent_desktop.words import RELATIONS
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.cases.notices import mark_read
from crm_core.cases.queries import by_number
from crm_core.errors import NotFound, PlatformError
from crm_core.files.store import put
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/cases", dependencies=[needs(Permission.WORK_CASES)])


@router.get("/{number}")
async def show_case(
    request: Request, session: Session, *, me: Me, reach: TheReach, rendering: TheRendering, number: str
) -> Response:
    view = await read_case(session, number, reach, now=clock.now(), zone=rendering.site.zone)
    await mark_read(session, me.number, view.case.id, clock.now())
    return await _page(request, session, view)


@router.post("/{number}/files")
async def attach(
    request: Request, db: TheDatabase, *, me: Me, reach: TheReach, number: str, file: UploadFile
) -> Response:
    """A photograph or document for both sides."""
    async with db.begin() as session:
        case_id = await _id_of(session, reach, number)
        await put(
            session,
            files_folder(request),
            f"case/{case_id}",
            file.filename or "file",
            chunks(file),
            actor=me.number,
            at=clock.now(),
        )
    return RedirectResponse(f"/cases/{number}#files", 303)


@router.post("/{number}/{act}")
async def do(edit: Edit, reach: TheReach, rendering: TheRendering, number: str, act: str) -> Response:
    """One step or decision; a refusal shows the page again with what was typed."""
    work = ACTS.get(act)
    if work is None:
        raise NotFound("This page does not exist.")
    form = {name: value for name, value in (await edit.form()).items() if isinstance(value, str)}

    async def step(session: AsyncSession) -> None:
        case_id = await _id_of(session, reach, number)
        await work(session, case_id, form, rendering.site.zone, edit.me.number, clock.now())

    try:
        await edit.save(step, tell=False)
    except PlatformError as refused:
        return await _again(edit, reach=reach, rendering=rendering, number=number, act=act, form=form, refused=refused)
    return RedirectResponse(f"/cases/{number}", 303)


async def _again(
    edit: Editor,
    *,
    reach: TheReach,
    rendering: TheRendering,
    number: str,
    act: str,
    form: Mapping[str, str],
    refused: PlatformError,
) -> Response:
    view = await read_case(edit.session, number, reach, now=clock.now(), zone=rendering.site.zone)
    errors = await edit.errors(refused)
    return await _page(edit.request, edit.session, view, tried=act, typed=form, errors=errors, status=refused.status)


async def _id_of(session: AsyncSession, reach: TheReach, number: str) -> int:
    case = await by_number(session, number)
    if case is None:
        raise NotFound("There is no such case.")
    reach.require(case.dealer_id)
    return case.id


async def _page(
    request: Request,
    session: AsyncSession,
    view: CaseView,
    *,
    tried: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    language = language_of(request)
    shown: dict[str, Any] = shown_words()
    return page(
        request,
        "cases/case.html",
        status_code=status,
        view=view,
        case=view.case,
        tried=tried,
        typed=typed or {},
        errors=errors or {},
        people=await case_workers(session, language),
        dealers=await dealer_names(session),
        named=names_for(language, await names(session), await queues(session)),
        relations=RELATIONS,
        when=datetime.fromisoformat,
        **shown,
    )
