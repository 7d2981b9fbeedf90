"""The proof of every call of a campaign as a file: the number, the times, what came of it, and why it was allowed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.campaigns.reader import Look, TheLook
from agent_desktop.csv_out import harmless
from agent_desktop.dependencies import TheDatabase, needs
from agent_desktop.words import N_
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.campaigns.actions import campaign
from crm_core.campaigns.model import CampaignAttempt
from crm_core.db import Database
from crm_core.history.model import Recording

router = APIRouter(
    prefix="/campaigns/{campaign_id:int}",
    dependencies=[
        needs(Permission.SEE_CAMPAIGNS),
        needs(Permission.RUN_CAMPAIGNS),
        needs(Permission.SEE_FULL_NUMBER),
    ],
)
AT_ONCE = 500
HEADS = (
    N_("Number of the call"),
    N_("Customer number"),
    N_("Telephone"),
    N_("Placed"),
    N_("Answered"),
    N_("Agent reached"),
    N_("Ended"),
    N_("What came of it"),
    N_("Known by"),
    N_("Recording"),
    N_("Purpose"),
    N_("Consent no."),
    N_("Consent at"),
    N_("Words of the consent"),
    N_("All that was asked (JSON)"),
)


@router.get("/evidence.csv")
async def evidence(look: TheLook, db: TheDatabase, campaign_id: int) -> Response:
    """Every call in order, with whole numbers: for who has to prove it. The export is on the audit log."""
    row = await campaign(look.session, campaign_id)
    await audit(look.session, **look.by, action="campaign_evidence_exported", subject=f"campaign/{row.id}", detail="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{row.name}-evidence.csv')}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_csv(look, db, row.id), media_type="text/csv; charset=utf-8", headers=headers)


async def _csv(look: Look, db: Database, campaign_id: int) -> AsyncIterator[bytes]:
    """Page by page in transactions of their own."""
    yield b"\xef\xbb\xbf" + _written([[look.say.translate(head) for head in HEADS]])
    after = 0
    while True:
        async with db.begin() as session:
            found = await _page(session, campaign_id, after)
        yield _written([_cells(look, attempt, file) for attempt, file in found])
        if len(found) < AT_ONCE:
            return
        after = found[-1][0].id


async def _page(session: AsyncSession, campaign_id: int, after: int) -> list[tuple[CampaignAttempt, str]]:
    attempts = list(
        await session.scalars(
            select(CampaignAttempt)
            .where(CampaignAttempt.campaign_id == campaign_id, CampaignAttempt.id > after)
            .order_by(CampaignAttempt.id)
            .limit(AT_ONCE)
        )
    )
    calls = [attempt.call for attempt in attempts]
    rows = await session.execute(
        select(Recording.contact_id, Recording.file).where(Recording.contact_id.in_(calls)).order_by(Recording.id)
    )
    files: dict[str, str] = {}
    for contact, file in rows:
        files[contact] = f"{files[contact]} {file}" if contact in files else file
    return [(attempt, files.get(attempt.call, "")) for attempt in attempts]


def _cells(look: Look, attempt: CampaignAttempt, file: str) -> list[str]:
    def at(moment: datetime | None) -> str:
        return moment.astimezone(look.zone).isoformat(timespec="milliseconds") if moment else ""

    proof = attempt.evidence
    consent = proof.get("consent") or {}
    cells = (
        attempt.call,
        attempt.customer_id,
        attempt.e164.removeprefix("+"),  # a plus at the beginning is a formula to a spreadsheet
        at(attempt.placed_at),
        at(attempt.answered_at),
        at(attempt.connected_at),
        at(attempt.ended_at),
        look.say.word("result", attempt.result),
        look.say.word("settled_by", attempt.settled_by) if attempt.settled_by else "",
        file,
        look.say.word("purpose", str(proof.get("purpose", ""))),
        consent.get("id", ""),
        consent.get("at", ""),
        consent.get("words", ""),
        json.dumps(proof, ensure_ascii=False, sort_keys=True) if proof else "",
    )
    return [harmless(cell) for cell in cells]


def _written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
