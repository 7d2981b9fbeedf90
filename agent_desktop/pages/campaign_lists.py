"""A campaign's list: everybody on it, whom we did not call and why, and of whom a person must decide."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from agent_desktop import formats
from agent_desktop.campaigns import words
from agent_desktop.campaigns.listing import PAGE, ListLine, Wanted, list_page
from agent_desktop.campaigns.reader import Look, TheLook
from agent_desktop.csv_out import harmless
from agent_desktop.dependencies import TheDatabase, needs
from agent_desktop.rendering import page
from agent_desktop.segments.reader import SegmentReader
from agent_desktop.words import N_
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.campaigns import actions, entries, entry_queries
from crm_core.campaigns.model import Campaign
from crm_core.campaigns.queries import works as works_of
from crm_core.campaigns.undoing import FILLS
from crm_core.db import Database
from crm_core.imports.queries import with_numbers
from crm_core.notices.actions import mark_read
from crm_core.questionnaires.comment_wishes import ABOUT
from crm_core.segments.conditions import read
from crm_core.segments.membership import count as count_of
from crm_core.segments.queries import lines as segment_lines
from reports import campaign_queries as queries

router = APIRouter(prefix="/campaigns/{campaign_id:int}", dependencies=[needs(Permission.SEE_CAMPAIGNS)])
RUNNING = [needs(Permission.RUN_CAMPAIGNS)]
Words = Annotated[str, Query(max_length=40)]
HEADS = (
    N_("Customer number"),
    N_("Name"),
    N_("Telephone"),
    N_("Dealer"),
    N_("State"),
    N_("Why not"),
    N_("May be called from"),
)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: filter, words and the cursor; `removed` is the entry whose removal can be undone."""

    state: str = ""
    q: Annotated[str, Query(max_length=40)] = ""
    after: int = 0
    removed: int = 0


@router.get("/entries")
async def show_entries(look: TheLook, campaign_id: int, asked: Annotated[Asked, Depends()]) -> Response:
    """Everybody on the list."""
    state = asked.state if asked.state in words.STATES else ""
    wanted = Wanted(after=asked.after, state=state, words=asked.q.strip())
    works = await works_of(look.session, campaign_id, limit=8)
    return await _page(
        look,
        campaign_id,
        "entries",
        wanted,
        removed=asked.removed,
        states=words.STATES,
        running=next((one for one in works if one.state == "running"), None),
        filled=next((one for one in works if one.kind in FILLS and one.state != "running"), None),
        undone={one.source for one in works if one.kind == "undo"},
        checked=next((one for one in works if one.kind == "check" and one.state == "done"), None),
        segments=await _segments(look),
        imports=await with_numbers(look.session),
        fills=words.FILLED,
    )


@router.get("/refused")
async def show_refused(look: TheLook, campaign_id: int, reason: str = "", q: Words = "", after: int = 0) -> Response:
    """Whom we did not call; `reason` is one of the reasons of this campaign."""
    counted = await queries.reasons(look.session, campaign_id)
    wanted = Wanted(after=after, reason=reason if reason in counted else "", words=q.strip(), not_called=True)
    ordered = sorted(counted.items(), key=lambda one: -one[1])
    return await _page(look, campaign_id, "refused", wanted, counted=ordered)


@router.get("/refused.csv")
async def refused_as_csv(look: TheLook, db: TheDatabase, campaign_id: int, reason: str = "") -> Response:
    """All of them with the reason in words; numbers stay masked. The export is on the audit log."""
    row = await actions.campaign(look.session, campaign_id)
    subject = f"campaign/{row.id}"
    await audit(look.session, **look.by, action="campaign_refused_exported", subject=subject, detail=reason[:80])
    name = quote(f"{row.name}.csv")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return StreamingResponse(_csv(look, db, row, reason), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/unsettled")
async def show_unsettled(look: TheLook, campaign_id: int, after: int = 0) -> Response:
    return await _page(look, campaign_id, "unsettled", Wanted(after=after, state="unsettled"))


@router.post("/unsettled/{entry_id:int}", dependencies=RUNNING)
async def settle(look: TheLook, campaign_id: int, entry_id: int) -> Response:
    how = str((await look.request.form()).get("how", ""))
    await entries.settle(look.session, campaign_id, entry_id, how, **look.by)
    return RedirectResponse(f"/campaigns/{campaign_id}/unsettled", 303)


@router.post("/entries/{entry_id:int}/remove", dependencies=RUNNING)
async def remove(look: TheLook, campaign_id: int, entry_id: int) -> Response:
    await entries.remove_entry(look.session, campaign_id, entry_id, **look.by)
    return RedirectResponse(f"/campaigns/{campaign_id}/entries?removed={entry_id}", 303)


@router.post("/entries/{entry_id:int}/back", dependencies=RUNNING)
async def bring_back(look: TheLook, campaign_id: int, entry_id: int) -> Response:
    await entries.bring_back(look.session, campaign_id, entry_id, **look.by)
    return RedirectResponse(f"/campaigns/{campaign_id}/entries", 303)


@router.get("/entries/{entry_id:int}")
async def show_entry(look: TheLook, campaign_id: int, entry_id: int) -> Response:
    """One customer on the list with all calls and the proof that each was allowed."""
    row = await actions.campaign(look.session, campaign_id)
    entry = await entries.entry_of(look.session, campaign_id, entry_id)
    lines = await list_page(look.session, campaign_id, Wanted(after=entry.id - 1), limit=1)
    attempts = await entry_queries.attempts_of(look.session, entry.id)
    said = await entry_queries.refused_in_words(look.session, [one.call for one in attempts])
    values: dict[str, Any] = {"row": row, "line": lines[0], "attempts": attempts, "said": said, "here": "entries"}
    await mark_read(look.session, look.me.number, ABOUT, f"{campaign_id}/{entry_id}", look.now)
    return page(look.request, "campaigns/entry.html", **look.frame, **values)


async def _segments(look: Look) -> list[tuple[int, str, int]]:
    """Number, name and how many are in it: as counted last, else now."""
    today = look.now.astimezone(look.zone).date()
    say = SegmentReader(look.say.language, look.say.translate, today, {})
    return [
        (
            one.segment.id,
            say.name(one.segment),
            one.last.members if one.last else await count_of(look.session, read(one.segment.definition), today),
        )
        for one in await segment_lines(look.session, today)
    ]


async def _page(look: Look, campaign_id: int, which: str, wanted: Wanted, **more: Any) -> Response:
    row = await actions.campaign(look.session, campaign_id)
    rows = await list_page(look.session, campaign_id, wanted, limit=PAGE + 1)
    counts = (await queries.list_counts(look.session, [campaign_id])).get(campaign_id, queries.ListCounts())
    return page(
        look.request,
        f"campaigns/{which}.html",
        **look.frame,
        row=row,
        rows=rows[:PAGE],
        wanted=wanted,
        counts=counts,
        more=rows[PAGE - 1].entry.id if len(rows) > PAGE else 0,
        here=which,
        settlements=words.SETTLEMENTS,
        **more,
    )


async def _csv(look: Look, db: Database, row: Campaign, reason: str) -> AsyncIterator[bytes]:
    """Page by page in transactions of their own: a million rows hold none open."""
    yield b"\xef\xbb\xbf" + _written([[look.say.translate(head) for head in HEADS]])
    wanted = Wanted(reason=reason, not_called=True)
    while True:
        async with db.begin() as session:
            found = await list_page(session, row.id, wanted, limit=AT_ONCE)
        yield _written([_cells(look, one) for one in found])
        if len(found) < AT_ONCE:
            return
        wanted = Wanted(reason=reason, not_called=True, after=found[-1].entry.id)


def _cells(look: Look, line: ListLine) -> list[str]:
    entry = line.entry
    due = entry.due_at.astimezone(look.zone).strftime("%Y-%m-%d %H:%M") if entry.state == "waiting" else ""
    cells = (
        entry.customer_id,
        line.name,
        formats.masked_number(line.e164, look.say.language) if line.e164 else "",
        line.dealer,
        look.say.word("state", entry.state),
        look.say.reason(entry, look.named),
        due,
    )
    return [harmless(cell) for cell in cells]


def _written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
