"""Sealing: the checksums of a recording's new form go into its row and, in the same transaction, into the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.chaining import ChainEnd, instant, link
from crm_core.history.model import Recording
from crm_core.seals.model import LeavingFile, RecordingSeal, SealHead

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
    n, previous = await _END.claim(session)
    last = await last_seal(session, recording)
    row = RecordingSeal(
        n=n, recording_id=recording, kind=kind.value, file=form.file, place=form.place, sha256=form.sha256,
        plain_sha256=form.plain_sha256, bytes=form.bytes, replaces=last.sha256 if last else "",
        sealed_at=at.astimezone(UTC), previous=previous,
    )  # fmt: skip
    row.hash = chained(previous, row)
    session.add(row)
    if last and kind is not Sealed.DELETED and (last.file, last.place) != (form.file, form.place):
        session.add(LeavingFile(recording_id=recording, file=last.file, place=last.place, since=at))
    await session.flush()
    await _END.close(session, row.hash)
    if kind is not Sealed.DELETED:
        values = {"file": form.file, "place": form.place, "sha256": form.sha256, "bytes": form.bytes}
        await session.execute(update(Recording).where(Recording.id == recording).values(**values))
    return row


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
