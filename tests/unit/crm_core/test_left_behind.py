"""Callbacks and voice messages in the database: each once, whatever the feed repeats, and worked off by one person."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry
from crm_core.callbacks.actions import finish_message, reopen_message
from crm_core.callbacks.model import Callback
from crm_core.callbacks.queries import callback_of, count_open_messages, done_messages, open_messages
from crm_core.clock import from_instant
from crm_core.db import Database
from crm_core.errors import NotFound
from crm_core.history import events
from crm_core.history.events import Direction, EndedBy, Outcome
from crm_core.history.model import Contact, Recording
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import NOW, START, numbered


def a_caller_books(call: str = "c1", at: float = START) -> list[events.HistoryEvent]:
    return [
        events.ContactStarted(at=at, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"),
        events.CallQueued(at=at + 10, call=call, queue="repair"),
        events.CallbackBooked(
            at=at + 40, callback=call, call=call, number="+8613843107706", queue="repair", since=at + 10, priority=2
        ),
        events.CallLeftQueue(at=at + 40, call=call, queue="repair", result="callback"),
        events.ContactEnded(at=at + 45, call=call, outcome=Outcome.CALLBACK, by=EndedBy.SYSTEM),
    ]


def a_message(call: str, at: float, *, urgent: bool = False) -> list[events.HistoryEvent]:
    return [
        events.ContactStarted(at=at, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"),
        events.VoiceMessageLeft(
            at=at + 30, call=call, queue="repair", caller="13843107706", file=f"20260716/{call}-m.sln", seconds=12.0,
            urgent=urgent,
        ),
        events.ContactEnded(at=at + 31, call=call, outcome=Outcome.VOICEMAIL, by=EndedBy.CUSTOMER),
    ]  # fmt: skip


async def write(session: AsyncSession, *happened: events.HistoryEvent, first: int = 1) -> None:
    await apply_all(session, numbered(*happened, first=first))


async def test_a_callback_is_followed_from_booking_to_its_end(db: Database):
    tries = [
        events.CallbackAttempted(at=START + 60, callback="c1", call="cb-c1-1", agent="1018", attempt=1),
        events.CallbackPostponed(at=START + 90, callback="c1", due=START + 390, tried=1),
        events.CallbackAttempted(at=START + 400, callback="c1", call="cb-c1-2", agent="1018", attempt=2),
        events.CallbackEnded(at=START + 420, callback="c1", result="reached"),
        events.CallbackPostponed(at=START + 421, callback="c1", due=START + 999, tried=9),  # late: changes nothing
    ]
    async with db.begin() as session:
        await write(session, *a_caller_books(), *tries[:2])
        waiting = await session.get_one(Callback, "c1")
        assert (waiting.due_at, waiting.tried, waiting.result) == (from_instant(START + 390), 1, "")
        await write(session, *tries[2:], first=20)
        row = await session.get_one(Callback, "c1")
        assert (row.attempts, row.tried, row.result, row.due_at) == (2, 1, "reached", None)
        assert (row.since, row.number, row.priority) == (from_instant(START + 10), "+8613843107706", 2)
        contact = await session.get_one(Contact, "c1")
        assert contact.outcome == "callback"
        assert await callback_of(session, "cb-c1-2") is row
        assert await callback_of(session, "c1") is row
        assert await callback_of(session, "c2") is None


async def test_records_that_come_twice_make_one_callback_and_one_message(db: Database):
    async with db.begin() as session:
        await write(session, *a_caller_books(), *a_message("c2", START + 100))
        await write(session, *a_caller_books(), *a_message("c2", START + 100), first=50)
        assert len((await session.scalars(select(Callback))).all()) == 1
        assert await count_open_messages(session) == 1


async def test_a_message_is_work_and_its_sound_a_recording(db: Database):
    async with db.begin() as session:
        await write(session, *a_message("c1", START), *a_message("c2", START + 50, urgent=True))
        urgent, older = await open_messages(session)
        assert (urgent.message.contact_id, older.message.contact_id) == ("c2", "c1")
        assert older.recording is not None
        assert (older.recording.leg_id, older.recording.agent) == ("c1-m", "")
        assert (older.recording.file, older.message.caller) == ("20260716/c1-m.sln", "+8613843107706")
        assert (await session.scalars(select(Recording))).all()


async def test_one_person_deals_with_a_message_and_the_next_is_told(db: Database):
    async with db.begin() as session:
        await write(session, *a_message("c1", START))
    async with db.begin() as session:
        assert await finish_message(session, "c1", actor="1018", at=NOW)
        assert not await finish_message(session, "c1", actor="1019", at=NOW)
        with pytest.raises(NotFound):
            await finish_message(session, "c9", actor="1019", at=NOW)
        assert await open_messages(session) == []
        assert [line.message.done_by for line in await done_messages(session, NOW)] == ["1018"]
        await reopen_message(session, "c1", actor="1019", at=NOW)
        assert await count_open_messages(session) == 1
        actions = [entry.action for entry in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert actions == ["message.done", "message.reopened"]
