"""Trunks: how each of them is, pushed, and one trunk's settings beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, WebSocket
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import base_of, text
from agent_desktop.admin.saving import Edit, back_to
from agent_desktop.dependencies import Me, Session, TheSignIns, needs
from agent_desktop.lines.live import LinesView
from agent_desktop.lines.typed import trunk_from
from agent_desktop.pages.lines.saving import panel, save_lines
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.lines import actions, queries
from crm_core.lines.notices import ABOUT
from crm_core.lines.sealing import Safe
from crm_core.lines.trunk_checks import FIRST
from crm_core.notices.actions import mark_read, unread
from crm_core.notices.model import WorkNotice
from crm_core.workforce import versions
from crm_core.workforce.queries import agents

PATH = "/admin/lines/trunks"
NEW = "new"
router = APIRouter(prefix="/admin/lines", dependencies=[needs(Permission.SEE_LINES)])
editing = needs(Permission.EDIT_LINES)


@router.get("")
async def first_page() -> Response:
    return RedirectResponse(PATH, 303)


@router.websocket("/live")
async def follow(socket: WebSocket, me: Me, sign_ins: TheSignIns) -> None:
    """Until the page goes away, is too slow, or its sign-in ends."""
    view: LinesView = socket.app.state.lines
    await push_to_person(socket, me, sign_ins, view.messages(me.number, me.language))


@router.get("/trunks")
async def show_trunks(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    told = await unread(session, me.number, ABOUT, limit=20)
    return await _page(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved, told=told)


@router.post("/seen")
async def seen(session: Session, me: Me, subject: Annotated[str, Form(max_length=64)]) -> Response:
    """The reader knows of it; only their own notices change."""
    await mark_read(session, me.number, ABOUT, subject, clock.now())
    return RedirectResponse(PATH, 303)


@router.get("/trunks/{trunk}")
async def show_trunk(request: Request, session: Session, me: Me, *, trunk: str, saved: int = 0) -> Response:
    return await _page(request, session, trunk, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/trunks/{trunk}", dependencies=[editing])
async def save(edit: Edit, trunk: str) -> Response:
    """A refusal shows the form again with everything that was typed but the secret."""
    form = await edit.form()
    typed, secret = trunk_from(form)
    chosen = text(form, "id") if trunk == NEW else trunk
    config = edit.request.app.state.config

    async def work(session: AsyncSession) -> Any:
        phones = {one.phone_contact for one in await agents(session)} - {""}
        return await actions.save_trunk(
            session,
            chosen,
            typed,
            base=base_of(form),
            secret=secret,
            safe=Safe(config.line_key),
            taken=[*config.line_addresses, *map(_address, phones)],
            **edit.by,
        )

    try:
        saved = await save_lines(edit, work)
    except PlatformError as refused:
        again = {**typed, "id": chosen, "errors": await edit.errors(refused)}
        return await _page(edit.request, edit.session, trunk, may_edit=True, typed=again, status=refused.status)
    return back_to(f"{PATH}/{chosen}", saved)


@router.post("/trunks/{trunk}/remove", dependencies=[editing])
async def remove(edit: Edit, trunk: str) -> Response:
    form = await edit.form()
    try:
        await save_lines(edit, lambda session: actions.remove_trunk(session, trunk, base=base_of(form), **edit.by))
    except PlatformError as refused:
        told = {"errors": {"remove": await edit.sentence(refused)}}
        return await _page(edit.request, edit.session, trunk, may_edit=True, typed=told, status=refused.status)
    return RedirectResponse(PATH, 303)


def _address(contact: str) -> str:
    """sip:1001@127.0.0.3:5390 is at 127.0.0.3."""
    return contact.partition("@")[2].partition(":")[0]


async def _page(
    request: Request,
    session: AsyncSession,
    chosen: str = "",
    *,
    may_edit: bool,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
    told: Sequence[WorkNotice] = (),
) -> Response:
    rows = {row.id: row for row in await queries.trunks(session)}
    if chosen and chosen != NEW and chosen not in rows:
        raise NotFound("There is no trunk {trunk}.", trunk=chosen[:24])
    view: LinesView = request.app.state.lines
    state = actions.trunk_state(rows[chosen]) if chosen in rows else {**FIRST, "position": len(rows) + 1}
    return page(
        request,
        "lines/trunks.html",
        status_code=status,
        floor=request.app.state.telephony.floor(),
        table=view.trunks(language_of(request)),
        named={row.id: row.name for row in rows.values()},
        off=[row for row in rows.values() if not row.in_use],
        **panel(chosen, state, may_edit=may_edit, typed=typed),
        nodes=request.app.state.config.nodes,
        has_secret=chosen in rows and bool(rows[chosen].sealed),
        base=await versions.current_number(session, actions.TRUNK, chosen),
        told=told,
        saved=saved,
    )
