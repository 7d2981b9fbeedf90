"""Who responds while a media action runs: counted from calls, leads and what other systems tell, beside the usual."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_desktop.board.responses import ResponseLine, read_responses
from crm_core.clock import day_bounds
from crm_core.errors import Invalid
from crm_core.history.model import Contact
from crm_core.media.model import MediaAction
from crm_core.media.responses import MOST, add_responses
from tests.empty_databases import sqlite_database

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=ZONE)


async def test_each_source_stands_beside_what_is_usual_by_this_time_of_the_weekday(tmp_path: Path):
    db = sqlite_database(tmp_path / "board.db")
    start, _ = day_bounds(date(2026, 11, 26), ZONE)
    async with db.begin() as session:
        for place, at in enumerate((5, 50, 120, 13 * 60)):
            contact = Contact(id=f"c{place}", direction="inbound", caller="", entry="400")
            contact.started_at = NOON - timedelta(minutes=at)
            session.add(contact)
        for place, at in enumerate((NOON - timedelta(weeks=1, hours=1), NOON - timedelta(weeks=2, hours=-1))):
            contact = Contact(id=f"e{place}", direction="inbound", caller="", entry="400")
            contact.started_at = at  # the second came later in its day than now
            session.add(contact)
        outbound = Contact(id="o", direction="outbound", caller="", entry="", started_at=NOON - timedelta(minutes=1))
        ran = MediaAction(name="央视十秒", medium="tv", first_day=date(2026, 11, 20), last_day=date(2026, 11, 26))
        over = MediaAction(name="旧的", medium="tv", first_day=date(2026, 10, 20), last_day=date(2026, 10, 26))
        ran.at = over.at = NOON
        session.add_all([outbound, ran, over])
        for minutes, count in ((0, 40), (0, 2), (70, 100)):
            await add_responses(session, "website", count, NOON - timedelta(minutes=minutes + 1), at=NOON)
    async with db.begin() as session:
        told = await read_responses(session, start, NOON, ZONE)
    await db.close()
    assert told.actions == ("央视十秒",)
    assert told.lines == (
        ResponseLine(source="calls", soon=1, hour=2, today=3, usual=0.2),
        ResponseLine(source="leads", soon=0, hour=0, today=0, usual=None),
        ResponseLine(source="website", soon=42, hour=42, today=142, usual=None),
    )


@pytest.mark.parametrize(
    ("source", "count", "late", "field"),
    [
        ("fax", 1, 0, "source"),
        ("app", 0, 0, "count"),
        ("app", MOST + 1, 0, "count"),
        ("app", 1, 49, "at"),
        ("app", 1, -1, "at"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(tmp_path: Path, source: str, count: int, late: int, field: str):
    db = sqlite_database(tmp_path / "board.db")
    async with db.begin() as session:
        with pytest.raises(Invalid) as refusal:
            await add_responses(session, source, count, NOON - timedelta(hours=late), at=NOON)
    await db.close()
    assert refusal.value.values["field"] == field
