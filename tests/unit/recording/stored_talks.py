"""Talks as the keeper leaves them: packed, sealed, with a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.history.model import Recording
from crm_core.seals.model import RecordingSeal
from recording.object_store import StoreAway
from recording.storage import RecordingKeeper
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk

DAY = timedelta(days=1)


async def a_kept_talk(database: Database, folder: Path, call: str = "c1", seconds: float = 2.0, **tones: int) -> int:
    """Gives its recording's number."""
    raw_talk(folder / f"20261122/{call}-1.raw", seconds, **tones)
    contact, leg, recording = rows_of_talk(f"{call}-1", ended=BEGAN + timedelta(seconds=seconds))
    async with database.begin() as session:
        session.add(contact)
        await session.flush()
        session.add_all([leg, recording])
        await session.flush()
        number = recording.id
    await RecordingKeeper(database, folder, clock=(BEGAN + DAY).timestamp).sweep()
    return number


class Killed(Exception):
    """Stands for a kill."""


async def killed_in(database: Database, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """Killed after it did its work and before that was committed: files do not come back with a transaction."""
    with suppress(Killed):
        async with database.begin() as session:
            await work(session)
            raise Killed


async def row_of(database: Database, recording: int) -> Recording:
    async with database.begin() as session:
        return await session.get_one(Recording, recording)


async def seals_of(database: Database, recording: int) -> list[RecordingSeal]:
    async with database.begin() as session:
        rows = select(RecordingSeal).where(RecordingSeal.recording_id == recording).order_by(RecordingSeal.n)
        return list(await session.scalars(rows))


async def heard(vault: Vault, file: str) -> bytes:
    async with vault.sound(file) as path:
        return path.read_bytes()


class Shelf(dict[str, bytes]):
    """An object store in memory; `away` = it does not answer, `spoils` = it keeps something else."""

    away = spoils = False

    async def mark(self):
        self._answer()

    async def put(self, path, key):
        self._answer()
        self[key] = path.read_bytes()[: -1 if self.spoils else None]

    async def get(self, key, target):
        self._answer()
        if key in self:
            target.write_bytes(self[key])
        return key in self

    async def size(self, key):
        self._answer()
        return len(self[key]) if key in self else None

    async def delete(self, key):
        self._answer()
        self.pop(key, None)

    def _answer(self):
        if self.away:
            raise StoreAway("away")
