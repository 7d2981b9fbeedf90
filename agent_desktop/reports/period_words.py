"""What a report says of its period, its comparison and its queues; alike in all reports."""

from __future__ import annotations

from datetime import date, datetime

from agent_desktop import formats
from agent_desktop.reports.cells import short_day
from agent_desktop.reports.conditions import conditions_of, words_of
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.sheet import Form
from agent_desktop.words import N_
from reports.periods import Compare, Period, Span, Step

FORMS = {Step.DAY: Form.DAY, Step.WEEK: Form.WEEK, Step.MONTH: Form.MONTH}
_BEFORE = {
    Compare.BEFORE: N_("the days before"),
    Compare.WEEK: N_("the weeks before"),
    Compare.YEAR: N_("a year ago"),
}


def compared_word(look: ReportLook) -> str:
    """上周四 for one day against its weekday, else 前一段 and the like; "" without a comparison."""
    asked = look.asked
    compared = asked.period.compared(asked.compare)
    if compared is None:
        return ""
    if asked.compare is Compare.WEEK and asked.period.days == 1:
        name = formats.weekday(compared.first, look.language)
        return f"上{name}" if look.language == "zh-CN" else f"last {name}"
    if asked.compare is Compare.WEEK and asked.period.days <= 7:
        return look.say(N_("the week before"))
    if asked.period.days == 1:
        return short_day(compared.first)
    return look.say(_BEFORE[asked.compare])


def period_word(look: ReportLook) -> str:
    """今天 7 月 16 日, 7-13 – 7-19."""
    period = look.asked.period
    if period.days > 1:
        year = period.first.year != look.now.astimezone(look.zone).year
        return f"{_day(period.first, year)} – {_day(period.last, year)}"
    day = formats.long_day(period.first, look.language)
    today = look.now.astimezone(look.zone).date()
    near = formats.day(period.first, today, look.language) if (today - period.first).days in (0, 1) else ""
    if near:
        return f"{near} {day.rsplit(' ', 1)[0]}" if look.language == "zh-CN" else f"{near}, {day}"
    return day if period.first.year == today.year else period.first.isoformat()


def asked_word(look: ReportLook) -> str:
    """The period with its weekdays and hours, if only some of them are asked for."""
    return f"{period_word(look)} {words_of(conditions_of(look.asked), look.language)}".strip()


def _day(day: date, year: bool) -> str:
    return day.isoformat() if year else short_day(day)


def queues_word(look: ReportLook) -> str:
    """All queues, one by name, or 售后服务 and 2 more."""
    chosen = look.asked.queues
    if not chosen:
        return look.say(N_("All queues"))
    first = look.named.queue(chosen[0])
    return first if len(chosen) == 1 else look.say(N_("{queue} and {count} more"), queue=first, count=len(chosen) - 1)


def form_of(period: Period) -> Form:
    return FORMS.get(period.step) or (Form.CLOCK if period.days == 1 else Form.MOMENT)


def span_cell(span: Span, period: Period) -> datetime | date:
    return span.day if period.by_days else span.start
