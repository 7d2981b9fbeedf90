"""Writing an article: the form, its preview and files, and the steps to the readers and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import By, Edit, Editor
from agent_desktop.dependencies import TheRendering, needs
from agent_desktop.desk import words as desk_words
from agent_desktop.knowledge.forms import content_from, typed_from, typed_of
from agent_desktop.pages.files import chunks, files_folder
from agent_desktop.pages.knowledge import word_values
from agent_desktop.rendering import page
from agent_desktop.words import KINDS
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.files.store import file, files_of, put, remove
from crm_core.knowledge import authoring, categories, publishing, questions
from crm_core.knowledge.content import Content, content_of
from crm_core.knowledge.markdown import html
from crm_core.knowledge.model import OpenQuestion
from crm_core.workforce.queries import queues


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a step's form may hold."""

    remark: str
    review_on: date
    number: int
    zone: tzinfo


Step = Callable[[AsyncSession, int, Given, By], Awaitable[Any]]
STEPS: Mapping[str, Step] = {
    "send": lambda session, number, _, by: authoring.send_to_review(session, number, **by),
    "approve": lambda session, number, given, by: publishing.publish(session, number, zone=given.zone, **by),
    "give-back": lambda session, number, given, by: authoring.give_back(session, number, remark=given.remark, **by),
    "retire": lambda session, number, _, by: publishing.retire(session, number, **by),
    "bring-back": lambda session, number, given, by: publishing.bring_back(session, number, zone=given.zone, **by),
    "discard": lambda session, number, _, by: authoring.discard(session, number, **by),
    "still-right": lambda session, number, given, by: publishing.still_right(
        session, number, given.review_on, zone=given.zone, **by
    ),
    "restore": lambda session, number, given, by: authoring.restore(session, number, given.number, **by),
}

router = APIRouter(prefix="/knowledge", dependencies=[needs(Permission.WRITE_KNOWLEDGE)])


@router.get("/new")
async def new_article(edit: Edit, question: int = 0, kind: str = "article", category: int = 0) -> Response:
    """An empty form; for a question that nobody could answer its words are the title."""
    asked = await edit.session.get(OpenQuestion, question) if question else None
    begun = Content(
        title_zh=asked.text if asked else "",
        kind="script" if kind == "script" else "article",
        category_id=category or None,
    )
    return await _form(edit, 0, typed_of(begun), question=question)


@router.get("/{article_id:int}/edit")
async def edit_article(edit: Edit, article_id: int) -> Response:
    latest = await authoring.latest_version(edit.session, article_id)
    if latest is None:
        raise NotFound("There is no such article.")
    return await _form(edit, article_id, typed_of(content_of(latest)), base=authoring.stamp(latest))


@router.post("/new")
async def save_new(edit: Edit) -> Response:
    return await _save(edit, 0)


@router.post("/{article_id:int}/edit")
async def save_article(edit: Edit, article_id: int) -> Response:
    return await _save(edit, article_id)


@router.post("/preview")
async def preview(text: Annotated[str, Body(embed=True, max_length=60_000)]) -> HTMLResponse:
    """The text as readers will see it."""
    return HTMLResponse(html(text))


@router.post("/{article_id:int}/{step}")
async def take_step(edit: Edit, rendering: TheRendering, article_id: int, step: str) -> Response:
    """One of STEPS, with what it asks for in the form."""
    if step not in STEPS:
        raise NotFound("There is no such step.")
    form = await edit.form()
    given = Given(
        remark=str(form.get("remark", "")),
        review_on=_day(str(form.get("review_on", ""))),
        number=int(str(form.get("number"))) if str(form.get("number", "")).isdecimal() else 0,
        zone=rendering.site.zone,
    )
    await edit.save(lambda session: STEPS[step](session, article_id, given, edit.by), tell=False)
    return RedirectResponse(f"/knowledge/{article_id}{'/edit' if step == 'restore' else ''}", status_code=303)


@router.post("/{article_id:int}/files/add")
async def add_file(request: Request, edit: Edit, article_id: int, upload: Annotated[UploadFile, File()]) -> Response:
    async def work(session: AsyncSession) -> Any:
        await authoring.existing(session, article_id)
        name, folder = upload.filename or "", files_folder(request)
        return await put(session, folder, f"article/{article_id}", name, chunks(upload), **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse(f"/knowledge/{article_id}/edit#files", status_code=303)


@router.post("/{article_id:int}/files/{file_id:int}/remove")
async def remove_file(edit: Edit, article_id: int, file_id: int) -> Response:
    async def work(session: AsyncSession) -> Any:
        if (await file(session, file_id)).subject != f"article/{article_id}":
            raise NotFound("There is no such file.")
        return await remove(session, file_id, **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse(f"/knowledge/{article_id}/edit#files", status_code=303)


async def _save(edit: Editor, article_id: int) -> Response:
    form = await edit.form()
    base, change, question = (str(form.get(name, "")) for name in ("base", "change", "question"))
    asked = int(question) if question.isdecimal() else 0

    async def work(session: AsyncSession) -> Any:
        draft = await authoring.write(
            session, article_id or None, content_from(form), base=base, change=change, **edit.by
        )
        if form.get("send") == "1":
            await authoring.send_to_review(session, draft.article_id, **edit.by)
        if asked:
            await questions.take(session, asked, **edit.by)
        return draft

    try:
        draft = await edit.save(work, tell=False)
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _form(
            edit, article_id, typed_from(form), base=base, errors=told, status=refused.status, question=asked
        )
    return RedirectResponse(f"/knowledge/{draft.article_id}?version={draft.number}", status_code=303)


async def _form(
    edit: Editor,
    article_id: int,
    typed: Mapping[str, Any],
    *,
    base: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    question: int = 0,
) -> Response:
    session = edit.session
    return page(
        edit.request,
        "knowledge/edit.html",
        status_code=status,
        article_id=article_id,
        typed=typed,
        base=base,
        errors=errors or {},
        question=question,
        nodes=await categories.tree(session),
        kinds=KINDS,
        sub_kinds=desk_words.SUB_KINDS,
        all_queues=await queues(session),
        files=await files_of(session, f"article/{article_id}") if article_id else [],
        **await word_values(session, edit.request),
    )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return date.min
