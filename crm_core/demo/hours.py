"""The demo site's calendars: staffed round the clock, as a hotline with road rescue is; sales rest on holidays."""

from __future__ import annotations

from typing import Any

from crm_core.workforce.holidays import shipped_year

SALES_NUMBER = "8008201111"
_ALWAYS = [[0, 1440]]
CALENDARS: tuple[dict[str, Any], ...] = (
    {"id": "general", "name_zh": "全部号码", "name_en": "All numbers", "entries": [], "position": 1}
    | {"week": [_ALWAYS] * 7},
    {"id": "sales", "name_zh": "销售热线", "name_en": "Sales line", "entries": [SALES_NUMBER], "position": 2}
    | {"week": [_ALWAYS] * 7},
)


def calendar_day_rows(year: int) -> list[dict[str, Any]]:
    """The public holidays and swapped workdays of the sales line, as far as the product has the year."""
    return [
        {"calendar": "sales", "day": one.day, "kind": one.kind, "name": one.name, "as_weekday": 0, "spans": []}
        for one in shipped_year(year)
    ]
