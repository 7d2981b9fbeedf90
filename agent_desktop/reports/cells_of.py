"""Cells and lines that several reports write alike: rates with their metric, contacts and cases as lines of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.sheet import Column, Figure, Form, Kind
from agent_desktop.words import N_
from reports.metrics import Metric, Ratio

NO_NAME = N_("None")


def contact_link(contact_id: str) -> str:
    return f"/contacts/{quote(contact_id, safe='')}"


def person_or_number(look: ReportLook, name: str, number: str) -> str:
    """The customer's name, else the number with its middle hidden, else that it was withheld."""
    return name or (formats.masked_number(number, look.language) if number else look.say(N_("Number withheld")))


def metric_name(look: ReportLook, metric: Metric[Any]) -> str:
    return metric.name_en if look.language == "en" else metric.name_zh


def metric_words(look: ReportLook, metric: Metric[Any]) -> str:
    return metric.words_en if look.language == "en" else metric.words_zh


def metric_column(look: ReportLook, metric: Metric[Any], *, opens: str = "", weight: str = "") -> Column:
    return Column(
        key=metric.id,
        word=metric_name(look, metric),
        kind=kind_of(metric),
        about=metric_words(look, metric),
        opens=opens,
        weight=weight,
    )


def kind_of(metric: Metric[Any]) -> Kind:
    """Money and marks are plain numbers; the head says of what."""
    kinds: Mapping[str, Kind] = {"percent": Kind.PERCENT, "seconds": Kind.SECONDS, "yuan": Kind.COUNT}
    return kinds.get(metric.unit, Kind.NUMBER)


def metric_figure(look: ReportLook, metric: Metric[Any], ratio: Ratio, *, opens: str = "", tone: str = "") -> Figure:
    """The fraction stands under it, so that nobody has to believe the rate."""
    note = f"{formats.count(int(ratio.numerator))} / {formats.count(int(ratio.denominator))}"
    return Figure(
        key=metric.id,
        word=metric_name(look, metric),
        value=ratio.value,
        kind=kind_of(metric),
        note=note if ratio.denominator else look.say(N_("nothing to measure")),
        opens=opens,
        tone=tone,
    )


def moment(look: ReportLook, at: Any) -> str:
    """With the day, unless the whole report is of one."""
    form = Form.CLOCK if look.asked.period.days == 1 else Form.MOMENT
    return written_time(at, form, look.language, look.zone)
