"""The rules of contact as settings: when we may disturb whom, how often, and what an open complaint stops. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from crm_core.consent.purposes import Channel, Purpose
from crm_core.errors import Invalid

Span = tuple[int, int]
"""[begin, end) in minutes of the site's day; 1440 = midnight."""
DISTURBING = (Channel.PHONE, Channel.SMS, Channel.WECHAT)
PROMOTION = (Purpose.NEWS, Purpose.EVENT)
CLASSES = ("standard", "vip", "key_account")
WORKDAY, WEEKEND, HOLIDAY = "workday", "weekend", "holiday"
MOST_DAYS_AHEAD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRules:
    """`most_touches` in `period_days`, over all departments. `rhythm_days`: between two promotions, by class (B-254).

    `hours` are when a call, a text or a chat may disturb, by the kind of the day; () = not at all on such a day.
    """

    consent_needed: frozenset[Purpose] = frozenset(Purpose) - {Purpose.SERVICE}
    stopped_by_complaint: frozenset[Purpose] = frozenset({Purpose.SURVEY, Purpose.NEWS})
    most_touches: int = 3
    period_days: int = 30
    rhythm_days: Mapping[str, int] = field(default_factory=lambda: {"standard": 30, "vip": 14, "key_account": 60})
    hours: Mapping[str, tuple[Span, ...]] = field(
        default_factory=lambda: {WORKDAY: ((540, 1200),), WEEKEND: ((600, 1080),), HOLIDAY: ()}
    )


FIRST_RULES = ContactRules()
"""What holds until somebody saves other rules."""


def kind_of_day(day: date, special: Mapping[date, str]) -> str:
    """`special` holds the calendar's holidays and swapped workdays."""
    return special.get(day) or (WEEKEND if day.weekday() >= 5 else WORKDAY)


def is_quiet(rules: ContactRules, special: Mapping[date, str], at: datetime, zone: tzinfo) -> bool:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return not any(begin <= minute < end for begin, end in rules.hours[kind_of_day(local.date(), special)])


def next_open(rules: ContactRules, special: Mapping[date, str], at: datetime, zone: tzinfo) -> datetime | None:
    """`at` itself, or the first moment after it that is not quiet; None = none within 60 days."""
    if not is_quiet(rules, special, at, zone):
        return at
    local = at.astimezone(zone)
    for ahead in range(MOST_DAYS_AHEAD + 1):
        day = local.date() + timedelta(days=ahead)
        for begin, _ in sorted(rules.hours[kind_of_day(day, special)]):
            opens = datetime.combine(day, time(), zone) + timedelta(minutes=begin)
            if opens > local:
                return opens.astimezone(at.tzinfo)
    return None


def state_of(rules: ContactRules) -> dict[str, Any]:
    """The rules as one version of the settings keeps them."""
    return {
        "consent_needed": [one.value for one in Purpose if one in rules.consent_needed],
        "stopped_by_complaint": [one.value for one in Purpose if one in rules.stopped_by_complaint],
        "most_touches": rules.most_touches,
        "period_days": rules.period_days,
        **{f"rhythm_{one}": rules.rhythm_days[one] for one in CLASSES},
        **{f"hours_{kind}": [list(span) for span in rules.hours[kind]] for kind in (WORKDAY, WEEKEND, HOLIDAY)},
    }


def rules_from(state: Mapping[str, Any]) -> ContactRules:
    """The way back from `state_of`; the state was checked."""
    return ContactRules(
        consent_needed=frozenset(Purpose(one) for one in state["consent_needed"]),
        stopped_by_complaint=frozenset(Purpose(one) for one in state["stopped_by_complaint"]),
        most_touches=state["most_touches"],
        period_days=state["period_days"],
        rhythm_days={one: state[f"rhythm_{one}"] for one in CLASSES},
        hours={kind: tuple((begin, end) for begin, end in state[f"hours_{kind}"]) for kind in _DAYS},
    )


_DAYS = (WORKDAY, WEEKEND, HOLIDAY)
_LIMITS = (("most_touches", 1, 50), ("period_days", 1, 366), *((f"rhythm_{one}", 0, 366) for one in CLASSES))


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """What is wrong with settings as they were typed, one sentence for each field."""
    wrong: list[Invalid] = []
    for name in ("consent_needed", "stopped_by_complaint"):
        if not set(state[name]) <= {one.value for one in Purpose}:
            wrong.append(Invalid("Choose from the list.", field=name))
    if Purpose.SERVICE in state["consent_needed"]:
        wrong.append(Invalid("What the customer asked for needs no consent.", field="consent_needed"))
    for name, low, high in _LIMITS:
        value = state[name]
        if not isinstance(value, int) or not low <= value <= high:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
    for kind in _DAYS:
        wrong += _hours_problems(state[f"hours_{kind}"], f"hours_{kind}")
    if not wrong and not any(state[f"hours_{kind}"] for kind in _DAYS):
        wrong.append(Invalid("Nobody could ever be called: enter hours for one kind of day.", field="hours_workday"))
    return wrong


def _hours_problems(spans: Iterable[Iterable[int]], field_name: str) -> list[Invalid]:
    last = 0
    for begin, end in sorted(tuple(span) for span in spans):
        if not last <= begin < end <= 1440:
            return [Invalid("Write hours in order, e.g. 09:00-12:00, 14:00-20:00.", field=field_name)]
        last = end
    return []
