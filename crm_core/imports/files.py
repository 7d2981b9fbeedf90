"""From an uploaded file to rows on disk: one JSON line for each row, so that a reader can go on at any byte.

The work blocks: call it in a thread. Memory stays bounded for text files of any size; a spreadsheet is bounded by what
its archive may unfold to.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO

import orjson

from crm_core.errors import Invalid
from crm_core.imports import cells, fields
from crm_core.imports.reading import RawRow

MOST_BYTES = 210 * 1024 * 1024
MOST_SHEET_BYTES = 60 * 1024 * 1024
_MOST_UNFOLDED = 600 * 1024 * 1024  # of a spreadsheet's archive; a million full rows take about 400 MB
_MOST_RATIO = 200  # real sheets shrink to a tenth or twentieth
_MOST_PARTS = 5_000
_LONGEST_ROW = 200_000  # characters: what is longer has lost its closing quotation mark
_MOST_LINES = 100  # that one quoted cell may have
_LOOKED_AT = 10  # rows among which the header is sought
_CHUNK = 1024 * 1024
_WIDEST = 200


class Unusable(Invalid):
    """The file is none that can be imported."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__(message_id, field="file", **values)


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
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        rows = _sheet_rows(source, head)
    else:
        encoding = _encoding(source, head)
        rows = _text_rows(source, encoding)
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
    header = [" ".join(cell.split())[:60] for cell in first[place].cells][:_WIDEST]
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


# --- text


def _encoding(source: Path, head: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    if _is_binary(head):
        raise Unusable("This is neither a table in text form (CSV) nor a spreadsheet (XLSX, XLS, ODS).")
    zeros = head.count(0)
    if zeros > len(head) / 5:  # Latin text in UTF-16 without its mark
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    return "utf-8" if _decodes(source, "utf-8") else "gb18030"


def _is_binary(head: bytes) -> bool:
    signatures = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
    odd = sum(byte < 32 and byte not in (0, 9, 10, 12, 13) for byte in head)
    return head.startswith(signatures) or odd > len(head) / 50


def _decodes(source: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with source.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _text_rows(source: Path, encoding: str) -> Iterator[RawRow]:
    # What does not decode becomes U+FFFD, for which its row is refused and no other.
    with source.open(encoding=encoding, errors="replace", newline="") as text:
        separator = _separator(text.readline(_LONGEST_ROW))
        text.seek(0)
        yield from _records(_numbered(text), separator)


def _separator(line: str) -> str:
    outside = "".join(part for place, part in enumerate(line.split('"')) if place % 2 == 0)
    return max((",", ";", "\t", "，", "|"), key=outside.count)


def _numbered(text: TextIO) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; of one that is far too long only the beginning, so that memory stays bounded."""
    number = 0
    while line := text.readline(_LONGEST_ROW):
        number += 1
        rest = line
        while len(rest) == _LONGEST_ROW and not rest.endswith("\n"):
            rest = text.readline(_LONGEST_ROW)
        yield number, line


def _records(lines: Iterator[tuple[int, str]], separator: str) -> Iterator[RawRow]:
    """Quoted cells may hold line ends. A quotation mark that never closes costs its own row, not the rest."""
    waiting: list[tuple[int, str]] = []
    marks = length = 0
    for numbered in lines:
        if len(numbered[1]) == _LONGEST_ROW:
            yield RawRow(numbered[0], [numbered[1][:80]], "too_long")
            continue
        waiting.append(numbered)
        marks, length = marks + numbered[1].count('"'), length + len(numbered[1])
        if marks % 2 == 0:
            yield _record(waiting, separator)
        elif len(waiting) > _MOST_LINES or length > _LONGEST_ROW:
            yield from _given_up(waiting, separator)
        else:
            continue
        waiting, marks, length = [], 0, 0
    yield from _given_up(waiting, separator)


def _record(lines: Sequence[tuple[int, str]], separator: str) -> RawRow:
    text = "".join(line for _, line in lines)
    try:
        found = next(csv.reader(text.splitlines(keepends=True), delimiter=separator), [])
    except csv.Error:
        return RawRow(lines[0][0], [text[:80]], "unreadable")
    return RawRow(lines[0][0], found)


def _given_up(lines: Sequence[tuple[int, str]], separator: str) -> Iterator[RawRow]:
    """The first line is broken; each of the others is read for itself."""
    for place, (number, line) in enumerate(lines):
        if place == 0 or line.count('"') % 2:
            yield RawRow(number, [line[:80]], "quote")
        else:
            yield _record([(number, line)], separator)


# --- spreadsheets


def _sheet_rows(source: Path, head: bytes) -> Iterator[RawRow]:
    from python_calamine import CalamineError, load_workbook  # noqa: PLC0415  a Rust library of 2 MB, seldom needed

    if source.stat().st_size > MOST_SHEET_BYTES:
        raise Unusable("A spreadsheet may have {most} MB. Save it as CSV.", most=MOST_SHEET_BYTES // 2**20)
    if head.startswith(b"PK"):
        _check_archive(source)
    try:
        sheet = load_workbook(str(source)).get_sheet_by_index(0)
        # calamine starts where the first filled cell is; a person counts from the top.
        for number, row in enumerate(sheet.iter_rows(), start=1):
            yield RawRow(number, [cells.plain(cell) for cell in row[:_WIDEST]])
    except (CalamineError, ValueError, IndexError, OSError) as wrong:
        raise Unusable("This spreadsheet cannot be read: it is damaged, locked or of an unknown form.") from wrong


def _check_archive(source: Path) -> None:
    """Raises Unusable for an archive that unfolds to far more than it is, or is no spreadsheet."""
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as wrong:
        raise Unusable("This spreadsheet cannot be read: it is damaged, locked or of an unknown form.") from wrong
    unfolded = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if len(parts) > _MOST_PARTS or unfolded > _MOST_UNFOLDED or (unfolded > 2**25 and unfolded / packed > _MOST_RATIO):
        raise Unusable("This spreadsheet unfolds to far more than its size. Save it anew or as CSV.")
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise Unusable("This is neither a table in text form (CSV) nor a spreadsheet (XLSX, XLS, ODS).")
