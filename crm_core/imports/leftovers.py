"""Files of uploads that broke off with the process: nobody's any more, and full of customers."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

LONGEST_UPLOAD = 24 * 3600.0  # seconds; whatever nobody owns by then, nobody will


def sweep(folder: Path, known: Collection[str], now: float) -> int:
    """Remove old files that belong to none of the `known` rows files; gives how many. Blocks."""
    owners = {Path(name).stem for name in known}
    gone = 0
    for path in folder.iterdir():
        ours = path.suffix in (".coming", ".rows", ".keys") and path.stem not in owners
        if ours and path.stat().st_mtime < now - LONGEST_UPLOAD:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
