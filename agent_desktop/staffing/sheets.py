"""A table as an Excel workbook whose cells keep their types."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from fastapi.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, rows: Sequence[Sequence[Any]]) -> Response:
    """The first row stays in sight; texts are never formulas or links."""
    written = BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max((len(row) for row in rows), default=1), 16)
    book.close()
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written.getvalue(), media_type=XLSX, headers=headers)
