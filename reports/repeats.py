"""Who had to call again, and how often the first call was enough. Pure.

A matter = one person (the customer, else the number) and one kind (as the agent recorded it, else the menu's topic).
A contact begins a matter when the same person had no contact of the same kind in the days before. See
reports.metrics.FIRST_CONTACT_RESOLUTION.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta

WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatCounts:
    """Answered inbound contacts. answered = began + again + nameless; began = resolved + repeated + open.

    `began` started a matter: `resolved` had no second contact in the window, `repeated` had one, `open` is younger
    than the window. `again` were second or later contacts themselves. `nameless` withheld their number or had no kind.
    `asked` of all of them said whether their matter was solved, `said_solved` said yes.
    """

    answered: int = 0
    nameless: int = 0
    again: int = 0
    began: int = 0
    resolved: int = 0
    repeated: int = 0
    open: int = 0
    asked: int = 0
    said_solved: int = 0

    def __add__(self, other: RepeatCounts) -> RepeatCounts:
        return RepeatCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatLine:
    """The counts of one kind, queue, agent or dealer; `of` is its word, number or id, "" = none."""

    of: str
    counts: RepeatCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatCaller:
    """A person with one matter and several contacts in the period; `contact_ids` oldest first."""

    person: str
    customer_id: int | None
    customer: str
    number: str
    kind: str
    contacts: int
    contact_ids: tuple[str, ...]
    open_case: bool


def total(lines: Iterable[RepeatLine]) -> RepeatCounts:
    return sum((line.counts for line in lines), RepeatCounts())


def place(before: float | None, after: float | None, age: float, *, window: timedelta = WINDOW) -> str:
    """Where one answered contact counts: again, repeated, resolved or open.

    `before` and `after` = seconds to the same matter's contact before and after it, None = there is none;
    `age` = seconds since it began.
    """
    seconds = window.total_seconds()
    if before is not None and before <= seconds:
        return "again"
    if after is not None and after <= seconds:
        return "repeated"
    return "resolved" if age > seconds else "open"
