"""Rows that the demo's leads begin with, and the register of the places where customers meet us. Without I/O."""

from __future__ import annotations

from random import Random
from typing import Any

from crm_core.demo.lead_wording import MODELS_WISHED, TOUCHPOINTS, WISHES
from crm_core.demo.staff import LIN

Rows = list[dict[str, Any]]


def touchpoint_rows() -> Rows:
    return [
        {"code": code, "kind": kind, "name_zh": zh, "name_en": en, "address": address, "owner": owner}
        | {"active": True, "position": place}
        for place, (code, kind, zh, en, address, owner) in enumerate(TOUCHPOINTS, start=1)
    ]


def new_row(random: Random, source: str, horizon: str, **facts: Any) -> dict[str, Any]:
    """A lead that nobody looked at yet."""
    places = [point[0] for point in TOUCHPOINTS if point[1] == _PLACES[source]]
    return {
        "source": source,
        "referred_by_id": random.choice((2, 3, 5, 8)) if source == "referral" else None,
        "model": random.choice(MODELS_WISHED),
        "wish": random.choice(WISHES[horizon]),
        "budget_wan": random.choice((None, 15, 18, 20, 25, 30, 40)),
        "trade_in": "",
        "test_drive": random.random() < 0.3,
        "horizon": horizon,
        "status": "new",
        "created_by": LIN.number if source == "hotline" else "platform",
        "touchpoint": random.choice(places or [""]),
        **dict.fromkeys(_NOTHING),
        **_ZEROES,
        "dealers_before": [],
        **facts,
    }


_PLACES = {"hotline": "number", "web": "web", "event": "event", "referral": "wechat", "dealer": "dealer"}
_NOTHING = (
    "dealer_id",
    "staff_id",
    "verified_at",
    "sent_at",
    "feedback_due_at",
    "feedback_at",
    "next_step_on",
    "closed_at",
    "vehicle_id",
)
_ZEROES = {"times_sent": 0, "reminders": 0, "lost_reason": "", "lost_to": ""}
