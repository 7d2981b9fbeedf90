"""Puts the feed into the database, each record exactly once: the position moves in the rows' own transaction."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.campaigns.settling import load_attempts, settle_told
from crm_core.customers.last_contact import keep_last_contact
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.figures.gaps import keep_gaps
from crm_core.flows.model import MenuVisit
from crm_core.history.events import CallerIdentified, ContactEnded, ContactStarted, FeedRecord, HistoryEvent, MenuLeft
from crm_core.history.journal import Journal
from crm_core.history.model import AgentStint, Contact, FeedPosition, Leg, QueueVisit, Recording, RecordingMark
from crm_core.history.position import READER, WrittenByAnother
from crm_core.history.projection import Rows, project
from crm_core.questionnaires.told import keep_responses
from crm_core.surveys.model import SurveyRound, SurveyScore
from crm_core.surveys.projection import SurveyEvent

log = structlog.get_logger()

BATCH = 500
PACE_SECONDS = 0.3  # from one transaction to the next: each costs as much CPU as thirty records in it
BUSY_RECORDS, BUSY_TIMES = 20, 2  # so many waiting: the next transaction comes so many times later, and saves one
RELEASE_EVERY = 5_000
STILL_REPLAYED = 2_000  # the telephone side replays the last second of the feed after a kill


async def stored_position(session: AsyncSession, reader: str = READER) -> int:
    """The number of the last record in the database; 0 = none. A new Journal must go on behind it."""
    return await session.scalar(select(FeedPosition.number).where(FeedPosition.reader == reader)) or 0


async def apply(session: AsyncSession, record: FeedRecord, *, reader: str = READER) -> bool:
    """Write one record's rows; False when they were written before. The caller's transaction makes it final."""
    return await apply_all(session, [record], reader=reader) == 1


async def apply_all(
    session: AsyncSession, records: Sequence[FeedRecord], *, reader: str = READER, epoch: int | None = None
) -> int:
    """Write the rows of the records that are new, and move the position; gives how many were new.

    Raises WrittenByAnother when the position is not of the lead `epoch`.
    """
    position = await session.get(FeedPosition, reader, with_for_update=True)
    if position is None:
        position = FeedPosition(reader=reader, number=0, epoch=epoch or 0)
        session.add(position)
    if epoch is not None and position.epoch != epoch:
        raise WrittenByAnother(f"{reader} is written by lead {position.epoch}, not by {epoch}")
    fresh = [record for record in records if record.number > position.number]
    if not fresh:
        return 0
    rows = await _load(session, [record.event for record in fresh])
    for record in fresh:
        project(rows, record.event)
    position.number = fresh[-1].number
    # Contacts first: legs, visits and recordings point at them; then rounds of questions, at which answers point.
    for first in (Contact, SurveyRound):
        if pointed_at := [row for row in rows.new if isinstance(row, first)]:
            session.add_all(pointed_at)
            await session.flush()
    session.add_all(rows.new)
    await session.flush()
    await keep_responses(session, [record.event for record in fresh])
    await keep_gaps(session, [record.event for record in fresh])
    await keep_last_contact(session, _ended(rows, fresh))
    await settle_told(session, rows.campaigns)
    return len(fresh)


def _ended(rows: Rows, records: Sequence[FeedRecord]) -> dict[int, datetime]:
    """The customers whose contact ended in these records, with its beginning."""
    ended: dict[int, datetime] = {}
    for record in records:
        contact = rows.contacts.get(record.event.call) if isinstance(record.event, ContactEnded) else None
        if contact is not None and contact.customer_id is not None:
            known = ended.get(contact.customer_id, contact.started_at)
            ended[contact.customer_id] = max(known, contact.started_at)
    return ended


class HistoryWriter:
    """Follows the journal. While the database is away it waits and tries again; the journal keeps all."""

    def __init__(
        self,
        db: Database,
        journal: Journal,
        *,
        reader: str = READER,
        retry_seconds: float = 0.5,
        batch: int = BATCH,
        pace_seconds: float = PACE_SECONDS,
        epoch: int | None = None,
    ) -> None:
        self._db, self._journal, self._reader, self._epoch = db, journal, reader, epoch
        self._retry_seconds, self._batch, self._pace_seconds = retry_seconds, batch, pace_seconds
        self._moved = asyncio.Event()
        self._released = 0
        self.position = 0
        self.away = False

    async def run(self) -> None:
        """Until cancelled. The first record after a pause is written at once; under load many go in one transaction."""
        began, pace = -math.inf, self._pace_seconds  # the clock counts from the machine's start
        while True:
            await self._journal.wait_beyond(self.position)
            await asyncio.sleep(began + pace - time.monotonic())
            began = time.monotonic()
            waiting = list(self._journal.read(self.position, self._batch))
            pace = self._pace_after(len(waiting))
            if not waiting:  # released or damaged lines: nothing to write up to here
                self._move(self._journal.last_number)
                continue
            await asyncio.to_thread(self._journal.flush)
            if await self._write(waiting):
                self._move(waiting[-1].number)
            else:
                await asyncio.sleep(self._retry_seconds)

    def _pace_after(self, records: int) -> float:
        """A whole batch means that more are waiting: they are caught up with first."""
        if records >= self._batch:
            return 0.0
        return self._pace_seconds * (BUSY_TIMES if records > BUSY_RECORDS else 1)

    async def written(self, number: int) -> None:
        """Return when the record with this number is in the database."""
        while self.position < number:
            self._moved.clear()
            await self._moved.wait()

    async def _write(self, records: list[FeedRecord]) -> bool:
        """False when the database is away. A record it refuses for what it says is left out, alone and loudly."""
        try:
            await self._write_batch(records)
        except (OperationalError, InterfaceError, OSError) as fault:
            if not self.away:
                log.error("history: database away, the journal keeps everything", error=str(fault)[:300])
            self.away = True
            return False
        except (DBAPIError, ValueError, TypeError, OverflowError) as refusal:
            if len(records) == 1:
                log.error("history: record left out", record=repr(records[0])[:500], error=str(refusal)[:500])
                return await self._skip(records[0].number)
            for record in records:
                if not await self._write([record]):
                    return False
        if self.away:
            log.info("history: database is back", position=records[-1].number)
        self.away = False
        return True

    async def _write_batch(self, records: Sequence[FeedRecord]) -> None:
        async with self._db.begin() as session:
            await apply_all(session, records, reader=self._reader, epoch=self._epoch)

    async def _skip(self, number: int) -> bool:
        try:
            async with self._db.begin() as session:
                position = await session.get_one(FeedPosition, self._reader, with_for_update=True)
                position.number = max(position.number, number)
        except (DBAPIError, OSError):
            return False
        return True

    def _move(self, number: int) -> None:
        self.position = number
        self._moved.set()
        if number - self._released >= RELEASE_EVERY:
            self._journal.release(number - STILL_REPLAYED)
            self._released = number


async def _load(session: AsyncSession, events: Sequence[HistoryEvent]) -> Rows:
    """The rows that these events may touch."""
    calls = {call for event in events if (call := getattr(event, "call", ""))}
    agents = {agent for event in events if (agent := getattr(event, "agent", ""))}
    rows = Rows()
    for contact in await session.scalars(select(Contact).where(Contact.id.in_(calls))):
        rows.contacts[contact.id] = contact
    for leg in await session.scalars(select(Leg).where(Leg.contact_id.in_(rows.contacts)).order_by(Leg.offered_at)):
        rows.legs[leg.id] = leg
    visits = select(QueueVisit).where(QueueVisit.contact_id.in_(rows.contacts)).order_by(QueueVisit.entered_at)
    for visit in await session.scalars(visits):
        rows.visits.setdefault(visit.contact_id, []).append(visit)
    await _load_recordings(session, rows)
    for message in await session.scalars(select(VoiceMessage).where(VoiceMessage.contact_id.in_(calls))):
        rows.messages[message.contact_id] = message
    menus = {event.call for event in events if isinstance(event, MenuLeft) and event.visits}
    if menus:
        stored = select(MenuVisit.contact_id, func.count()).where(MenuVisit.contact_id.in_(menus))
        counted = await session.execute(stored.group_by(MenuVisit.contact_id))
        rows.walked = dict(iter(counted))
    booked = {callback for event in events if (callback := getattr(event, "callback", ""))}
    if booked:
        for callback in await session.scalars(select(Callback).where(Callback.id.in_(booked))):
            rows.callbacks[callback.id] = callback
    await _load_surveys(session, rows, events)
    rows.campaigns = await load_attempts(session, calls)
    stints = select(AgentStint).where(AgentStint.agent.in_(agents), AgentStint.ended_at.is_(None))
    for stint in await session.scalars(stints):
        rows.stints[stint.agent] = stint
    named = {i for event in events if isinstance(event, CallerIdentified) for i in event.matches}
    named |= {event.customer_id for event in events if isinstance(event, ContactStarted) and event.customer_id}
    rows.customers = set(await session.scalars(select(Customer.id).where(Customer.id.in_(named)))) if named else set()
    return rows


async def _load_recordings(session: AsyncSession, rows: Rows) -> None:
    for recording in await session.scalars(select(Recording).where(Recording.contact_id.in_(rows.contacts))):
        rows.recordings[recording.leg_id] = recording
    of_leg = {recording.id: recording.leg_id for recording in rows.recordings.values()}
    marks = select(RecordingMark).where(RecordingMark.recording_id.in_(of_leg)).order_by(RecordingMark.id)
    for mark in await session.scalars(marks):
        rows.marks.setdefault(of_leg[mark.recording_id], []).append(mark)


async def _load_surveys(session: AsyncSession, rows: Rows, events: Sequence[HistoryEvent]) -> None:
    calls = {event.call for event in events if isinstance(event, SurveyEvent)}
    if not calls:
        return
    for found in await session.scalars(select(SurveyRound).where(SurveyRound.contact_id.in_(calls))):
        rows.rounds[found.leg_id] = found
    for answer in await session.scalars(select(SurveyScore).where(SurveyScore.contact_id.in_(calls))):
        rows.answers[answer.leg_id, answer.question] = answer
