"""Whether the volume with the recordings is mounted: an empty mount point looks like a folder that lost everything.

A mark with a random word lies in the folder and the same word beside it. Who moves the recordings to another volume
takes the mark along.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

MARK = ".hotline-volume"


def attach(folder: Path) -> bool:
    """Marks the folder when this site never did; False when the folder that was marked is not there now."""
    known = _beside(folder)
    if not known.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        word = _read(folder / MARK) or secrets.token_hex(16)
        for path in (folder / MARK, known):
            _write(path, word)
    return not is_away(folder)


def is_away(folder: Path) -> bool:
    """Whether the recordings' folder is not there, or is not the one that was marked."""
    if not folder.is_dir():
        return True
    word = _read(_beside(folder))
    return bool(word) and _read(folder / MARK) != word


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.volume")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _write(path: Path, word: str) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="ascii") as out:
        out.write(word + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
