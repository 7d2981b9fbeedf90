"""Checks recordings against their seals: every file, every row, and the chain itself. It changes nothing."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.history.model import Recording
from crm_core.seals.chain_check import anchors_of, check_chain, head_of
from crm_core.seals.findings import Finding, FindingKind
from crm_core.seals.model import RecordingSeal
from crm_core.seals.sealing import Sealed
from recording.checksums import digest_of
from recording.encryption import NotReadable, decrypt
from recording.erasing import DELETED
from recording.files import ENCRYPTED, bare
from recording.library import PLAYABLE
from recording.site_keys import KeysRefused, NoSiteKey
from recording.vault import SoundMissing, Vault
from recording.volume import is_away

AT_ONCE = 200
Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class Checked:
    """`files` were looked at, `read` of them whole; `opened` = encrypted ones that were decrypted, too.

    `away` = the volume or the store could not be reached, so that the rest is not known.
    """

    seals: int = 0
    end: str = ""
    files: int = 0
    read: int = 0
    opened: int = 0
    away: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings and not self.away


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Recordings that began in [since, until); the chain is always read whole. `read(id)` = this one's bytes, too."""

    since: datetime | None = None
    until: datetime | None = None
    read: Callable[[int], bool] = lambda _: True


class Verifier:
    """One check. `progress(done, of)` is called after each recording."""

    def __init__(self, database: Database, vault: Vault, wanted: Wanted, progress: Progress | None = None) -> None:
        self._database, self._vault, self._wanted = database, vault, wanted
        self._progress = progress or (lambda _done, _of: None)
        self._checked = Checked()

    async def run(self) -> Checked:
        """SoundAway and StoreAway do not come out: they are told as `away`."""
        told = self._checked
        async with self._database.begin() as session:
            told.findings += [one async for one in check_chain(session, await anchors_of(session))]
            told.seals, told.end = await head_of(session)
            told.findings += await _sealed_without_a_row(session)
            of = await session.scalar(select(func.count()).select_from(Recording).where(*self._conditions())) or 0
        if await asyncio.to_thread(is_away, self._vault.folder):
            told.away = "The volume with the recordings is not there."
            return told
        after, done = 0, 0
        while rows := await self._part(after):
            for row, seal in rows:
                await self._look(row, seal)
                after, done = row.id, done + 1
                self._progress(done, of)
        return told

    async def one(self, recording: int) -> Checked:
        """This recording alone, its bytes too, and nothing of the chain."""
        newest = select(RecordingSeal).where(RecordingSeal.recording_id == recording)
        async with self._database.begin() as session:
            row = await session.get(Recording, recording)
            seal = await session.scalar(newest.order_by(RecordingSeal.n.desc()).limit(1))
        if row is not None and await asyncio.to_thread(is_away, self._vault.folder):
            self._checked.away = "The volume with the recordings is not there."
        elif row is not None:
            await self._look(row, seal)
        return self._checked

    def _conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = [Recording.status.in_((*PLAYABLE, DELETED))]
        if self._wanted.since:
            wanted.append(Recording.started_at >= self._wanted.since)
        if self._wanted.until:
            wanted.append(Recording.started_at < self._wanted.until)
        return wanted

    async def _part(self, after: int) -> list[tuple[Recording, RecordingSeal | None]]:
        newest = select(func.max(RecordingSeal.n)).where(RecordingSeal.recording_id == Recording.id)
        rows = select(Recording, RecordingSeal).outerjoin(
            RecordingSeal, RecordingSeal.n == newest.correlate(Recording).scalar_subquery()
        )
        rows = rows.where(Recording.id > after, *self._conditions()).order_by(Recording.id).limit(AT_ONCE)
        async with self._database.begin() as session:
            return [(row, seal) for row, seal in await session.execute(rows)]

    async def _look(self, row: Recording, seal: RecordingSeal | None) -> None:
        try:
            found = await self._fault(row, seal)
        except SoundMissing:
            found = (FindingKind.MISSING, "")
        except Exception as away:  # one that cannot be read must not hide the faults of the others
            self._checked.away = str(away)
            return
        if found and not await self._changed_meanwhile(row, seal):
            kind, told = found
            self._checked.findings.append(Finding(kind=kind, name=row.file, recording=row.id, told=told))

    async def _fault(self, row: Recording, seal: RecordingSeal | None) -> tuple[FindingKind, str] | None:
        if seal is None:
            return (FindingKind.UNSEALED, "") if row.status in PLAYABLE else None
        gone = seal.kind == Sealed.DELETED
        if gone != (row.status == DELETED):
            return FindingKind.ROW_CHANGED, f"its row says {row.status}, its seal {seal.kind}"
        if (row.file, row.place, row.sha256, row.bytes) != (seal.file, seal.place, seal.sha256, seal.bytes):
            return FindingKind.ROW_CHANGED, "file, place or checksum of its row are not those of its seal"
        if gone:
            return None
        self._checked.files += 1
        return await self._content(row, seal)

    async def _content(self, row: Recording, seal: RecordingSeal) -> tuple[FindingKind, str] | None:
        if not self._wanted.read(row.id):
            size = await self._size(row)
            return None if size == seal.bytes else _by_size(size, seal)
        async with self._vault.stored(row.file, row.place) as path:
            size, digest = await asyncio.to_thread(digest_of, path)
            self._checked.read += 1
            if digest != seal.sha256:
                return await self._how_it_differs(size, digest, seal)
            return await self._inside(row.file, path, seal)

    async def _size(self, row: Recording) -> int:
        if row.place and self._vault.store is not None:
            size = await self._vault.store.size(row.file)
            if size is None:
                raise SoundMissing("missing")
            return size
        async with self._vault.stored(row.file, row.place) as path:
            return path.stat().st_size

    async def _how_it_differs(self, size: int, digest: str, seal: RecordingSeal) -> tuple[FindingKind, str]:
        async with self._database.begin() as session:
            other = await session.scalar(select(RecordingSeal.file).where(RecordingSeal.sha256 == digest).limit(1))
        if other is not None:
            return FindingKind.SWAPPED, f"it holds what {other} held"
        return _by_size(size, seal)

    async def _inside(self, file: str, stored: Path, seal: RecordingSeal) -> tuple[FindingKind, str] | None:
        """With the key an encrypted one is opened, too; without it the stored bytes are enough."""
        if not file.endswith(ENCRYPTED) or self._vault.keys is None:
            return None
        try:
            key = await self._vault.keys.of(file)
        except (NoSiteKey, KeysRefused):
            return None
        with tempfile.TemporaryDirectory(prefix="hotline-verify-") as folder:
            plain = Path(folder) / "plain"
            try:
                await asyncio.to_thread(decrypt, stored, plain, key, bare(file))
            except NotReadable:
                return FindingKind.CHANGED, "its key in the database does not open it"
            self._checked.opened += 1
            _, digest = await asyncio.to_thread(digest_of, plain)
        return None if digest == seal.plain_sha256 else (FindingKind.CHANGED, "what is inside is not what was sealed")

    async def _changed_meanwhile(self, row: Recording, seal: RecordingSeal | None) -> bool:
        """It was compressed, sent or deleted while we looked: the next check sees its new form."""
        newest = select(func.max(RecordingSeal.n)).where(RecordingSeal.recording_id == row.id)
        async with self._database.begin() as session:
            return await session.scalar(newest) != (seal.n if seal else None)


async def _sealed_without_a_row(session: AsyncSession) -> list[Finding]:
    """Somebody took a recording's row out of the database; those that were deleted by right keep theirs."""
    last = select(func.max(RecordingSeal.n)).group_by(RecordingSeal.recording_id)
    lost = select(RecordingSeal).outerjoin(Recording, Recording.id == RecordingSeal.recording_id)
    lost = lost.where(RecordingSeal.n.in_(last), Recording.id.is_(None), RecordingSeal.kind != Sealed.DELETED)
    return [
        Finding(kind=FindingKind.ROW_MISSING, name=one.file, recording=one.recording_id)
        for one in await session.scalars(lost.order_by(RecordingSeal.n))
    ]


def _by_size(size: int, seal: RecordingSeal) -> tuple[FindingKind, str]:
    if size < seal.bytes:
        return FindingKind.CUT, f"{size} of {seal.bytes} bytes"
    return FindingKind.CHANGED, ""
