"""Scoring forms: the list, the designer with its check, publishing, the way back. Reviews keep their version."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop import formats
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, needs
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page, translate
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, PlatformError
from crm_core.quality import form_actions as actions
from crm_core.quality import form_queries as queries
from crm_core.quality.forms import Form, problems
from crm_core.quality.stored import load, store
from crm_core.quality.templates import TEMPLATES
from crm_core.questionnaires.questions import Words
from crm_core.workforce.queries import names

router = APIRouter(prefix="/quality/forms", dependencies=[needs(Permission.SET_QUALITY)])


@router.get("")
async def show_forms(request: Request, session: Session) -> Response:
    return page(
        request,
        "quality/forms.html",
        lines=await queries.form_lines(session),
        templates=[(name, words.TEMPLATES[name], one) for name, one in TEMPLATES.items()],
    )


@router.post("/new")
async def make_form(edit: Edit) -> Response:
    """From a template, or empty."""
    name = str((await edit.form()).get("template", "empty"))
    if name not in words.TEMPLATES:
        raise Invalid("Choose from the list.", field="template")
    content = TEMPLATES.get(name, Form(title=Words("新评分表", "New scoring form")))
    row = await edit.save(lambda session: actions.create(session, content, **edit.by), tell=False)
    return RedirectResponse(f"/quality/forms/{row.id}", 303)


@router.get("/{form_id:int}")
async def show_form(request: Request, session: Session, form_id: int) -> Response:
    """The draft, or what is in force when there is none; beside it all versions."""
    return await _designer(request, session, form_id)


@router.post("/{form_id:int}/draft")
async def save_draft(
    edit: Edit, form_id: int, content: Annotated[dict[str, Any], Body()], base: Annotated[int, Body()]
) -> dict[str, Any]:
    """Keeps what is written, right or wrong, and tells what is wrong. 409 when somebody saved meanwhile."""
    read = load(content)
    try:
        draft = await edit.save(
            lambda session: actions.save_draft(session, form_id, read, base=base, **edit.by), tell=False
        )
    except PlatformError as refused:
        raise await edit.named(refused) from None
    at = formats.clock(draft.saved_at, edit.request.app.state.site.zone)
    return {**_looked_at(edit.request, read), "revision": draft.revision, "number": draft.number, "at": at}


@router.post("/{form_id:int}/publish")
async def publish(edit: Edit, form_id: int) -> Response:
    base = str((await edit.form()).get("base", ""))
    revision = int(base) if base.isascii() and base.isdecimal() and len(base) < 9 else None
    return await _done(edit, form_id, lambda session: actions.publish(session, form_id, base=revision, **edit.by))


@router.post("/{form_id:int}/versions/{number:int}/again")
async def go_back(edit: Edit, form_id: int, number: int) -> Response:
    """An earlier version is used again; a draft stays as it is."""
    return await _done(edit, form_id, lambda session: actions.publish_again(session, form_id, number, **edit.by))


@router.post("/{form_id:int}/drop")
async def drop(edit: Edit, form_id: int) -> Response:
    """The draft is thrown away; what is in force stays."""
    row = await edit.save(lambda session: actions.drop_draft(session, form_id, **edit.by), tell=False)
    return RedirectResponse(f"/quality/forms/{form_id}" if row.published else "/quality/forms", 303)


@router.post("/{form_id:int}/remove")
async def remove(edit: Edit, form_id: int) -> Response:
    """Out of the list; reviews made with it stay, and publishing a version brings it back."""

    async def work(session: AsyncSession) -> bool:
        await actions.archive(session, form_id, **edit.by)
        return True

    await edit.save(work, tell=False)
    return RedirectResponse("/quality/forms", 303)


async def _done(edit: Edit, form_id: int, work: Any) -> Response:
    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        told = await edit.sentence(refused)
        return await _designer(edit.request, edit.session, form_id, refused=told, status=refused.status)
    return RedirectResponse(f"/quality/forms/{form_id}", 303)


async def _designer(
    request: Request, session: AsyncSession, form_id: int, *, refused: str = "", status: int = 200
) -> Response:
    row = await queries.form_of(session, form_id)
    draft = await queries.draft_of(session, row.id)
    shown = draft or await queries.version_of(session, row.id, row.published)
    return page(
        request,
        "quality/form.html",
        status_code=status,
        row=row,
        shown=shown,
        draft=draft,
        refused=refused,
        versions=await queries.versions_of(session, row.id),
        people=await names(session),
        build={
            **_looked_at(request, load(shown.content)),
            "id": row.id,
            "revision": draft.revision if draft else 0,
            "number": shown.number,
            "language": language_of(request),
        },
    )


def _looked_at(request: Request, content: Form) -> dict[str, Any]:
    say = partial(translate, request)
    found = problems(content)
    return {
        "content": store(content),
        "problems": [{"part": one.part, "text": say(one.sentence.message_id, **one.sentence.values)} for one in found],
        "total": sum(one.weight for one in content.criteria),
    }
