"""Two recalls of the demo site: one that has just begun, and one that most owners have had done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any


@dataclass(frozen=True, slots=True)
class _Recall:
    """Of each `every` vehicles of the model that were sold before it was announced, all but one are done."""

    code: str
    title: str
    model: str
    announced_days_ago: int
    every: int


_RECALLS = (
    _Recall("YC-2026-02", "空调压缩机支架紧固", "远辰 E6 四驱", 21, 1),
    _Recall("YC-2025-07", "燃油泵控制单元升级", "远辰 S5 2.0T", 260, 8),
)


def recall_rows(vehicles: Sequence[Mapping[str, Any]], now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """Rows of the table vehicle_recall; `done_on` None = still to be done."""
    today = now.astimezone(zone).date()
    return [row for recall in _RECALLS for row in _rows_of(recall, vehicles, today)]


def _rows_of(recall: _Recall, vehicles: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    announced = today - timedelta(days=recall.announced_days_ago)
    part = [one["id"] for one in vehicles if one["model"] == recall.model and one["sold_on"] < announced]
    return [
        {
            "vehicle_id": vehicle,
            "code": recall.code,
            "title": recall.title,
            "announced_on": announced,
            "done_on": None if place % recall.every == 0 else announced + timedelta(days=10 + place % 200),
        }
        for place, vehicle in enumerate(part)
    ]
