"""The questions after the call: per queue, in both languages, on or off, for a share of the calls."""

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
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.surveys import settings
from crm_core.surveys.rules import MOST_QUESTIONS, Survey, state_of
from crm_core.workforce import versions
from crm_core.workforce.queries import queues

router = APIRouter(prefix="/admin/surveys", dependencies=[needs(Permission.EDIT_RULES)])


@router.get("")
async def show_surveys(request: Request, session: Session) -> Response:
    """The list of queues; the first one's questions beside it."""
    first = next(iter(await queues(session)), None)
    return await _page(request, session, first.id if first else "")


@router.get("/{queue}")
async def show_survey(request: Request, session: Session, queue: str, saved: int = 0) -> Response:
    return await _page(request, session, queue, saved=saved)


@router.post("/{queue}")
async def save(edit: Edit, queue: str) -> Response:
    """What was typed stays when it is refused. The questions are spoken at once, in the background."""
    form = await edit.form()
    typed = _from(form)

    async def work(session: AsyncSession) -> Any:
        return await settings.save_survey(session, queue, typed, base=base_of(form), **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except NotFound:
        raise
    except PlatformError as refused:
        errors = await edit.errors(refused)
        return await _page(edit.request, edit.session, queue, typed=typed, errors=errors, status=refused.status)
    return back_to(f"/admin/surveys/{queue}", saved)


def _from(form: FormData) -> dict[str, Any]:
    """Rows without words in either language are left out."""
    columns = [[str(one).strip() for one in form.getlist(name)] for name in ("id", "zh", "en")]
    rows = [{"id": one[0], "zh": one[1], "en": one[2]} for one in zip(*columns, strict=False)]
    return {
        "on": text(form, "on") == "1",
        "share": number(text(form, "share")),
        "low": number(text(form, "low")),
        "questions": [row for row in rows if row["zh"] or row["en"]],
    }


async def _page(
    request: Request,
    session: AsyncSession,
    queue: str,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rows = await queues(session)
    if queue and queue not in {row.id for row in rows}:
        raise NotFound("There is no such queue.")
    known: dict[str, Survey] = {row.id: await settings.survey_of(session, row.id) for row in rows}
    state = shown(state_of(known.get(queue, Survey())), typed)
    empty = {"id": "", "zh": "", "en": ""}
    return page(
        request,
        "admin/surveys.html",
        status_code=status,
        queues=rows,
        chosen=queue,
        surveys=known,
        survey=state,
        rows=[*state["questions"], *[empty] * (MOST_QUESTIONS - len(state["questions"]))],
        errors=errors or {},
        base=await versions.current_number(session, settings.KIND, queue),
        saved=saved,
        tabs=RULES_TABS,
        named=names_for(language_of(request), {}, rows),
    )
