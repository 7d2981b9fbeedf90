"""The authors' desk: questions nobody could answer, figures, categories, import and export."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.pages.knowledge import Asked, side_values, word_values
from agent_desktop.rendering import page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.knowledge import categories, figures, listing, questions
from crm_core.knowledge.exchange import MOST_BYTES, packed, read_upload
from crm_core.knowledge.import_actions import Taken, all_sheets, take_over
from crm_core.knowledge.publishing import publish

router = APIRouter(prefix="/knowledge", dependencies=[needs(Permission.WRITE_KNOWLEDGE)])
PERIODS = (7, 30, 90)  # days


@router.get("/questions")
async def show_questions(
    request: Request, session: Session, me: Me, rendering: TheRendering, done: bool = False
) -> Response:
    """Those still to answer, asked most often first; with `done` the answered ones."""
    rows = await questions.questions(session, done=done)
    answers = [row.article_id for row in rows if row.article_id]
    return page(
        request,
        "knowledge/questions.html",
        questions=rows,
        done=done,
        asks=await questions.asks_of(session, [row.id for row in rows]),
        answers={line.article.id: line for line in await listing.by_ids(session, answers, me.language)},
        **{**await side_values(session, Asked(), rendering), **await word_values(session, request)},
    )


@router.post("/questions/{question_id:int}/{step}")
async def work_on_question(edit: Edit, question_id: int, step: str) -> Response:
    """take, leave, answer (with the number of an article) or close (with a remark)."""
    form = await edit.form()
    article, remark = str(form.get("article", "")).strip(" #"), str(form.get("remark", ""))

    async def work(session: AsyncSession) -> Any:
        match step:
            case "take":
                return await questions.take(session, question_id, **edit.by)
            case "leave":
                return await questions.leave(session, question_id, **edit.by)
            case "answer":
                if not article.isdecimal() or len(article) > 9:
                    raise Invalid("Write the number of the article that answers it.", field="article")
                return await questions.answer(session, question_id, int(article), **edit.by)
            case "close":
                return await questions.close(session, question_id, remark=remark, **edit.by)
        raise NotFound("There is no such step.")

    await edit.save(work, tell=False)
    return RedirectResponse("/knowledge/questions", status_code=303)


@router.get("/figures")
async def show_figures(request: Request, session: Session, me: Me, rendering: TheRendering, days: int = 30) -> Response:
    end = clock.now()
    span = days if days in PERIODS else 30
    start = end - timedelta(days=span)
    return page(
        request,
        "knowledge/figures.html",
        days=span,
        periods=PERIODS,
        totals=await figures.totals(session, start, end),
        most=await figures.most_used(session, start, end, me.language),
        least=await figures.least_useful(session, start, end, me.language),
        still=await figures.never_opened(session, start, end, me.language),
        vain=await figures.searched_in_vain(session, start, end),
        **await side_values(session, Asked(), rendering),
    )


@router.get("/categories")
async def show_categories(edit: Edit, rendering: TheRendering, chosen: int = 0) -> Response:
    return await _categories(edit, rendering, chosen)


@router.post("/categories")
async def save_category(edit: Edit, rendering: TheRendering) -> Response:
    form = await edit.form()
    texts = {name: str(form.get(name, "")) for name in ("name_zh", "name_en", "id", "parent_id")}
    own, parent = (int(texts[name]) if texts[name].isdecimal() else 0 for name in ("id", "parent_id"))

    async def work(session: AsyncSession) -> Any:
        if form.get("remove") == "1":
            return await categories.remove(session, own, **edit.by)
        return await categories.save(
            session,
            own or None,
            name_zh=texts["name_zh"],
            name_en=texts["name_en"],
            parent_id=parent or None,
            **edit.by,
        )

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _categories(edit, rendering, own, typed=texts, errors=told, status=refused.status)
    return RedirectResponse("/knowledge/categories", status_code=303)


@router.get("/import")
async def show_import(edit: Edit, rendering: TheRendering) -> Response:
    return await _import(edit, rendering)


@router.post("/import")
async def import_files(
    edit: Edit, rendering: TheRendering, upload: Annotated[UploadFile, File()], review: Annotated[str, Form()] = ""
) -> Response:
    """Every file becomes a draft, or says what is wrong with it."""
    content = await upload.read(MOST_BYTES + 1)
    try:
        if len(content) > MOST_BYTES:
            raise Invalid("A file may have at most {most} MB.", most=MOST_BYTES // (1024 * 1024), field="file")
        sheets = read_upload(upload.filename or "", content)
        done = await edit.save(lambda session: take_over(session, sheets, review=review == "1", **edit.by), tell=False)
    except PlatformError as refused:
        return await _import(edit, rendering, error=await edit.sentence(refused), status=refused.status)
    return await _import(edit, rendering, done=done)


@router.get("/export.zip")
async def export(session: Session) -> Response:
    """Every published article as a Markdown file."""
    headers = {"Content-Disposition": 'attachment; filename="knowledge.zip"', "Cache-Control": "no-store"}
    return Response(packed(await all_sheets(session)), media_type="application/zip", headers=headers)


@router.post("/approve")
async def approve_several(edit: Edit, rendering: TheRendering) -> Response:
    """The chosen articles that wait for approval; one that cannot be approved hinders no other."""
    form = await edit.form()
    for chosen in [str(one) for one in form.getlist("article")][:500]:
        if not chosen.isdecimal():
            continue
        try:
            async with edit.db.begin() as session:
                await publish(session, int(chosen), zone=rendering.site.zone, **edit.by)
        except PlatformError:
            continue
    return RedirectResponse("/knowledge?state=review", status_code=303)


async def _categories(
    edit: Editor, rendering: TheRendering, chosen: int, *, typed: Any = None, errors: Any = None, status: int = 200
) -> Response:
    side = await side_values(edit.session, Asked(), rendering)
    node = next((one for one in side["nodes"] if one.category_id == chosen), None)
    own = {
        "id": node.category_id if node else "",
        "name_zh": node.name_zh if node else "",
        "name_en": node.name_en if node else "",
        "parent_id": str(node.parent_id or "") if node else "",
    }
    return page(
        edit.request,
        "knowledge/categories.html",
        status_code=status,
        typed=typed or own,
        errors=errors or {},
        chosen=chosen,
        **side,
    )


async def _import(
    edit: Editor, rendering: TheRendering, *, done: list[Taken] | None = None, error: str = "", status: int = 200
) -> Response:
    said = [
        (one, translate(edit.request, one.problem.message_id, **one.problem.values) if one.problem else "")
        for one in done or ()
    ]
    side = await side_values(edit.session, Asked(), rendering)
    return page(
        edit.request,
        "knowledge/import.html",
        status_code=status,
        done=said,
        asked_once=done is not None,
        error=error,
        **side,
    )
