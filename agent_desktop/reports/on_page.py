"""A report's table as the page writes it: each cell with its text and its classes.

A month of hours has thousands of cells: what is alike in a column is worked out once, not in the template for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent_desktop.reports.cells import cell
from agent_desktop.reports.sheet import Cell, Column, Kind, ReportTable, Row

_LEFT = (Kind.TEXT, Kind.TIME)


class PageCell(NamedTuple):
    """`title` repeats a text that the column may cut."""

    text: str
    css: str
    title: str = ""


class PageRow(NamedTuple):
    """`first` is the cell with the row's link."""

    row: Row
    first: PageCell
    rest: Sequence[PageCell]


def page_rows(table: ReportTable, language: str, zone: ZoneInfo) -> list[PageRow]:
    writers = [_writer(column, language, zone) for column in table.columns]
    return [_page_row(row, table.columns, writers) for row in table.rows]


def page_totals(table: ReportTable, language: str, zone: ZoneInfo) -> PageRow | None:
    """The last row, in which no column is dim or strong."""
    if table.totals is None:
        return None
    writers = [_writer(column, language, zone, plain=True) for column in table.columns]
    return _page_row(table.totals, table.columns, writers)


def _page_row(row: Row, columns: Sequence[Column], writers: Sequence[Callable[[Cell, str], PageCell]]) -> PageRow:
    tones = row.tones
    cells = [
        write(value, tones.get(column.key, ""))
        for value, column, write in zip(row.cells, columns, writers, strict=True)
    ]
    return PageRow(row, cells[0], cells[1:])


def _writer(column: Column, language: str, zone: ZoneInfo, *, plain: bool = False) -> Callable[[Cell, str], PageCell]:
    align = "" if column.kind in _LEFT else "num "
    usual = align if plain else align + column.weight
    toned = align + ("strong " if column.weight == "strong" and not plain else "")
    titled = column.kind is Kind.TEXT and not plain

    def write(value: Cell, tone: str) -> PageCell:
        text = cell(value, column, language, zone)
        return PageCell(text, toned + tone if tone else usual, text if titled else "")

    return write
