"""What a backup holds, file by file. Pure; written last, so that a folder without a manifest is no backup."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath

from hotline.packages import SetupRefused

FORM = 1
NAME = "manifest.json"


class BackupRefused(SetupRefused):
    """A backup or a restore cannot go on; one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file. `stamp` is its time of change in ns where it was taken from: how a later backup knows it again."""

    bytes: int
    sha256: str
    stamp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`schema` is the database's revision, `kind` sqlite or postgresql. `journal` = first and last record, 0 = none.

    `sealed` = secrets are encrypted with a passphrase. `elsewhere` = recordings that lie in an object store.
    """

    made_at: str
    site: str
    kind: str
    schema: str
    sealed: bool
    journal: tuple[int, int] = (0, 0)
    elsewhere: int = 0
    files: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.files.values())


def written(manifest: Manifest) -> str:
    told = {"form": FORM} | asdict(manifest)
    return json.dumps(told | {"sha256": _digest(told)}, indent=1, sort_keys=True)


def read(text: str) -> Manifest:
    """BackupRefused for what is no manifest, was changed, or comes from a newer Hotline."""
    try:
        told = json.loads(text)
        claimed = told.pop("sha256")
        form, files = int(told.pop("form")), dict(told.pop("files"))
        journal = told.pop("journal")
        found = Manifest(
            files={name: Kept(**one) for name, one in files.items()}, journal=(int(journal[0]), int(journal[1])), **told
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as damage:
        raise BackupRefused("The backup's manifest cannot be read. Take another backup.") from damage
    if form > FORM:
        raise BackupRefused("This backup was made by a newer Hotline. Restore it with that version or a later one.")
    if claimed != _digest({"form": form} | asdict(found)):
        raise BackupRefused("The backup's manifest was changed. Take another backup.")
    for name in found.files:
        if not _lies_inside(name):
            raise BackupRefused(
                "The backup names a file outside of itself ({name}). Take another backup.", name=repr(name)
            )
    return found


def _digest(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _lies_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name
