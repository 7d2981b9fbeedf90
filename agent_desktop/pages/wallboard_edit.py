"""Wallboards are made, laid out and removed, and the screens on the wall get their links."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.board.live import STANDARD_ID, BoardHub
from agent_desktop.board.panels import LIMIT_WORDS, PANELS, PRESET_WORDS
from agent_desktop.catalogues import LANGUAGES
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.boards import actions, screens
from crm_core.boards.model import Wallboard
from crm_core.boards.settings import COLUMNS, LEAST, PRESETS, ROWS, THEMES, BoardSettings, read_settings, write_settings
from crm_core.errors import Invalid, PlatformError
from crm_core.workforce.model import AgentRow
from reports.queries import queues_on_board

router = APIRouter(prefix="/wallboard", dependencies=[needs(Permission.EDIT_BOARDS)])
LONGEST_LAYOUT = 20_000  # characters of JSON


@router.get("/boards")
async def show_boards(edit: Edit, did: str = "", board: int = 0) -> Response:
    return await _boards(edit, did=did, board=board)


@router.post("/boards")
async def make_board(edit: Edit) -> Response:
    form = await edit.form()
    settings = PRESETS.get(text(form, "preset"), PRESETS["standard"])
    try:
        made = await edit.save(lambda s: actions.make_board(s, text(form, "name"), settings, **edit.by), tell=False)
    except PlatformError as refused:
        return await _boards(edit, typed=dict(form), errors=await edit.errors(refused), status=refused.status)
    return RedirectResponse(f"/wallboard/boards/{made.id}", 303)


@router.get("/boards/{board_id}")
async def edit_board(edit: Edit, board_id: int, did: str = "") -> Response:
    row = await actions.board(edit.session, board_id)
    return await _editor(edit, row, row.name, dict(row.settings), did=did)


@router.post("/boards/{board_id}")
async def save_board(edit: Edit, board_id: int) -> Response:
    """The layout comes as JSON in one field; what is refused is shown again as it was typed."""
    form = await edit.form()
    name, told = text(form, "name"), text(form, "settings")
    row = await actions.board(edit.session, board_id)
    try:
        typed = _read_json(told)
        settings = read_settings(typed)
        await edit.save(lambda s: actions.save_board(s, board_id, name, settings, **edit.by), tell=False)
    except PlatformError as refused:
        shown = _shown(row, told)
        return await _editor(edit, row, name, shown, errors=await edit.errors(refused), status=refused.status)
    await _tell(edit.request, board_id)
    return RedirectResponse(f"/wallboard/boards/{board_id}?did=saved", 303)


@router.post("/boards/{board_id}/undo")
async def undo(edit: Edit, board_id: int) -> Response:
    await edit.save(lambda session: actions.take_back(session, board_id, **edit.by), tell=False)
    await _tell(edit.request, board_id)
    return RedirectResponse(f"/wallboard/boards/{board_id}?did=undone", 303)


@router.post("/boards/{board_id}/remove")
async def remove(edit: Edit, board_id: int) -> Response:
    await edit.save(lambda session: actions.remove_board(session, board_id, **edit.by), tell=False)
    await _tell(edit.request, board_id)
    return RedirectResponse(f"/wallboard/boards?did=removed&board={board_id}", 303)


@router.post("/screens")
async def make_screen(
    edit: Edit, name: Annotated[str, Form()] = "", networks: Annotated[str, Form()] = "",
    board: Annotated[int, Form()] = STANDARD_ID, language: Annotated[str, Form()] = "zh-CN",
) -> Response:  # fmt: skip
    """The link is on this answer and nowhere else."""
    typed = {"screen": name, "networks": networks, "board": board, "language": language}
    try:
        if language not in LANGUAGES:
            raise Invalid("Choose from the list.", field="language")
        made: screens.NewScreen = await edit.save(
            lambda session: screens.make_screen(
                session,
                name=name,
                board_id=board or None,
                networks=networks.replace("，", ",").replace(",", " ").split(),
                language=language,
                **edit.by,
            ),
            tell=False,
        )
    except PlatformError as refused:
        wrong = {{"name": "screen"}.get(field, field): said for field, said in (await edit.errors(refused)).items()}
        return await _boards(edit, typed=typed, errors=wrong, status=refused.status)
    return await _boards(edit, link=str(edit.request.url.replace(path=f"/tv/{made.token}", query="")))


@router.post("/screens/{screen_id}/revoke")
async def revoke(edit: Edit, screen_id: int) -> Response:
    """Its page is closed at once."""
    await edit.save(lambda session: screens.revoke_screen(session, screen_id, **edit.by), tell=False)
    edit.request.app.state.sign_ins.ended()
    return RedirectResponse("/wallboard/boards?did=revoked", 303)


async def _tell(request: Request, board_id: int) -> None:
    hub: BoardHub = request.app.state.board
    await hub.saved(board_id)


def _read_json(told: str) -> dict[str, Any]:
    try:
        read = json.loads(told) if len(told) <= LONGEST_LAYOUT else None
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Invalid("This layout cannot be read.", field="pages")
    return read


def _shown(row: Wallboard, told: str) -> dict[str, Any]:
    """What was typed, as far as it can be shown; a layout that cannot be read is that which is stored."""
    try:
        typed = _read_json(told)
        return write_settings(read_settings({**typed, "limits": {}, "message": ""})) | {
            "message": str(typed.get("message", ""))[:1000],
            "limits": write_settings(read_settings(row.settings))["limits"],
        }
    except PlatformError:
        return dict(row.settings)


async def _boards(
    edit: Editor,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    link: str = "",
    did: str = "",
    board: int = 0,
    status: int = 200,
) -> Response:
    rows = await actions.boards(edit.session)
    return page(
        edit.request,
        "wallboard/boards.html",
        status_code=status,
        rows=rows,
        names={row.id: row.name for row in rows},
        screens=await screens.screens(edit.session),
        presets=PRESET_WORDS,
        typed=typed or {},
        errors=errors or {},
        link=link,
        did=did if did in ("removed", "revoked") else "",
        board=board,
    )


async def _editor(
    edit: Editor,
    row: Wallboard,
    name: str,
    settings: dict[str, Any],
    *,
    errors: dict[str, str] | None = None,
    did: str = "",
    status: int = 200,
) -> Response:
    read: BoardSettings = read_settings(settings)
    return page(
        edit.request,
        "wallboard/edit.html",
        status_code=status,
        row=row,
        name=name,
        settings=read,
        stored=write_settings(read),
        queues=await queues_on_board(edit.session),
        teams=await _teams(edit.session),
        panels=PANELS,
        least=LEAST,
        limits=LIMIT_WORDS,
        themes=THEMES,
        size=(COLUMNS, ROWS),
        errors=errors or {},
        did=did if did in ("saved", "undone") else "",
    )


async def _teams(session: AsyncSession) -> list[str]:
    rows = await session.scalars(select(AgentRow.team).where(AgentRow.team != "").distinct().order_by(AgentRow.team))
    return list(rows)
