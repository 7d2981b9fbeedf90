"""A report as a workbook with typed cells: times, shares and durations are numbers with a format, text is only text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from agent_desktop.reports.sheet import Cell, Column, Form, Kind, Row, Sheet

FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.PERCENT: "0.0%",
    Kind.CHANGE: "+0.0%;-0.0%;0.0%",
    Kind.SECONDS: "[h]:mm:ss",
    Kind.NUMBER: "#,##0.0",
}
TIME_FORMATS = {Form.CLOCK: "hh:mm", Form.MOMENT: "yyyy-mm-dd hh:mm", Form.MONTH: "yyyy-mm"}
DAY_FORMAT = "yyyy-mm-dd"
SECONDS_A_DAY = 86_400
HEAD_ROW = 3  # title, period, an empty line, then the heads
WIDEST, NARROWEST = 60, 10


def as_xlsx(sheet: Sheet, zone: ZoneInfo, estimated_word: str) -> bytes:
    """Times are of the site's clock. Nothing in a cell is taken for a formula or a link."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(_sheet_name(sheet.word))
    page.write_string(0, 0, sheet.word, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, sheet.period)
    _heads(book, page, sheet, estimated_word)
    styles = _styles(book, sheet, bold=False)
    for place, row in enumerate(sheet.table.rows, HEAD_ROW + 1):
        _write(page, place, row, sheet, styles=styles, zone=zone)
    if sheet.table.totals:
        bold = _styles(book, sheet, bold=True)
        _write(page, HEAD_ROW + 1 + len(sheet.table.rows), sheet.table.totals, sheet, styles=bold, zone=zone)
    page.freeze_panes(HEAD_ROW + 1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD_ROW)
    book.close()
    return out.getvalue()


def _sheet_name(word: str) -> str:
    """What Excel allows: 31 signs, none of []:*?/\\."""
    return "".join(sign for sign in word if sign not in "[]:*?/\\'")[:31] or "1"


def _heads(book: Any, page: Any, sheet: Sheet, estimated_word: str) -> None:
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": False})
    right = book.add_format({"bold": True, "bottom": 1, "align": "right"})
    for place, column in enumerate(sheet.table.columns):
        page.write_string(HEAD_ROW, place, column.word, head if _is_text(column) else right)
        page.set_column(place, place, _width(sheet, place))
    if sheet.table.estimated:
        page.write_string(HEAD_ROW, len(sheet.table.columns), estimated_word, right)
        page.set_column(len(sheet.table.columns), len(sheet.table.columns), _signs(estimated_word) + 2)


def _is_text(column: Column) -> bool:
    return column.kind in (Kind.TEXT, Kind.TIME)


def _width(sheet: Sheet, place: int) -> float:
    """Wide enough for the head and, of text, for the longest cell; a Chinese sign is two wide."""
    column = sheet.table.columns[place]
    rows = [*sheet.table.rows, *([sheet.table.totals] if sheet.table.totals else [])]
    texts = [str(row.cells[place]) for row in rows if isinstance(row.cells[place], str)]
    least = 18 if column.kind is Kind.TIME else NARROWEST
    return min(WIDEST, max([least, _signs(column.word) + 2, *(_signs(text) + 2 for text in texts)]))


def _signs(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _styles(book: Any, sheet: Sheet, *, bold: bool) -> list[Mapping[str, Any]]:
    """For each column its format, plain and of a day."""
    styles: list[Mapping[str, Any]] = []
    for column in sheet.table.columns:
        look: dict[str, Any] = {"bold": True, "top": 1} if bold else {}
        if column.kind is Kind.TIME:
            clock = TIME_FORMATS.get(column.form, DAY_FORMAT)
            day = TIME_FORMATS[Form.MONTH] if column.form is Form.MONTH else DAY_FORMAT
            made = {"clock": clock, "day": day}
            styles.append(
                {name: book.add_format({**look, "num_format": text, "align": "left"}) for name, text in made.items()}
                | {"plain": book.add_format(look)}
            )
            continue
        number = {"num_format": FORMATS[column.kind]} if column.kind in FORMATS else {}
        styles.append({"plain": book.add_format({**look, **number})})
    return styles


def _write(page: Any, place: int, row: Row, sheet: Sheet, *, styles: list[Mapping[str, Any]], zone: ZoneInfo) -> None:
    for place_in_row, (value, column, style) in enumerate(zip(row.cells, sheet.table.columns, styles, strict=True)):
        _write_cell(page, (place, place_in_row), _number(value, column.kind, zone), style)
    if sheet.table.estimated:
        page.write_number(place, len(sheet.table.columns), round(row.estimated))


def _number(value: Cell, kind: Kind, zone: ZoneInfo) -> Cell:
    """What the cell's format makes of it: durations are parts of a day, times are of the site's clock."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if kind is Kind.SECONDS and isinstance(value, int | float):
        return value / SECONDS_A_DAY
    return value


def _write_cell(page: Any, place: tuple[int, int], value: Cell, style: Mapping[str, Any]) -> None:
    row, column = place
    if value is None:
        page.write_blank(row, column, None, style["plain"])
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, style.get("clock"))
    elif isinstance(value, date):
        page.write_datetime(row, column, value, style.get("day"))
    elif isinstance(value, str):
        page.write_string(row, column, value, style["plain"])
    else:
        page.write_number(row, column, value, style["plain"])
