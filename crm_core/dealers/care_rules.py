"""When a customer of a dealer is to be contacted, why and by whom. Without I/O.

Two weeks and four weeks after a delivery: owner's rules N9, N10 with B-255; after a workshop visit: N11; the least
number of contacts per prospect and year: N14; cards and test drives: B-140.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from crm_core.consent.purposes import Purpose
from crm_core.errors import Invalid

CONSULTANT, ADVISER = "sales_consultant", "service_adviser"
PLANNED_AHEAD = timedelta(days=14)  # a task stands on the list so long before it is due
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """`subject` names the cause: one task for each kind and cause. `role`: who at the dealer is in charge."""

    kind: str
    subject: str
    purpose: Purpose
    due_on: date
    role: str


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


def after_delivery(delivery_id: int, delivered_on: date, rules: Rules) -> list[Planned]:
    """The consultant calls first, the adviser who takes over calls second (B-255)."""
    steps = (("two_weeks", rules.first_call_days, CONSULTANT), ("four_weeks", rules.second_call_days, ADVISER))
    return [
        Planned(
            kind=kind,
            subject=f"delivery/{delivery_id}",
            purpose=Purpose.CARE,
            due_on=delivered_on + timedelta(days=days),
            role=role,
        )
        for kind, days, role in steps
    ]


def after_visit(visit_id: int, left_on: date, rules: Rules) -> Planned:
    return Planned(
        kind="after_service",
        subject=f"visit/{visit_id}",
        purpose=Purpose.CARE,
        due_on=left_on + timedelta(days=rules.after_service_days),
        role=ADVISER,
    )


def birthday_card(customer_id: int, birthday: str, today: date, rules: Rules) -> Planned | None:
    """For a birthday "MM-DD" within the next two weeks; the 29th of February is kept on the 28th."""
    if not rules.birthday_cards:
        return None
    on = next_birthday(birthday, today)
    if on is None or on - today > PLANNED_AHEAD:
        return None
    subject = f"birthday/{customer_id}/{on.year}"
    return Planned(kind="birthday", subject=subject, purpose=Purpose.CARE, due_on=on, role=CONSULTANT)


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


def new_year_card(customer_id: int, today: date, rules: Rules) -> Planned | None:
    """In the two weeks before the first of January."""
    on = date(today.year + 1, 1, 1)
    if not rules.new_year_cards or on - today > PLANNED_AHEAD:
        return None
    subject = f"new_year/{customer_id}/{on.year}"
    return Planned(kind="new_year", subject=subject, purpose=Purpose.CARE, due_on=on, role=CONSULTANT)


def test_drive(lead_id: int, sent_on: date) -> Planned:
    """Arranged within two days of the lead's coming."""
    due = sent_on + timedelta(days=2)
    return Planned(kind="test_drive", subject=f"lead/{lead_id}", purpose=Purpose.LEAD, due_on=due, role=CONSULTANT)


def next_of_prospect(lead_id: int, last: date, done: int, today: date, rules: Rules) -> Planned | None:
    """The contact that keeps a prospect's number per year; `last` = the latest contact, `done` = how many were made.

    Contacts are spread evenly: the next is due 365 / n days after the latest.
    """
    if rules.contacts_per_year <= 0:
        return None
    due = last + timedelta(days=365 // rules.contacts_per_year)
    if due - today > PLANNED_AHEAD:
        return None
    subject = f"prospect/{lead_id}/{done + 1}"
    return Planned(kind="visit", subject=subject, purpose=Purpose.LEAD, due_on=max(due, today), role=CONSULTANT)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
