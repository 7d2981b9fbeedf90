"""Spreadsheets: the rows of their first sheet, within what an archive may unfold to."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from crm_core.imports import cells
from crm_core.imports.reading import RawRow
from crm_core.imports.unusable import Unusable

MOST_SHEET_BYTES = 60 * 1024 * 1024
_MOST_UNFOLDED = 600 * 1024 * 1024  # of a spreadsheet's archive; a million full rows take about 400 MB
_MOST_RATIO = 200  # real sheets shrink to a tenth or twentieth
_MOST_PARTS = 5_000
_WIDEST = 200


def is_sheet(head: bytes) -> bool:
    """Whether a file that begins so is a spreadsheet: XLSX, ODS, XLSB or XLS."""
    return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def sheet_rows(source: Path, head: bytes) -> Iterator[RawRow]:
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
