"""The one way to a recording's sound, wherever it lies: readers get a plain file on local disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crm_core.errors import NotFound, Unreachable
from recording.files import bare, file_below, kept_forms
from recording.volume import is_away


class SoundMissing(NotFound):
    """There is no such file: it was never recorded, was deleted, or is lost."""


class SoundAway(Unreachable):
    """The place where the sound lies does not answer; it may be there again later."""


class Vault:
    """`folder` is where Asterisk records and where finished recordings lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def sound(self, file: str) -> AsyncIterator[Path]:
        """A plain sound file (FLAC or Opus) that can be read until the block ends; never write to it.

        `file` is the recording's name below the folder, also the one from before it was packed. A recording that is
        not packed yet is given as Asterisk wrote it. Raises SoundMissing, or SoundAway: then try again later.
        """
        yield await asyncio.to_thread(self._local, file)

    async def present(self, file: str) -> bool:
        """Whether there is a sound to open. Raises SoundAway where that cannot be known now."""
        try:
            await asyncio.to_thread(self._local, file)
        except SoundMissing:
            return False
        return True

    def peaks(self, file: str) -> Path:
        """Where the waveform of a recording lies, whatever became of its sound. SoundMissing for a strange name."""
        if file_below(self.folder, file) is None:
            raise SoundMissing("This talk has no recording to play.")
        return self.folder / f"{bare(file)}.peaks.json"

    def _local(self, file: str) -> Path:
        fresh = file_below(self.folder, file)
        if fresh is None:
            raise SoundMissing("This talk has no recording to play.")
        for name in (file, *kept_forms(file)):
            path = self.folder / name
            if path.is_file():
                return path
        if is_away(self.folder):
            raise SoundAway("The recordings cannot be reached at the moment. Try again in some minutes.")
        raise SoundMissing("This talk has no recording to play.")
