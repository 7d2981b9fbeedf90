"""A report as a PDF on A4 across: head, figures, the chart as vectors, the table with its head on every page.

The font is Noto Sans SC (OFL), of which only the letters used are in the file; nothing outside Python is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fpdf import FPDF

from agent_desktop.rendering import STATIC
from agent_desktop.reports.cells import cell, written
from agent_desktop.reports.pdf_chart import draw_chart
from agent_desktop.reports.sheet import WHOLE, Cell, Column, Kind, ReportTable, Row, Sheet

FONTS = STATIC / "dist" / "fonts"
FAMILY = "noto"
MARGIN, LINE = 12.0, 6.2  # mm
SIZE = 8.5  # points of the table
INK, MUTED, HEAD = (20, 24, 31), (98, 107, 120), (243, 244, 246)
TONES = {"warn": (133, 86, 0), "breach": (191, 36, 25)}
MOST_ROWS = 3_000
"""A longer table is no reading; the note says to take a spreadsheet."""

logging.getLogger("fontTools").setLevel(logging.ERROR)  # one line for each table of the font otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How and for whom it is written: `foot` stands under every page, `cut` under a table of which only the first rows
    are in, `estimated` is the mark of a row with a gap in the event stream."""

    language: str
    zone: ZoneInfo
    foot: str
    cut: str
    estimated: str

    def cell(self, value: Cell, column: Column) -> str:
        return cell(value, column, self.language, self.zone)


class _Paper(FPDF):
    """The foot of every page: the site, when it was made, the page's number."""

    def __init__(self, foot: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._foot = foot
        self.set_margin(MARGIN)
        self.c_margin = 1.2
        self.set_auto_page_break(auto=True, margin=MARGIN + 4)
        self.add_font(FAMILY, "", FONTS / "noto-sans-sc-400.woff")
        self.add_font(FAMILY, "B", FONTS / "noto-sans-sc-700.woff")

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font(FAMILY, size=8)
        self.set_text_color(*MUTED)
        self.cell(w=self.epw / 2, h=4, text=self._foot)
        self.cell(w=self.epw / 2, h=4, text=f"{self.page_no()} / {{nb}}", align="R")


def as_pdf(sheet: Sheet, wording: Wording) -> bytes:
    """Takes a second or two: for a thread."""
    paper = _Paper(wording.foot)
    paper.set_title(sheet.word)
    paper.set_lang(wording.language)
    paper.add_page()
    _head(paper, sheet)
    if sheet.figures:
        _figures(paper, sheet, wording)
    if sheet.chart and sheet.table.rows:
        draw_chart(paper, sheet.chart, FAMILY)
    if sheet.table.rows:
        _table(paper, sheet.table, wording)
    told = [
        sheet.note,
        "" if sheet.table.rows else sheet.table.empty,
        wording.cut if len(sheet.table.rows) > MOST_ROWS else "",
    ]
    for sentence in filter(None, told):
        paper.ln(2)
        _write(paper, sentence, size=9, colour=MUTED)
    return bytes(paper.output())


def _write(paper: FPDF, text: str, *, size: float, style: str = "", colour: tuple[int, int, int] = INK) -> None:
    paper.set_font(FAMILY, style, size)
    paper.set_text_color(*colour)
    paper.multi_cell(w=paper.epw, h=size * 0.5, text=text, new_x="LMARGIN", new_y="NEXT")


def _head(paper: FPDF, sheet: Sheet) -> None:
    _write(paper, sheet.word, size=16, style="B")
    about = " · ".join(part for part in (sheet.period, sheet.told, sheet.about) if part)
    if about:
        _write(paper, about, size=9, colour=MUTED)
    paper.ln(3)


def _figures(paper: FPDF, sheet: Sheet, wording: Wording) -> None:
    """In a line, each a third of the page's width at most."""
    width, top = paper.epw / max(3, len(sheet.figures)), paper.get_y()
    for place, one in enumerate(sheet.figures):
        left = MARGIN + place * width
        value = written(one.value, one.kind, wording.language, wording.zone)
        lines = ((one.word, 8, "", MUTED), (value, 15, "B", TONES.get(one.tone, INK)), (one.note, 8, "", MUTED))
        down = top
        for text, size, style, colour in lines:
            paper.set_xy(left, down)
            paper.set_font(FAMILY, style, size)
            paper.set_text_color(*colour)
            paper.cell(w=width, h=size * 0.5, text=text)
            down += size * 0.5 + 0.6
    paper.set_xy(MARGIN, top + 19)


def _table(paper: FPDF, table: ReportTable, wording: Wording) -> None:
    """Rows of one line, drawn cell by cell: the library's own table takes twenty times as long."""
    widths = _widths(paper, table, wording)
    paper.set_draw_color(226, 229, 234)
    paper.set_line_width(0.2)
    _heads(paper, table.columns, widths)
    for row in table.rows[:MOST_ROWS]:
        _row(paper, row, table.columns, widths, wording)
    if table.totals:
        _row(paper, table.totals, table.columns, widths, wording)


def _heads(paper: FPDF, columns: Sequence[Column], widths: Sequence[float]) -> None:
    paper.set_font(FAMILY, size=SIZE)
    paper.set_text_color(*MUTED)
    paper.set_fill_color(*HEAD)
    for column, width in zip(columns, widths, strict=True):
        paper.cell(w=width, h=LINE + 1, text=_cut(paper, column.word, width), align=_align(column), fill=True)
    paper.ln(LINE + 1)


def _row(paper: FPDF, row: Row, columns: Sequence[Column], widths: Sequence[float], wording: Wording) -> None:
    if paper.will_page_break(LINE):
        paper.add_page()
        _heads(paper, columns, widths)
    whole = row.key == WHOLE
    for column, width, value in zip(columns, widths, row.cells, strict=True):
        text = wording.cell(value, column)
        if column is columns[0] and row.estimated:
            text += f" ({wording.estimated})"
        paper.set_font(FAMILY, "B" if whole or column.weight == "strong" else "", SIZE)
        paper.set_text_color(*TONES.get(row.tones.get(column.key, ""), INK))
        paper.cell(w=width, h=LINE, text=_cut(paper, text, width), align=_align(column), border="B")
    paper.ln(LINE)


def _align(column: Column) -> str:
    return "L" if column.kind in (Kind.TEXT, Kind.TIME) else "R"


def _cut(paper: FPDF, text: str, width: float) -> str:
    """What one line holds; … where something is left out."""
    room = width - 2 * paper.c_margin
    if len(text) * SIZE * 0.36 < room or paper.get_string_width(text) <= room:
        return text
    while text and paper.get_string_width(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"


def _widths(paper: FPDF, table: ReportTable, wording: Wording) -> list[float]:
    """In mm: what is left of the page's width is shared out by what each column needs."""
    paper.set_font(FAMILY, "B", SIZE)
    sample = [*table.rows[:200], *([table.totals] if table.totals else [])]
    needed = []
    for place, column in enumerate(table.columns):
        texts = [column.word, *(wording.cell(row.cells[place], column) for row in sample)]
        longest = max(texts, key=_signs)
        needed.append(min(paper.get_string_width(longest) + (8 if not place and table.estimated else 0), 75) + 5)
    return [width * paper.epw / sum(needed) for width in needed]


def _signs(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
