"""A table as a CSV file that a spreadsheet opens rightly and harmlessly."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from fastapi.responses import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """UTF-8 with its mark, so that Chinese is read as such; no cell begins a formula (OWASP, CSV injection)."""
    written = StringIO()
    csv.writer(written).writerows([heads, *([harmless(cell) for cell in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
