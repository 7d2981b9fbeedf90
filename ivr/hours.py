"""Opening hours: a table of weekdays, and days that differ from it. Reads no clock; the time is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from crm_core.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60


class HoursUnreadable(Invalid):
    """The table cannot be used; the message names the line."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` until just before `ends`, in minutes of the day; 1440 = midnight at the end of the day."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """`week` holds seven days, Monday first; `days` overrules it: () = closed all day (holiday), a swapped workday."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether the hotline is staffed at the aware time `at`. ValueError for a naive one."""
        if at.tzinfo is None:
            raise ValueError(f"naive time {at!r}: opening hours need an aware one")
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(span.begins <= minute < span.ends for span in self.on(local.date()))

    def on(self, day: date) -> tuple[Span, ...]:
        return self.days.get(day, self.week[day.weekday()])

    def opens_next(self, at: datetime) -> datetime | None:
        """The next beginning of a span after `at`, in the site's zone; None when none comes within a year."""
        local = at.astimezone(self.zone)
        for ahead in range(367):
            day = local.date() + timedelta(days=ahead)
            for span in self.on(day):
                begins = datetime.combine(day, time(), self.zone) + timedelta(minutes=span.begins)
                if begins > local:
                    return begins
        return None


def read_hours(text: str) -> OpeningHours:
    """A table from YAML: `zone`, `week: {mon: "08:30-12:00, 13:00-17:30"}`, `days: {2026-10-01: closed}`."""
    try:
        fields: Any = yaml.safe_load(text)
        week = tuple(_spans(fields["week"][name]) for name in WEEKDAYS)
        days = {_day(day): _spans(spans) for day, spans in (fields.get("days") or {}).items()}
        return OpeningHours(zone=ZoneInfo(str(fields["zone"])), week=week, days=days)
    except KeyError as missing:
        raise HoursUnreadable("The opening hours lack {name}.", name=missing) from missing
    except (yaml.YAMLError, ZoneInfoNotFoundError, TypeError, AttributeError, ValueError) as wrong:
        raise HoursUnreadable("The opening hours cannot be read: {reason}", reason=wrong) from wrong


def shipped_hours() -> OpeningHours:
    """The table that comes with the product: flows/hours.yaml."""
    return read_hours(files("ivr").joinpath("flows", "hours.yaml").read_text(encoding="utf-8"))


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _spans(text: object) -> tuple[Span, ...]:
    if str(text).strip() == "closed":
        return ()
    spans = tuple(_span(part) for part in str(text).split(","))
    for earlier, later in pairwise(spans):
        if later.begins < earlier.ends:
            raise ValueError(f"{text!r}: the spans overlap or are out of order")
    return spans


def _span(text: str) -> Span:
    begins, _, ends = text.strip().partition("-")
    span = Span(_minute(begins), _minute(ends))
    if span.ends <= span.begins:
        raise ValueError(f"{text.strip()!r}: the end is not after the beginning")
    return span


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    value = int(hour) * 60 + int(minute)
    if not (0 <= value <= DAY and 0 <= int(minute) < 60):
        raise ValueError(f"{text!r} is not a time of day")
    return value
