"""Size and SHA-256 of stored files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of a file, read whole. OSError when it cannot be read."""
    with path.open("rb") as stored:
        return path.stat().st_size, hashlib.file_digest(stored, "sha256").hexdigest()
