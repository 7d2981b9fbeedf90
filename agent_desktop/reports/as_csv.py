"""A report as CSV: UTF-8 with its mark, times of the site, durations in seconds, shares of 1 as such."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

from agent_desktop.csv_out import harmless
from agent_desktop.reports.sheet import Cell, Kind, Row, Sheet


def as_csv(sheet: Sheet, zone: ZoneInfo, estimated_word: str) -> bytes:
    """One line for each row and one for the totals. A row with a gap in the event stream says so in the last column."""
    table = sheet.table
    out = StringIO()
    lines = csv.writer(out)
    told = bool(table.estimated)
    lines.writerow([harmless(one.word) for one in table.columns] + ([estimated_word] if told else []))
    kinds = [one.kind for one in table.columns]
    for row in [*table.rows, *([table.totals] if table.totals else [])]:
        lines.writerow(_line(row, kinds, zone) + ([round(row.estimated)] if told else []))
    return ("\ufeff" + out.getvalue()).encode()


def _line(row: Row, kinds: list[Kind], zone: ZoneInfo) -> list[object]:
    return [_cell(value, kind, zone) for value, kind in zip(row.cells, kinds, strict=True)]


def _cell(value: Cell, kind: Kind, zone: ZoneInfo) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return harmless(value)
    if kind in (Kind.PERCENT, Kind.CHANGE):
        return round(value, 6)
    return round(value, 3) if isinstance(value, float) else value
