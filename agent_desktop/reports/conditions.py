"""Conditions of a report beside its period: only some weekdays, only some hours of the day. Pure.

In the address `weekday` (1 = Monday, may come several times), `after` and `before` (08:00), by the site's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desktop import formats
from agent_desktop.reports.asked import Asked
from agent_desktop.words import N_
from crm_core.errors import Sentence
from reports.periods import Period, Span, Step

WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
QUARTERS = frozenset(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)) - {"00:00"}
"""What `after` and `before` may be; without one the day begins and ends at midnight."""
MIDNIGHT = "24:00"
_OF_A_DAY = (Step.QUARTER, Step.HALF_HOUR, Step.HOUR)
_MONDAY = date(2026, 7, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """No `weekdays` = all. The hours are from `after` up to, without, `before`; "" = the day's begin or end."""

    weekdays: frozenset[str] = frozenset()
    after: str = ""
    before: str = ""

    def __bool__(self) -> bool:
        return bool(self.weekdays or self.after or self.before)

    def hold(self, span: Span, period: Period) -> bool:
        """Whether a step counts: its day, and for steps within a day where it begins."""
        if self.weekdays and str(span.day.isoweekday()) not in self.weekdays:
            return False
        clock = f"{span.start.astimezone(period.zone):%H:%M}"
        return period.by_days or (self.after or "") <= clock < (self.before or MIDNIGHT)

    def stretches(self, period: Period) -> list[tuple[datetime, datetime]]:
        """The same times as moments in order, those that touch joined."""
        found: list[tuple[datetime, datetime]] = []
        for span in period.spans():
            if not self.hold(span, period):
                continue
            if found and found[-1][1] == span.start:
                found[-1] = (found[-1][0], span.end)
            else:
                found.append((span.start, span.end))
        return found


def conditions_of(asked: Asked) -> Conditions:
    """Words that are none are left out."""
    after, before = asked.more.get("after", ""), asked.more.get("before", "")
    return Conditions(
        weekdays=frozenset(asked.weekdays) & frozenset(WEEKDAYS),
        after=after if after in QUARTERS else "",
        before=before if before in QUARTERS else "",
    )


def problem_of(asked: Asked) -> Sentence | None:
    """Why these conditions cannot be answered: a figure of a week does not say on which day a call came."""
    wanted, step = conditions_of(asked), asked.period.step
    if (wanted.after or wanted.before) and step not in _OF_A_DAY:
        return Sentence(N_("Single hours need a step of 60 minutes or less. Choose a shorter step."), {})
    if wanted.weekdays and step not in (*_OF_A_DAY, Step.DAY):
        return Sentence(N_("Single weekdays need a step of a day or less. Choose a shorter step."), {})
    if wanted.after and wanted.before and wanted.after >= wanted.before:
        return Sentence(N_("The first hour lies behind the last. Swap the two."), {})
    return None


def words_of(wanted: Conditions, language: str) -> str:
    """周一、周五 08:00–12:00; "" without a condition."""
    days = (day_word(day, language) for day in WEEKDAYS if day in wanted.weekdays)
    hours = f"{wanted.after or '00:00'}–{wanted.before or MIDNIGHT}" if wanted.after or wanted.before else ""
    return " ".join(part for part in (("、" if language == "zh-CN" else ", ").join(days), hours) if part)


def day_word(day: str, language: str) -> str:
    return formats.weekday(_MONDAY + timedelta(days=int(day) - 1), language)
