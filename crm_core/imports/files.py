"""From an uploaded file to rows on disk: one JSON line for each row, so that a reader can go on at any byte.

The work blocks: call it in a thread. Memory stays bounded for text files of any size; a spreadsheet is bounded by what
its archive may unfold to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import orjson

from crm_core.imports import fields
from crm_core.imports.reading import RawRow
from crm_core.imports.sheets import is_sheet, sheet_rows
from crm_core.imports.texts import encoding_of, text_rows
from crm_core.imports.unusable import Unusable

MOST_BYTES = 210 * 1024 * 1024
_LOOKED_AT = 10  # rows among which the header is sought
_WIDEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """`rows` are those below the header. `encoding` is "" for a spreadsheet."""

    header: list[str]
    rows: int
    encoding: str
    sha256: str
    size: int


def convert(source: Path, target: Path, kind: str) -> Converted:
    """Read the uploaded `source`, whatever its form, into rows at `target`. Raises Unusable with a reason."""
    size = source.stat().st_size
    if size == 0:
        raise Unusable("This file is empty.")
    with source.open("rb") as file:
        head = file.read(4096)
        digest = hashlib.file_digest(file, "sha256").hexdigest() if not file.seek(0) else ""
    encoding = ""
    if is_sheet(head):
        rows = sheet_rows(source, head)
    else:
        encoding = encoding_of(source, head)
        rows = text_rows(source, encoding)
    header, count = _write(target, rows, kind)
    return Converted(header=header, rows=count, encoding=encoding, sha256=digest, size=size)


def rows_from(file: Path, position: int, most: int) -> tuple[list[RawRow], int]:
    """At most `most` rows from the byte `position` on, and the byte behind them."""
    with file.open("rb") as lines:
        lines.seek(position)
        found = [RawRow(*orjson.loads(line)) for line in islice(lines_of(lines), most)]
        return found, lines.tell()


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """By `readline`, after which `tell` is right."""
    while line := file.readline():
        yield line


def _write(target: Path, rows: Iterator[RawRow], kind: str) -> tuple[list[str], int]:
    first = list(islice(rows, _LOOKED_AT))
    place = _header_place(first, kind)
    header = [_encodable(" ".join(cell.replace("\0", "").split())[:60]) for cell in first[place].cells][:_WIDEST]
    while header and not header[-1]:
        header.pop()
    count = 0
    with target.open("wb") as out:
        for row in chain(first[place + 1 :], rows):
            if row.broken or any(cell.strip() for cell in row.cells):
                out.write(orjson.dumps([row.line, [_encodable(cell) for cell in row.cells], row.broken]) + b"\n")
                count += 1
    if not count:
        raise Unusable("This file has a header and no rows below it.")
    return header, count


def _encodable(cell: str) -> str:
    return cell.encode(errors="replace").decode()


def _header_place(rows: Sequence[RawRow], kind: str) -> int:
    """The row with the most headings we know, else the first with two filled cells."""
    scores = [0 if row.broken else fields.known_headings(kind, row.cells) for row in rows]
    if any(scores):
        return scores.index(max(scores))
    for place, row in enumerate(rows):
        if not row.broken and sum(bool(cell.strip()) for cell in row.cells) >= 2:
            return place
    raise Unusable("No header was found in the first rows. The first row must name the columns.")
