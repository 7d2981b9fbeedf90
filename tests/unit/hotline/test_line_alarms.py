"""What goes wrong with the lines reaches supervisors and administrators, once, and stands in the audit log."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from agent_desktop.lines import words
from crm_core.access.model import AuditEntry, User
from crm_core.db import Database
from crm_core.dialling import NumberNotAllowed, NumberNotDialable
from crm_core.lines.limits import DialLimits, Limits
from crm_core.notices.model import WorkNotice
from cti.dial_caps import DialledTooOften
from cti.frames import Frame
from cti.line_plan import LinePlan, SettingsOnly, TrunkWay
from cti.lines import Lines
from hotline import line_alarms
from hotline.line_alarms import LineAlarms
from tests.empty_databases import sqlite_database

UNICOM = TrunkWay(id="unicom", endpoint="trunk-unicom")
ABROAD, AT_HOME = "+4930123456", "8613812345678"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = sqlite_database(tmp_path / "alarms.db")
    async with database.begin() as session:
        for number, role in (("9001", "administrator"), ("2001", "supervisor"), ("1018", "agent")):
            session.add(User(number=number, name=number, password_hash="", roles=role))
    yield database
    await database.close()


@pytest.fixture
def lines() -> Lines:
    plan = LinePlan(trunks=(UNICOM,), limits=DialLimits(agent=Limits(in_a_minute=1)))
    return Lines(SettingsOnly(plan), plan)


@contextlib.asynccontextmanager
async def listening(db: Database, lines: Lines) -> AsyncIterator[None]:
    task = asyncio.create_task(LineAlarms(db, lines).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def told(db: Database, lines: Lines) -> list[WorkNotice]:
    """What people were told, when all alarms so far are dealt with."""
    await asyncio.wait_for(lines.alarms.join(), 10)
    async with db.begin() as session:
        return list(await session.scalars(select(WorkNotice).order_by(WorkNotice.id)))


async def audited(db: Database) -> list[tuple[str, str]]:
    async with db.begin() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject) for row in rows]


@pytest.mark.parametrize("who", ["1018", "menu", "callback", "campaign/7", "test"])
async def test_whoever_wishes_for_a_destination_that_is_not_allowed_makes_an_alarm(
    db: Database, lines: Lines, who: str
) -> None:
    async with listening(db, lines):
        with pytest.raises(NumberNotAllowed):
            lines.gate.dialable(who, ABROAD)
        rows = await told(db, lines)
    assert {row.number for row in rows} == {"9001", "2001"}
    assert {(row.subject, row.kind) for row in rows} == {(f"cap/{who}", "destination")}
    assert await audited(db) == [("dial_destination_refused", who)]
    assert "destination" in words.TOLD
    assert lines.seen().refusals == 1


async def test_a_slip_of_the_finger_disturbs_nobody(lines: Lines) -> None:
    with pytest.raises(NumberNotDialable):
        lines.gate.dialable("1018", "8613")
    assert lines.alarms.empty()
    assert not lines.seen().hits


async def test_a_limit_that_is_met_again_and_again_is_told_once_a_minute(db: Database, lines: Lines) -> None:
    async with listening(db, lines):
        lines.gate.allow("1018", AT_HOME, live=0)
        for _ in range(5):
            with pytest.raises(DialledTooOften):
                lines.gate.allow("1018", AT_HOME, live=0)
        rows = await told(db, lines)
    assert [row.kind for row in rows] == ["cap", "cap"]
    assert await audited(db) == [("dial_cap_reached", "1018")]
    assert lines.seen().refusals == 5


async def test_what_a_hostile_number_holds_besides_digits_is_in_no_alarm(db: Database, lines: Lines) -> None:
    async with listening(db, lines):
        lines.gate.refused("menu", "+49\r\nAction: Originate<script>1234567890123456789", NumberNotAllowed())
        await told(db, lines)
    async with db.begin() as session:
        [entry] = await session.scalars(select(AuditEntry))
    assert "49123456789012345678" in json.dumps(entry.detail)
    assert "script" not in json.dumps(entry.detail)
    assert lines.seen().hits[0].number == "49123456789012345678"


async def test_a_trunk_that_is_lost_is_told_when_it_lasts_and_so_is_that_it_is_back(
    db: Database, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_alarms, "STEADY_SECONDS", 0.05)
    async with listening(db, lines):
        reaches(lines, "Reachable")
        reaches(lines, "Unreachable")
        reaches(lines, "Reachable")  # asked anew only: nobody is disturbed
        assert not await told(db, lines)
        reaches(lines, "Unreachable")
        await told(db, lines)
        reaches(lines, "Reachable")
        rows = await told(db, lines)
    assert [row.kind for row in rows] == ["unreachable", "unreachable", "back", "back"]
    assert await audited(db) == [("trunk_lost", "trunk/unicom"), ("trunk_back", "trunk/unicom")]


async def test_a_database_that_is_away_costs_one_alarm_and_not_those_that_follow(
    db: Database, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, failed = db.begin, asyncio.Event()

    def away() -> object:
        failed.set()
        raise OSError("away")

    monkeypatch.setattr(db, "begin", away)
    async with listening(db, lines):
        lines.gate.refused("menu", ABROAD, NumberNotAllowed())
        await asyncio.wait_for(failed.wait(), 5)
        monkeypatch.setattr(db, "begin", begin)
        lines.gate.refused("callback", ABROAD, NumberNotAllowed())
        rows = await told(db, lines)
    assert {row.subject for row in rows} == {"cap/callback"}


def reaches(lines: Lines, status: str) -> None:
    lines.hear(
        Frame(
            f"Event: ContactStatus\r\nAOR: trunk-unicom\r\nContactStatus: {status}\r\nRoundtripUsec: 900".encode(),
            "ContactStatus",
        )
    )
