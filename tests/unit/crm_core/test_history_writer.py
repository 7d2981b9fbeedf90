"""The feed becomes rows: each event once, each contact with one outcome, whatever is cut or repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Base, Database, make_engine
from crm_core.history import events
from crm_core.history.events import Direction, EndedBy, FeedRecord, Outcome
from crm_core.history.journal import Journal
from crm_core.history.model import AgentStint, Contact, FeedPosition, Leg, QueueVisit, Recording, RecordingMark
from crm_core.history.position import WrittenByAnother, claim_position
from crm_core.history.queries import contact, open_contacts
from crm_core.history.writer import HistoryWriter, apply, apply_all, stored_position
from tests.unit.crm_core.builders import NOW, START, a_customer, an_answered_call, numbered


async def _write(db: Database, *happened: events.HistoryEvent, first: int = 1) -> None:
    async with db.begin() as session:
        await apply_all(session, numbered(*happened, first=first))


async def test_an_answered_call_becomes_one_contact_with_its_parts(db: Database):
    await _write(db, *an_answered_call())
    async with db.begin() as session:
        found = await contact(session, "c1")
    assert found is not None
    row, (leg,), (visit,), (recording,) = found.contact, found.contact.legs, found.contact.visits, found.recordings
    assert (row.outcome, row.ended_by, row.agent, row.queue) == ("answered", "customer", "1018", "repair")
    assert (row.caller, row.menu_path, row.topic, row.started_at) == ("+8613843107706", "main>repair", "repair", NOW)
    assert (leg.result, leg.hold_seconds, leg.answered_at) == ("answered", 15.0, NOW + timedelta(seconds=30))
    assert (visit.result, visit.wait_seconds) == ("answered", 10.0)
    assert (recording.leg_id, recording.status, recording.file) == ("c1-1", "recording", "20260716/c1-1.raw")


async def test_a_caller_who_hangs_up_while_waiting_is_abandoned(db: Database):
    await _write(
        db,
        *an_answered_call()[:4],
        events.ContactEnded(at=START + 47, call="c1", outcome=Outcome.ABANDONED, by=EndedBy.CUSTOMER),
    )
    async with db.begin() as session:
        found = await contact(session, "c1")
    assert found is not None
    assert found.contact.outcome == "abandoned"
    assert (found.contact.visits[0].result, found.contact.visits[0].wait_seconds) == ("abandoned", 27.0)


async def test_a_phone_that_nobody_answers_is_a_leg_of_its_own(db: Database):
    missed = events.CallOffered(at=START + 21, call="c1", leg="c1-0", agent="1002", queue="repair", why="longest_idle")
    ended = events.OfferEnded(at=START + 25, call="c1", leg="c1-0", agent="1002", result="no_answer")
    call = an_answered_call()
    await _write(db, *call[:4], missed, ended, *call[4:])
    async with db.begin() as session:
        found = await contact(session, "c1")
    assert found is not None
    assert [(leg.agent, leg.result) for leg in found.contact.legs] == [("1002", "no_answer"), ("1018", "answered")]
    assert found.contact.agent == "1018"


async def test_a_certain_match_names_the_customer_and_several_leave_it_to_the_agent(db: Database):
    async with db.begin() as session:
        customer = await a_customer(session)
    started = [an_answered_call(call)[0] for call in ("one", "several", "gone")]
    await _write(
        db,
        *started,
        events.CallerIdentified(at=START, call="one", matches=(customer.id,), language="en"),
        events.CallerIdentified(at=START, call="several", matches=(customer.id, 7)),
        events.CallerIdentified(at=START, call="gone", matches=(99_999,)),
    )
    async with db.begin() as session:
        rows = {row.id: row for row in await session.scalars(select(Contact))}
    assert (rows["one"].customer_id, rows["one"].language) == (customer.id, "en")
    assert rows["several"].customer_id is None
    assert rows["gone"].customer_id is None


async def test_an_outgoing_call_belongs_to_the_agent_who_dialled(db: Database):
    await _write(
        db,
        events.ContactStarted(
            at=START, call="o1", direction=Direction.OUTBOUND, caller="13843107706", entry="", agent="1018"
        ),
        events.ContactEnded(at=START + 9, call="o1", outcome=Outcome.NOT_REACHED, by=EndedBy.SYSTEM),
    )
    async with db.begin() as session:
        row = await session.get_one(Contact, "o1")
    assert (row.direction, row.agent, row.outcome) == ("outbound", "1018", "not_reached")


async def test_what_an_agent_does_is_added_up_by_stints_and_offline_is_none(db: Database):
    def state(after: float, word: str, **more: Any) -> events.AgentStateChanged:
        return events.AgentStateChanged(at=START + after, agent="1018", state=word, **more)

    await _write(
        db,
        state(0, "break", reason="rest"),
        state(60, "ready"),
        state(60, "ready"),
        state(100, "talking", call="c1"),
        state(200, "offline"),
    )
    async with db.begin() as session:
        stints = list(await session.scalars(select(AgentStint).order_by(AgentStint.began_at)))
    seconds = [(s.state, s.reason, s.contact_id, (s.ended_at - s.began_at).total_seconds()) for s in stints]
    assert seconds == [("break", "rest", "", 60.0), ("ready", "", "", 40.0), ("talking", "", "c1", 100.0)]


async def test_a_call_whose_start_we_missed_is_marked_as_estimated(db: Database):
    await _write(db, *an_answered_call()[5:])
    async with db.begin() as session:
        row = await session.get_one(Contact, "c1")
    assert row.estimated
    assert row.outcome == "answered"


async def test_a_second_end_does_not_change_the_outcome(db: Database):
    again = events.ContactEnded(at=START + 500, call="c1", outcome=Outcome.LOST, by=EndedBy.SYSTEM)
    await _write(db, *an_answered_call(), again, events.CallQueued(at=START + 501, call="c1", queue="repair"))
    async with db.begin() as session:
        found = await contact(session, "c1")
        assert await open_contacts(session) == []
    assert found is not None
    assert found.contact.outcome == "answered"
    assert len(found.contact.visits) == 1


async def test_a_record_that_was_written_is_not_written_again(db: Database):
    records = numbered(*an_answered_call())
    async with db.begin() as session:
        assert await apply_all(session, records) == 12
        assert not await apply(session, records[11])
        assert await stored_position(session) == 12


_CALLS, _AGENTS, _QUEUES = ("a", "b"), ("1001", "1018"), ("repair", "vip")


@st.composite
def _happenings(draw: st.DrawFn) -> list[FeedRecord]:
    """Any order of any events about two calls: far wilder than what telephony tells."""
    makers: list[Callable[[float, str, str], events.HistoryEvent]] = [
        lambda at, call, _: events.ContactStarted(
            at=at, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"
        ),
        lambda at, call, _: events.ContactAnswered(at=at, call=call),
        lambda at, call, _: events.CallerIdentified(at=at, call=call, matches=(1,), language="en"),
        lambda at, call, _: events.MenuLeft(at=at, call=call, path=("main",), topic="vip", language=""),
        lambda at, call, word: events.CallQueued(at=at, call=call, queue=_QUEUES[word == "1001"]),
        lambda at, call, word: events.CallLeftQueue(at=at, call=call, queue=_QUEUES[word == "1001"], result="answered"),
        lambda at, call, word: events.CallOffered(at=at, call=call, leg=call + word, agent=word, queue="vip", why="x"),
        lambda at, call, word: events.OfferEnded(at=at, call=call, leg=call + word, agent=word, result="declined"),
        lambda at, call, word: events.TalkBegan(at=at, call=call, leg=call + word, agent=word),
        lambda at, call, word: events.HoldBegan(at=at, call=call, leg=call + word, agent=word),
        lambda at, call, word: events.HoldEnded(at=at, call=call, leg=call + word, agent=word),
        lambda at, call, word: events.TalkEnded(at=at, call=call, leg=call + word, agent=word, by=EndedBy.AGENT),
        lambda at, call, word: events.RecordingPaused(at=at, call=call, leg=call + word, by=word, why="button"),
        lambda at, call, word: events.RecordingResumed(at=at, call=call, leg=call + word, by="", why="limit"),
        lambda at, call, word: events.RecordingMissed(at=at, call=call, leg=call + word, agent=word, why="disk"),
        lambda at, call, word: events.RecordingStarted(at=at, call=call, leg=call + word, agent=word, file="f"),
        lambda at, call, word: events.AgentStateChanged(at=at, agent=word, state="talking", call=call),
        lambda at, _, word: events.AgentStateChanged(at=at, agent=word, state="offline"),
        lambda at, call, _: events.ContactEnded(at=at, call=call, outcome=Outcome.ANSWERED, by=EndedBy.AGENT),
    ]
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from(makers), st.sampled_from(_CALLS), st.sampled_from(_AGENTS), st.floats(0, 9)),
            max_size=25,
        )
    )
    at, happened = START, []
    for maker, call, agent, later in steps:
        at += round(later, 3)
        happened.append(maker(at, call, agent))
    ends = [events.ContactEnded(at=at + 1, call=c, outcome=Outcome.LOST, by=EndedBy.SYSTEM) for c in _CALLS]
    return numbered(*happened, *ends)


@pytest.fixture
async def memory() -> AsyncIterator[Database]:
    database = Database(make_engine("sqlite+aiosqlite://"))
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=_happenings(), data=st.data())
async def test_cut_anywhere_and_replayed_from_anywhere_the_rows_are_the_same(
    memory: Database, records: list[FeedRecord], data: st.DataObject
):
    cuts = data.draw(st.lists(st.tuples(st.integers(0, len(records)), st.integers(0, len(records))), max_size=4))
    await _empty(memory)
    for start, end in cuts:
        async with memory.begin() as session:
            # A replay begins at or before what is stored: the feed never jumps ahead.
            stored = await stored_position(session)
            await apply_all(session, records[min(start, stored) : end])
    async with memory.begin() as session:
        await apply_all(session, records)
    in_pieces = await _rows(memory)

    await _empty(memory)
    async with memory.begin() as session:
        await apply_all(session, records)
    rows = await _rows(memory)

    assert in_pieces == rows
    assert sorted(row["id"] for row in rows["contact"]) == ["a", "b"]
    assert all(row["outcome"] for row in rows["contact"])
    assert all(row["left_at"] and row["result"] and row["wait_seconds"] >= 0 for row in rows["queue_visit"])
    assert all(row["ended_at"] and row["hold_since"] is None for row in rows["leg"])
    assert all(row["ended_at"] for row in rows["recording_mark"])


async def _empty(database: Database) -> None:
    async with database.begin() as session:
        for table in (FeedPosition, AgentStint, RecordingMark, Recording, QueueVisit, Leg, Contact):
            await session.execute(delete(table))


async def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    async with database.begin() as session:
        for table in (Contact, Leg, QueueVisit, Recording, AgentStint):
            columns = [column for column in table.__table__.columns if column.name != "id" or table in (Contact, Leg)]
            rows = await session.execute(select(*columns))
            found[table.__tablename__] = sorted((dict(row) for row in rows.mappings()), key=repr)
        kept = await session.execute(
            select(Recording.leg_id, RecordingMark.kind, RecordingMark.began_at, RecordingMark.ended_at).join(Recording)
        )
        found["recording_mark"] = sorted((dict(row) for row in kept.mappings()), key=repr)
    return found


class DatabaseThatGoesAway(Database):
    """Refuses until `back` is set; `refused` tells that somebody tried."""

    def __init__(self, db: Database) -> None:
        super().__init__(db.engine)
        self.back, self.refused = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        if not self.back.is_set():
            self.refused.set()
            raise OperationalError("BEGIN", {}, OSError("connection refused"))
        async with super().begin() as session:
            yield session


@asynccontextmanager
async def _running(writer: HistoryWriter) -> AsyncIterator[None]:
    task = asyncio.create_task(writer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_while_the_database_is_away_the_journal_keeps_all_and_each_contact_arrives_once(
    db: Database, tmp_path: Path
):
    journal, away = Journal(tmp_path / "journal"), DatabaseThatGoesAway(db)
    writer = HistoryWriter(away, journal, retry_seconds=0.01)
    async with _running(writer):
        for record in numbered(*an_answered_call("c1"), *an_answered_call("c2", at=START + 500)):
            journal.append(record)
        await asyncio.wait_for(away.refused.wait(), 10)
        assert writer.away
        away.back.set()
        await asyncio.wait_for(writer.written(24), 10)
    async with db.begin() as session:
        assert sorted(await session.scalars(select(Contact.id))) == ["c1", "c2"]
        assert await stored_position(session) == 24


async def test_a_record_the_database_cannot_store_does_not_hold_up_the_others(db: Database, tmp_path: Path):
    journal = Journal(tmp_path / "journal")
    hostile = events.ContactStarted(at=START, call="x" * 80 + "\0", direction=Direction.INBOUND, caller="\0", entry="")
    happened = [*an_answered_call("c1"), hostile, *an_answered_call("c2", at=START + 500)]
    writer = HistoryWriter(db, journal)
    async with _running(writer):
        for record in numbered(*happened):
            journal.append(record)
        await asyncio.wait_for(writer.written(25), 20)
    async with db.begin() as session:
        rows = {row.id: row.outcome for row in await session.scalars(select(Contact))}
    assert rows["c1"] == rows["c2"] == "answered"


async def test_a_restarted_writer_goes_on_where_it_stopped(db: Database, tmp_path: Path):
    journal = Journal(tmp_path / "journal")
    first = HistoryWriter(db, journal)
    async with _running(first):
        for record in numbered(*an_answered_call()[:6]):
            journal.append(record)
        await asyncio.wait_for(first.written(6), 10)
    for record in numbered(*an_answered_call()[6:], first=7):
        journal.append(record)
    second = HistoryWriter(db, Journal(tmp_path / "journal"))
    async with _running(second):
        await asyncio.wait_for(second.written(12), 10)
    async with db.begin() as session:
        found = await contact(session, "c1")
    assert found is not None
    assert found.contact.outcome == "answered"
    assert len(found.contact.legs) == 1


async def test_a_backlog_is_caught_up_with_without_a_pause(db: Database, tmp_path: Path):
    journal = Journal(tmp_path / "journal")
    for record in numbered(*an_answered_call("c1"), *an_answered_call("c2", at=START + 500)):
        journal.append(record)
    writer = HistoryWriter(db, journal, batch=8, pace_seconds=3600)
    async with _running(writer):
        await asyncio.wait_for(writer.written(24), 20)


async def test_what_a_process_writes_that_no_longer_leads_is_refused_whole(db: Database):
    records = numbered(*an_answered_call())
    async with db.begin() as session:
        assert await claim_position(session, 7) == 0
    async with db.begin() as session:
        await apply_all(session, records[:4], epoch=7)
    async with db.begin() as session:
        assert await claim_position(session, 8) == 4
    with pytest.raises(WrittenByAnother, match="lead 8, not by 7"):
        async with db.begin() as session:
            await apply_all(session, records[4:], epoch=7)
    async with db.begin() as session:
        assert await stored_position(session) == 4
        assert await apply_all(session, records, epoch=8) == len(records) - 4
