"""Who saw and changed what: filters in the address, export, and whether the log is whole."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from agent_desktop.admin.audit_known import audit_reader
from agent_desktop.admin.audit_reader import AuditReader
from agent_desktop.admin.chain_watch import ChainWatch
from agent_desktop.dependencies import Me, Session, TheDatabase, TheRendering, needs
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.audit_queries import AuditFilter, actions, entries
from crm_core.access.model import AuditEntry
from crm_core.access.roles import Permission
from crm_core.db import Database
from crm_core.workforce.queries import names

router = APIRouter(prefix="/admin/audit", dependencies=[needs(Permission.SEE_AUDIT)])
PAGE_SIZE = 50
_EXPORTED_AT_ONCE = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Asked(BaseModel):
    """The filters as they stand in the address; days are of the site, `until` is included."""

    person: str = Field("", max_length=16)
    action: str = Field("", max_length=40)
    subject: str = Field("", max_length=80)
    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    before: int = Field(0, ge=0, lt=2**31)


@router.get("")
async def show_audit(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Query()]
) -> Response:
    rows = await entries(session, _filter(asked, rendering.site.zone), before=asked.before, limit=PAGE_SIZE + 1)
    reader = await audit_reader(request, session, me)
    people = {number: pair[language_of(request) == "en"] for number, pair in (await names(session)).items()}
    kept = asked.model_dump(exclude={"before"}, exclude_defaults=True)
    return page(
        request,
        "audit/page.html",
        rows=rows[:PAGE_SIZE],
        more=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else 0,
        asked=asked,
        filtered=bool(kept),
        actions=sorted((reader.action(word), word) for word in await actions(session)),
        people=people,
        reader=reader,
        address=lambda **more: f"/admin/audit?{urlencode({**kept, **more})}",
        query=urlencode(kept),
        chain=_chain(request),
    )


@router.get("/export")
async def export(
    request: Request,
    session: Session,
    db: TheDatabase,
    me: Me,
    *,
    rendering: TheRendering,
    asked: Annotated[Asked, Query()],
) -> Response:
    """What the filters leave, all of it, the newest first, as CSV for a spreadsheet; that it was taken is an entry.

    Each entry stands there in words and as it is kept; of what is not the reader's business only the words.
    """
    told = urlencode(asked.model_dump(exclude={"before"}, exclude_defaults=True))
    await audit(session, at=clock.now(), actor=me.number, action="audit_exported", subject="audit", detail=told)
    zone = rendering.site.zone
    name = f"audit-{clock.now().astimezone(zone):%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    reader = await audit_reader(request, session, me, whole_numbers=me.may(Permission.SEE_FULL_NUMBER))
    lines = _lines(db, _filter(asked, zone), zone, reader)
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/check")
async def check(request: Request) -> Response:
    """Begin to check the whole chain; the page follows it."""
    _chain(request).start()
    return RedirectResponse("/admin/audit", 303)


@router.get("/check")
async def progress(request: Request) -> JSONResponse:
    chain = _chain(request)
    found = chain.check
    told = {"running": chain.running, "checked": found.checked if found else 0, "of": found.of if found else 0}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _chain(request: Request) -> ChainWatch:
    chain: ChainWatch = request.app.state.chain
    return chain


def _filter(asked: Asked, zone: tzinfo) -> AuditFilter:
    since, until = _midnight(asked.since, zone), _midnight(asked.until, zone, days=1)
    return AuditFilter(actor=asked.person, action=asked.action, subject=asked.subject, since=since, until=until)


def _midnight(day: str, zone: tzinfo, days: int = 0) -> datetime | None:
    """The beginning of a day of the site; what is no day restricts nothing."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None
    if not 2000 <= found.year < 2100:
        return None
    found += timedelta(days=days)
    return datetime(found.year, found.month, found.day, tzinfo=zone)


async def _lines(db: Database, wanted: AuditFilter, zone: tzinfo, reader: AuditReader) -> AsyncIterator[str]:
    yield "\ufeff" + _csv(("id", "at", "actor", "action", "subject", "detail", "hash", "who", "did", "about", "said"))
    before = 0
    while True:
        async with db.begin() as session:
            rows = await entries(session, wanted, before=before, limit=_EXPORTED_AT_ONCE)
        yield "".join(_csv(_cells(row, zone, reader)) for row in rows)
        if len(rows) < _EXPORTED_AT_ONCE:
            return
        before = rows[-1].id


def _cells(row: AuditEntry, zone: tzinfo, reader: AuditReader) -> tuple[str, ...]:
    at, told = row.at.astimezone(zone).isoformat(timespec="milliseconds"), reader.told(row)
    kept = (
        row.actor,
        row.action,
        reader.masked(row.subject),
        "" if told.hidden else reader.masked(row.detail),
        row.hash,
    )
    return (str(row.id), at, *kept, reader.actor(row.actor), reader.action(row.action), reader.subject(row), told.plain)


def _csv(cells: tuple[str, ...]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is text."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()
