"""Cases as a workbook; everything is written as text, so that no cell becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from zoneinfo import ZoneInfo

import xlsxwriter

from agent_desktop.cases import words as case_words
from agent_desktop.desk import words as desk_words
from agent_desktop.naming import Names
from agent_desktop.words import KINDS, N_
from crm_core.cases.dealer_queries import step_of
from crm_core.cases.queries import CaseLine

COLUMNS = (
    (N_("Number"), 16),
    (N_("Kind"), 10),
    (N_("Sub-kind"), 14),
    (N_("Level"), 10),
    (N_("What"), 40),
    (N_("Customer"), 14),
    (N_("Plate"), 11),
    (N_("Model"), 18),
    (N_("Part"), 18),
    (N_("Dealer"), 16),
    (N_("Handled by"), 12),
    (N_("Step"), 20),
    (N_("Opened"), 17),
    (N_("Due by"), 17),
    (N_("Closed"), 17),
    (N_("Result"), 16),
    (N_("Satisfaction"), 12),
)


def workbook(lines: Sequence[CaseLine], named: Names, zone: ZoneInfo, say: Callable[[str], str]) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(say("Cases"))
    bold = book.add_format({"bold": True})
    for place, (word, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, say(word), bold)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(lines)), len(COLUMNS) - 1)
    for row, line in enumerate(lines, start=1):
        for place, text in enumerate(_cells(line, named, zone, say)):
            sheet.write_string(row, place, text)
    book.close()
    return buffer.getvalue()


def _cells(line: CaseLine, named: Names, zone: ZoneInfo, say: Callable[[str], str]) -> list[str]:
    case = line.case
    steps = case_words.STEPS if case.kind == "complaint" else case_words.RESCUE_STEPS
    step = step_of(case) if case.kind == "complaint" else case.stage
    times = [
        f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in (case.opened_at, case.due_at, case.closed_at)
    ]

    def word(table: dict[str, str], code: str) -> str:
        return say(table[code]) if code in table else code

    return [
        case.number,
        word(KINDS, case.kind),
        word(desk_words.SUB_KINDS.get(case.kind, {}), case.sub_kind),
        word(case_words.LEVELS, case.level),
        case.title,
        line.customer,
        line.plate,
        case.model,
        case.part_name,
        line.dealer,
        named.person(case.owner) if case.owner else "",
        word(steps, step) if case.stage and not case.closed_at else "",
        *times,
        word(case_words.RESULTS, case.result),
        str(case.satisfaction or ""),
    ]
