"""What speaks against a plan: leave, a public holiday, too little rest, too many hours, days in a row. Pure."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm_core.shifts.times import DAY, Shift, monday_of


class Against(StrEnum):
    ABSENT = "absent"  # leave, illness or training was approved
    HOLIDAY = "holiday"  # a public holiday: allowed, and paid threefold
    REST = "rest"  # so many hours since the shift before
    WEEK_HOURS = "week_hours"  # so many hours in this week
    DAYS_IN_ROW = "days_in_row"  # the so-manieth day without one off


WARNINGS = (Against.HOLIDAY,)
"""These are told, and hinder nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Labour Law of the People's Republic of China: 44 hours a week (article 36), a day off a week (article 38)."""

    week_hours: float = 44.0
    rest_hours: float = 11.0  # between two shifts; usual, no law
    days_in_row: int = 6


@dataclass(frozen=True, slots=True)
class Conflict:
    """`value` is the number that is wrong: hours of rest, hours of the week, which day in a row."""

    agent: str
    day: date
    why: Against
    value: float = 0.0


def conflicts(
    shifts: Iterable[Shift], absences: Mapping[str, frozenset[date]], holidays: frozenset[date], limits: Limits
) -> list[Conflict]:
    """All of them, by agent and day; give the days before a week as well, or its Monday looks rested."""
    by_agent: dict[str, list[Shift]] = defaultdict(list)
    for shift in shifts:
        by_agent[shift.agent].append(shift)
    found: list[Conflict] = []
    for agent in sorted(by_agent):
        own = sorted(by_agent[agent], key=lambda shift: shift.day)
        off = absences.get(agent, frozenset())
        found += [Conflict(agent, one.day, Against.ABSENT) for one in own if one.day in off]
        found += [Conflict(agent, one.day, Against.HOLIDAY) for one in own if one.day in holidays]
        found += _too_close(own, limits)
        found += _too_long(own, limits)
        found += _in_a_row(own, limits)
    return sorted(found, key=lambda one: (one.agent, one.day, one.why))


def _too_close(own: list[Shift], limits: Limits) -> list[Conflict]:
    found = []
    for before, after in itertools.pairwise(own):
        rest = ((after.day - before.day).days * DAY + after.begins - before.ends) / 60
        if rest < limits.rest_hours:
            found.append(Conflict(after.agent, after.day, Against.REST, round(rest, 1)))
    return found


def _too_long(own: list[Shift], limits: Limits) -> list[Conflict]:
    hours: dict[date, float] = defaultdict(float)
    found = []
    for shift in own:
        week = monday_of(shift.day)
        before = hours[week]
        hours[week] = before + shift.paid_minutes / 60
        if hours[week] > limits.week_hours:
            found.append(Conflict(shift.agent, shift.day, Against.WEEK_HOURS, round(hours[week], 1)))
    return found


def _in_a_row(own: list[Shift], limits: Limits) -> list[Conflict]:
    found, row, last = [], 0, None
    for shift in own:
        row = row + 1 if last is not None and shift.day - last == timedelta(days=1) else 1
        last = shift.day
        if row > limits.days_in_row:
            found.append(Conflict(shift.agent, shift.day, Against.DAYS_IN_ROW, float(row)))
    return found
