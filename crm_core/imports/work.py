"""The job that checks, takes over or takes back a file: one batch, one transaction; after a crash it goes on behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.care.soon import plan_everybody_soon
from crm_core.customers.duplicates import mark
from crm_core.customers.watching import leave_unwatched
from crm_core.db import Base
from crm_core.imports.actions import STEP
from crm_core.imports.batch import Batch, known_dealers
from crm_core.imports.files import rows_from
from crm_core.imports.model import DataImport, ImportChange, ImportProblem
from crm_core.imports.reading import ReadRow, key_of, read_row
from crm_core.imports.records import take
from crm_core.imports.seen import first_lines
from crm_core.imports.undoing import look, take_back
from crm_core.integration.outbox import tell
from crm_core.jobs.actions import schedule
from crm_core.jobs.runner import Due, Handler
from crm_core.vehicles.model import VehicleRole

BATCH = 500
_MOST_PROBLEMS = 50_000  # kept for the list of errors; all are counted


def import_handlers(folder: Path, zone: tzinfo) -> Mapping[str, Handler]:
    """`folder` is where uploads lie, `zone` the site's clock in which files give times."""

    async def step(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        row = await session.get(DataImport, int(job.key), with_for_update=True)
        if row is None:
            return None
        if row.state == "undoing":
            return await _go_back(session, row, job, at)
        if row.state not in ("checking", "running"):
            return None
        return await _next_batch(session, row, folder, zone, at)

    return {STEP: step}


async def _go_back(session: AsyncSession, row: DataImport, job: Due, at: datetime) -> datetime | None:
    """First a look whether all of it may go; then, batch by batch, it goes."""
    if not job.payload:
        if await look(session, row, at):
            await schedule(session, STEP, job.key, at, {"looked": True})
            return at
        return None
    return at if await take_back(session, row, at) else None


async def _next_batch(
    session: AsyncSession, row: DataImport, folder: Path, zone: tzinfo, at: datetime
) -> datetime | None:
    file = folder / row.file
    if not await asyncio.to_thread(file.exists):
        row.state, row.failure, row.ended_at = "failed", "The file is gone. Upload it again.", at
        return None
    raw, position = await asyncio.to_thread(rows_from, file, row.position, BATCH)
    rows = [read_row(row.kind, row.columns, one, zone) for one in raw]
    await _refuse_doubles(row.kind, rows, file)
    results = await _taken(session, row, rows, at, zone)
    await _count(session, row, rows, results)
    row.position, row.done = position, row.done + len(rows)
    if len(raw) == BATCH:
        return at
    row.state, row.ended_at = "checked" if row.state == "checking" else "done", at
    if row.state == "done":
        await plan_everybody_soon(session, at)
        facts = {"kind": row.kind, **row.counts}
        await tell(session, "import.done", f"import/{row.id}", facts, at=at)
    return None


async def _refuse_doubles(kind: str, rows: Sequence[ReadRow], file: Path) -> None:
    keys = {row.line: key_of(kind, row.facts) for row in rows if row.usable}
    first = await asyncio.to_thread(first_lines, file, keys)
    for row in rows:
        if row.line in keys and first[row.line] != row.line:
            row.refuse("double", "", str(first[row.line]))


async def _taken(
    session: AsyncSession, row: DataImport, rows: list[ReadRow], at: datetime, zone: tzinfo
) -> dict[int, str]:
    """What became of each line. A check does the same work and undoes it."""
    dealers = await known_dealers(session)
    leave_unwatched(session)
    while True:
        trial = await session.begin_nested()
        batch = Batch(session, rows, at, overwrite=row.policy == "overwrite", system=row.system)
        batch.dealers, batch.zone, batch.by = dealers, zone, row.uploaded_by
        batch.consent, batch.asks_each = row.consent, "consent" in row.columns
        whole = await take(row.kind, batch)
        if whole and row.state == "running":
            changes = [{"import_id": row.id, **change} for change in batch.changes()]
            await trial.commit()
            if changes:
                await session.execute(insert(Base.metadata.tables[ImportChange.__tablename__]), changes)
                await mark(session, await _touched(session, changes))
            return batch.results
        await trial.rollback()
        if whole:
            return batch.results


async def _touched(session: AsyncSession, changes: Sequence[Mapping[str, Any]]) -> set[int]:
    """Customers to be compared again: who is named by a row or is one, and whose vehicle has another plate now."""
    named = {change["after"].get("customer_id") for change in changes}
    named |= {change["key"]["id"] for change in changes if change["of_table"] == "customer"}
    plates = {one["key"]["id"] for one in changes if one["of_table"] == "vehicle" and "plate" in one["after"]}
    if plates:
        named |= set(await session.scalars(select(VehicleRole.customer_id).where(VehicleRole.vehicle_id.in_(plates))))
    return {one for one in named if one}


async def _count(session: AsyncSession, row: DataImport, rows: Sequence[ReadRow], results: Mapping[int, str]) -> None:
    counts, problems, warnings = Counter(row.counts), Counter(row.problems), Counter(row.warnings)
    kept = sum(problems.values()) + sum(warnings.values())
    found = []
    for one in rows:
        counts["refused" if not one.usable else results.get(one.line, "unchanged")] += 1
        for problem in one.problems:
            (problems if problem.refused else warnings)[f"{problem.kind}.{problem.field}"] += 1
            facts = {"kind": problem.kind, "field": problem.field, "value": problem.value, "refused": problem.refused}
            found.append({"import_id": row.id, "line": one.line, **facts})
    if found and kept < _MOST_PROBLEMS:
        await session.execute(insert(ImportProblem), found)
    row.counts, row.problems, row.warnings = dict(counts), dict(problems), dict(warnings)
