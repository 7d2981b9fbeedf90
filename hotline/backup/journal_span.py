"""The records of a copied journal: which they are, and whether none is missing between them."""

from __future__ import annotations

from pathlib import Path

from crm_core.history.codec import UnreadableRecord, decode


def journal_span(folder: Path) -> tuple[int, int, int]:
    """First and last number, and how many of those between them are missing; (0, 0, 0) without a record.

    A torn last line is none: the platform cuts it off, too.
    """
    numbers: set[int] = set()
    for segment in sorted(folder.glob("*.jsonl")):
        with segment.open("rb") as lines:
            for line in lines:
                try:
                    numbers.add(decode(line).number)
                except UnreadableRecord:
                    continue
    if not numbers:
        return 0, 0, 0
    first, last = min(numbers), max(numbers)
    return first, last, last - first + 1 - len(numbers)
