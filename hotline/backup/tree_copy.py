"""Copies of files with their checksums; one that an earlier backup has already becomes a second name for it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.backup.manifest import BackupRefused, Kept, Manifest

CHUNK = 1 << 20
Tell = Callable[[int], None]
"""Told of bytes that were read or left to an earlier backup."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The backup before this one, in the same folder."""

    folder: Path
    manifest: Manifest


class TreeCopy:
    """Fills one new backup. `files` grows with every file."""

    def __init__(self, target: Path, earlier: Earlier | None, tell: Tell = lambda _: None) -> None:
        self._target, self._earlier, self._tell = target, earlier, tell
        self.files: dict[str, Kept] = {}
        self.linked = 0

    def take(self, source: Path, name: str) -> None:
        """A file that is gone meanwhile was deleted by its owner's rules: it is left out."""
        target = self._target / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if self.is_known(source, name) and self._link(name, target):
                self._tell(self.files[name].bytes)
                return
            self.files[name] = copied(source, target, tell=self._tell)
        except FileNotFoundError:
            target.unlink(missing_ok=True)

    def has(self, source: Path, name: str) -> bool:
        """Whether it was taken already and has not changed since."""
        kept = self.files.get(name)
        return kept is not None and _same(kept, source)

    def is_known(self, source: Path, name: str) -> bool:
        """Whether the earlier backup has it, so that it takes no room."""
        kept = self._earlier.manifest.files.get(name) if self._earlier else None
        return kept is not None and _same(kept, source)

    def drop(self, name: str) -> None:
        (self._target / name).unlink(missing_ok=True)
        self.files.pop(name, None)

    def note(self, name: str) -> None:
        """A file that somebody else has written into the backup."""
        self.files[name] = Kept(*checksum(self._target / name))

    def _link(self, name: str, target: Path) -> bool:
        """False where the file system has no second names, or the earlier file is gone."""
        assert self._earlier is not None  # noqa: S101 - is_known found it there
        try:
            target.unlink(missing_ok=True)
            os.link(self._earlier.folder / name, target)
        except OSError:
            return False
        self.files[name] = self._earlier.manifest.files[name]
        self.linked += 1
        return True


def _same(kept: Kept, source: Path) -> bool:
    try:
        facts = source.stat()
    except OSError:
        return False
    return kept.bytes == facts.st_size and kept.stamp == facts.st_mtime_ns


def copied(source: Path, target: Path, *, tell: Tell = lambda _: None) -> Kept:
    """Copy, force onto the disk, and give what was written. The time of change and the owner's rights come along."""
    digest, size = hashlib.sha256(), 0
    target.unlink(missing_ok=True)  # it may be a second name of an earlier backup's file, which must not change
    with source.open("rb") as reading, target.open("wb") as writing:
        facts = os.fstat(reading.fileno())
        while part := reading.read(CHUNK):
            digest.update(part)
            writing.write(part)
            size += len(part)
            tell(len(part))
        writing.flush()
        os.fsync(writing.fileno())
    target.chmod(facts.st_mode & 0o700)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    return Kept(size, digest.hexdigest(), facts.st_mtime_ns)


def checksum(path: Path, tell: Tell = lambda _: None) -> tuple[int, str]:
    """Bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as reading:
        while part := reading.read(CHUNK):
            digest.update(part)
            size += len(part)
            tell(len(part))
    return size, digest.hexdigest()


def refused(fault: OSError, folder: Path) -> BackupRefused:
    """What a full or read-only disk is told as."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackupRefused(
            "The disk with {folder} is full. Make room there or name another folder; nothing of the site was touched.",
            folder=folder,
        )
    where = fault.filename or folder
    return BackupRefused(
        "Cannot write {where} ({reason}). Name a folder that you may write to.", where=where, reason=fault.strerror
    )
