"""What a check found is kept, settled by itself when it is gone, and by a person with a reason or out of the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.errors import Invalid, Refused
from crm_core.history.model import Contact, Leg, Recording
from crm_core.history.writer import apply_all
from crm_core.jobs.model import Job
from crm_core.ledger import actions
from crm_core.ledger.actions import Found, accept, ask, keep, repair
from crm_core.ledger.model import LedgerFinding, LedgerRun
from tests.unit.crm_core.builders import NOW, START, an_answered_call, numbered

DAY = NOW.date()
BY: dict[str, Any] = {"actor": "2001", "at": NOW}
LOST = Found(kind="recording_lost", subject="c1-1", contact="c1", detail={"file": "x"})


def missing(**changed: object) -> Found:
    told = {
        "inbound": True, "started": START, "answered": START + 1, "ended": START + 60, "caller": "13843107706",
        "entry": "4001718888", "said": "", "queue": "repair", "talks": [],
    }  # fmt: skip
    return Found(kind="missing_here", subject="c9", contact="c9", detail=told | changed)


async def found(db: Database, *what: Found) -> list[LedgerFinding]:
    async with db.begin() as session:
        await keep(session, DAY, what, NOW)
        return list(await session.scalars(select(LedgerFinding).order_by(LedgerFinding.id)))


async def test_what_is_found_again_stays_one_row_and_what_is_gone_is_resolved(db: Database):
    await found(db, LOST)
    (row,) = await found(db, LOST)
    assert row.resolved_at is None
    (row,) = await found(db)
    assert (row.resolved_at, row.resolved_by) == (NOW, "")
    (row,) = await found(db, LOST)
    assert row.resolved_at is None


async def test_what_a_person_accepted_with_a_reason_stays_accepted(db: Database):
    (row,) = await found(db, LOST)
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await accept(session, row.id, "  ", **BY)
        await accept(session, row.id, "硬盘更换", **BY)
    (row,) = await found(db, LOST)
    assert (row.resolved_by, row.remedy, row.note) == ("2001", "accepted", "硬盘更换")


async def test_a_call_that_asterisk_had_is_added_as_ended_while_away_and_estimated(db: Database):
    (row,) = await found(db, missing())
    async with db.begin() as session:
        await repair(session, row.id, **BY)
        with pytest.raises(Refused):
            await repair(session, row.id, **BY)
    async with db.begin() as session:
        contact = await session.get_one(Contact, "c9")
        noted = list(await session.scalars(select(AuditEntry.action)))
    assert (contact.outcome, contact.estimated, contact.caller) == ("ended_while_away", True, "+8613843107706")
    assert (instant(contact.started_at), instant(contact.ended_at or NOW)) == (START, START + 60)
    assert noted == ["ledger_added"]


async def test_its_talks_are_added_too_and_then_it_was_answered(db: Database):
    talks = [["c9-1", "1018", START + 10, "20260716/c9-1.raw"], ["c9-2", "1019", START + 30, ""]]
    (row,) = await found(db, missing(talks=talks))
    async with db.begin() as session:
        await repair(session, row.id, **BY)
    async with db.begin() as session:
        contact = await session.get_one(Contact, "c9")
        legs = list(await session.scalars(select(Leg).order_by(Leg.id)))
        sound = (await session.scalars(select(Recording))).one()
    assert (contact.outcome, contact.agent, contact.estimated) == ("answered", "1019", True)
    assert [(leg.agent, instant(leg.answered_at or NOW), instant(leg.ended_at or NOW)) for leg in legs] == [
        ("1018", START + 10, START + 30),
        ("1019", START + 30, START + 60),
    ]
    assert (sound.leg_id, sound.status) == ("c9-1", "recording")


async def test_a_contact_that_stayed_open_is_ended_when_asterisk_ended_it(db: Database):
    async with db.begin() as session:
        await apply_all(session, numbered(*an_answered_call()[:-2]))
    lost_end = Found(kind="no_outcome", subject="c1", contact="c1", detail={"logged_end": START + 131.5})
    (row,) = await found(db, lost_end)
    async with db.begin() as session:
        await repair(session, row.id, **BY)
    async with db.begin() as session:
        contact = await session.get_one(Contact, "c1")
        leg = await session.get_one(Leg, "c1-1")
    assert (contact.outcome, contact.estimated, contact.ended_at) == ("answered", True, NOW + timedelta(seconds=131.5))
    assert leg.ended_at == contact.ended_at


async def test_what_the_log_does_not_tell_enough_of_is_not_invented(db: Database):
    rows = await found(db, LOST, missing(ended=None))
    async with db.begin() as session:
        for row in rows:
            with pytest.raises(Refused):
                await repair(session, row.id, **BY)


async def test_a_day_is_checked_once_at_a_time_and_never_before_it_has_begun(db: Database):
    async with db.begin() as session:
        first = await ask(session, DAY, **BY, today=DAY)
        again = await ask(session, DAY, **BY, today=DAY)
        with pytest.raises(Invalid):
            await ask(session, DAY + timedelta(days=1), **BY, today=DAY)
    async with db.begin() as session:
        runs = list(await session.scalars(select(LedgerRun.id)))
        job = (await session.scalars(select(Job))).one()
    assert first.id == again.id
    assert runs == [first.id]
    assert (job.kind, job.key) == (actions.CHECK, DAY.isoformat())
