"""Spreadsheets to take away: the rows that were refused, and an empty list to fill in. Cells are text: nothing runs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

Row = Sequence[str | int]


async def sheet(title: str, header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """An XLSX file with one sheet, made off the event loop."""
    return await asyncio.to_thread(_write, title, header, rows)


def _write(title: str, header: Sequence[str], rows: Iterable[Row]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="hotline-sheet-") as folder:
        path = Path(folder) / "sheet.xlsx"
        plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(path), plain) as book:
            page = book.add_worksheet(title[:31])
            strong = book.add_format({"bold": True, "bottom": 1})
            page.freeze_panes(1, 0)
            page.set_column(0, len(header), 18)
            for column, word in enumerate(header):
                page.write_string(0, column, word, strong)
            for line, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        page.write_number(line, column, value)
                    else:
                        page.write_string(line, column, value)
        return path.read_bytes()
