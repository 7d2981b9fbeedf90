"""The one way to a recording's sound, wherever it lies: readers get a plain file on local disk."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from crm_core.errors import NotFound, Unreachable
from recording.data_keys import DataKeys
from recording.encryption import NotReadable, decrypt
from recording.files import ENCRYPTED, bare, file_below, kept_forms
from recording.object_store import ObjectStore
from recording.site_keys import NoSiteKey
from recording.sound_cache import SoundCache
from recording.volume import is_away

log = structlog.get_logger(__name__)
NOTHING = "This talk has no recording to play."


class SoundMissing(NotFound):
    """There is no such file: it was never recorded, was deleted, or is lost."""


class SoundDamaged(SoundMissing):
    """There is a file, but it is not what was written."""


class SoundAway(Unreachable):
    """The place where the sound lies does not answer; it may be there again later."""


class Vault:
    """`folder` is where Asterisk records and where finished recordings lie, `store` where they are sent, if anywhere.

    `keys` opens what is encrypted. `copies` is a folder of this process alone for what must be fetched or decrypted.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: ObjectStore | None = None,
        keys: DataKeys | None = None,
        copies: Path | None = None,
    ) -> None:
        self.folder, self.store, self.keys = folder, store, keys
        self._copies = SoundCache(copies or Path(tempfile.gettempdir()) / f"hotline-sound-{os.getpid()}")

    @asynccontextmanager
    async def sound(self, file: str) -> AsyncIterator[Path]:
        """A plain sound file (FLAC or Opus) that can be read until the block ends; never write to it.

        `file` is the recording's name below the folder, also the one from before it was packed. A recording that is
        not packed yet is given as Asterisk wrote it. Raises SoundMissing, or SoundAway: then try again later.
        """
        name, local = await self._find(file)
        if local is not None and local.suffix != ENCRYPTED:
            yield local
            return
        ending = Path(name.removesuffix(ENCRYPTED)).suffix

        async def make(target: Path) -> None:
            await self._copy(name, local, target)

        async with self._copies.open(name, ending, make) as path:
            yield path

    @asynccontextmanager
    async def stored(self, file: str, place: str) -> AsyncIterator[Path]:
        """The bytes as they are stored, of exactly this file at exactly this place. SoundMissing, SoundAway."""
        path = self._own(file)
        if not place:
            if not await asyncio.to_thread(path.is_file):
                raise self._nothing()
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="hotline-stored-") as folder:
            target = Path(folder) / path.name
            await self._fetch(file, target)
            yield target

    async def present(self, file: str) -> bool:
        """Whether there is a sound to open. Raises SoundAway where that cannot be known now."""
        try:
            await self._find(file)
        except SoundMissing:
            return False
        return True

    def peaks(self, file: str) -> Path:
        """Where the waveform of a recording lies, whatever became of its sound. SoundMissing for a strange name."""
        self._own(file)
        return self.folder / f"{bare(file)}.peaks.json"

    async def plain(self, file: str, stored: Path, target: Path) -> None:
        """Decrypts a stored file into `target`. SoundDamaged, or SoundAway without its key."""
        if self.keys is None:
            raise SoundAway("The key of this recording is not here. Ask the administrator.")
        try:
            key = await self.keys.of(file)
        except NoSiteKey as lacking:
            log.error("recordings.no_key", file=file, reason=str(lacking))
            raise SoundAway("The key of this recording is not here. Ask the administrator.") from lacking
        try:
            await asyncio.to_thread(decrypt, stored, target, key, bare(file))
        except NotReadable as changed:
            log.error("recordings.damaged", file=file, reason=str(changed))
            raise SoundDamaged("This recording was changed since it was made and cannot be played.") from changed

    async def remove(self, file: str, place: str) -> None:
        """Removes one stored file; nothing happens when there is none. SoundAway, OSError."""
        path = self._own(file)
        if not place:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        elif self.store is None:
            raise SoundAway("This recording lies in a store that this site is not set up for.")
        else:
            await self.store.delete(file)

    def forget(self, file: str) -> None:
        """No copy stays of a recording that was deleted."""
        for name in kept_forms(file):
            self._copies.forget(name)

    async def _find(self, file: str) -> tuple[str, Path | None]:
        """The name under which it is there, and where on local disk; None = in the store."""
        self._own(file)
        names = (file, *(one for one in kept_forms(file) if one != file))
        if found := await asyncio.to_thread(self._on_disk, names):
            return found
        if self.store is None:
            raise self._nothing()
        for name in kept_forms(file):
            try:
                if await self.store.size(name) is not None:
                    return name, None
            except Unreachable as away:
                raise SoundAway(away.message_id) from away
        raise self._nothing()

    def _on_disk(self, names: tuple[str, ...]) -> tuple[str, Path] | None:
        return next(((name, self.folder / name) for name in names if (self.folder / name).is_file()), None)

    async def _copy(self, name: str, local: Path | None, target: Path) -> None:
        """Appears at `target` complete or not at all."""
        part, plain = target.with_name(f"{target.name}.fetched"), target.with_name(f"{target.name}.plain")
        try:
            if local is None:
                await self._fetch(name, part)
            if name.endswith(ENCRYPTED):
                await self.plain(name, local or part, plain)
                plain.replace(target)
            else:
                part.replace(target)
        finally:
            part.unlink(missing_ok=True)
            plain.unlink(missing_ok=True)

    async def _fetch(self, name: str, target: Path) -> None:
        if self.store is None:
            raise SoundAway("This recording lies in a store that this site is not set up for.")
        try:
            if not await self.store.get(name, target):
                raise SoundMissing(NOTHING)
        except Unreachable as away:
            raise SoundAway(away.message_id) from away

    def _own(self, file: str) -> Path:
        path = file_below(self.folder, file)
        if path is None:
            raise SoundMissing(NOTHING)
        return path

    def _nothing(self) -> NotFound | Unreachable:
        if is_away(self.folder):
            return SoundAway("The recordings cannot be reached at the moment. Try again in some minutes.")
        return SoundMissing(NOTHING)
