"""The chart of a report drawn with lines and rectangles into a PDF, as the page draws it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from fpdf import FPDF

from agent_desktop.reports.sheet import Chart, Series

HEIGHT, LEFT, RIGHT, BELOW = 52.0, 10.0, 12.0, 6.0  # mm
TONES = {
    "past": (179, 186, 197),
    "breach": (220, 59, 47),
    "mark": (98, 107, 120),
    "agent": (10, 106, 172),
    "customer": (184, 68, 10),
    "main": (58, 69, 86),
    "talking": (10, 106, 172),
    "hold": (112, 64, 191),
    "acw": (11, 112, 123),
    "ready": (22, 121, 76),
    "break": (110, 90, 60),
    "ringing": (184, 68, 10),
}
GRID, WORDS, TARGET = (233, 235, 239), (98, 107, 120), (106, 115, 128)
MOST_LABELS = 26


@dataclass(frozen=True, slots=True)
class _Field:
    """The inner rectangle in mm, and the count at its upper edge. Shares have the same height for 1."""

    left: float
    top: float
    width: float
    height: float
    highest: float
    steps: int

    @property
    def floor(self) -> float:
        return self.top + self.height

    def across(self, place: int) -> float:
        return self.left + self.width * (place + 0.5) / self.steps

    def up(self, value: float, *, percent: bool) -> float:
        return self.floor - self.height * value / (1 if percent else self.highest)


def draw_chart(paper: FPDF, chart: Chart, family: str) -> None:
    """At the paper's present place; afterwards it stands under the chart."""
    paper.set_font(family, size=8)
    _legend(paper, chart)
    top = paper.get_y() + 2
    highest = nice_top(_highest(chart))
    field = _Field(paper.l_margin + LEFT, top, paper.epw - LEFT - RIGHT, HEIGHT, highest, max(1, len(chart.labels)))
    _grid(paper, chart, field)
    _bars(paper, [one for one in chart.series if one.shape == "bar"], field)
    _sides(paper, [one for one in chart.series if one.shape == "side"], field)
    for one in chart.series:
        if one.shape == "mark":
            _marks(paper, one, field)
        elif one.shape == "line":
            _line(paper, one, field)
    paper.set_xy(paper.l_margin, field.floor + BELOW + 4)


def nice_top(highest: float) -> float:
    """The next of 1, 2, 4, 5 or 10 times a power of ten that four grid lines part evenly enough."""
    if highest <= 4:
        return 4
    power = 10.0 ** floor(log10(highest))
    return next(power * factor for factor in (1, 2, 4, 5, 6, 8, 10) if power * factor >= highest)


def _highest(chart: Chart) -> float:
    """Of the stacked bars, the marks and the lines that are counts."""
    bars = [one for one in chart.series if one.shape == "bar"]
    stacked = [sum(one.values[place] or 0 for one in bars) for place in range(len(chart.labels))]
    others = [v or 0 for one in chart.series if one.shape != "bar" and not one.percent for v in one.values]
    return max([0, *stacked, *others])


def _legend(paper: FPDF, chart: Chart) -> None:
    paper.set_text_color(*WORDS)
    for one in chart.series:
        paper.set_fill_color(*TONES.get(one.tone, TONES["main"]))
        x, y = paper.get_x(), paper.get_y()
        high = 2.4 if one.shape in ("bar", "side") else 0.7
        paper.rect(x, y + 2 - high / 2, 3, high, style="F")
        paper.set_x(x + 4)
        paper.cell(w=paper.get_string_width(one.word) + 6, h=4, text=one.word)
    paper.ln(4)


def _grid(paper: FPDF, chart: Chart, field: _Field) -> None:
    shares = any(one.percent for one in chart.series)
    paper.set_font_size(7)
    paper.set_line_width(0.15)
    for quarter in range(5):
        y = field.floor - field.height * quarter / 4
        paper.set_draw_color(*GRID)
        paper.line(field.left, y, field.left + field.width, y)
        paper.set_xy(paper.l_margin, y - 2)
        paper.cell(w=LEFT - 1, h=4, text=f"{field.highest * quarter / 4:g}", align="R")
        if shares:
            paper.set_xy(field.left + field.width + 1, y - 2)
            paper.cell(w=RIGHT - 1, h=4, text=f"{quarter * 25}%")
    if chart.target is not None:
        y = field.up(chart.target, percent=True)
        paper.set_draw_color(*TARGET)
        paper.set_dash_pattern(dash=1, gap=1)
        paper.line(field.left, y, field.left + field.width, y)
        paper.set_dash_pattern()
    every = ceil(len(chart.labels) / MOST_LABELS)
    for place in range(0, len(chart.labels), every):
        width = field.width / field.steps * every
        paper.set_xy(field.across(place) - width / 2, field.floor + 1)
        paper.cell(w=width, h=4, text=chart.labels[place], align="C")


def _bars(paper: FPDF, bars: list[Series], field: _Field) -> None:
    width = min(9.0, field.width / field.steps * 0.56)
    for place in range(field.steps):
        base = 0.0
        for one in bars:
            value = one.values[place] if place < len(one.values) else None
            if value:
                top, foot = field.up(base + value, percent=False), field.up(base, percent=False)
                paper.set_fill_color(*TONES.get(one.tone, TONES["main"]))
                paper.rect(field.across(place) - width / 2, top, width, foot - top, style="F")
                base += value


def _sides(paper: FPDF, bars: list[Series], field: _Field) -> None:
    """Beside each other, all of one step in its middle."""
    width = min(6.0, field.width / field.steps * 0.56 / max(1, len(bars)))
    for place in range(field.steps):
        left = field.across(place) - width * len(bars) / 2
        for number, one in enumerate(bars):
            value = one.values[place] if place < len(one.values) else None
            if value:
                top = field.up(value, percent=one.percent)
                paper.set_fill_color(*TONES.get(one.tone, TONES["main"]))
                paper.rect(left + width * number, top, width * 0.94, field.floor - top, style="F")


def _marks(paper: FPDF, one: Series, field: _Field) -> None:
    half = min(5.0, field.width / field.steps * 0.32)
    paper.set_draw_color(*TONES["mark"])
    paper.set_line_width(0.35)
    for place, value in enumerate(one.values):
        if value is not None:
            y = field.up(value, percent=one.percent)
            paper.line(field.across(place) - half, y, field.across(place) + half, y)


def _line(paper: FPDF, one: Series, field: _Field) -> None:
    """A gap where there is nothing to measure."""
    points = [
        None if value is None else (field.across(place), field.up(value, percent=one.percent))
        for place, value in enumerate(one.values)
    ]
    paper.set_draw_color(*TONES.get(one.tone, TONES["main"]))
    paper.set_line_width(0.55)
    for before, after in pairwise(points):
        if before and after:
            paper.line(*before, *after)
    for place, point in enumerate(points):
        if point and field.steps <= 62:
            paper.set_fill_color(*(TONES["breach"] if place in one.breaches else TONES.get(one.tone, TONES["main"])))
            paper.ellipse(point[0] - 0.7, point[1] - 0.7, 1.4, 1.4, style="F")
