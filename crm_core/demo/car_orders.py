"""The cars that the demo's customers have ordered: delivered ones, those on their way, and mere intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.lives_wording import EQUIPMENT, PRICES

Row = dict[str, Any]
_ON_THE_WAY = ("open", "in_production", "warehouse", "transport", "in_sale")


def order_new_cars(orders: list[Row], random: Random, customers: Sequence[Row], today: date, zone: tzinfo) -> None:
    """Cars on order, each somewhere between the order and the showroom; and intents, for which nothing is built."""
    for buyer in random.sample(list(customers[2:]), 46):
        model = random.choice(list(PRICES))
        ordered = today - timedelta(days=random.randrange(2, 60))
        intent = random.random() < 0.3
        status = "open" if intent else random.choice(_ON_THE_WAY)
        row = order_row(orders, buyer, model, office_hour(ordered, random, zone), status)
        row["equipment"] = random.sample(EQUIPMENT, random.randrange(0, 4))
        row["promised_on"] = today + timedelta(days=random.randrange(5, 50))
        row["kind"] = "intent" if intent else "order"
        if status not in ("open",):
            row["production_number"] = f"YC{ordered:%y%m}{900000 + len(orders):06d}"
            row["status_at"] = office_hour(min(ordered + timedelta(days=9), today - timedelta(days=1)), random, zone)
        orders.append(row)


def order_row(orders: list[Row], buyer: Mapping[str, Any], model: str, ordered: datetime, status: str) -> Row:
    return {
        "id": len(orders) + 1,
        "number": f"DD-{ordered:%y%m}-{len(orders) + 1:05d}",
        "kind": "order",
        "production_number": "",
        "customer_id": buyer["id"],
        "dealer_id": buyer["dealer_id"],
        "vehicle_id": None,
        "model": model,
        "equipment": [],
        "status": status,
        "status_at": ordered,
        "ordered_at": ordered,
        "promised_on": None,
    }


def office_hour(day: date, random: Random, zone: tzinfo) -> datetime:
    minutes = random.randrange(8 * 60 + 30, 17 * 60)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)
