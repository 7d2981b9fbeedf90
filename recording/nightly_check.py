"""Every night, and when somebody asks, the recordings are checked against their seals; people hear of what is wrong.

At night the chain, every row and every size are looked at, and the bytes of a seventh of the recordings and of all from
the last two days: a week reads everything once. Who asks has everything read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta, tzinfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from crm_core import clock
from crm_core.db import Database
from crm_core.history.model import Recording
from crm_core.seals.checks import SYSTEM, first_sealed_at, keep_result, put_back, unsealed
from crm_core.seals.model import SealCheck
from crm_core.seals.sealing import Form, Sealed, seal
from recording.checksums import digest_of
from recording.library import PLAYABLE
from recording.vault import SoundAway, SoundMissing, Vault
from recording.verifying import Verifier, Wanted
from recording.volume import is_away

log = structlog.get_logger(__name__)
NIGHT = time(4, 20)
SHARE = 7
FRESH = timedelta(days=2)
LOOK_SECONDS = 5.0
AT_ONCE = 50


class NightlyCheck:
    """One of it for a site, in the only process that keeps recordings."""

    def __init__(
        self, database: Database, vault: Vault, zone: tzinfo, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._database, self._vault, self._zone, self._now = database, vault, zone, now
        self._begun = self._adopted = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if not self._begun:
                    async with self._database.begin() as session:
                        await put_back(session)
                    self._begun = True
                if not self._adopted and not await asyncio.to_thread(is_away, self._vault.folder):
                    await self.adopt()
                    self._adopted = True
                await self.look()
            except SQLAlchemyError as away:
                log.warning("recording_check.database_away", reason=str(away))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> str:
        """Does the check that is due; gives its state, "" = none was due."""
        found = await self._due()
        if found is None:
            return ""
        number, everything = found
        since = self._now() - FRESH
        fresh = await self._ids_since(since)
        tonight = self._now().toordinal() % SHARE
        wanted = Wanted(read=lambda one: everything or one % SHARE == tonight or one in fresh)
        checked = await Verifier(self._database, self._vault, wanted).run()
        async with self._database.begin() as session:
            state = await keep_result(
                session, number, checked.findings, seals=checked.seals, end=checked.end, files=checked.files,
                read=checked.read, away=checked.away, at=self._now(),
            )  # fmt: skip
        (log.info if state == "whole" else log.error)("recordings_checked", state=state, found=len(checked.findings))
        return state

    async def adopt(self) -> int:
        """Seals what was recorded before there were seals; gives how many. What cannot be read is left."""
        done, tried = 0, set[int]()
        async with self._database.begin() as session:
            until = await first_sealed_at(session) or self._now()
            if await session.scalar(select(SealCheck.id).where(SealCheck.files > 0).limit(1)) is not None:
                return 0  # adopted once; what has no seal since then is a finding
        while rows := [row for row in await self._unsealed(AT_ONCE + len(tried)) if row.id not in tried]:
            for row in rows:
                tried.add(row.id)
                if row.started_at < until and await self._adopt(row):
                    done += 1
        return done

    async def _adopt(self, row: Recording) -> bool:
        try:
            async with self._vault.stored(row.file, row.place) as path:
                size, digest = await asyncio.to_thread(digest_of, path)
        except (SoundAway, SoundMissing, OSError):
            return False
        form = Form(file=row.file, place=row.place, sha256=digest, plain_sha256=digest, bytes=size)
        async with self._database.begin() as session:
            await seal(session, row.id, Sealed.ADOPTED, form, self._now())
        return True

    async def _unsealed(self, most: int) -> list[Recording]:
        async with self._database.begin() as session:
            return await unsealed(session, PLAYABLE, most)

    async def _due(self) -> tuple[int, bool] | None:
        """The number of the check that is to be done now, and whether everything is read."""
        at = self._now()
        async with self._database.begin() as session:
            asked = await session.scalar(
                select(SealCheck).where(SealCheck.state == "asked").order_by(SealCheck.id).limit(1).with_for_update()
            )
            if asked is None:
                night = datetime.combine(at.astimezone(self._zone).date(), NIGHT, self._zone)
                last = select(SealCheck.id).where(SealCheck.by == SYSTEM, SealCheck.began_at >= night).limit(1)
                if at < night or await session.scalar(last) is not None:
                    return None
                asked = SealCheck(began_at=at, by=SYSTEM)
                session.add(asked)
                await session.flush()
            await session.execute(
                update(SealCheck).where(SealCheck.id == asked.id).values(state="running", began_at=at)
            )
            return asked.id, asked.by != SYSTEM

    async def _ids_since(self, since: datetime) -> set[int]:
        async with self._database.begin() as session:
            return set(await session.scalars(select(Recording.id).where(Recording.started_at >= since)))
