"""Changing a menu: nodes by form, the whole text, publishing, going back, trying, test cases. Each save is a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import needs
from agent_desktop.flows.at_site import all_findings
from agent_desktop.flows.fresh import add_node
from agent_desktop.flows.reading import Opened, open_flow, with_text
from agent_desktop.flows.texts import keep_texts, name_new_texts, put
from agent_desktop.flows.typed import changed
from agent_desktop.pages.flows import editor, what_changes
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.flows.actions import drop_draft, publish, publish_again, save_draft
from crm_core.workforce.queries import queues
from crm_core.workforce.versions import SavedMeanwhile
from ivr.differences import SENTENCES as DIFFERENCES
from ivr.examination import examiner
from ivr.findings import SENTENCES
from ivr.flow_file import read_flow
from ivr.flow_text import FlowUnreadable, read_text, write_text

router = APIRouter(prefix="/flows", dependencies=[needs(Permission.SEE_FLOWS), needs(Permission.EDIT_FLOWS)])
Fields = dict[str, Any]


@router.post("/{flow}/nodes")
async def new_node(edit: Edit, flow: str) -> Response:
    """A node of a kind behind the chosen one; what it needs is filled in afterwards, and the checker tells it."""
    form = await edit.form()
    kind, after, given = _one(form, "kind"), _one(form, "after"), _one(form, "name").lower()

    def add(fields: Fields) -> str:
        return add_node(fields, kind, given, after)

    return await _save(edit, flow, form, after, add)


@router.post("/{flow}/nodes/{node}")
async def save_node(edit: Edit, flow: str, node: str) -> Response:
    """What the form of the node says, its texts and its title with it."""
    form = await edit.form()

    def change(fields: Fields) -> None:
        nodes = fields.get("nodes", {})
        if node not in nodes:
            raise NotFound("There is no node {node}.", node=node)
        languages = [str(one) for one in fields.get("languages", [])]
        typed = {name: [str(one) for one in form.getlist(name)] for name in form}
        keep_texts(fields, typed, languages)
        name_new_texts(fields, node, typed, languages)
        nodes[node] = changed(nodes[node], typed, languages)
        for language in languages:
            put(fields, "titles", language, node, _one(form, f"title.{language}")[:40])

    return await _save(edit, flow, form, node, change)


@router.post("/{flow}/nodes/{node}/remove")
async def remove_node(edit: Edit, flow: str, node: str) -> Response:
    """The checker tells which nodes still lead there."""
    form = await edit.form()

    def remove(fields: Fields) -> None:
        if fields.get("nodes", {}).pop(node, None) is None:
            raise NotFound("There is no node {node}.", node=node)
        for titles in fields.get("titles", {}).values():
            titles.pop(node, None)

    return await _save(edit, flow, form, "", remove)


@router.post("/{flow}/settings")
async def save_settings(edit: Edit, flow: str) -> Response:
    """Where calls of each number begin, where callers in trouble come to, and how far one call may go."""
    form = await edit.form()

    def change(fields: Fields) -> None:
        pairs = zip(form.getlist("entries.key"), form.getlist("entries.to"), strict=False)
        fields["entries"] = {str(number).strip(): str(to) for number, to in pairs if str(number).strip() and to}
        fields |= {name: _one(form, name) for name in ("start", "give_up", "limit")}

    return await _save(edit, flow, form, _one(form, "node"), change)


@router.post("/{flow}/text")
async def save_text(edit: Edit, flow: str) -> Response:
    """The whole file. What is no YAML of a flow is not kept, and stays in the page."""
    form = await edit.form()
    text = str(form.get("text", "")).replace("\r\n", "\n")
    try:
        read_flow(text)
        await edit.save(lambda session: _draft(session, edit, flow, text, form), tell=False)
    except PlatformError as refused:
        return await _again(edit, flow, refused, text=text, open_text=True)
    return _back(flow, _one(form, "node"), form)


@router.get("/{flow}/publish")
async def look_before(edit: Edit, flow: str) -> Response:
    """What would change for callers, and what keeps it from being published."""
    opened = await open_flow(edit.session, flow)
    return await _publish_page(edit, opened)


@router.post("/{flow}/publish")
async def publish_draft(edit: Edit, flow: str) -> Response:
    form = await edit.form()
    examine = examiner([one.id for one in await queues(edit.session)])
    try:
        await edit.save(
            lambda session: publish(session, flow, examine=examine, base=_base(form), **edit.by), tell=False
        )
    except PlatformError as refused:
        sentence = await edit.sentence(refused)
        return await _publish_page(edit, await open_flow(edit.session, flow), refused=sentence, status=refused.status)
    return RedirectResponse(f"/flows/{flow}?done=published", 303)


@router.post("/{flow}/versions/{number}/again")
async def go_back(edit: Edit, flow: str, number: int) -> Response:
    """An older version is in force again; a draft stays as it is."""
    examine = examiner([one.id for one in await queues(edit.session)])
    await edit.save(lambda session: publish_again(session, flow, number, examine=examine, **edit.by), tell=False)
    return RedirectResponse(f"/flows/{flow}/versions?done=again", 303)


@router.post("/{flow}/drop")
async def drop(edit: Edit, flow: str) -> Response:
    """Throw the draft away; what is in force stays."""
    await edit.save(lambda session: drop_draft(session, flow, **edit.by), tell=False)
    return _back(flow, "")


@router.post("/{flow}/undo")
async def undo(edit: Edit, flow: str) -> Response:
    """The text before the last save, as a save of its own; `before` comes with the page that offers it."""
    form = await edit.form()
    text = str(form.get("before", "")).replace("\r\n", "\n")
    read_flow(text)
    await edit.save(lambda session: _draft(session, edit, flow, text, form), tell=False)
    return _back(flow, _one(form, "node"), form)


async def _save(edit: Editor, flow: str, form: FormData, node: str, change: Callable[[Fields], str | None]) -> Response:
    """Read the shown text, change it, keep it as the draft; a refusal shows the form again as it was typed.

    Goes back to `node`, or to the one that `change` names.
    """
    changed_node: str | None = None

    async def work(session: AsyncSession) -> Any:
        nonlocal changed_node
        opened = await open_flow(session, flow)
        fields = read_text(opened.text)
        changed_node = change(fields)
        text = write_text(fields)
        if opened.flow is not None:  # a text that is no flow already may stay so until its text is mended
            read_flow(text)
        return await _draft(session, edit, flow, text, form)

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        return await _again(edit, flow, refused, node=node, change=change)
    return _back(flow, changed_node or node, form)


async def _draft(session: AsyncSession, edit: Editor, flow: str, text: str, form: FormData) -> Any:
    return await save_draft(session, flow, text, base=_base(form), **edit.by)


async def _again(
    edit: Editor,
    flow: str,
    refused: PlatformError,
    *,
    node: str = "",
    change: Callable[[Fields], str | None] | None = None,
    **more: Any,
) -> Response:
    """What was typed is shown on top of what is kept now, so that a second save puts it there."""
    told = {"errors": await edit.errors(refused), **more}
    opened = await open_flow(edit.session, flow)
    if change is not None and isinstance(refused, SavedMeanwhile | FlowUnreadable):
        fields = read_text(opened.text)
        change(fields)
        typed = with_text(opened, write_text(fields))
        opened = typed if typed.flow else replace(opened, fields=fields)
    return await editor(edit.request, edit.session, opened, node=node, status=refused.status, **told)


async def _publish_page(edit: Editor, opened: Opened, *, refused: str = "", status: int = 200) -> Response:
    opened = replace(opened, findings=await all_findings(edit.request, opened))
    return page(
        edit.request,
        "flows/publish.html",
        status_code=status,
        opened=opened,
        changes=what_changes(opened),
        differences=DIFFERENCES,
        sentences=SENTENCES,
        refused=refused,
    )


def _back(flow: str, node: str, form: FormData | None = None) -> Response:
    """To the node, with the period of the path data that was shown."""
    asked = {"node": node, "days": _one(form, "days") if form is not None else ""}
    query = urlencode({name: value for name, value in asked.items() if value and (name == "node" or value.isdecimal())})
    mark = "#chosen" if node else ""
    return RedirectResponse(f"/flows/{flow}?{query}{mark}" if query else f"/flows/{flow}", 303)


def _base(form: FormData) -> int:
    base = _one(form, "base")
    return int(base) if base.isascii() and base.isdigit() and len(base) < 10 else 0


def _one(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
