"""Where the demo's customers live and work, who belongs to whom, and what was asked once and seldom changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_core.customers.parts import DWELLINGS, EDUCATIONS, INCOMES, MARITAL
from crm_core.demo.names import words
from crm_core.demo.places import PLACES

Row = dict[str, Any]
_STREETS = words("同志街 人民大街 建设路 解放路 中山路 和平街 新华路 文化路 长江路 友谊路")
_ESTATES = words("阳光花园 万科城 金色家园 湖畔小区 学府苑 锦绣里 天悦府 书香门第")
_TRADES = words("教师 医生 工程师 个体经营 公务员 会计 销售经理 司机 律师 程序员 退休 餐饮店主")
_INTERESTS = ("自驾游，周末带孩子露营", "摄影", "钓鱼，冬天去雪场", "关注新能源，家里有充电桩", "篮球", "")
_OTHERS = ("看过竞品 B7，觉得内饰好", "家里另有一台日系轿车", "在比较两个新势力品牌", "", "", "")


@dataclass
class Households:
    """Rows of four tables, ids from 1 where the table counts."""

    addresses: list[Row] = field(default_factory=list)
    handles: list[Row] = field(default_factory=list)
    relations: list[Row] = field(default_factory=list)
    profiles: list[Row] = field(default_factory=list)


def settle(customers: Sequence[Row], phones: Sequence[Row], roles: Sequence[Row], now: datetime) -> Households:
    """Most have an address and an e-mail address, two of three a profile; who shares a number belongs together."""
    homes, random = Households(), Random("households")
    for row in customers:
        if row["kind"] == "company":
            row["gender"] = ""
            _company(homes, random, row)
        else:
            row["gender"] = "male" if row["salutation"] == "先生" else "female"
            _person(homes, random, row, now)
    _relate(homes, customers, phones, roles)
    return homes


def _person(homes: Households, random: Random, row: Row, now: datetime) -> None:
    chen = row["id"] == 1
    if chen or random.random() < 0.75:
        street = "朝阳区同志街 1286 号湖畔小区 7 栋 1102" if chen else _street(random)
        _address(homes, row, "home", street, now - timedelta(days=random.randrange(3, 700)))
    if chen or random.random() < 0.5:
        _handle(homes, row, "email", f"{row['name_pinyin'].split(' ')[0]}{row['id']:03d}@example.cn")
    if random.random() < 0.45:
        _handle(homes, row, "wechat", f"wx_{row['name_pinyin'].split(' ')[-1]}{row['id']:05d}")
    if chen or random.random() < 0.62:
        homes.profiles.append(
            _profile(row)
            | {
                "income": random.choices(INCOMES, (14, 34, 36, 12, 4))[0],
                "occupation": "中学教师" if chen else random.choice(_TRADES),
                "education": random.choice(EDUCATIONS),
                "marital_status": "married" if chen else random.choices(MARITAL, (20, 68, 8, 4))[0],
                "household_size": 3 if chen else random.randrange(1, 6),
                "dwelling": "flat" if chen else random.choice(DWELLINGS),
                "interests": _INTERESTS[0] if chen else random.choice(_INTERESTS),
                "competitors": random.choice(_OTHERS),
            }
        )


def _company(homes: Households, random: Random, row: Row) -> None:
    _address(homes, row, "work", f"{random.choice(_STREETS)} {random.randrange(1, 900)} 号", None)
    _handle(homes, row, "email", f"office{row['id']}@example.cn")
    people = random.choice((20, 45, 120, 300, 800))
    homes.profiles.append(
        _profile(row)
        | {
            "employees": people,
            "annual_sales_wan": people * random.randrange(18, 60),
            "average_order_wan": random.randrange(20, 320),
            "annual_purchases_wan": random.randrange(60, 2400),
            "value_added_wan": people * random.randrange(4, 16),
            "competitors": random.choice(_OTHERS),
        }
    )


def _relate(homes: Households, customers: Sequence[Row], phones: Sequence[Row], roles: Sequence[Row]) -> None:
    """A family's number joins two adults; a driver belongs to the company whose car it is."""
    by_id = {row["id"]: row for row in customers}
    shared: dict[str, list[int]] = {}
    for phone in phones:
        if phone["label"] == "family":
            shared.setdefault(phone["e164"], []).append(phone["customer_id"])
    for members in shared.values():
        if len(members) > 1:
            _relation(homes, by_id[members[0]], by_id[members[1]], "spouse")
        for child in members[2:]:
            _relation(homes, by_id[members[0]], by_id[child], "child")
    owners = {row["vehicle_id"]: row["customer_id"] for row in roles if row["role"] == "buyer"}
    drivers = {(owners.get(row["vehicle_id"]), row["customer_id"]) for row in roles if row["role"] == "driver"}
    for owner, driver in sorted((one, other) for one, other in drivers if one):
        _relation(homes, by_id[owner], by_id[driver], "driver")


def _relation(homes: Households, one: Row, other: Row, word: str) -> None:
    row = {"id": len(homes.relations) + 1, "customer_id": one["id"], "other_id": other["id"], "relation": word}
    homes.relations.append({**row, "name": other["name"], "e164": "", "note": ""})


def _street(random: Random) -> str:
    house = f"{random.choice(_STREETS)} {random.randrange(1, 2000)} 号"
    return f"{house}{random.choice(_ESTATES)} {random.randrange(1, 30)} 栋"


def _address(homes: Households, row: Row, label: str, street: str, verified: datetime | None) -> None:
    place = PLACES[row["dealer_id"] - 1]
    named = {"province": place.province, "city": place.city.removesuffix("市") + "市", "street": street, "postcode": ""}
    ident = {"id": len(homes.addresses) + 1, "customer_id": row["id"], "label": label, "position": 0}
    homes.addresses.append({**ident, **named, "verified_at": verified})


def _handle(homes: Households, row: Row, kind: str, value: str) -> None:
    position = sum(one["customer_id"] == row["id"] for one in homes.handles[-2:])
    ident = {"id": len(homes.handles) + 1, "customer_id": row["id"], "kind": kind, "value": value}
    homes.handles.append({**ident, "position": position, "verified_at": None})


def _profile(row: Row) -> Row:
    texts = ("income", "occupation", "education", "marital_status", "dwelling", "interests", "competitors")
    numbers = (
        "household_size", "employees", "annual_sales_wan", "average_order_wan", "annual_purchases_wan",
        "value_added_wan",
    )  # fmt: skip
    return {"customer_id": row["id"], **dict.fromkeys(texts, ""), **dict.fromkeys(numbers)}
