"""The list of recordings holds what it was asked for, page after page, and is told from indexes, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from crm_core.history.recording_list import RecordingFilter, listed, recording_page
from tests.unit.reports.plans import plan

BEGAN = datetime(2026, 7, 1, tzinfo=UTC)
TEAM = frozenset({"1001", "1002"})
EVERYBODY = RecordingFilter(of=None)
ASKED = {
    "all": EVERYBODY,
    "of a team": RecordingFilter(of=TEAM),
    "of a team, and shared ones": RecordingFilter(of=TEAM, also=frozenset({3, 4, 5, 150})),
    "of somebody without any, and shared ones": RecordingFilter(of=frozenset({"1099"}), also=frozenset({3, 4})),
    "of a team, by state": RecordingFilter(of=TEAM, status="ready"),
    "of a team, by a rare state": RecordingFilter(of=TEAM, status="missing"),
    "of a team, by queue": RecordingFilter(of=TEAM, queue="repair"),
    "of a team, long ones": RecordingFilter(of=TEAM, shortest=800.0),
    "long ones": replace(EVERYBODY, shortest=880.0),
    "of a queue and state": replace(EVERYBODY, queue="repair", status="cut"),
    "of an agent": replace(EVERYBODY, agent="1003"),
    "messages of a month": replace(EVERYBODY, kind="message", start=BEGAN, end=BEGAN + timedelta(days=3)),
    "of nobody": RecordingFilter(),
}


@pytest.fixture
async def recordings(db: Database) -> list[Recording]:
    dice = random.Random(4)
    rows = []
    async with db.begin() as session:
        for number in range(300):
            at = BEGAN + timedelta(minutes=30 * dice.randrange(200))  # some begin together
            session.add(Contact(id=f"c{number}", direction="inbound", started_at=at))
            agent = dice.choice(("1001", "1002", "1003", "1004", "", "survey"))
            row = Recording(contact_id=f"c{number}", leg_id=f"c{number}-1", agent=agent, file="", started_at=at)
            row.queue, row.direction = dice.choice(("repair", "enquiry")), "inbound"
            row.status = dice.choice(("ready",) * 8 + ("cut", "missing"))
            row.seconds = dice.randrange(900) * 1.0
            rows.append(row)
        await session.flush()
        session.add_all(rows)
    return sorted(rows, key=lambda row: (row.started_at, row.id), reverse=True)


def fits(row: Recording, asked: RecordingFilter) -> bool:
    seen = asked.of is None or row.agent in asked.of or row.id in asked.also
    texts = ((asked.queue, row.queue), (asked.agent, row.agent), (asked.status, row.status))
    time = (asked.start is None or row.started_at >= asked.start) and (asked.end is None or row.started_at < asked.end)
    kind = asked.kind != "message" or not row.agent
    length = asked.shortest is None or (row.seconds or 0) >= asked.shortest
    return seen and time and kind and length and all(not wanted or wanted == had for wanted, had in texts)


@pytest.mark.parametrize("name", ASKED)
async def test_page_after_page_is_what_was_asked_for(db: Database, recordings: list[Recording], name: str):
    asked, told, cursor = ASKED[name], [], ""
    async with db.begin() as session:
        while True:
            page = await recording_page(session, asked, cursor=cursor, limit=7)
            told += [row.id for row in page.recordings]
            if not (cursor := page.next_cursor):
                break
    assert told == [row.id for row in recordings if fits(row, asked)]


@pytest.mark.parametrize("name", [name for name in ASKED if name != "of nobody"])
async def test_no_question_reads_the_table_or_puts_it_in_order(db: Database, recordings: list[Recording], name: str):
    async with db.begin() as session:
        told = await plan(session, listed(ASKED[name], [], 26))
    assert "SCAN recording\n" not in told
    assert "Seq Scan" not in told
    ways = [line for line in told.splitlines() if "recording" in line and "INDEX" in line.upper()]
    assert ways
    if session.get_bind().dialect.name == "sqlite" and "of a team" not in name and "somebody" not in name:
        assert "TEMP B-TREE" not in told
