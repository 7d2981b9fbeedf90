"""A report as a file: one place that knows the forms there are, for a download and for a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from agent_desktop.reports.as_csv import as_csv
from agent_desktop.reports.as_pdf import MOST_ROWS, Wording, as_pdf
from agent_desktop.reports.as_xlsx import as_xlsx
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.sheet import Sheet
from agent_desktop.words import N_

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ESTIMATED = N_("Estimated (s)")
Write = Callable[[Sheet, ReportLook], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """`word` is a msgid for the menu."""

    media_type: str
    word: str
    write: Write


def _csv(sheet: Sheet, look: ReportLook) -> bytes:
    return as_csv(sheet, look.zone, look.say(ESTIMATED))


def _xlsx(sheet: Sheet, look: ReportLook) -> bytes:
    return as_xlsx(sheet, look.zone, look.say(ESTIMATED))


def _pdf(sheet: Sheet, look: ReportLook) -> bytes:
    made = look.now.astimezone(look.zone).strftime("%Y-%m-%d %H:%M")
    wording = Wording(
        language=look.language,
        zone=look.zone,
        foot=f"{look.site} · {made}",
        cut=look.say(N_("Only the first {count} rows are here. Take the Excel file for all."), count=f"{MOST_ROWS:,}"),
        estimated=look.say(N_("est.")),
    )
    return as_pdf(sheet, wording)


FORMS: Mapping[str, FileForm] = {
    "xlsx": FileForm(media_type=XLSX, word=N_("Excel (XLSX)"), write=_xlsx),
    "pdf": FileForm(media_type="application/pdf", word=N_("Paper (PDF)"), write=_pdf),
    "csv": FileForm(media_type="text/csv; charset=utf-8", word=N_("Text (CSV)"), write=_csv),
}


async def write_file(form: str, sheet: Sheet, look: ReportLook) -> bytes:
    """In a thread: calls do not wait while a large file is written. `form` is a key of FORMS."""
    return await asyncio.to_thread(FORMS[form].write, sheet, look)


def file_name(sheet: Sheet, look: ReportLook, form: str) -> str:
    """队列时段 2026-07-16.xlsx"""
    period = look.asked.period
    days = period.first.isoformat() if period.days == 1 else f"{period.first.isoformat()}_{period.last.isoformat()}"
    return f"{sheet.word.replace('/', '-')} {days}.{form}"


def disposition(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"
