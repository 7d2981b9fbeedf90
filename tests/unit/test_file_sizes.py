"""A file is at most 250 lines long. Those that were longer when the rule got this check may only become shorter."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 250
KINDS = {".py", ".ts", ".css", ".html", ".j2"}
NOT_OURS = {"node_modules", "dist", "build", "run", "versions"}  # nobody shortens a revision: it has run
LONGER = Path(__file__).with_name("longer_files.txt")


def lengths() -> dict[str, int]:
    """The lines of each file of ours, by its path from the root."""
    found = {}
    for folder, below, files in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS and not name.startswith(".")]
        for path in (Path(folder, name) for name in files):
            if path.suffix in KINDS:
                found[path.relative_to(ROOT).as_posix()] = path.read_bytes().count(b"\n")
    return found


def allowed() -> dict[str, int]:
    """What the list beside this file says: a line for each longer file, `lines path`."""
    rows = (line.split() for line in LONGER.read_text().splitlines())
    return {path: int(lines) for lines, path in rows}


def test_no_file_grows_over_250_lines_and_the_longer_ones_do_not_grow():
    listed = allowed()
    grown = {
        path: f"{lines} lines, at most {listed.get(path, LONGEST)}"
        for path, lines in lengths().items()
        if lines > listed.get(path, LONGEST)
    }
    assert grown == {}, "split it where a reader would: its parts have names of their own"


def test_a_file_that_was_shortened_leaves_the_list():
    now = lengths()
    left = [path for path in allowed() if now.get(path, 0) <= LONGEST]
    assert left == [], f"take these out of {LONGER.name}"
