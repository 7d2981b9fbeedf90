"""The rules of leads as settings: classes, delivery to the dealers, their clock, the nurture plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from crm_core.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRules:
    """`send_at` in minutes of the site's day. The days of the dealer's clock count from the sending.

    `hot_days`, `mid_days`: a purchase expected within so many days makes a lead hot or mid (N8).
    `feedback_days` until the dealer's word is due (N16); unworked `reassign_days` after the sending, a lead goes to the
    next dealer, at most `most_dealers` have it. `nurture_days` between two calls of the plan (N7).
    """

    hot_days: int = 31
    mid_days: int = 183
    send_at: int = 480
    hot_at_once: bool = True
    send_long: bool = False
    feedback_days: int = 7
    remind_days: int = 5
    reassign_days: int = 9
    most_dealers: int = 3
    nurture_days: int = 91


FIRST_RULES = LeadRules()
"""What holds until somebody saves other rules."""
_LIMITS = (
    ("hot_days", 1, 366),
    ("mid_days", 2, 1000),
    ("send_at", 0, 1439),
    ("feedback_days", 1, 60),
    ("remind_days", 1, 60),
    ("reassign_days", 1, 120),
    ("most_dealers", 1, 20),
    ("nurture_days", 7, 366),
)


def state_of(rules: LeadRules) -> dict[str, Any]:
    return asdict(rules)


def rules_from(state: Mapping[str, Any]) -> LeadRules:
    """The way back; a setting that an older version lacks has its first value."""
    return LeadRules(**{name: state[name] for name in asdict(FIRST_RULES) if name in state})


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """What is wrong with settings as they were typed, one sentence for each field."""
    wrong = []
    for name, low, high in _LIMITS:
        value = state[name]
        if name == "send_at" and not isinstance(value, int):
            wrong.append(Invalid("Write a time of the day, e.g. 08:00.", field=name))
        elif not isinstance(value, int) or not low <= value <= high:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
    if wrong:
        return wrong
    if state["mid_days"] <= state["hot_days"]:
        wrong.append(Invalid("Mid-term ends later than hot.", field="mid_days"))
    if state["remind_days"] >= state["feedback_days"]:
        wrong.append(Invalid("The first reminder comes before the word is due.", field="remind_days"))
    if state["reassign_days"] < state["feedback_days"]:
        wrong.append(
            Invalid("A lead goes to the next dealer when its word is overdue, not before.", field="reassign_days")
        )
    return wrong


def next_sending(rules: LeadRules, at: datetime, zone: tzinfo) -> datetime:
    """The daily delivery that follows `at` (N17)."""
    local = at.astimezone(zone)
    today = _sending_on(rules, local.date(), zone)
    following = today if today > local else _sending_on(rules, local.date() + timedelta(days=1), zone)
    return following.astimezone(at.tzinfo)


def last_sending(rules: LeadRules, at: datetime, zone: tzinfo) -> datetime:
    """The daily delivery at `at` or the last one before it."""
    local = at.astimezone(zone)
    today = _sending_on(rules, local.date(), zone)
    last = today if today <= local else _sending_on(rules, local.date() - timedelta(days=1), zone)
    return last.astimezone(at.tzinfo)


def _sending_on(rules: LeadRules, day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone) + timedelta(minutes=rules.send_at)
