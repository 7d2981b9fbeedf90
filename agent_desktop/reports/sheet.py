"""What a report shows, before it is a page, a file or a mail: typed cells, so that each writes them its own way.

Pure. Words in it are already in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a column's values are."""

    TEXT = "text"
    TIME = "time"  # an aware datetime, or a day
    COUNT = "count"
    PERCENT = "percent"  # a share of 1
    CHANGE = "change"  # a share of 1 with its sign
    SECONDS = "seconds"
    NUMBER = "number"  # one decimal


class Form(StrEnum):
    """How a TIME column is written."""

    CLOCK = "clock"  # 08:30, all of one day
    MOMENT = "moment"  # with the day
    DAY = "day"
    WEEK = "week"  # its first day
    MONTH = "month"


Cell = str | int | float | date | datetime | None
"""None = nothing to measure: written as a dash, never as zero."""


WHOLE = "all"
"""The key of the row that is the whole period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`opens` names the figure that a click on a cell opens, "" = none. `weight` is "", strong or dim."""

    key: str
    word: str
    kind: Kind = Kind.COUNT
    form: Form = Form.MOMENT
    opens: str = ""
    weight: str = ""
    about: str = ""  # the formula in words, as a title


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`cells` are in the order of the columns. `tones` maps a column's key to warn or breach.

    `key` is what the drill panel is asked with. `link` leads to the thing itself, e.g. a contact.
    """

    key: str
    cells: Sequence[Cell]
    tones: Mapping[str, str] = field(default_factory=dict)
    estimated: float = 0.0  # seconds of it in which we were deaf
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Row | None = None
    empty: str = ""  # the sentence when there is no row

    @property
    def estimated(self) -> float:
        """Seconds of all rows in which we were deaf."""
        return sum(row.estimated for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One of the large figures on top. `note` is the small line under it; `opens` as in Column."""

    key: str
    word: str
    value: Cell
    kind: Kind = Kind.COUNT
    note: str = ""
    tone: str = ""
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`shape`: bar (stacked on the bars before it), side (a bar beside the others), mark (a short line) or line.

    `tone`: past, breach, mark, agent, customer, main, or a state of an agent. `percent` values are shares of 1 on the
    right axis. `breaches` are places drawn in red.
    """

    word: str
    shape: str
    values: Sequence[float | None]
    tone: str = "past"
    percent: bool = False
    breaches: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`keys` are the rows' keys, one for each label. `target` is a share of 1."""

    word: str
    labels: Sequence[str]
    keys: Sequence[str]
    series: Sequence[Series]
    target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole report. `about` names the version of its figures; `told` is the small sentence at the right of the
    filters; `note` a sentence under the table."""

    word: str
    table: ReportTable
    period: str = ""
    figures: Sequence[Figure] = ()
    chart: Chart | None = None
    about: str = ""
    told: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the list behind a figure: when, who and where, what (at the right, in a tone), what became of it."""

    at: str
    word: str
    what: str = ""
    tone: str = ""
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A figure opened: its fraction, its formula in words, other ways to count it, and what lies behind it.

    `count` is how many lie behind it; `listed` may be the first of them, then `more` leads to all. `foot` is what
    agents did at the same time, `foot_link` where they are seen.
    """

    word: str
    about: str
    value: str
    tone: str = ""
    over: str = ""
    under: str = ""
    formula: str = ""
    others: Sequence[tuple[str, str]] = ()
    list_word: str = ""
    listed: Sequence[Listed] = ()
    count: int = 0
    more: str = ""
    empty: str = ""
    foot: str = ""
    foot_link: str = ""
