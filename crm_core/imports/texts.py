"""Tables in text form (CSV): their encoding, their separator, their rows, whatever is broken in them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from crm_core.imports.reading import RawRow
from crm_core.imports.unusable import Unusable

_LONGEST_ROW = 200_000  # characters: what is longer has lost its closing quotation mark
_MOST_LINES = 100  # that one quoted cell may have
_CHUNK = 1024 * 1024


def encoding_of(source: Path, head: bytes) -> str:
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
    broken = _broken_signs(source, "utf-8")
    # Some wrong bytes in the midst of 200 MB do not make UTF-8 of it: whichever explains more of the file is right.
    return "utf-8" if broken == 0 or broken < _broken_signs(source, "gb18030") else "gb18030"


def _is_binary(head: bytes) -> bool:
    signatures = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
    odd = sum(byte < 32 and byte not in (0, 9, 10, 12, 13) for byte in head)
    return head.startswith(signatures) or odd > len(head) / 50


def _broken_signs(source: Path, encoding: str) -> int:
    """How much of the file does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    count = 0
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            count += decoder.decode(chunk).count("\ufffd")
    return count + decoder.decode(b"", final=True).count("\ufffd")


def text_rows(source: Path, encoding: str) -> Iterator[RawRow]:
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
    try:
        found = next(csv.reader([line for _, line in lines], delimiter=separator), [])
    except csv.Error:
        return RawRow(lines[0][0], [lines[0][1][:80]], "unreadable")
    return RawRow(lines[0][0], found)


def _given_up(lines: Sequence[tuple[int, str]], separator: str) -> Iterator[RawRow]:
    """The first line is broken; each of the others is read for itself."""
    for place, (number, line) in enumerate(lines):
        if place == 0 or line.count('"') % 2:
            yield RawRow(number, [line[:80]], "quote")
        else:
            yield _record([(number, line)], separator)
