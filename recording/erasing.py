"""Removes a recording for good: its sound in every form and place, its waveform, its key, copies for readers."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.model import Recording
from crm_core.seals.model import LeavingFile
from crm_core.seals.sealing import seal_deleted
from recording.checksums import digest_of
from recording.data_keys import forget_key
from recording.files import bare, file_below, kept_forms
from recording.vault import SoundAway, SoundMissing, Vault
from recording.volume import is_away

log = structlog.get_logger(__name__)
DELETED = "deleted"


NOTHING = (0, "")


async def weigh(session: AsyncSession, vault: Vault, recording: int) -> tuple[int, str]:
    """Size and SHA-256 of what is stored now, NOTHING = there is nothing: to be kept before `erase` is called, so that
    the proof is there whatever happens in between. Raises SoundAway.
    """
    row = await session.get(Recording, recording)
    if row is None or file_below(vault.folder, row.file) is None:
        return NOTHING
    return await _read(vault, row)


async def erase(
    session: AsyncSession, vault: Vault, recording: int, at: datetime, *, weighed: tuple[int, str] = NOTHING
) -> tuple[int, str]:
    """The row says deleted and the chain says so. Size and SHA-256 of the stored file, NOTHING = there was none.

    `weighed` is what `weigh` gave before: it is true still when nobody has given the recording another form since, and
    it is the proof of one whose files were removed before a kill. Raises SoundAway: then nothing has changed.
    """
    row = await session.get(Recording, recording)
    if row is None:
        return weighed
    size, digest = weighed
    if file_below(vault.folder, row.file) is None:
        if row.file:
            log.error("erasing.strange_name", recording=recording, file=row.file)
    else:
        if not digest or digest != row.sha256:
            found = await _read(vault, row)
            size, digest = found if found[1] else weighed
        await _remove(session, vault, row)
    await session.execute(update(Recording).where(Recording.id == recording).values(status=DELETED))
    await seal_deleted(session, recording, at)
    return size, digest


async def _read(vault: Vault, row: Recording) -> tuple[int, str]:
    """Of what is stored; of what Asterisk wrote when it was never packed."""
    if not row.place:
        if await asyncio.to_thread(is_away, vault.folder):
            raise SoundAway("The recordings cannot be reached at the moment. Try again in some minutes.")
        found = await asyncio.to_thread(_on_disk, vault.folder, row.file)
        return await asyncio.to_thread(digest_of, found[0]) if found else NOTHING
    try:
        async with vault.stored(row.file, row.place) as path:
            return await asyncio.to_thread(digest_of, path)
    except SoundMissing:
        return NOTHING


async def _remove(session: AsyncSession, vault: Vault, row: Recording) -> None:
    leaving = select(LeavingFile).where(LeavingFile.recording_id == row.id)
    places = {(row.file, row.place)} | {(one.file, one.place) for one in await session.scalars(leaving)}
    for file, place in sorted(places):
        await vault.remove(file, place)
    for path in await asyncio.to_thread(_on_disk, vault.folder, row.file):
        await asyncio.to_thread(path.unlink, missing_ok=True)
    await asyncio.to_thread(vault.peaks(row.file).unlink, missing_ok=True)
    vault.forget(row.file)
    await forget_key(session, row.file)
    await session.execute(delete(LeavingFile).where(LeavingFile.recording_id == row.id))


def _on_disk(folder: Path, file: str) -> list[Path]:
    """Every file of it, the kept forms before the raw ones."""
    names = (*kept_forms(file), f"{bare(file)}.raw", f"{bare(file)}.sln")
    return [folder / name for name in names if (folder / name).is_file()]
