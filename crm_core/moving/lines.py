"""A row as PostgreSQL's COPY reads and writes it, so that both databases can be asked for the same bytes. No I/O."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from sqlalchemy import Boolean, Column, DateTime, Double, Integer, LargeBinary, Table
from sqlalchemy.types import TypeDecorator

_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
_ESCAPED = re.compile(r"[\b\t\n\v\f\r\\]")
NOTHING = "\\N"

Cell = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class CopiedColumn:
    """`copied` is what COPY takes, `checked` what both sides are compared by; `asked` gives it in PostgreSQL."""

    name: str
    copied: Cell
    checked: Cell
    asked: str


def columns_of(table: Table) -> tuple[CopiedColumn, ...]:
    """Those that are stored; what the database computes it computes again."""
    return tuple(_column(column) for column in table.columns if column.computed is None)


def _column(column: Column[object]) -> CopiedColumn:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    name = f'"{column.name}"'
    match kind:
        case DateTime():
            return CopiedColumn(column.name, _instant, _instant, f"to_char({name}, 'YYYY-MM-DD HH24:MI:SS.US')")
        case Double():
            return CopiedColumn(column.name, _float, _bits, f"encode(float8send({name}), 'hex')")
        case Boolean():
            return CopiedColumn(column.name, _truth, _truth, name)
        case LargeBinary():
            return CopiedColumn(column.name, _bytes, _bytes, name)
        case Integer():
            return CopiedColumn(column.name, str, str, name)
        case _:
            return CopiedColumn(column.name, _text, _text, name)


def line(values: Sequence[object], cells: Sequence[Cell]) -> bytes:
    """One row of COPY's text format."""
    told = (NOTHING if value is None else cell(value) for value, cell in zip(values, cells, strict=True))
    return ("\t".join(told) + "\n").encode()


def _text(value: object) -> str:
    """Without NUL, which PostgreSQL refuses."""
    text = str(value)
    if "\0" in text:
        text = text.replace("\0", "")
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text


def _instant(value: object) -> str:
    """SQLite keeps UTC as text; rows that were written by hand may lack the microseconds or name a zone."""
    text = str(value)
    if len(text) == 26 and text[10] == " ":
        return text
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _float(value: object) -> str:
    return repr(float(value))  # type: ignore[arg-type]  # SQLite gives a number


def _bits(value: object) -> str:
    """Two ways to write a number may differ, its bits do not."""
    return struct.pack(">d", float(value)).hex()  # type: ignore[arg-type]


def _truth(value: object) -> str:
    return "t" if value else "f"


def _bytes(value: object) -> str:
    return "\\\\x" + bytes(value).hex()  # type: ignore[call-overload,no-any-return]


@dataclass(slots=True)
class Checksum:
    """Of a table's rows in any order: the sum of their hashes."""

    rows: int = 0
    _sum: int = field(default=0)

    def add(self, told: bytes) -> None:
        self.rows += 1
        self._sum += int.from_bytes(blake2b(told, digest_size=16).digest())

    @property
    def value(self) -> str:
        return f"{self._sum % (1 << 128):032x}"
