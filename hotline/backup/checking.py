"""Is a backup as it was written? Every file is read again and compared with the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hotline.backup import places
from hotline.backup.database_copy import fault_in
from hotline.backup.manifest import NAME, BackupRefused, Manifest, read
from hotline.backup.taking import Progress, backups
from hotline.backup.tree_copy import checksum


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: missing, changed, unknown (the manifest has it not), unreadable (the database's copy)."""

    kind: str
    name: str
    told: str = ""


def opened(place: Path) -> tuple[Path, Manifest]:
    """A backup, or the newest of a folder of them, with its manifest. BackupRefused when there is none."""
    if not (place / NAME).is_file():
        found = backups(place)
        if not found:
            raise BackupRefused(
                "There is no backup in {place}. Name the folder that hotline backup was given.", place=place
            )
        place = found[-1]
    return place, read((place / NAME).read_text(errors="replace"))


def faults(folder: Path, manifest: Manifest, progress: Progress) -> list[Fault]:
    """What is not as it was; [] = whole."""
    found: list[Fault] = []
    progress.begins("files", manifest.bytes)
    for name, kept in manifest.files.items():
        try:
            read_now = checksum(folder / name, progress.step)
        except OSError as away:
            found.append(Fault("missing", name, away.strerror or ""))
            continue
        if read_now != (kept.bytes, kept.sha256):
            found.append(Fault("changed", name, f"{read_now[0]} bytes, was {kept.bytes}"))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    found += [Fault("unknown", name) for name in sorted(there - set(manifest.files) - {NAME})]
    database = places.DATABASE[manifest.kind]
    if database in manifest.files and not [one for one in found if one.name == database]:
        progress.begins("database", 0)
        if told := fault_in(folder / database):
            found.append(Fault("unreadable", database, told))
    return found
