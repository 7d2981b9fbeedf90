"""Sealing: the checksums of a recording's new form go into its row and, in the same transaction, into the chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.chaining import ChainEnd, instant, link
from crm_core.history.model import Recording
from crm_core.seals.model import LeavingFile, RecordingSeal, SealHead

_NOW = (
    update(Recording.__table__)  # type: ignore[arg-type]
    .where(Recording.id == bindparam("one"))
    .values({name: bindparam(name) for name in ("file", "place", "sha256", "bytes")})
)
_END = ChainEnd(SealHead.metadata.tables[SealHead.__tablename__])


class Sealed(StrEnum):
    """Why a form of a recording came to be."""

    KEPT = "kept"
    ADOPTED = "adopted"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A stored file: its name below the recordings folder, the place ("" = local disk, "s3"), and its checksums."""

    file: str
    sha256: str
    plain_sha256: str
    bytes: int
    place: str = ""


async def seal(session: AsyncSession, recording: int, kind: Sealed, form: Form, at: datetime) -> RecordingSeal:
    """The recording has this form from now on; the file of the form before is put down to be removed.

    Other writers of seals wait until this transaction ends, so call it last in a transaction.
    """
    [row] = await seal_all(session, kind, {recording: form}, at)
    return row


async def seal_all(session: AsyncSession, kind: Sealed, forms: Mapping[int, Form], at: datetime) -> list[RecordingSeal]:
    """`seal` for many recordings: as many questions to the database as for one. At most some hundreds at a time."""
    if not forms:
        return []
    n, previous = await _END.claim(session, len(forms))
    before = await _last_seals(session, forms)
    rows = []
    for number, (recording, form) in enumerate(forms.items(), start=n):
        last = before.get(recording)
        row = RecordingSeal(
            n=number, recording_id=recording, kind=kind.value, file=form.file, place=form.place, sha256=form.sha256,
            plain_sha256=form.plain_sha256, bytes=form.bytes, replaces=last.sha256 if last else "",
            sealed_at=at.astimezone(UTC), previous=previous,
        )  # fmt: skip
        row.hash = previous = chained(previous, row)
        rows.append(row)
        if last and kind is not Sealed.DELETED and (last.file, last.place) != (form.file, form.place):
            session.add(LeavingFile(recording_id=recording, file=last.file, place=last.place, since=at))
    session.add_all(rows)
    await session.flush()
    await _END.close(session, previous)
    if kind is not Sealed.DELETED:
        values = [
            {"one": recording, "file": form.file, "place": form.place, "sha256": form.sha256, "bytes": form.bytes}
            for recording, form in forms.items()
        ]
        await (await session.connection()).execute(_NOW, values)
    return rows


async def _last_seals(session: AsyncSession, recordings: Collection[int]) -> dict[int, RecordingSeal]:
    """The newest of each that was sealed."""
    theirs = select(RecordingSeal).where(RecordingSeal.recording_id.in_(recordings)).order_by(RecordingSeal.n)
    return {one.recording_id: one for one in await session.scalars(theirs)}


async def last_seal(session: AsyncSession, recording: int) -> RecordingSeal | None:
    """The newest of this recording; None = it was never sealed."""
    mine = select(RecordingSeal).where(RecordingSeal.recording_id == recording)
    newest: RecordingSeal | None = await session.scalar(mine.order_by(RecordingSeal.n.desc()).limit(1))
    return newest


async def seal_deleted(session: AsyncSession, recording: int, at: datetime) -> RecordingSeal | None:
    """The chain says that it went by right. None where it had no seal."""
    last = await last_seal(session, recording)
    if last is None:
        return None
    form = Form(file=last.file, sha256=last.sha256, plain_sha256=last.plain_sha256, bytes=last.bytes, place=last.place)
    return await seal(session, recording, Sealed.DELETED, form, at)


def chained(previous: str, row: RecordingSeal) -> str:
    """The hash that a seal must have after one with the hash `previous`."""
    fields = [row.n, row.recording_id, row.kind, row.file, row.place, row.sha256, row.plain_sha256, row.bytes]
    return link(previous, [*fields, row.replaces, instant(row.sealed_at)])
