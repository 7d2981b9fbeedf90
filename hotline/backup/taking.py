"""Takes one backup beside running calls, in an order that makes its parts agree.

Memory of the telephone side, journal, recordings; then the database; then what grew in the journal and among the
recordings meanwhile. So every record that the database lacks is in the journal, and every finished recording that the
database names is among the files, in the form it names. What database and journal both have is written once after a
restore: the database knows how far it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from crm_core.schema import schema_at
from hotline.backup import places
from hotline.backup.database_copy import copy_out, kind_of
from hotline.backup.journal_span import journal_span
from hotline.backup.manifest import NAME, BackupRefused, Manifest, read, written
from hotline.backup.recording_rows import recordings_elsewhere, still_wanted
from hotline.backup.secret_parts import gathered, seal
from hotline.backup.tree_copy import Earlier, TreeCopy, refused
from hotline.settings import Settings

STAMP = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished"
SPARE_BYTES = 50_000_000  # of the disk, beside what the backup itself needs


class Progress(Protocol):
    """`part` begins, with so many steps (0 = not known yet); then steps are told."""

    def begins(self, part: str, steps: int) -> None: ...
    def step(self, steps: int) -> None: ...
    def reached(self, done: int, of: int) -> None: ...


def take(
    settings: Settings, folder: Path, at: datetime, *, passphrase: str, progress: Progress, set_by: Mapping[str, str]
) -> Path:
    """A new folder below `folder`, whole or not there at all. `set_by` = the settings as HOTLINE_* variables.

    Raises BackupRefused. What an earlier, interrupted one left behind is removed.
    """
    try:
        with _alone(folder):
            for leftover in folder.glob(f"*{UNFINISHED}"):
                shutil.rmtree(leftover, ignore_errors=True)
            unfinished = folder / f"{at.strftime(STAMP)}{UNFINISHED}"
            unfinished.mkdir(mode=0o700)
            try:
                _Taking(settings, unfinished, progress).everything(at, passphrase, set_by)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            return _finished(unfinished)
    except OSError as fault:
        raise refused(fault, folder) from fault


def backups(folder: Path) -> list[Path]:
    """The whole ones, the newest last."""
    return sorted(path.parent for path in folder.glob(f"*Z/{NAME}"))


def require_site(url: str) -> str:
    """The database's schema. BackupRefused where there is none, or no answer."""
    try:
        schema = schema_at(url)
    except DBAPIError as away:
        raise BackupRefused(
            "The database cannot be used: {reason}. Check HOTLINE_DATABASE_URL.", reason=away.orig
        ) from away
    if not schema.there:
        raise BackupRefused("There is no site to back up: its database is empty. Check HOTLINE_RUN_DIR.")
    return schema.there


class _Taking:
    def __init__(self, settings: Settings, new: Path, progress: Progress) -> None:
        self._settings, self._new, self._progress = settings, new, progress
        self._copy = TreeCopy(new, _earlier(new.parent), progress.step)
        self._url = settings.database

    def everything(self, at: datetime, passphrase: str, set_by: Mapping[str, str]) -> None:
        schema = require_site(self._url)
        self._require_room()
        memory = places.memory_file(self._settings)
        if memory.is_file():
            self._copy.take(memory, places.MEMORY)
        self._trees(places.folders(self._settings))
        self._database()
        self._trees(places.folders(self._settings))
        self._leave_out_what_was_erased()
        for name, path in places.single_files(self._settings).items():
            if path.is_file():
                self._copy.take(path, name)
        self._secrets(passphrase, set_by)
        first, last, missing = journal_span(self._new / places.JOURNAL)
        if missing:
            raise BackupRefused(
                "{missing} records of the journal went while it was copied. Take the backup again.", missing=missing
            )
        manifest = Manifest(
            made_at=at.isoformat(),
            site=self._settings.site_name,
            kind=kind_of(self._url),
            schema=schema,
            sealed=bool(passphrase),
            journal=(first, last),
            elsewhere=recordings_elsewhere(self._url),
            files=dict(sorted(self._copy.files.items())),
        )
        _write(self._new / NAME, written(manifest).encode())

    def _database(self) -> None:
        self._progress.begins("database", 0)
        name = places.DATABASE[kind_of(self._url)]
        copy_out(self._url, self._new / name, self._progress.reached)
        self._copy.note(name)

    def _trees(self, folders: Mapping[str, Path]) -> None:
        for name, folder in folders.items():
            paths = [
                path
                for path in places.files_below(folder)
                if not self._copy.has(path, places.inside(name, folder, path))
            ]
            self._progress.begins(name, sum(_size(path) for path in paths))
            for path in paths:
                self._copy.take(path, places.inside(name, folder, path))

    def _leave_out_what_was_erased(self) -> None:
        """A recording that went while we copied: in another form by now, or erased, and then it goes here, too."""
        prefix = f"{places.RECORDINGS}/"
        gone = {
            name.removeprefix(prefix)
            for name in self._copy.files
            if name.startswith(prefix) and not (self._settings.recordings_dir / name.removeprefix(prefix)).exists()
        }
        for name in gone - still_wanted(self._url, gone):
            self._copy.drop(prefix + name)

    def _secrets(self, passphrase: str, set_by: Mapping[str, str]) -> None:
        content = gathered(places.secret_files(self._settings), set_by)
        name = places.SEALED_SECRETS if passphrase else places.SECRETS
        _write(self._new / name, seal(content, passphrase) if passphrase else content)
        self._copy.note(name)

    def _require_room(self) -> None:
        """Before anything is copied: a disk that is filled to its end harms whatever else writes there."""
        needed = SPARE_BYTES
        for name, folder in places.folders(self._settings).items():
            for path in places.files_below(folder):
                needed += 0 if self._copy.is_known(path, places.inside(name, folder, path)) else _size(path)
        if kind_of(self._url) == "sqlite":
            needed += _size(Path(self._url.partition("///")[2]))
        free = shutil.disk_usage(self._new).free
        if needed > free:
            raise BackupRefused(
                "The backup needs up to {needed} MB and {folder} has {free} MB free. Make room there "
                "or name a folder on another disk.",
                needed=f"{needed / 1000000.0:,.0f}",
                folder=self._new.parent,
                free=f"{free / 1000000.0:,.0f}",
            )


def _earlier(folder: Path) -> Earlier | None:
    """The newest whole backup; one whose manifest was damaged is no base for another."""
    for one in reversed(backups(folder)):
        try:
            return Earlier(one, read((one / NAME).read_text()))
        except (BackupRefused, OSError):
            continue
    return None


def _finished(unfinished: Path) -> Path:
    _force(unfinished)
    finished = unfinished.with_name(unfinished.name.removesuffix(UNFINISHED))
    unfinished.rename(finished)
    _force(finished.parent)
    return finished


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _force(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".hotline-backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise BackupRefused(
                "Another backup into {folder} is being taken. Wait until it has ended.", folder=folder
            ) from busy
        yield
