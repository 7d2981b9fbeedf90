"""What the pages show of imports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import NotFound
from crm_core.imports.files import rows_from
from crm_core.imports.model import DataImport, ImportProblem
from crm_core.imports.reading import RawRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCount:
    """How often one thing is wrong in one field, with an example."""

    kind: str
    field: str
    refused: bool
    count: int
    line: int
    value: str


async def imports(session: AsyncSession, *, kind: str = "", limit: int = 100) -> list[DataImport]:
    """The latest first; `kind` "" = all."""
    statement = select(DataImport).order_by(DataImport.id.desc()).limit(limit)
    return list(await session.scalars(statement.where(DataImport.kind == kind) if kind else statement))


async def with_numbers(session: AsyncSession, limit: int = 20) -> list[DataImport]:
    """Those that were taken over and have a column of telephone numbers, the latest first."""
    done = select(DataImport).where(DataImport.state == "done").order_by(DataImport.id.desc()).limit(limit)
    return [one for one in await session.scalars(done) if "phone" in one.columns]


async def one_import(session: AsyncSession, import_id: int) -> DataImport:
    row = await session.get(DataImport, import_id)
    if row is None:
        raise NotFound("There is no such import.")
    return row


async def problem_counts(session: AsyncSession, row: DataImport) -> list[ProblemCount]:
    """By kind and field, what keeps most rows out first."""
    examples = (
        select(ImportProblem.kind, ImportProblem.field, func.min(ImportProblem.id))
        .where(ImportProblem.import_id == row.id)
        .group_by(ImportProblem.kind, ImportProblem.field)
    )
    first = {(kind, field): problem_id for kind, field, problem_id in await session.execute(examples)}
    rows = await session.scalars(select(ImportProblem).where(ImportProblem.id.in_(first.values())))
    found = [
        ProblemCount(
            kind=one.kind,
            field=one.field,
            refused=one.refused,
            count=(row.problems if one.refused else row.warnings).get(f"{one.kind}.{one.field}", 0),
            line=one.line,
            value=one.value,
        )
        for one in rows
    ]
    return sorted(found, key=lambda one: (not one.refused, -one.count, one.line))


async def problems(session: AsyncSession, import_id: int) -> AsyncIterator[ImportProblem]:
    """All that were kept, in the order of the file."""
    statement = select(ImportProblem).where(ImportProblem.import_id == import_id)
    rows = await session.stream_scalars(
        statement.order_by(ImportProblem.line, ImportProblem.id).execution_options(yield_per=1000)
    )
    async for one in rows:
        yield one


async def first_rows(folder: Path, row: DataImport, most: int = 5) -> list[RawRow]:
    """[] when the file is gone."""
    file = folder / row.file
    if not await asyncio.to_thread(file.exists):
        return []
    return (await asyncio.to_thread(rows_from, file, 0, most))[0]
