"""History of the settings: who saved what, the difference, and the way back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.audit_known import audit_reader
from agent_desktop.admin.saving import Edit, Editor
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.rendering import language_of, page
from crm_core.access.roles import Permission
from crm_core.workforce import queries, versions
from crm_core.workforce.hours_queries import calendars
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.restore import restore

router = APIRouter(prefix="/admin/versions", dependencies=[needs(Permission.EDIT_WORKFORCE)])
PAGE_SIZE = 60
LINE_KINDS = ("trunk", "number", "outgoing", "dial_limits")


@router.get("")
async def show_versions(
    request: Request, session: Session, me: Me, *, kind: str = "", subject: str = "", version: int = 0, older: int = 0
) -> Response:
    kind = kind if kind in versions.KINDS else ""
    rows = await versions.history(
        session, kind=kind, subject=subject[:40], before_id=older or None, limit=PAGE_SIZE + 1
    )
    chosen = await versions.version(session, version) if version else None
    language = language_of(request)
    people = {number: pair[language == "en"] for number, pair in (await queries.names(session)).items()}
    reader = await audit_reader(request, session, me)
    lines = reader.lines(chosen.before, chosen.after) if chosen else ()
    return page(
        request,
        "admin/versions.html",
        rows=rows[:PAGE_SIZE],
        more=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else 0,
        kind=kind,
        subject=subject,
        chosen=chosen,
        newest=chosen is not None
        and chosen.number == await versions.current_number(session, chosen.kind, chosen.subject),
        lines=lines,
        people=people,
        subjects=await _subjects(session, english=language == "en"),
        address=lambda **more: f"/admin/versions?{urlencode({'kind': kind, 'subject': subject, **more})}",
        saved=0,
        words=admin_words,
    )


async def _is_newest(session: Session, row: WorkforceVersion) -> bool:
    return row.number == await versions.current_number(session, row.kind, row.subject)


async def _subjects(session: Session, *, english: bool) -> dict[tuple[str, str], str]:
    """(kind, subject) as the name a reader knows."""
    named = [("queue", row) for row in await queries.queues(session, removed=True)]
    found = {(kind, row.id): row.name_en if english else row.name_zh for kind, row in named}
    found |= {("team", row.id): row.name_en if english else row.name_zh for row in await queries.teams(session)}
    found |= {("calendar", row.id): row.name_en if english else row.name_zh for row in await calendars(session)}
    found |= {("agent", number): pair[english] for number, pair in (await queries.names(session)).items()}
    return found


@router.post("/{version}/restore")
async def bring_back(edit: Edit, version: int) -> Response:
    """The settings that this version saved."""
    return await _restore(edit, version, undo=False)


@router.post("/{version}/undo")
async def undo(edit: Edit, version: int, next: Annotated[str, Form()] = "") -> Response:  # noqa: A002
    """The settings before this version."""
    return await _restore(edit, version, undo=True, next_page=next)


async def _restore(edit: Editor, version: int, *, undo: bool, next_page: str = "") -> Response:
    saved: WorkforceVersion | None = await edit.save(
        lambda session: restore(session, version, undo=undo, base=None, **edit.by)
    )
    if saved is not None and saved.kind in LINE_KINDS:
        await edit.telephony.lines_changed()
    own = next_page.startswith(("/admin/", "/care/")) and "//" not in next_page and "\\" not in next_page
    if own and saved is not None and saved.after is not None:
        return RedirectResponse(f"{next_page}?saved={saved.id}", 303)
    return RedirectResponse(f"/admin/versions?version={saved.id if saved else version}", 303)
