"""Why a customer has a class, a stage, a risk: a code with its numbers, so that each reader gets it in their words.

Reasons hold dates, not spans: what was true yesterday reads the same today, and nothing is written anew each night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`code` is a key of CHINESE and of the pages' words; `values` are plain JSON, dates as ISO text, money in yuan."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}


# The customer's own columns (`class_reason` and its like) are read at the desk as they are: one language, the site's.
CHINESE: Mapping[str, str] = {
    "vehicles_any_3y": "3 年内购车 {count} 台（至 {on}）",
    "vehicles_3y": "近 3 年购车 {count} 台",
    "vehicles": "累计购车 {count} 台",
    "value_yuan": "累计消费 {yuan}",
    "referrals": "推荐成交 {count} 台",
    "manual": "{why}（{until} 前有效）",
    "never_bought": "还没有购车记录",
    "first_year": "首次购车 {on}，还在头一年",
    "settled": "购车 {count} 台，仍在联系",
    "known_short": "建档 {on}，还不熟悉",
    "known_longer": "认识已久，还没有购车",
    "loyal": "购车 {count} 台，推荐成交 {referrals} 台",
    "quiet": "{on} 以后没有联系和进店",
    "service_overdue": "{on} 到期的保养没有来",
    "warranty_over": "质保已过，一年没有进店",
    "open_complaint": "有 {count} 件投诉没有办结",
    "bad_rating": "处理满意度只有 {rating} 分",
    "competitor": "在看别的品牌 {name}",
    "refused": "不愿再接到来电",
}


def read_reasons(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Reason, ...]:
    return tuple(Reason(code=str(row["code"]), values=row.get("values") or {}) for row in rows or ())


def in_chinese(reasons: Sequence[Reason], length: int = 120) -> str:
    """One line for the customer's column, cut at `length`."""
    return "；".join(one_in_chinese(reason) for reason in reasons)[:length]


def one_in_chinese(reason: Reason) -> str:
    values = {name: chinese_money(value) if name == "yuan" else value for name, value in reason.values.items()}
    return CHINESE[reason.code].format(**values).replace("  ", " ").strip()


def chinese_money(yuan: int) -> str:
    """¥68.4 万 over 10,000, ¥8,400 under, ¥1.2 亿 over a hundred million."""
    if abs(yuan) >= 100_000_000:
        return f"¥{yuan / 100_000_000:.1f} 亿"
    if abs(yuan) >= 10_000:
        return f"¥{yuan / 10_000:.1f} 万"
    return f"¥{yuan:,}"


def on_day(day: date | None) -> str:
    return day.isoformat() if day else ""
