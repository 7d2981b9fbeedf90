"""What lies in the recordings folder, for a check against the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from crm_core.ledger.outside import SoundFile

NAME = re.compile(r"(?P<leg>[A-Za-z0-9][A-Za-z0-9._-]{0,90})\.(?:raw|sln|(?:flac|opus)(?:\.enc)?)")


def sounds_of(folder: Path, days: Iterable[date]) -> Iterator[SoundFile]:
    """The sound files in the folders of these days, each with its name for a leg; one that is being kept comes twice.

    OSError when the folder is not there: a disk that is not mounted is no lost recording.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    for day in days:
        for path in sorted((folder / f"{day:%Y%m%d}").glob("*")):
            named = NAME.fullmatch(path.name)
            if named and path.is_file():
                facts = path.stat()
                file = path.relative_to(folder).as_posix()
                yield SoundFile(leg=named["leg"], file=file, size=facts.st_size, written=facts.st_mtime)
