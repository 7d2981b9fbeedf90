"""Makes evidence packages beside the pages, one after the other, and removes those whose days are over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.recordings.around import shown_number
from agent_desktop.recordings.evidence_facts import Sound, facts_of
from agent_desktop.rendering import Rendering
from agent_desktop.words import N_
from crm_core import clock
from crm_core.db import Database
from crm_core.disclosure import packages
from crm_core.disclosure.model import EvidencePackage
from crm_core.errors import NotFound
from crm_core.history.model import Recording
from recording.evidence.pack import Packed, pack, sha256_of
from recording.evidence.site_key import KeyUnusable, SiteKey, site_key
from recording.library import PLAYABLE
from recording.policy import Listener, may_hear
from recording.vault import SoundAway, SoundMissing, Vault

log = structlog.get_logger(__name__)

LOOK_AGAIN = 30.0  # seconds; what another process was asked for, what a dead one left, what must go
TELL_EVERY = 0.5  # seconds between two notes of how far it is
NO_ROOM = N_("The package could not be written: the disk is full or cannot be reached.")
AWAY = N_("The recordings cannot be reached at the moment. Try again in some minutes.")
NO_KEY = N_("The site's key for evidence cannot be read. Tell an administrator.")
BROKEN = N_("Something went wrong on our side. It has been logged.")


def hearable(rows: Iterable[Recording], listener: Listener) -> list[int]:
    """The numbers of those that may go into a package for this person."""
    return [row.id for row in rows if row.status in PLAYABLE and may_hear(listener, agent=row.agent, recording=row.id)]


class EvidenceMaker:
    """`folder` keeps the packages and the site's key. Kept at `app.state.evidence`."""

    def __init__(self, db: Database, vault: Vault, folder: Path, rendering: Rendering) -> None:
        self._db, self._vault, self._folder, self._rendering = db, vault, folder, rendering
        self._asked = asyncio.Event()

    async def wake(self) -> None:
        """Somebody has asked: begin now, not at the next look."""
        self._asked.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run(), name="evidence")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def ready(
        self, session: AsyncSession, recording_id: int, package_id: int, listener: Listener
    ) -> tuple[EvidencePackage, Path]:
        """The row and its file, for somebody who may hear all that is in it. NotFound otherwise."""
        row = await packages.package(session, recording_id, package_id)
        inside = list(await session.scalars(select(Recording).where(Recording.id.in_(row.recordings))))
        path = self._folder / row.file
        if row.state != "done" or not row.file or not path.is_file():
            raise NotFound("There is no such package.")
        if len(inside) < len(row.recordings) or not all(
            may_hear(listener, agent=one.agent, recording=one.id) for one in inside
        ):
            raise NotFound("There is no such package.")
        return row, path

    async def work(self) -> int:
        """Makes all that waits, removes what must go; gives how many packages were made or failed."""
        count = 0
        while True:
            async with self._db.begin() as session:
                row = await packages.take_up(session, clock.now())
            if row is None:
                break
            await self._make(row)
            count += 1
        await self._sweep()
        return count

    async def _run(self) -> None:
        while True:
            try:
                await self.work()
            except Exception:  # the database is away
                log.exception("evidence.failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    await self._asked.wait()
            self._asked.clear()

    async def _make(self, row: EvidencePackage) -> None:
        try:
            key = await asyncio.to_thread(site_key, self._folder / "evidence-key.pem")
            name = f"evidence-{row.at:%Y%m%d}-{row.id}.zip"
            made = await self._packed(row, key, self._folder / name)
            async with self._db.begin() as session:
                await packages.done(
                    session, row.id, file=name, sha256=made.sha256, size=made.bytes,
                    fingerprint=key.fingerprint, at=clock.now(),
                )  # fmt: skip
        except Exception as wrong:
            log.exception("evidence.not_made", package=row.id)
            async with self._db.begin() as session:
                await packages.failed(session, row.id, _told(wrong), clock.now())

    async def _packed(self, row: EvidencePackage, key: SiteKey, target: Path) -> Packed:
        async with AsyncExitStack() as held:
            async with self._db.begin() as session:
                rows = select(Recording).where(Recording.id.in_(row.recordings)).order_by(Recording.started_at)
                recordings = list(await session.scalars(rows))
            paths: dict[str, Path] = {}
            sounds = []
            for one in recordings:
                sounds.append(await self._sound(one, held, paths))
            async with self._db.begin() as session:
                texts = await facts_of(session, self._rendering, row, sounds, key.fingerprint)
            share = [0.0]
            telling = asyncio.create_task(self._tell(row.id, share))
            try:
                return await asyncio.to_thread(
                    pack, target, key, sounds=paths, texts=texts, told=lambda done: share.__setitem__(0, done)
                )
            finally:
                telling.cancel()

    async def _sound(self, row: Recording, held: AsyncExitStack, paths: dict[str, Path]) -> Sound:
        """Opened until the package is written. One that is lost is told of, the others go into the package."""
        try:
            path = await held.enter_async_context(self._vault.sound(row.file))
        except SoundMissing as lost:
            return Sound(recording=row, name="", sha256="", bytes=0, why=str(lost))
        name = f"audio/{shown_number(row, self._rendering.site.zone)}{path.suffix}"
        paths[name] = path
        digest = await asyncio.to_thread(sha256_of, path)
        return Sound(recording=row, name=name, sha256=digest, bytes=path.stat().st_size)

    async def _tell(self, package_id: int, share: list[float]) -> None:
        while True:
            async with self._db.begin() as session:
                await packages.tell(session, package_id, min(0.99, share[0]), clock.now())
            await asyncio.sleep(TELL_EVERY)

    async def _sweep(self) -> None:
        async with self._db.begin() as session:
            for row in await packages.leaving(session, clock.now()):
                await asyncio.to_thread((self._folder / row.file).unlink, missing_ok=True)
                row.state = "gone"


def _told(wrong: Exception) -> str:
    if isinstance(wrong, SoundAway):
        return AWAY
    if isinstance(wrong, KeyUnusable):
        return NO_KEY
    return NO_ROOM if isinstance(wrong, OSError) else BROKEN
