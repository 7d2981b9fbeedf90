"""What the centre set for all dealers, and the next birthday. The rules of care themselves: care.rulebook. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from crm_core.errors import Invalid

LOOKED_BACK = timedelta(days=45)  # a delivery or visit older than this is not made up for


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the centre set for all dealers. Days and counts; `report_until` in minutes of the site's day."""

    first_call_days: int = 14
    second_call_days: int = 28
    after_service_days: int = 3
    contacts_per_year: int = 4
    report_until: int = 18 * 60
    birthday_cards: bool = True
    new_year_cards: bool = True
    dealers_add_users: bool = True


LIMITS = {
    "first_call_days": (1, 60),
    "second_call_days": (2, 90),
    "after_service_days": (1, 30),
    "contacts_per_year": (0, 52),
    "report_until": (60, 1439),
}


def read_rules(stored: Mapping[str, Any]) -> Rules:
    """The rules as they are kept; what is missing or no longer known has its default."""
    known = {one.name for one in fields(Rules)}
    return Rules(**{name: value for name, value in stored.items() if name in known})


def problems(rules: Rules) -> list[Invalid]:
    """What is wrong with the numbers; each names its field."""
    values = asdict(rules)
    found = [
        Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name)
        for name, (low, high) in LIMITS.items()
        if not low <= values[name] <= high
    ]
    if not found and rules.second_call_days <= rules.first_call_days:
        found.append(Invalid("The second call comes after the first one.", field="second_call_days"))
    return found


def next_birthday(birthday: str, today: date) -> date | None:
    """The next one on or after `today`; None for what is no day."""
    month, _, day = birthday.partition("-")
    if not (month.isdecimal() and day.isdecimal() and month.isascii() and day.isascii()):
        return None
    for year in (today.year, today.year + 1):
        held = 28 if (int(month), int(day)) == (2, 29) and not _is_leap(year) else int(day)
        try:
            on = date(year, int(month), held)
        except ValueError:
            return None
        if on >= today:
            return on
    return None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
