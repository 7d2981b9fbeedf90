"""How a cell of a report is written for people; the same on the page, in a PDF and in a mail. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent_desktop import formats
from agent_desktop.reports.sheet import Cell, Column, Form, Kind


def written(value: Cell, kind: Kind, language: str, zone: ZoneInfo, form: Form = Form.MOMENT) -> str:
    """A dash where there is nothing to measure."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, datetime | date):
        return written_time(value, form, language, zone)
    if isinstance(value, str):
        return value
    return _number(value, kind)


def cell(value: Cell, column: Column, language: str, zone: ZoneInfo) -> str:
    return written(value, column.kind, language, zone, column.form)


def written_time(value: datetime | date, form: Form, language: str, zone: ZoneInfo) -> str:
    """08:30; 7-16 08:30; 7 月 16 日 周四; 7-13 – 7-19; 2026-07."""
    local = value.astimezone(zone) if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    day = local.date()
    if form is Form.CLOCK:
        return f"{local:%H:%M}"
    if form is Form.MOMENT:
        return f"{short_day(day)} {local:%H:%M}"
    if form is Form.WEEK:
        return f"{short_day(day)} – {short_day(day + timedelta(days=6 - day.weekday()))}"
    if form is Form.MONTH:
        return f"{day:%Y-%m}"
    return f"{short_day(day)} {formats.weekday(day, language)}"


def short_day(day: date) -> str:
    return f"{day.month}-{day.day:02}"


def _number(value: float, kind: Kind) -> str:
    if kind is Kind.PERCENT:
        return formats.rate(value)
    if kind is Kind.CHANGE:
        return f"{value * 100:+.1f}%"
    if kind is Kind.SECONDS:
        return formats.duration(value)
    if kind is Kind.NUMBER:
        return f"{value:,.1f}"
    return formats.count(int(value))
