"""The Chinese public holidays with their swapped workdays (调休), as the State Council publishes them each year.

Read from lines "2026-10-01, holiday, 国庆节", or from the paragraphs of the notice itself:
"七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from crm_core.errors import Invalid

HOLIDAY, WORKDAY = "holiday", "workday"
_WORDS = {"holiday": HOLIDAY, "workday": WORKDAY, "放假": HOLIDAY, "休": HOLIDAY, "上班": WORKDAY, "班": WORKDAY}
_LINE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[,，\t;；]\s*([^\s,，\t;；]+)\s*(?:[,，\t;；]\s*(.*))?"
)
_PARAGRAPH = re.compile(r"^\s*[一二三四五六七八九十]+、\s*([^：:]{1,20})[：:](.*)$")
_OFF = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})日(?:（[^）]*）)?(?:至(?:(\d{1,2})月)?(\d{1,2})日(?:（[^）]*）)?)?放假")
_ON = re.compile(r"((?:(?:\d{1,2}月)?\d{1,2}日(?:（[^）]*）)?[、和]?)+)上班")
_DAY = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})日")
_YEAR = re.compile(r"(20\d{2})\s*年")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """`kind` is HOLIDAY or WORKDAY: a weekend day that is worked for a holiday."""

    day: date
    kind: str
    name: str


class HolidaysUnreadable(Invalid):
    """What was pasted is no list of holidays; the message names the line."""


def read_year(text: str, *, year: int) -> list[SpecialDay]:
    """The days of a pasted list or notice, by date. `year` is meant where the text names none.

    Raises HolidaysUnreadable for text without a day, a line that cannot be read, a day named twice.
    """
    text = text.replace("(", "（").replace(")", "）").replace("\ufeff", "")
    told = _YEAR.search(text)
    found: dict[date, SpecialDay] = {}
    for one in _notice(text, int(told[1]) if told else year) if _is_notice(text) else _lines(text):
        if one.day in found:
            raise HolidaysUnreadable("{day} is named twice.", day=one.day.isoformat(), field="text")
        found[one.day] = one
    if not found:
        raise HolidaysUnreadable("No day was found in this text.", field="text")
    return [found[day] for day in sorted(found)]


def shipped_year(year: int) -> list[SpecialDay]:
    """The year that comes with the product; [] when it has none. The file names its source."""
    file = files("crm_core.workforce").joinpath(f"holidays_{year}.csv")
    return read_year(file.read_text(encoding="utf-8"), year=year) if file.is_file() else []


def _is_notice(text: str) -> bool:
    return any(_PARAGRAPH.match(line) for line in text.splitlines())


def _lines(text: str) -> Iterator[SpecialDay]:
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        kind = _WORDS.get(match[4].strip().lower()) if match else None
        if match is None or kind is None:
            raise HolidaysUnreadable(
                "This line cannot be read: {line}. Write 2026-10-01, holiday, National Day.", line=line.strip()[:60]
            )
        yield SpecialDay(day=_date(match[1], match[2], match[3]), kind=kind, name=(match[5] or "").strip()[:40])


def _notice(text: str, year: int) -> Iterator[SpecialDay]:
    for line in text.splitlines():
        match = _PARAGRAPH.match(line)
        if match is None:
            continue
        name, told = match[1].strip(), match[2]
        off = list(_OFF.finditer(told))
        if not off:
            raise HolidaysUnreadable(
                "This line cannot be read: {line}. Write 2026-10-01, holiday, National Day.", line=line.strip()[:60]
            )
        for stretch in off:
            yield from _off_days(stretch, year, name)
        for days in _ON.finditer(told):
            month = ""
            for day in _DAY.finditer(days[1]):
                month = day[1] or month
                yield SpecialDay(day=_date(year, month, day[2]), kind=WORKDAY, name=name)


def _off_days(stretch: re.Match[str], year: int, name: str) -> Iterator[SpecialDay]:
    first = _date(year, stretch[1], stretch[2])
    last = _date(year, stretch[3] or stretch[1], stretch[4]) if stretch[4] else first
    if not 0 <= (last - first).days < 20:
        raise HolidaysUnreadable(
            "The holiday {name} cannot last from {first} to {last}.", name=name, first=first, last=last
        )
    for ahead in range((last - first).days + 1):
        yield SpecialDay(day=first + timedelta(days=ahead), kind=HOLIDAY, name=name)


def _date(year: int | str, month: str | None, day: str) -> date:
    try:
        return date(int(year), int(month or 0), int(day))
    except ValueError:
        raise HolidaysUnreadable("{day} is not a day of the calendar.", day=f"{year}-{month}-{day}") from None
