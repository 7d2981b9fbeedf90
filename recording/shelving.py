"""Brings finished recordings into the form the site wants: compressed, encrypted, sent to the store, in this order.

Each step writes the new form beside the old one, checks it, seals it, and only then removes the old one. What is due is
asked of the database and never remembered: a kill at any moment costs at most a copy that is made again. While the
store is away everything stays where it is and is sent later.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import soundfile
import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.db import Database
from crm_core.errors import PlatformError, Unreachable
from crm_core.history.model import Recording
from crm_core.retention.model import RecordingHold
from crm_core.retention.settings import retention_rules
from crm_core.seals.model import LeavingFile, RecordingSeal
from crm_core.seals.sealing import Form, Sealed, last_seal, seal
from recording.checksums import digest_of
from recording.compression import NotAsLong, compress
from recording.encryption import encrypt, new_key
from recording.files import ENCRYPTED, bare
from recording.library import PLAYABLE
from recording.raw_audio import WRITTEN_ONCE, settle
from recording.shelf import STORE, Aims, Step, is_loss_free, next_step
from recording.vault import Vault
from recording.volume import is_away

log = structlog.get_logger(__name__)

AT_ONCE = 50
SOON, LATER = 2.0, 30.0
_KINDS = {Step.COMPRESS: Sealed.COMPRESSED, Step.ENCRYPT: Sealed.ENCRYPTED, Step.MOVE: Sealed.MOVED}


class NotAsSealed(Exception):
    """The file is not what was sealed: it is left as it is, for the check to find."""


class Shelving:
    """One of it for a site. `vault.store` and `vault.keys` say where to and with which keys."""

    def __init__(self, database: Database, vault: Vault, *, now: Callable[[], datetime] = clock.now) -> None:
        self._database, self._vault, self._now = database, vault, now
        self._given_up: set[int] = set()
        self._store_is_ours = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                worked = await self.sweep()
            except (SQLAlchemyError, PlatformError) as away:
                log.error("shelving.cannot_work", reason=str(away))
                worked = 0
            await asyncio.sleep(SOON if worked else LATER)

    async def aims(self) -> Aims:
        """What the site wants at this moment."""
        async with self._database.begin() as session:
            days = (await retention_rules(session)).compress_days
        after = timedelta(days=days) if days else None
        keys = self._vault.keys
        encrypting = keys is not None and bool(await asyncio.to_thread(keys.site.all))
        return Aims(encrypt=encrypting, store=self._vault.store is not None, compress_after=after)

    async def sweep(self) -> int:
        """One step for each of some recordings, and what was replaced is removed; how many steps were done."""
        if await asyncio.to_thread(is_away, self._vault.folder):
            return 0
        done = 0
        try:
            for row, step in await self._due(await self.aims()):
                done += await self._try(row, step)
            await self._remove_replaced()
        except Unreachable as away:
            log.warning("shelving.store_away", reason=str(away))
            return 0
        return done

    async def _due(self, aims: Aims) -> list[tuple[Recording, Step]]:
        if not aims.any:
            return []
        at, wanted = self._now(), []
        if aims.store:
            wanted.append(Recording.place == "")
        if aims.encrypt:
            wanted.append(~Recording.file.endswith(ENCRYPTED))
        held = select(RecordingHold.contact_id).where(RecordingHold.contact_id == Recording.contact_id).exists()
        if aims.compress_after is not None:
            old = Recording.started_at < at - aims.compress_after
            wanted.append(old & Recording.file.contains(".flac") & ~held)
        due = select(Recording, held).where(
            Recording.status.in_(PLAYABLE), Recording.sha256 != "", or_(*wanted), Recording.id.not_in(self._given_up)
        )
        async with self._database.begin() as session:
            rows = (await session.execute(due.order_by(Recording.id).limit(AT_ONCE))).all()
        found: list[tuple[Recording, Step]] = []
        for row, is_held in rows:
            step = next_step(row.file, row.place, began=row.started_at, held=is_held, at=at, aims=aims)
            if step is not None and not self._raw_is_there(row.file):
                found.append((row, step))
        return found

    def _raw_is_there(self, file: str) -> bool:
        """The keeper is not through with it: it compares the two before the raw one goes."""
        return any((self._vault.folder / (bare(file) + ending)).exists() for ending in (".raw", ".sln"))

    async def _try(self, row: Recording, step: Step) -> bool:
        try:
            return await self._take(row, step)
        except Unreachable:
            raise
        except (NotAsSealed, NotAsLong, PlatformError, soundfile.SoundFileError) as wrong:
            self._given_up.add(row.id)  # until the next start
            log.error("shelving.not_as_sealed", recording=row.id, step=step, reason=str(wrong))
        except OSError as full:
            log.error("shelving.not_written", recording=row.id, step=step, reason=str(full))
        return False

    async def _take(self, row: Recording, step: Step) -> bool:
        async with self._database.begin() as session:
            last = await last_seal(session, row.id)
        if last is None or (last.file, last.place) != (row.file, row.place):
            raise NotAsSealed("row and seal name different files")
        if step is Step.MOVE:
            return await self._move(row, last)
        async with self._vault.sound(row.file) as plain:
            if (await asyncio.to_thread(digest_of, plain))[1] != last.plain_sha256:
                raise NotAsSealed("the sound is not the one that was sealed")
            key = new_key() if step is Step.ENCRYPT or row.file.endswith(ENCRYPTED) else None
            form = await asyncio.to_thread(self._written, row.file, plain, step, key)
        at = self._now()
        async with self._database.begin() as session:
            if not await _still(session, row):
                return False
            if key is not None and self._vault.keys is not None:
                await self._vault.keys.keep(session, form.file, key, at)
            await seal(session, row.id, _KINDS[step], form, at)
        self._vault.forget(row.file)
        return True

    def _written(self, file: str, plain: Path, step: Step, key: bytes | None) -> Form:
        """The new form, on disk under its name, read again for its checksums."""
        ending = ".opus" if step is Step.COMPRESS else plain.suffix
        name = bare(file) + ending + (ENCRYPTED if key else "")
        target = self._vault.folder / name
        target.parent.mkdir(exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with tempfile.TemporaryDirectory(prefix=".shelving-", dir=target.parent) as folder:
            sound = plain
            if not is_loss_free(step):
                sound = Path(folder) / "sound"
                compress(plain, sound)
            _, plain_digest = digest_of(sound)
            try:
                if key:
                    encrypt(sound, part, key, bare(file))
                else:
                    part.write_bytes(sound.read_bytes())
                part.chmod(WRITTEN_ONCE)
                size, digest = digest_of(part)
                settle(part, target)
            finally:
                part.unlink(missing_ok=True)
        return Form(file=name, sha256=digest, plain_sha256=plain_digest, bytes=size)

    async def _move(self, row: Recording, last: RecordingSeal) -> bool:
        """The local file stays until the store has given back the very bytes."""
        store = self._vault.store
        assert store is not None  # noqa: S101  the plan asks for it only then
        await self._take_store()
        async with self._vault.stored(row.file, "") as path:
            if (await asyncio.to_thread(digest_of, path))[1] != last.sha256:
                raise NotAsSealed("the file is not the one that was sealed")
            if not await self._lies_there(row.file, last.sha256):
                await store.put(path, row.file)
                if not await self._lies_there(row.file, last.sha256):
                    raise OSError("the store gave back something else")
        form = Form(file=row.file, sha256=last.sha256, plain_sha256=last.plain_sha256, bytes=last.bytes, place=STORE)
        async with self._database.begin() as session:
            if not await _still(session, row):
                return False
            await seal(session, row.id, Sealed.MOVED, form, self._now())
        return True

    async def _take_store(self) -> None:
        """A store to which nothing was sent yet is marked as ours; one that lost its mark is away."""
        if self._store_is_ours or self._vault.store is None:
            return
        async with self._database.begin() as session:
            sent = await session.scalar(select(Recording.id).where(Recording.place == STORE).limit(1))
        if sent is None:
            await self._vault.store.mark()
        self._store_is_ours = True

    async def _lies_there(self, key: str, digest: str) -> bool:
        assert self._vault.store is not None  # noqa: S101
        with tempfile.TemporaryDirectory(prefix="hotline-sent-") as folder:
            back = Path(folder) / "back"
            return await self._vault.store.get(key, back) and (await asyncio.to_thread(digest_of, back))[1] == digest

    async def _remove_replaced(self) -> None:
        async with self._database.begin() as session:
            gone = list(await session.scalars(select(LeavingFile).order_by(LeavingFile.id).limit(AT_ONCE)))
        for one in gone:
            async with self._database.begin() as session:
                still = select(Recording.id).where(Recording.file == one.file, Recording.place == one.place)
                if await session.scalar(still.limit(1)) is None:
                    await self._vault.remove(one.file, one.place)
                await session.execute(delete(LeavingFile).where(LeavingFile.id == one.id))


async def _still(session: AsyncSession, row: Recording) -> bool:
    """Whether nobody deleted or changed it meanwhile; its row is locked until this transaction ends."""
    now = select(Recording.status, Recording.file, Recording.place).where(Recording.id == row.id).with_for_update()
    found = (await session.execute(now)).first()
    return found is not None and found[0] in PLAYABLE and (found[1], found[2]) == (row.file, row.place)
