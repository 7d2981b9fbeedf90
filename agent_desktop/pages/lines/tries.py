"""Trying the lines: a test call with its steps, and what would become of a call that comes in."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.lines import words
from agent_desktop.lines.inbound import Reached, reached
from agent_desktop.lines.live import LinesView
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.lines import queries
from crm_core.lines.actions import SETTINGS_TRUNK
from crm_core.workforce.queries import queues

PATH = "/admin/lines/test"
router = APIRouter(prefix=PATH, dependencies=[needs(Permission.SEE_LINES)])
editing = needs(Permission.EDIT_LINES)


@router.get("")
async def show(
    request: Request, session: Session, me: Me, *, asked: str = "", caller: str = "", number: str = "", trunk: str = ""
) -> Response:
    """With `asked` it also tells what would answer a call for that number."""
    inbound = None
    if asked:
        site = request.app.state.site
        inbound = await reached(
            session,
            asked=asked.strip()[:24],
            caller=caller[:24],
            trunk=trunk[:24] or SETTINGS_TRUNK,
            of_settings=site.hotline_numbers,
            zone=site.zone,
            at=clock.now(),
        )
    typed = {"asked": asked[:24], "caller": caller[:24], "arrives": trunk[:24]}
    typed |= {"number": number[:24], "trunk": trunk[:24]}
    return await _page(
        request, session, may_edit=me.may(Permission.EDIT_LINES), by=me.number, typed=typed, inbound=_for(me, inbound)
    )


def _for(me: Me, inbound: Reached | None) -> Reached | None:
    """Who may see no customers learns that there is one, and not who."""
    return inbound if inbound is None or me.may(Permission.SEE_CUSTOMERS) else replace(inbound, customers=())


@router.post("/call", dependencies=[editing])
async def call(edit: Edit) -> Response:
    """The number is the administrator's own: what was called is in the audit log."""
    form = await edit.form()
    number, trunk = text(form, "number")[:24], text(form, "trunk")[:24]
    try:
        test = await edit.telephony.lines.test_call(edit.me.number, number, trunk)
    except PlatformError as refused:
        typed = {"number": number, "trunk": trunk, "refused": await edit.sentence(refused)}
        return await _page(
            edit.request, edit.session, may_edit=True, by=edit.me.number, typed=typed, status=refused.status
        )
    async with edit.db.begin() as session:
        detail = f"+{test.digits}"
        await audit(session, **edit.by, action="line_tested", subject=f"trunk/{test.trunk}", detail=detail)
    return RedirectResponse(f"{PATH}?{urlencode({'number': number, 'trunk': trunk})}", 303)


@router.post("/end", dependencies=[editing])
async def end(me: Me, telephony: TheDesk) -> Response:
    await telephony.lines.end_test(me.number)
    return RedirectResponse(PATH, 303)


async def _page(
    request: Request,
    session: AsyncSession,
    *,
    may_edit: bool,
    by: str,
    typed: dict[str, str],
    inbound: object = None,
    status: int = 200,
) -> Response:
    view: LinesView = request.app.state.lines
    waiting = await queues(session)
    return page(
        request,
        "lines/test.html",
        status_code=status,
        steps=view.steps(by, language_of(request)),
        trunks=[("settings", ""), *((row.id, row.name) for row in await queries.trunks(session) if row.in_use)],
        typed=typed,
        inbound=inbound,
        named=names_for(language_of(request), {}, waiting),
        may_edit=may_edit,
        saved=0,
        tabs=words.TABS,
        words=words,
    )
