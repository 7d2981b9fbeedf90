"""An import from the upload to its undoing. The long work is done by imports.work, batch by batch."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.clock import instant
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.imports import fields
from crm_core.imports.apart import converted
from crm_core.imports.files import MOST_BYTES, Converted
from crm_core.imports.leftovers import sweep
from crm_core.imports.model import DataImport, ImportColumns, ImportProblem
from crm_core.imports.unusable import Unusable
from crm_core.jobs.actions import schedule

STEP = "import_step"
BUSY = ("checking", "running", "undoing")
POLICIES = ("fill", "overwrite")


async def receive(
    folder: Path, kind: str, content: AsyncIterator[bytes], *, announced: int | None = None
) -> tuple[str, Converted]:
    """Put an upload on disk, read it into rows there; gives the rows' file name. No transaction is open meanwhile.

    `announced` is the size in bytes that the sender told. Raises Unusable for a file that is too large, empty, or none
    that can be read; nothing is left then.
    """
    if kind not in fields.KINDS:
        raise Invalid("Choose what the file holds.", field="kind")
    if announced is not None and announced > MOST_BYTES:
        raise _too_large()
    token = secrets.token_hex(12)
    coming, rows = folder / f"{token}.coming", folder / f"{token}.rows"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    try:
        with await asyncio.to_thread(coming.open, "wb") as out:
            await _copy(content, out)
        return rows.name, await converted(coming, rows, kind)
    except BaseException:
        await asyncio.to_thread(rows.unlink, missing_ok=True)
        raise
    finally:
        await asyncio.to_thread(coming.unlink, missing_ok=True)


async def _copy(content: AsyncIterator[bytes], out: BinaryIO) -> None:
    size = 0
    async for chunk in content:
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large()
        await asyncio.to_thread(out.write, chunk)


def _too_large() -> Unusable:
    return Unusable("A file may have {most} MB. Send it in parts.", most=MOST_BYTES // 2**20)


async def register(
    session: AsyncSession, kind: str, name: str, file: str, found: Converted, *, actor: str, at: datetime
) -> DataImport:
    """The import of a received file, its columns guessed or as they were chosen for the same header before."""
    remembered = await session.scalar(
        select(ImportColumns.columns).where(
            ImportColumns.kind == kind, ImportColumns.header_hash == _hash(found.header)
        )
    )
    row = DataImport(kind=kind, name=storable(Path(name.replace("\\", "/")).name, 120) or "file", file=file)
    row.size, row.sha256, row.encoding = found.size, found.sha256, found.encoding
    row.header, row.rows = found.header, found.rows
    row.columns = remembered or fields.guess(kind, found.header)
    row.uploaded_at, row.uploaded_by = at, storable(actor, 16)
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="import_uploaded", subject=_subject(row), detail=row.name)
    return row


async def sweep_leftovers(session: AsyncSession, folder: Path, *, at: datetime) -> int:
    """Remove what uploads left behind that broke off with the process; gives how many files."""
    known = list(await session.scalars(select(DataImport.file)))
    return await asyncio.to_thread(sweep, folder, known, instant(at))


async def check(
    session: AsyncSession,
    import_id: int,
    *,
    columns: Sequence[str],
    policy: str,
    system: str,
    consent: str = "",
    actor: str,
    at: datetime,
) -> DataImport:
    """Try the whole file without keeping anything: what the real run would do, and every error."""
    row = await _get(session, import_id, ("uploaded", "checked", "failed"))
    row.columns, row.policy = _usable_columns(row, columns), policy if policy in POLICIES else "fill"
    row.system = storable(system.strip(), 20) or row.kind
    row.consent = storable(" ".join(consent.split()), 120) if row.kind == "leads" else ""
    await _remember(session, row, at)
    await _begin(session, row, "checking", at)
    await audit(session, at=at, actor=actor, action="import_checked", subject=_subject(row))
    return row


async def run(session: AsyncSession, import_id: int, *, actor: str, at: datetime) -> DataImport:
    """Take over what was checked."""
    row = await _get(session, import_id, ("checked",))
    if row.counts.get("created", 0) + row.counts.get("updated", 0) == 0:
        raise Refused("There is nothing in this file to take over.")
    await _begin(session, row, "running", at)
    await audit(session, at=at, actor=actor, action="import_started", subject=_subject(row), detail=row.name)
    return row


async def undo(session: AsyncSession, import_id: int, *, actor: str, at: datetime) -> DataImport:
    """Take back all that the import wrote, unless somebody has changed some of it since (imports.undoing)."""
    row = await _get(session, import_id, ("done",))
    row.state, row.began_at, row.ended_at, row.failure = "undoing", at, None, ""
    await schedule(session, STEP, str(row.id), at)
    await audit(session, at=at, actor=actor, action="import_undone", subject=_subject(row), detail=row.name)
    return row


async def remove(session: AsyncSession, folder: Path, import_id: int, *, actor: str, at: datetime) -> None:
    """Forget an import that wrote nothing, and its file."""
    row = await _get(session, import_id, ("uploaded", "checked", "failed", "undone"))
    await session.delete(row)
    for path in (folder / row.file, (folder / row.file).with_suffix(".keys")):
        await asyncio.to_thread(path.unlink, missing_ok=True)
    await audit(session, at=at, actor=actor, action="import_removed", subject=_subject(row), detail=row.name)


async def _get(session: AsyncSession, import_id: int, states: Sequence[str]) -> DataImport:
    row = await session.get(DataImport, import_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such import.")
    if row.state in BUSY:
        raise Refused("This import is at work. Wait until it is done.")
    if row.state not in states:
        raise Refused("This import is past that step. Load the page again.")
    return row


def _usable_columns(row: DataImport, columns: Sequence[str]) -> list[str]:
    known = {field.name for field in fields.KINDS[row.kind]}
    chosen = [name if name in known else "" for name in columns][: len(row.header)]
    chosen += [""] * (len(row.header) - len(chosen))
    twice = sorted({name for name in chosen if name and chosen.count(name) > 1})
    if twice:
        raise Invalid(
            "Two columns are the same field: {name}.", name=twice[0], field=f"column.{chosen.index(twice[0])}"
        )
    lacking = fields.missing(row.kind, chosen)
    if lacking:
        raise Invalid("Say which column is: {name}.", name=lacking[0], field="columns")
    return chosen


async def _remember(session: AsyncSession, row: DataImport, at: datetime) -> None:
    known = await session.scalar(
        select(ImportColumns).where(ImportColumns.kind == row.kind, ImportColumns.header_hash == _hash(row.header))
    )
    if known is None:
        known = ImportColumns(kind=row.kind, header_hash=_hash(row.header))
        session.add(known)
    known.columns, known.used_at = row.columns, at


async def _begin(session: AsyncSession, row: DataImport, state: str, at: datetime) -> None:
    row.state, row.began_at, row.ended_at, row.failure = state, at, None, ""
    row.position, row.done, row.counts, row.problems, row.warnings = 0, 0, {}, {}, {}
    await session.execute(delete(ImportProblem).where(ImportProblem.import_id == row.id))
    await schedule(session, STEP, str(row.id), at)


def _hash(header: Sequence[str]) -> str:
    return sha256("\x1f".join(map(fields.fold, header)).encode()).hexdigest()


def _subject(row: DataImport) -> str:
    return f"import/{row.id}"
