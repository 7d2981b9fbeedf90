"""What the demo's maker did in the media, and how many more people it drew. Without I/O."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

ACTIONS = (
    ("东北秋季车展", "event", ("东北",), 33, 29, 180_000, 1.55),
    ("远辰 E8 电视广告", "tv", ("华东", "华南"), 26, 13, 960_000, 1.22),
    ("华北户外大屏", "outdoor", ("华北",), 19, 6, 240_000, 1.0),
    ("老客户感恩信", "mail", (), 12, 12, 35_000, 1.0),
    ("短视频试驾招募", "online", ("西部",), 6, -8, 120_000, 1.3),
)
"""Name, medium, regions, first and last day as days ago, yuan, by which factor more came."""


def drawn(region: str, ago: int) -> float:
    """The factor of a day in a region."""
    factor = 1.0
    for _, _, regions, first, last, _, more in ACTIONS:
        if last <= ago <= first and (not regions or region in regions):
            factor *= more
    return factor


def action_rows(today: date) -> list[dict[str, Any]]:
    """Rows of `media_action`."""
    return [
        {
            "name": name,
            "medium": medium,
            "regions": list(regions),
            "first_day": today - timedelta(days=first),
            "last_day": today - timedelta(days=last),
            "cost_yuan": cost,
            "note": "",
            "by": "2001",
            "at": datetime.combine(today - timedelta(days=first + 7), datetime.min.time(), UTC),
        }
        for name, medium, regions, first, last, cost, _ in ACTIONS
    ]
