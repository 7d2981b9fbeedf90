"""The opening hours that come with the product, and a table of them read from YAML."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from crm_core.errors import Invalid
from crm_core.workforce.opening_hours import OpeningHours, Span, spans_of
from crm_core.workforce.spans import SpansWrong, read_spans

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class HoursUnreadable(Invalid):
    """The table cannot be used; the message names the line."""


def read_hours(text: str) -> OpeningHours:
    """A table from YAML: `zone`, `week: {mon: "08:30-12:00, 13:00-17:30"}`, `days: {2026-10-01: closed}`."""
    try:
        fields: Any = yaml.safe_load(text)
        week = tuple(_spans(fields["week"][name]) for name in WEEKDAYS)
        days = {_day(day): _spans(spans) for day, spans in (fields.get("days") or {}).items()}
        return OpeningHours(zone=ZoneInfo(str(fields["zone"])), week=week, days=days)
    except KeyError as missing:
        raise HoursUnreadable("The opening hours lack {name}.", name=missing) from missing
    except (yaml.YAMLError, ZoneInfoNotFoundError, TypeError, AttributeError, ValueError, SpansWrong) as wrong:
        raise HoursUnreadable("The opening hours cannot be read: {reason}", reason=wrong) from wrong


def shipped_hours() -> OpeningHours:
    """The table that comes with the product: flows/hours.yaml."""
    return read_hours(files("ivr").joinpath("flows", "hours.yaml").read_text(encoding="utf-8"))


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _spans(text: object) -> tuple[Span, ...]:
    if not str(text).strip():
        raise ValueError("a day is closed or has hours")
    return spans_of(read_spans(str(text)))
