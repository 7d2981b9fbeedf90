"""The data keys of encrypted recordings, wrapped, in the database: to rotate the site's key no file changes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.seals.model import RecordingKey
from recording.files import bare
from recording.site_keys import NoSiteKey, SiteKeys

AT_ONCE = 200


class DataKeys:
    """Of this site's recordings; `site` may have no key, and then nothing is encrypted."""

    def __init__(self, database: Database, site: SiteKeys) -> None:
        self.database, self.site = database, site

    async def of(self, file: str) -> bytes:
        """The data key of an encrypted file. NoSiteKey when nobody can open it any more."""
        async with self.database.begin() as session:
            row = await session.get(RecordingKey, bare(file))
        if row is None:
            raise NoSiteKey("The key of this recording is not in the database.")
        return self.site.unwrap(row.key_id, row.wrapped, row.name)

    async def keep(self, session: AsyncSession, file: str, key: bytes, at: datetime) -> None:
        """The data key of this recording from now on, wrapped; the one before is gone with its file."""
        name = bare(file)
        key_id, wrapped = self.site.wrap(key, name)
        await session.merge(RecordingKey(name=name, key_id=key_id, wrapped=wrapped, made_at=at))

    async def rewrap(self) -> bool:
        """Wraps some with the current key; False when all are. Each key stays readable at every moment."""
        current = self.site.current().id
        async with self.database.begin() as session:
            old = select(RecordingKey).where(RecordingKey.key_id != current).order_by(RecordingKey.name).limit(AT_ONCE)
            rows = list(await session.scalars(old.with_for_update()))
            for row in rows:
                data_key = self.site.unwrap(row.key_id, row.wrapped, row.name)
                row.key_id, row.wrapped = self.site.wrap(data_key, row.name)
        return len(rows) == AT_ONCE

    async def counts(self) -> Counter[str]:
        """How many recordings each of the site's keys wraps."""
        async with self.database.begin() as session:
            rows = await session.execute(select(RecordingKey.key_id, func.count()).group_by(RecordingKey.key_id))
            return Counter({key_id: int(count) for key_id, count in rows})


async def forget_key(session: AsyncSession, file: str) -> None:
    """What is encrypted with it can be heard by nobody, not even from a copy."""
    await session.execute(delete(RecordingKey).where(RecordingKey.name == bare(file)))
