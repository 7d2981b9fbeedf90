"""Brings a site back from a backup, on a machine or into a folder where there is none: all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_core.schema import known_schema
from hotline.backup import places
from hotline.backup.checking import faults
from hotline.backup.database_copy import copy_in, is_empty, kind_of
from hotline.backup.manifest import BackupRefused, Manifest
from hotline.backup.secret_parts import spread, unseal
from hotline.backup.taking import Progress
from hotline.backup.tree_copy import copied, refused
from hotline.settings import Settings


@dataclass(frozen=True, slots=True)
class Restored:
    """`settings` = the HOTLINE_* variables of the site that was backed up, which the operator may want again."""

    files: int
    bytes: int
    settings: Mapping[str, str]


def restore(settings: Settings, folder: Path, manifest: Manifest, *, passphrase: str, progress: Progress) -> Restored:
    """Raises BackupRefused with nothing changed, or with what was written removed again."""
    _refuse_other_kinds(settings, manifest)
    _require_nothing_there(settings)
    if found := faults(folder, manifest, progress):
        first = found[0]
        raise BackupRefused(
            "The backup is damaged: {file} is {kind}, {count} in all. Restore an earlier one.",
            file=first.name,
            kind=first.kind,
            count=len(found),
        )
    secrets, variables = _secrets(folder, manifest, passphrase)
    written: list[Path] = []
    try:
        _files(settings, folder, manifest, progress, written)
        _secret_files(settings, secrets, written)
        progress.begins("database", 0)
        copy_in(folder / places.DATABASE[manifest.kind], settings.database, progress.reached)
    except (OSError, BackupRefused) as fault:
        for path in written:
            path.unlink(missing_ok=True)
        raise (refused(fault, settings.run_dir) if isinstance(fault, OSError) else fault) from fault
    return Restored(len(manifest.files), manifest.bytes, variables)


def _refuse_other_kinds(settings: Settings, manifest: Manifest) -> None:
    if manifest.schema > known_schema():
        raise BackupRefused(
            "This backup has schema {schema}, and this version knows schemas up to {known} only. "
            "Restore it with the version that took it, or a later one.",
            schema=manifest.schema,
            known=known_schema(),
        )
    wanted = kind_of(settings.database)
    if wanted != manifest.kind:
        raise BackupRefused(
            "This backup holds a database of {kind}, and HOTLINE_DATABASE_URL names one of {wanted}. "
            "Restore it into {kind}; hotline db move takes a site from SQLite to PostgreSQL "
            "afterwards.",
            kind=manifest.kind,
            wanted=wanted,
        )


def _require_nothing_there(settings: Settings) -> None:
    if not is_empty(settings.database):
        raise BackupRefused("There is a site already: its database is not empty. Restore into an empty one.")
    for name, folder in places.folders(settings).items():
        if next(places.files_below(folder), None) is not None:
            raise BackupRefused(
                "{folder} holds {name} of a site already. Move it away, or set HOTLINE_RUN_DIR.",
                folder=folder,
                name=name,
            )
    for path in (*places.single_files(settings).values(), *places.secret_files(settings).values()):
        if path.exists():
            raise BackupRefused("{path} is there already. Move it away: a restore overwrites nothing.", path=path)


def _secrets(folder: Path, manifest: Manifest, passphrase: str) -> tuple[dict[str, bytes], dict[str, str]]:
    if not manifest.sealed:
        return spread((folder / places.SECRETS).read_bytes())
    if not passphrase:
        raise BackupRefused("This backup's secrets are encrypted. Set HOTLINE_BACKUP_PASSPHRASE to its passphrase.")
    return spread(unseal((folder / places.SEALED_SECRETS).read_bytes(), passphrase))


def _files(settings: Settings, folder: Path, manifest: Manifest, progress: Progress, written: list[Path]) -> None:
    targets = places.folders(settings)
    single = {**places.single_files(settings), places.MEMORY: places.memory_file(settings)}
    wanted: dict[str, Path] = {}
    for name in manifest.files:
        top, _, rest = name.partition("/")
        if rest and top in targets:
            wanted[name] = targets[top] / rest
        elif name in single:
            wanted[name] = single[name]
    _require_room(settings, sum(manifest.files[name].bytes for name in wanted))
    progress.begins("files", sum(manifest.files[name].bytes for name in wanted))
    for name, target in wanted.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        written.append(target)
        if copied(folder / name, target, tell=progress.step).sha256 != manifest.files[name].sha256:
            raise BackupRefused("{name} was changed while it was restored. Check the disk, then try again.", name=name)


def _secret_files(settings: Settings, secrets: Mapping[str, bytes], written: list[Path]) -> None:
    for name, target in places.secret_files(settings).items():
        if name in secrets:
            target.parent.mkdir(parents=True, exist_ok=True)
            written.append(target)
            target.touch(mode=0o600)
            target.write_bytes(secrets[name])


def _require_room(settings: Settings, needed: int) -> None:
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.run_dir).free
    if needed > free:
        raise BackupRefused(
            "The site needs {needed} MB and {folder} has {free} MB free. Make room there, or set "
            "HOTLINE_RUN_DIR to a folder on another disk.",
            needed=f"{needed / 1000000.0:,.0f}",
            folder=settings.run_dir.resolve(),
            free=f"{free / 1000000.0:,.0f}",
        )
