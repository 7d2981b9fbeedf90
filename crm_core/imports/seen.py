"""Which key stood in which line of a file: kept beside the file, not in memory, and the same when it is asked again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path


def first_lines(beside: Path, keys: Mapping[int, str]) -> dict[int, int]:
    """For each line the line in which its key stood first. Blocks: call it in a thread."""
    with closing(sqlite3.connect(beside.with_suffix(".keys"))) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        in_order = sorted((line, key) for line, key in keys.items())
        connection.executemany("INSERT OR IGNORE INTO seen VALUES (?2, ?1)", in_order)
        found = {}
        for line, key in in_order:
            found[line] = connection.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()[0]
        return found
