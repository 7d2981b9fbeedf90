"""The lives of the demo's vehicles: ordered, built, delivered, serviced, claimed for, and what was traded in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.car_orders import office_hour, order_new_cars, order_row
from crm_core.demo.fleet import MODELS
from crm_core.demo.lives_wording import COLOURS, EQUIPMENT, FAULTS, OLD_CARS, PRICES, REPAIRS, SERVICES

Row = dict[str, Any]
CHEN_CAR = 1
_ADVISERS = ("周伟", "孙亮", "马超", "朱琳", "胡斌", "郭鹏", "何军", "高峰")
_SERVICE_DAYS = {model.name: model.service_days for model in MODELS}
_KEPT_YEARS = 4  # workshop visits further back are not told


@dataclass
class Lives:
    """Rows of five tables, ids from 1."""

    orders: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    trade_ins: list[Row] = field(default_factory=list)


def live(customers: Sequence[Row], vehicles: Sequence[Row], roles: Sequence[Row], now: datetime, zone: tzinfo) -> Lives:
    """Tells every vehicle's life and writes what it adds into the rows of the vehicles and of their buyers."""
    lives, random = Lives(), Random("lives of vehicles")
    people = {row["id"]: row for row in customers}
    buyers = {row["vehicle_id"]: people[row["customer_id"]] for row in roles if row["role"] == "buyer"}
    users = {row["vehicle_id"]: row["customer_id"] for row in roles if row["role"] in ("user", "driver")}
    today = now.astimezone(zone).date()
    for car in vehicles:
        buyer = buyers.get(car["id"])
        _build(random, car, buyer)
        if buyer is not None:
            _sell(lives, random, car, buyer, zone)
        _serve(lives, random, car, buyer, users.get(car["id"]), today=today, now=now, zone=zone)
    _tell_chen(lives, today, now, zone)
    order_new_cars(lives.orders, random, customers, today, zone)
    for place, visit in enumerate(lives.visits, start=1):
        visit["id"] = place
    _claim(lives, random)
    _value(people, lives)
    return lives


def _build(random: Random, car: Row, buyer: Row | None) -> None:
    firm = buyer is not None and buyer["kind"] == "company"
    car["made_on"] = car["sold_on"] - timedelta(days=random.randrange(12, 60))
    car["production_number"] = f"YC{car['made_on']:%y%m}{car['id']:06d}"
    car["brand"], car["state"] = "远辰", "sold"
    car["colour"] = random.choice(COLOURS)
    car["use"] = "company" if firm else random.choices(("own", "partner", ""), (80, 12, 8))[0]


def _sell(lives: Lives, random: Random, car: Row, buyer: Row, zone: tzinfo) -> None:
    ordered = car["sold_on"] - timedelta(days=random.randrange(18, 75))
    price = PRICES[car["model"]] + random.randrange(-8, 14) * 1000
    lives.orders.append(
        order_row(lives.orders, buyer, car["model"], office_hour(ordered, random, zone), "delivered")
        | {
            "vehicle_id": car["id"],
            "production_number": car["production_number"],
            "equipment": random.sample(EQUIPMENT, random.randrange(0, 4)),
            "status_at": office_hour(car["sold_on"], random, zone),
            "promised_on": car["sold_on"],
        }
    )
    checked = office_hour(car["sold_on"], random, zone)
    lives.deliveries.append(
        {
            "id": len(lives.deliveries) + 1,
            "vehicle_id": car["id"],
            "customer_id": buyer["id"],
            "dealer_id": car["dealer_id"],
            "delivered_on": car["sold_on"],
            "consultant": buyer["sales_consultant"],
            "use": car["use"],
            "price_yuan": price,
            "checked_at": checked,
            "verified_at": checked + timedelta(days=3) if random.random() < 0.8 else None,
        }
    )
    if random.random() < 0.12:
        old, worth = random.choice(OLD_CARS)
        lives.trade_ins.append(
            {
                "id": len(lives.trade_ins) + 1,
                "customer_id": buyer["id"],
                "dealer_id": car["dealer_id"],
                "old_vehicle": old,
                "plate": "",
                "mileage_km": random.randrange(40, 190) * 1000,
                "offered_yuan": worth + random.randrange(-6, 7) * 1000,
                "new_vehicle_id": car["id"],
                "traded_on": car["sold_on"],
            }
        )


def _serve(
    lives: Lives,
    random: Random,
    car: Row,
    buyer: Row | None,
    user: int | None,
    *,
    today: date,
    now: datetime,
    zone: tzinfo,
) -> None:
    """Maintenance as often as the model wants, now and then a repair; the mileage grows evenly."""
    whole = max((today - car["sold_on"]).days, 1)
    first = max(0, whole - _KEPT_YEARS * 365)
    every = _SERVICE_DAYS[car["model"]]
    days = [(day + random.randrange(-12, 20), "maintenance") for day in range(every, whole, every) if day > first]
    days += [(random.randrange(30, whole), _kind(random)) for _ in range(round(whole / 700 + random.random() - 0.4))
             if whole > 31]  # fmt: skip
    for day, kind in sorted(days):
        came = office_hour(car["sold_on"] + timedelta(days=day), random, zone)
        if came < now - timedelta(hours=8) and day > first and random.random() < 0.85:
            who = user or (buyer["id"] if buyer else None)
            lives.visits.append(
                _visit(random, car, who, kind=kind, came=came, km=round(car["mileage_km"] * day / whole))
            )


def _kind(random: Random) -> str:
    return random.choices(("repair", "warranty", "accident", "recall", "inspection"), (34, 34, 10, 12, 10))[0]


def _visit(random: Random, car: Row, customer_id: int | None, *, kind: str, came: datetime, km: int) -> Row:
    if kind == "maintenance":
        complaint, done, parts = "", random.choice(SERVICES), []
        cost = random.randrange(480, 1600, 20)
    else:
        complaint, done, names = random.choice(REPAIRS[kind])
        parts = [{"code": f"8K0-{random.randrange(100, 999)}-{random.randrange(100, 999)}", "name": name, "count": 1}
                 for name in names]  # fmt: skip
        cost = 0 if kind in ("warranty", "recall") else random.randrange(300, 5200, 20)
    hours = random.uniform(1.2, 6.0) if kind == "maintenance" else random.uniform(2.0, 50.0)
    return {
        "number": "",
        "vehicle_id": car["id"],
        "customer_id": customer_id,
        "dealer_id": car["dealer_id"],
        "adviser": random.choice(_ADVISERS),
        "kind": kind,
        "came_at": came,
        "promised_at": came + timedelta(hours=hours * random.uniform(0.7, 1.2)),
        "left_at": came + timedelta(hours=hours),
        "mileage_km": km,
        "complaint": complaint,
        "work_done": done,
        "parts": parts,
        "cost_yuan": cost,
    }


def _tell_chen(lives: Lives, today: date, now: datetime, zone: tzinfo) -> None:
    """His electric car stands in the workshop since two days ago; its 40,000 km service was six weeks ago."""
    own = [visit for visit in lives.visits if visit["vehicle_id"] == CHEN_CAR]
    lives.visits = [visit for visit in lives.visits if visit not in own or visit["came_at"] < now - timedelta(days=70)]
    base = {"vehicle_id": CHEN_CAR, "customer_id": 1, "dealer_id": 1, "adviser": "周伟"}
    service = datetime.combine(today - timedelta(days=45), time(8, 20), zone).astimezone(UTC)
    open_since = datetime.combine(today - timedelta(days=2), time(9, 40), zone).astimezone(UTC)
    lives.visits.append(
        base
        | {
            "number": "W-86051",
            "kind": "maintenance",
            "came_at": service,
            "promised_at": service + timedelta(hours=2, minutes=40),
            "left_at": service + timedelta(hours=4, minutes=50),
            "mileage_km": 40010,
            "complaint": "",
            "work_done": "40,000 km 保养：更换空调滤芯、制动液；取车 13:10，承诺 11:00。",
            "parts": [{"code": "8K0-819-441", "name": "空调滤芯", "count": 1}],
            "cost_yuan": 860,
        }
    )
    lives.visits.append(
        base
        | {
            "number": "W-88213",
            "kind": "warranty",
            "came_at": open_since,
            "promised_at": now + timedelta(hours=6),
            "left_at": None,
            "mileage_km": 41260,
            "complaint": "上坡和等红灯时空调有“哒哒”声，制冷正常。",
            "work_done": "进店检测：确认压缩机轴承异响，质保件，待料。",
            "parts": [{"code": "8K0-260-805", "name": "空调压缩机总成", "count": 1}],
            "cost_yuan": 0,
        }
    )
    for place, visit in enumerate(lives.visits):
        visit["number"] = visit["number"] or f"W-{20000 + place * 7}"


def _claim(lives: Lives, random: Random) -> None:
    for visit in lives.visits:
        if visit["kind"] != "warranty":
            continue
        part = visit["parts"][0] if visit["parts"] else {"code": "", "name": ""}
        status = (
            "filed" if visit["left_at"] is None else random.choices(("paid", "accepted", "refused"), (80, 14, 6))[0]
        )
        lives.claims.append(
            {
                "id": len(lives.claims) + 1,
                "vehicle_id": visit["vehicle_id"],
                "visit_id": visit["id"],
                "part_code": part["code"],
                "part_name": part["name"],
                "fault": visit["complaint"] or random.choice(FAULTS),
                "status": status,
                "amount_yuan": random.randrange(600, 6800, 10),
                "filed_on": visit["came_at"].date(),
            }
        )


def _value(people: Mapping[int, Row], lives: Lives) -> None:
    """What each customer has paid for cars and service, in yuan."""
    for row in people.values():
        row["value_yuan"] = 0
    for delivery in lives.deliveries:
        people[delivery["customer_id"]]["value_yuan"] += delivery["price_yuan"]
    for visit in lives.visits:
        if visit["customer_id"] in people:
            people[visit["customer_id"]]["value_yuan"] += visit["cost_yuan"]
    people[1]["referrals"] = 2
    for row in people.values():
        row.setdefault("referrals", 0)
