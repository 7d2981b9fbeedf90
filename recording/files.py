"""The names of a recording's file: as Asterisk wrote it, as it was packed, and what it became later."""

from __future__ import annotations

import re
from pathlib import Path

FILE = re.compile(r"\d{8}/[A-Za-z0-9][A-Za-z0-9._-]{0,90}\.(raw|sln|(flac|opus)(\.enc)?)")
KEPT_ENDINGS = (".flac", ".opus", ".flac.enc", ".opus.enc")
"""A recording is in one of these forms; while it changes, the old and the new one may lie side by side."""
ENCRYPTED = ".enc"
_ENDING = re.compile(r"\.(raw|sln|(flac|opus)(\.enc)?)$")
_TYPES = {".flac": "audio/flac", ".opus": "audio/ogg"}


def file_below(folder: Path, file: str) -> Path | None:
    """Where a recording's file lies; None when the name is not one of ours."""
    return folder / file if FILE.fullmatch(file) and ".." not in file else None


def bare(file: str) -> str:
    """The name without its ending: what all forms of one recording share."""
    return _ENDING.sub("", file)


def kept_forms(file: str) -> tuple[str, ...]:
    """The names under which this recording may be kept, the one that was asked for first when it is among them."""
    forms = tuple(bare(file) + ending for ending in KEPT_ENDINGS)
    return (file, *(one for one in forms if one != file)) if file in forms else forms


def sound_type(path: Path) -> str:
    """What HTTP calls the sound of a kept file."""
    return _TYPES.get(path.suffix, "application/octet-stream")
