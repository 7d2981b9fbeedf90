"""What a report is asked for, as it stands in the address: a link says everything and can be sent. Pure.

`period` is a preset word, or `from` and `to` are days. What cannot be answered is a sentence (`problem`), not a
failure: the filters stay on the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from agent_desktop.words import N_
from crm_core.errors import Sentence
from reports.periods import LONGEST_DAYS, Compare, Period, PeriodProblem, Step

PRESETS = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "this_week": N_("This week"),
    "last_week": N_("Last week"),
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
}
STEPS = {
    Step.QUARTER: N_("15 minutes"),
    Step.HALF_HOUR: N_("30 minutes"),
    Step.HOUR: N_("60 minutes"),
    Step.DAY: N_("By day"),
    Step.WEEK: N_("By week"),
    Step.MONTH: N_("By month"),
}
COMPARES = {
    Compare.WEEK: N_("The same weekdays before"),
    Compare.BEFORE: N_("The days before"),
    Compare.YEAR: N_("A year ago"),
    Compare.NOTHING: N_("Nothing"),
}
NO_COMPARISON = "none"
MANY = ("queue", "team", "agent", "weekday")
"""Filters that may be given several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`period` is today when what was asked is no period (`problem`). `more` are filters of single reports."""

    period: Period
    preset: str = ""
    step: str = ""  # as chosen; "" = what suits the period
    compare: Compare = Compare.WEEK
    queues: Sequence[str] = ()
    teams: Sequence[str] = ()
    agents: Sequence[str] = ()
    weekdays: Sequence[str] = ()
    row: str = ""  # what the drill panel shows
    of: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    problem: Sentence | None = None
    typed: tuple[str, str] = ("", "")  # the two days as they were written, when they are no period

    def pairs(self, **changes: object) -> list[tuple[str, str]]:
        """What is asked as the pairs of an address or of a form, with these values changed; None takes one out."""
        wanted: dict[str, object] = {
            "period": self.preset or None,
            "from": None if self.preset else self.period.first.isoformat(),
            "to": None if self.preset else self.period.last.isoformat(),
            "step": self.step,
            "queue": self.queues,
            "team": self.teams,
            "agent": self.agents,
            "weekday": self.weekdays,
            "compare": (self.compare.value or NO_COMPARISON) if self.compare is not Compare.WEEK else None,
            **self.more,
        } | {name.rstrip("_"): value for name, value in changes.items()}
        found: list[tuple[str, str]] = []
        for name, value in wanted.items():
            values = value if isinstance(value, tuple | list) else (value,)
            found += [(name, str(one)) for one in values if one]
        return found

    def address(self, path: str, **changes: object) -> str:
        """A report's address with these values changed. The panel closes unless it is named."""
        query = urlencode(self.pairs(**changes))
        return f"{path}?{query}" if query else path

    def lasting(self, path: str) -> str:
        """The address with the days themselves: what "today" was, when somebody opens the link tomorrow."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat(), "period": None}
        return self.address(path, **days)

    def fits(self, step: Step) -> bool:
        return self.period.days <= LONGEST_DAYS[step]


def read_asked(query: Sequence[tuple[str, str]], today: date, zone: ZoneInfo) -> Asked:
    """From the pairs of an address; what is unknown there is kept in `more`."""
    one = dict(reversed(query))  # of a word that comes twice the first counts
    preset = one.get("period", "") if not (one.get("from") or one.get("to")) else ""
    if not preset and not one.get("from") and not one.get("to"):
        preset = "today"
    period, problem = _period(one, preset, today, zone)
    compare, unknown = _compare(one.get("compare", ""))
    return Asked(
        period=period,
        preset=preset if preset in PRESETS else "",
        step=one.get("step", "") if one.get("step", "") in list(Step) else "",
        compare=compare,
        queues=_all(query, "queue"),
        teams=_all(query, "team"),
        agents=_all(query, "agent"),
        weekdays=_all(query, "weekday"),
        row=one.get("row", "")[:80],
        of=one.get("of", "")[:40],
        more={name: text[:80] for name, text in one.items() if name not in _KNOWN and text},
        problem=problem or unknown,
        typed=(one.get("from", "")[:10], one.get("to", "")[:10]) if problem else ("", ""),
    )


_KNOWN = {"period", "from", "to", "step", "compare", "row", "of", "page", *MANY}


def _all(query: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:40] for key, value in query if key == name and value))


def _compare(word: str) -> tuple[Compare, Sentence | None]:
    if word == NO_COMPARISON:
        return Compare.NOTHING, None
    if word and word not in list(Compare):
        return Compare.WEEK, _said(N_("There is no comparison of this name. Choose one from the list."))
    return Compare(word) if word else Compare.WEEK, None


def _period(one: Mapping[str, str], preset: str, today: date, zone: ZoneInfo) -> tuple[Period, Sentence | None]:
    fallback = Period(first=today, last=today, step=Step.HALF_HOUR, zone=zone)
    if preset and preset not in PRESETS:
        return fallback, _said(N_("There is no period of this name. Choose one from the list."))
    try:
        first, last = preset_days(preset, today) if preset else _days(one, today)
    except ValueError:
        return fallback, _said(N_("A day is written like 2026-07-16. Choose both days from the calendar."))
    word = one.get("step", "")
    if word and word not in list(Step):
        return _fitting(first, last, zone) or fallback, _said(
            N_("There is no step of this name. Choose one from the list.")
        )
    try:
        step = Step(word) if word else suitable_step((last - first).days + 1)
        return Period(first=first, last=last, step=step, zone=zone), None
    except PeriodProblem as problem:
        return _fitting(first, last, zone) or fallback, _sentence(problem, (last - first).days + 1)


def _fitting(first: date, last: date, zone: ZoneInfo) -> Period | None:
    """The days with a step that suits them, so that the filters still show what was asked; None = no period at all."""
    try:
        return Period(first=first, last=last, step=suitable_step((last - first).days + 1), zone=zone)
    except PeriodProblem:
        return None


def _days(one: Mapping[str, str], today: date) -> tuple[date, date]:
    first, last = one.get("from") or one.get("to"), one.get("to") or today.isoformat()
    return date.fromisoformat(first or ""), date.fromisoformat(last)


def preset_days(preset: str, today: date) -> tuple[date, date]:
    """The first and the last day; this week and this month end today."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    yesterday = today - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "this_week": (monday, today),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "this_month": (first, today),
        "last_month": (before.replace(day=1), before),
    }[preset]


def suitable_step(days: int) -> Step:
    """Some thirty rows: half hours of a day, days of a month, weeks of a year, months of more."""
    if days <= 1:
        return Step.HALF_HOUR
    if days <= 62:
        return Step.DAY
    return Step.WEEK if days <= 371 else Step.MONTH


def _sentence(problem: PeriodProblem, days: int) -> Sentence:
    if problem.code == "end_before_start":
        return _said(N_("The last day lies before the first. Swap the two days."))
    if problem.code == "too_long":
        return _said(
            N_("{asked} days are too many for this step: at most {most}. Choose a longer step or a shorter period."),
            asked=f"{days:,}",
            most=f"{problem.days:,}",
        )
    return _said(N_("The hotline has no figures of these days. Choose days from 2000 to 2100."))


def _said(message: str, **values: object) -> Sentence:
    return Sentence(message, values)
