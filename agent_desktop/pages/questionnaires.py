"""Questionnaires: the list, the designer, publishing with its difference, versions and the way back."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop import formats
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.questionnaires import words
from agent_desktop.questionnaires.view import looked_at
from agent_desktop.rendering import language_of, page, translate
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, PlatformError
from crm_core.questionnaires import actions, queries
from crm_core.questionnaires.checks import problems
from crm_core.questionnaires.differences import differences
from crm_core.questionnaires.questions import Content, Words
from crm_core.questionnaires.saying import seconds
from crm_core.questionnaires.stored import load
from crm_core.questionnaires.templates import TEMPLATES
from crm_core.workforce.queries import names

router = APIRouter(prefix="/questionnaires", dependencies=[needs(Permission.SEE_CAMPAIGNS)])
EDITING = [needs(Permission.RUN_CAMPAIGNS)]


@router.get("")
async def show_questionnaires(request: Request, session: Session, me: Me) -> Response:
    return page(
        request,
        "questionnaires/list.html",
        lines=await queries.questionnaire_lines(session),
        templates={name: (words.TEMPLATES[name], one) for name, one in TEMPLATES.items()},
        minutes={name: round(seconds(one, language_of(request)) / 60, 1) for name, one in TEMPLATES.items()},
        may_edit=me.may(Permission.RUN_CAMPAIGNS),
    )


@router.post("/new", dependencies=EDITING)
async def make_questionnaire(edit: Edit) -> Response:
    """From a template, or empty."""
    name = str((await edit.form()).get("template", "empty"))
    if name not in words.TEMPLATES:
        raise Invalid("Choose from the list.", field="template")
    content = TEMPLATES.get(name, Content(title=Words("新问卷", "New questionnaire")))
    row = await edit.save(lambda session: actions.create(session, content, **edit.by), tell=False)
    return RedirectResponse(f"/questionnaires/{row.id}", 303)


@router.get("/{questionnaire_id:int}")
async def show_designer(request: Request, session: Session, me: Me, questionnaire_id: int, done: str = "") -> Response:
    """The draft, or what is in force when there is none."""
    row = await queries.questionnaire_of(session, questionnaire_id)
    draft = await queries.draft_of(session, row.id)
    shown = draft or await queries.version_of(session, row.id, row.published)
    content = load(shown.content)
    return page(
        request,
        "questionnaires/designer.html",
        row=row,
        shown=shown,
        draft=draft,
        done=done,
        may_edit=me.may(Permission.RUN_CAMPAIGNS),
        kinds=words.KINDS,
        icons=words.ICONS,
        build={
            **looked_at(content, partial(translate, request)),
            "id": row.id,
            "revision": draft.revision if draft else 0,
            "may_edit": me.may(Permission.RUN_CAMPAIGNS),
            "language": language_of(request),
            "kinds": {kind: translate(request, word) for kind, word in words.KINDS.items()},
            "icons": words.ICONS,
        },
    )


@router.post("/{questionnaire_id:int}/draft", dependencies=EDITING)
async def save_draft(
    edit: Edit, questionnaire_id: int, content: Annotated[dict[str, Any], Body()], base: Annotated[int, Body()]
) -> dict[str, Any]:
    """Keeps what is written, right or wrong, and tells what is wrong with it. 409 when somebody saved meanwhile."""
    read = load(content)
    try:
        draft = await edit.save(
            lambda session: actions.save_draft(session, questionnaire_id, read, base=base, **edit.by), tell=False
        )
    except PlatformError as refused:
        raise await edit.named(refused) from None
    at = formats.clock(draft.saved_at, edit.request.app.state.site.zone)
    return {**looked_at(read, partial(translate, edit.request)), "revision": draft.revision, "at": at}


@router.get("/{questionnaire_id:int}/versions")
async def show_versions(request: Request, session: Session, me: Me, questionnaire_id: int) -> Response:
    """Every version, and what publishing the draft would change."""
    return await _versions(request, session, me, questionnaire_id)


@router.post("/{questionnaire_id:int}/publish", dependencies=EDITING)
async def publish(edit: Edit, questionnaire_id: int) -> Response:
    base = str((await edit.form()).get("base", ""))
    try:
        revision = int(base) if base.isascii() and base.isdecimal() and len(base) < 9 else None
        await edit.save(
            lambda session: actions.publish(session, questionnaire_id, base=revision, **edit.by), tell=False
        )
    except PlatformError as refused:
        told = await edit.sentence(refused)
        return await _versions(
            edit.request, edit.session, edit.me, questionnaire_id, refused=told, status=refused.status
        )
    return RedirectResponse(f"/questionnaires/{questionnaire_id}/versions", 303)


@router.post("/{questionnaire_id:int}/versions/{number:int}/again", dependencies=EDITING)
async def go_back(edit: Edit, questionnaire_id: int, number: int) -> Response:
    """An earlier version is asked again; a draft stays as it is."""
    try:
        await edit.save(lambda session: actions.publish_again(session, questionnaire_id, number, **edit.by), tell=False)
    except PlatformError as refused:
        told = await edit.sentence(refused)
        return await _versions(
            edit.request, edit.session, edit.me, questionnaire_id, refused=told, status=refused.status
        )
    return RedirectResponse(f"/questionnaires/{questionnaire_id}/versions", 303)


@router.post("/{questionnaire_id:int}/drop", dependencies=EDITING)
async def drop(edit: Edit, questionnaire_id: int) -> Response:
    """The draft is thrown away; what is in force stays. A questionnaire that never was in force goes with it."""
    await edit.save(lambda session: actions.drop_draft(session, questionnaire_id, **edit.by), tell=False)
    row = await queries.questionnaire_of(edit.session, questionnaire_id)
    return RedirectResponse(f"/questionnaires/{row.id}" if row.published else "/questionnaires", 303)


@router.post("/{questionnaire_id:int}/remove", dependencies=EDITING)
async def remove(edit: Edit, questionnaire_id: int) -> Response:
    """Out of the list; its answers stay, and publishing a version brings it back."""
    await edit.save(lambda session: actions.archive(session, questionnaire_id, **edit.by), tell=False)
    return RedirectResponse("/questionnaires", 303)


async def _versions(
    request: Request, session: Session, me: Me, questionnaire_id: int, *, refused: str = "", status: int = 200
) -> Response:
    row = await queries.questionnaire_of(session, questionnaire_id)
    language = language_of(request)
    rows = await queries.versions_of(session, row.id)
    draft = next((one for one in rows if one.state == "draft"), None)
    force = next((one for one in rows if one.number == row.published), None)
    changes = []
    if draft is not None and force is not None:
        changes = [
            translate(request, words.DIFFERENCES[one.change], place=one.place, before=one.before, after=one.after)
            for one in differences(load(force.content), load(draft.content), language)
        ]
    return page(
        request,
        "questionnaires/versions.html",
        status_code=status,
        row=row,
        draft=draft,
        versions=rows,
        changes=changes,
        problems=[
            (one.warning, translate(request, one.sentence.message_id, **one.sentence.values))
            for one in (problems(load(draft.content)) if draft else [])
        ],
        counts={one.number: len(one.content.get("questions", [])) for one in rows},
        people=await names(session),
        may_edit=me.may(Permission.RUN_CAMPAIGNS),
        refused=refused,
    )
