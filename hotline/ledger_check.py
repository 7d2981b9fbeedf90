"""The check of a day's ledger, wired: our history, Asterisk's event log, the recordings, and the figures of reports."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.clock import from_instant, instant
from crm_core.db import Database, storable
from crm_core.history.writer import stored_position
from crm_core.jobs.actions import ensure
from crm_core.jobs.runner import Due, Handler
from crm_core.ledger import actions
from crm_core.ledger.model import LedgerFinding, LedgerRun
from crm_core.ledger.outside import CallLog, SoundFile
from cti.event_log import joined, logged_calls
from hotline.settings import Settings
from recording.on_disk import sounds_of
from reports.gaps import gap_seconds
from reports.intervals import agent_intervals, queue_intervals
from reports.ledger import check, compare_counts, sums
from reports.ledger_agents import check_agents
from reports.ledger_attempts import attempt_sums, check_attempts
from reports.ledger_outside import bare, check_log, check_sounds
from reports.ledger_queries import counted, read_day, thresholds_of, without_a_row
from reports.ledger_rows import Finding, LedgerDay, Sums
from reports.metrics import QueueCounts
from reports.periods import Period, Step
from reports.queries import queue_counts
from reports.tallies import AgentFigures

log = structlog.get_logger(__name__)

NIGHTLY = "ledger_nightly"
AT_NIGHT = clock_time(2, 40)
LOOK_BACK = timedelta(days=7)
STEPS = 4
OF_CALLS = re.compile(r"-(\d+|m)$")  # talks and voice messages; sounds of answers have rows of their own
TRIES = 5  # of reading a day that is being written
Progress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`deaf` are the seconds of the day without Asterisk's events."""

    sums: Sums
    findings: list[Finding]
    log: CallLog
    deaf: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One picture of a day. `still` = the history was not written meanwhile, so that its figures can be compared."""

    rows: LedgerDay
    ours: dict[str, QueueCounts]
    report: Mapping[str, QueueCounts]
    board: Mapping[str, QueueCounts]
    agents: Mapping[str, AgentFigures]
    deaf: float
    still: bool


async def check_day(settings: Settings, database: Database, day: date, progress: Progress) -> Checked:
    """Look at a day; nothing is written. `progress` is told how many of STEPS are done."""
    period = Period(first=day, last=day, step=Step.DAY, zone=ZoneInfo(settings.site_zone))
    bounds = instant(period.start), instant(period.end)
    called = joined([await asyncio.to_thread(logged_calls, file, *bounds) for file in settings.event_logs])
    await progress(1)
    files = await asyncio.to_thread(_files, settings.recordings_dir, day)
    await progress(2)
    read = await _read(database, period, called)
    await progress(3)
    async with database.begin() as session:
        of_day = {one.leg: one for one in files.values() if one.file.startswith(f"{day:%Y%m%d}/")}
        unknown = [of_day[leg] for leg in await without_a_row(session, of_day) if OF_CALLS.search(leg)]
    found = await asyncio.to_thread(
        lambda: [*check(read.rows), *check_attempts(read.rows), *check_log(read.rows, called)]
    )
    if settings.recordings_dir.is_dir():
        found += check_sounds(read.rows, called, files.keys(), unknown)
    queues, otherwise = compare_counts(read.ours, read.report, read.board)
    agents, lost, apart = check_agents(read.rows, read.agents)
    return Checked(
        sums=replace(sums(read.rows), queues=queues, agents=agents, **_attempt_sums(read.rows)),
        findings=[*found, *lost, *((*otherwise, *apart) if read.still else ())],
        log=called,
        deaf=read.deaf,
    )


def _attempt_sums(rows: LedgerDay) -> dict[str, Any]:
    groups = attempt_sums(rows.attempts)
    return {"attempts": sum(groups.values()), "attempt_groups": groups}


def _files(folder: Path, day: date) -> dict[str, SoundFile]:
    """By name without ending; a talk over midnight lies in a neighbour's folder. Of a kept one and its raw file the
    larger counts."""
    days = (day - timedelta(days=1), day, day + timedelta(days=1))
    try:
        return {bare(file.file): file for file in sorted(sounds_of(folder, days), key=lambda file: file.size)}
    except OSError as away:
        log.warning("ledger_without_recordings", reason=str(away))
        return {}


async def _read(database: Database, period: Period, called: CallLog) -> _Read:
    for _ in range(TRIES):
        async with database.begin() as session:
            before = await stored_position(session)
            rows = await read_day(session, period.start, period.end, called.calls)
            intervals = await queue_intervals(session, period)
            board = await queue_counts(session, period.start, period.end)
            (agents,) = await agent_intervals(session, period, now=from_instant(rows.now))
            ours = counted(rows.visits, await thresholds_of(session))
            deaf = sum(await gap_seconds(session, period.spans()))
            still = await stored_position(session) == before
        report = intervals[0].queues
        read = _Read(rows=rows, ours=ours, report=report, board=board, agents=agents.agents, deaf=deaf, still=still)
        if still:
            break
    return read


async def check_and_keep(settings: Settings, database: Database, run_id: int) -> LedgerRun:
    """Do a run that was asked for, and write what it found. A failure is kept with the run, and raised."""

    async def progress(done: int) -> None:
        async with database.begin() as session:
            row = await session.get_one(LedgerRun, run_id)
            row.state, row.done, row.steps = "running", done, STEPS

    await progress(0)
    async with database.begin() as session:
        day = (await session.get_one(LedgerRun, run_id)).day
    try:
        checked = await check_day(settings, database, day, progress)
    except Exception as wrong:
        async with database.begin() as session:
            row = await session.get_one(LedgerRun, run_id)
            row.state, row.ended_at = "failed", clock.now()
            row.failure = storable(f"{type(wrong).__name__}: {wrong}", 200)
        raise
    async with database.begin() as session:
        at = clock.now()
        row = await session.get_one(LedgerRun, run_id)
        found = [
            actions.Found(kind=str(one.kind), subject=one.subject, contact=one.contact, detail=one.detail)
            for one in checked.findings
        ]
        row.found = await actions.keep(session, day, found, at)
        row.state, row.ended_at, row.done = "done", at, STEPS
        row.sums, row.deaf_seconds = asdict(checked.sums), checked.deaf
        row.logged_from = from_instant(checked.log.first) if checked.log.first is not None else None
        row.logged_until = from_instant(checked.log.last) if checked.log.last is not None else None
    return row


def checker(settings: Settings, database: Database) -> Handler:
    """The handler of actions.CHECK: the last run of the day that was asked for, or one of its own at night."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> None:
        day = date.fromisoformat(job.key)
        async with database.begin() as own:
            run = await actions.last_run(own, day)
            if run is None or run.state not in actions.BUSY:
                run = LedgerRun(day=day, asked_at=at)
                own.add(run)
                await own.flush()
        await check_and_keep(settings, database, run.id)

    return handle


def nightly(settings: Settings) -> Handler:
    """The handler of NIGHTLY: yesterday, and each day of the last week that has something open."""
    zone = ZoneInfo(settings.site_zone)

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        today = at.astimezone(zone).date()
        open_days = select(LedgerFinding.day).where(
            LedgerFinding.resolved_at.is_(None), LedgerFinding.day >= today - LOOK_BACK, LedgerFinding.day < today
        )
        for day in {today - timedelta(days=1), *await session.scalars(open_days.distinct())}:
            await ensure(session, actions.CHECK, day.isoformat(), at)
        tonight = datetime.combine(today, AT_NIGHT, zone)
        return tonight if tonight > at else datetime.combine(today + timedelta(days=1), AT_NIGHT, zone)

    return handle
