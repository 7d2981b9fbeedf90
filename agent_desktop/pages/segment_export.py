"""The members of a segment as a file: CSV that Excel reads as Chinese, or XLSX. Each export is on the audit log."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import xlsxwriter
from fastapi import APIRouter
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from agent_desktop import formats
from agent_desktop.dependencies import TheDatabase, needs
from agent_desktop.segments.pages import Look, TheLook
from agent_desktop.words import N_
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.db import Database
from crm_core.errors import Refused
from crm_core.segments import membership, queries
from crm_core.segments.conditions import read
from crm_core.segments.model import Segment
from crm_core.segments.queries import Member

router = APIRouter(prefix="/segments", dependencies=[needs(Permission.SEE_REPORTS)])
AT_ONCE = 500
MOST_IN_XLSX = 100_000
HEADS = (
    N_("Customer number"),
    N_("Name"),
    N_("Telephone"),
    N_("Class"),
    N_("Stage of life"),
    N_("RFM"),
    N_("Value in all"),
    N_("Expected a year"),
    N_("Last sign of life"),
    N_("Risk of leaving"),
    N_("Why"),
    N_("Next need"),
    N_("Due on"),
    N_("City"),
    N_("Dealer"),
)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/{segment_id}/members.csv")
async def as_csv(look: TheLook, db: TheDatabase, segment_id: int) -> Response:
    """All members as they are now, with a byte order mark; numbers stay masked."""
    row = await _asked(look, segment_id, "csv")
    return StreamingResponse(
        _csv(look, db, row), media_type="text/csv; charset=utf-8", headers=_named(look.say.name(row), "csv")
    )


@router.get("/{segment_id}/members.xlsx")
async def as_xlsx(look: TheLook, db: TheDatabase, segment_id: int) -> Response:
    count = await _count(look, segment_id)
    if count > MOST_IN_XLSX:
        raise Refused("An Excel file takes at most {most} members. Take the CSV file.", most=f"{MOST_IN_XLSX:,}")
    row = await _asked(look, segment_id, "xlsx")
    rows = [line async for line in _lines(look, db, row)]
    path = await asyncio.to_thread(_workbook, [_heads(look), *rows])
    headers = _named(look.say.name(row), "xlsx")
    return FileResponse(path, media_type=XLSX, headers=headers, background=BackgroundTask(os.unlink, path))


async def _count(look: Look, segment_id: int) -> int:
    row = await membership.segment(look.session, segment_id)
    return await membership.count(look.session, read(row.definition), look.today, look.reach)


async def _asked(look: Look, segment_id: int, form: str) -> Segment:
    row = await membership.segment(look.session, segment_id)
    subject = f"segment/{row.id}"
    who = look.me.number
    await audit(look.session, at=look.now, actor=who, action="segment_exported", subject=subject, detail=form)
    return row


def _named(name: str, ending: str) -> dict[str, str]:
    file = quote(f"{name}.{ending}")
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{file}", "Cache-Control": "no-store"}


async def _csv(look: Look, db: Database, row: Segment) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _written([_heads(look)])
    batch: list[list[Any]] = []
    async for line in _lines(look, db, row):
        batch.append(line)
        if len(batch) == AT_ONCE:
            yield _written(batch)
            batch = []
    yield _written(batch)


def _heads(look: Look) -> list[str]:
    return [look.say.translate(head) for head in HEADS]


def _written(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


async def _lines(look: Look, db: Database, row: Segment) -> AsyncIterator[list[Any]]:
    """Page by page in transactions of their own: a large export holds none open."""
    after: tuple[int, int] | None = None
    while True:
        async with db.begin() as session:
            found = await queries.member_page(session, row, look.today, after=after, limit=AT_ONCE, reach=look.reach)
        for one in found:
            yield _line(look, one)
        if len(found) < AT_ONCE:
            return
        after = (found[-1].value_yuan, found[-1].customer_id)


def _line(look: Look, one: Member) -> list[Any]:
    say = look.say
    texts: list[Any] = [
        one.customer_id,
        one.name,
        formats.masked_number(one.e164, say.language),
        say.choice("customer_class", one.customer_class),
        say.word("STAGES", one.stage),
        one.rfm,
        one.value_yuan,
        one.expected_yuan,
        one.recency_on.isoformat() if one.recency_on else "",
        say.word("RISKS", one.churn_risk),
        say.reasons(one.churn_reasons),
        say.word("NEEDS", one.next_need),
        one.next_need_on.isoformat() if one.next_need_on else "",
        one.city,
        one.dealer,
    ]
    return [_harmless(text) for text in texts]


def _harmless(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula gets a sign before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def _workbook(rows: Sequence[Sequence[Any]]) -> Path:
    handle, name = tempfile.mkstemp(suffix=".xlsx")
    os.close(handle)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(name, options)
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    sheet.freeze_panes(1, 0)
    book.close()
    return Path(name)
