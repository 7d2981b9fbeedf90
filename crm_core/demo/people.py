"""Customers with their numbers, vehicles and roles: persons, families that share a number, companies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from crm_core.customers.spelling import spelled
from crm_core.demo import names
from crm_core.demo.fleet import MODELS, Model, plate, vin
from crm_core.demo.names import words
from crm_core.demo.places import PLACES

CUSTOMERS, VEHICLES = 500, 700
FAMILIES, COMPANIES = 60, 22
_CONSULTANTS = words("李娜 王强 张勇 刘倩 陈晨 杨光 赵鑫 周敏 吴迪 徐丹")
_ADVISERS = words("周伟 孙亮 马超 朱琳 胡斌 郭鹏 何军 高峰 林峰 罗刚")
_PREFERENCES = ("", "", "", "普通话 · 晚 6 点后勿回呼", "工作日午休时间联系", "请先发短信", "周末联系", "请称呼老师")


@dataclass
class People:
    """Rows of five tables. `vehicles_of` maps a customer to vehicle ids, the newest first."""

    customers: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    vehicles: list[dict[str, Any]] = field(default_factory=list)
    roles: list[dict[str, Any]] = field(default_factory=list)
    fleets: list[dict[str, Any]] = field(default_factory=list)
    vehicles_of: dict[int, list[int]] = field(default_factory=dict)


def make_people(random: Random, today: date) -> People:
    """500 customers and 700 vehicles; the first customer is Chen Jianguo of the screen pop."""
    people = People()
    _add_chen(people, today)
    for number in range(COMPANIES):
        _add_company(people, random, number, today)
    for _ in range(FAMILIES):
        _add_family(people, random, today)
    while len(people.customers) < CUSTOMERS:
        _add_single(people, random, today)
    while len(people.vehicles) < VEHICLES:
        owner = random.choice([row for row in people.customers if row["id"] > 1])
        _add_vehicle(people, random, owner, today)
    _add_vips(people, random)
    return people


def _add_chen(people: People, today: date) -> None:
    chen = _add_customer(people, "陈建国", "先生", 0, today - timedelta(days=2600), birth_year=today.year - 47)
    wife = _add_customer(people, "刘敏", "女士", 0, today - timedelta(days=1100), birth_year=today.year - 44)
    chen.update(
        customer_class="vip",
        class_reason="近 3 年购车 2 台；推荐成交 2 台",
        referrals=2,
        life_cycle_stage="stable",
        language="zh-CN",
        preference="普通话 · 晚 6 点后勿回呼",
        sales_consultant="李娜",
        service_adviser="周伟",
    )
    _add_phone(people, chen, "+8613843107706", "mobile")
    _add_phone(people, chen, "+8643184863318", "family")
    _add_phone(people, wife, "+8613944085217", "mobile")
    _add_phone(people, wife, "+8643184863318", "family")
    by_name = {model.name: model for model in MODELS}
    electric = _put_vehicle(
        people, by_name["远辰 E6 四驱"], "吉AD30618", sold_on=today - timedelta(days=640), today=today, km=41260
    )
    petrol = _put_vehicle(
        people, by_name["远辰 S5 2.0T"], "吉A7K28M", sold_on=today - timedelta(days=1040), today=today, km=28870
    )
    oldest = _put_vehicle(
        people, by_name["远辰 C7"], "吉A3R905", sold_on=today - timedelta(days=2580), today=today, km=96400
    )
    petrol["next_service_on"] = today + timedelta(days=20)
    for vehicle, role in ((electric, "buyer"), (electric, "user"), (petrol, "buyer"), (oldest, "buyer")):
        _add_role(people, chen, vehicle, role)
    _add_role(people, wife, petrol, "user")


def _add_company(people: People, random: Random, number: int, today: date) -> None:
    place = random.randrange(len(PLACES))
    name = names.company(number, PLACES[place].city)
    firm = _add_customer(people, name, "", place, today - timedelta(days=random.randrange(400, 3000)))
    volume = random.choice((24, 36, 60, 85, 120, 310, 480))
    firm.update(
        kind="company",
        customer_class="key_account" if volume >= 300 else "vip" if volume >= 60 else "standard",
        class_reason=f"近 3 年购车 {volume} 台" if volume >= 60 else "",
        preference="对公联系人接听",
    )
    _add_lots(people, firm["id"], volume, number, today)
    shared = names.landline(random, PLACES[place].area)
    _add_phone(people, firm, shared, "company")
    _consult(firm, random)
    driver_name, salutation = names.person(random)
    driver = _add_customer(people, driver_name, salutation, place, today - timedelta(days=300), birth_year=1988)
    _consult(driver, random)
    _add_phone(people, driver, names.mobile(random), "mobile")
    _add_phone(people, driver, shared, "company")
    for _ in range(random.randint(2, 4)):
        vehicle = _add_vehicle(people, random, firm, today, role="buyer")
        _add_role(people, driver, vehicle, "driver")


def _add_lots(people: People, firm: int, volume: int, number: int, today: date) -> None:
    """What a company bought in lots: twice or three times within three years, some of them long ago (N22)."""
    ends = today - timedelta(days=60 + 37 * number + (1900 if number % 3 == 2 else 0))
    lots = 3 if volume > 60 else 2
    for lot in range(lots):
        vehicles = volume // lots + (volume % lots if lot == 0 else 0)
        people.fleets.append(
            {
                "id": len(people.fleets) + 1,
                "customer_id": firm,
                "bought_on": ends - timedelta(days=340 * lot),
                "vehicles": vehicles,
                "amount_yuan": vehicles * (118_000 + 1_000 * (number % 17)),
                "reference": f"HT-{(ends - timedelta(days=340 * lot)).year}-{number + 11:03d}{lot}",
                "by": "2001",
            }
        )


def _add_family(people: People, random: Random, today: date) -> None:
    place = random.randrange(len(PLACES))
    surname = names.person(random)[0][0]
    shared = names.landline(random, PLACES[place].area) if random.random() < 0.6 else names.mobile(random)
    members = []
    for member in range(random.choice((2, 2, 3))):
        name, salutation = names.person(random, surname if member != 1 else "")
        row = _add_customer(
            people,
            name,
            salutation,
            place,
            today - timedelta(days=random.randrange(30, 2500)),
            birth_year=today.year - (random.randint(22, 30) if member == 2 else random.randint(32, 66)),
        )
        _consult(row, random)
        if random.random() < 0.8:
            _add_phone(people, row, names.mobile(random), "mobile")
        _add_phone(people, row, shared, "family")
        members.append(row)
    for buyer in members[:2]:
        vehicle = _add_vehicle(people, random, buyer, today, role="buyer")
        _add_role(people, random.choice(members), vehicle, "user")


def _add_single(people: People, random: Random, today: date) -> None:
    place = random.randrange(len(PLACES))
    name, salutation = names.person(random)
    since = today - timedelta(days=random.randrange(5, 2800))
    row = _add_customer(people, name, salutation, place, since, birth_year=today.year - random.randint(22, 68))
    _consult(row, random)
    row["preference"] = random.choice(_PREFERENCES)
    row["language"] = random.choice(("", "", "zh-CN", "zh-CN", "zh-CN", "en" if random.random() < 0.15 else "zh-CN"))
    _add_phone(people, row, names.mobile(random), "mobile")
    if random.random() < 0.2:
        _add_phone(people, row, names.landline(random, PLACES[place].area), "office")
    if random.random() < 0.88:  # the others are prospects
        _add_vehicle(people, random, row, today)


def _add_vips(people: People, random: Random) -> None:
    persons = [row for row in people.customers[2:] if row["kind"] == "person"]
    rich = [row for row in persons if len(people.vehicles_of.get(row["id"], [])) >= 2]
    for row in random.sample(rich, min(30, len(rich))):
        own = [people.vehicles[number - 1]["model"] for number in people.vehicles_of[row["id"]]]
        reason = f"累计购车 {len(own)} 台" if len(own) > 2 else "近 3 年购车 2 台；推荐成交 1 台"
        row.update(customer_class="vip", class_reason=reason, referrals=1)


def _consult(row: dict[str, Any], random: Random) -> None:
    row["sales_consultant"], row["service_adviser"] = random.choice(_CONSULTANTS), random.choice(_ADVISERS)


def _add_customer(
    people: People, name: str, salutation: str, place: int, since: date, *, birth_year: int | None = None
) -> dict[str, Any]:
    created = datetime.combine(since, time(2, 30), UTC)
    row = {
        "id": len(people.customers) + 1,
        "kind": "person",
        "name": name,
        "name_pinyin": spelled(name),
        "salutation": salutation,
        "birth_year": birth_year,
        "customer_class": "standard",
        "class_reason": "",
        "life_cycle_stage": "prospect",
        "referrals": 0,
        "language": "",
        "preference": "",
        "city": PLACES[place].city,
        "dealer_id": place + 1,
        "sales_consultant": "",
        "service_adviser": "",
        "created_at": created,
    }
    people.customers.append(row)
    return row


def _add_phone(people: People, customer: dict[str, Any], e164: str, label: str) -> None:
    position = sum(phone["customer_id"] == customer["id"] for phone in people.phones[-4:])
    row = {"customer_id": customer["id"], "e164": e164, "label": label, "position": position}
    people.phones.append({"id": len(people.phones) + 1, **row})


def _add_vehicle(
    people: People, random: Random, owner: dict[str, Any], today: date, role: str = "buyer"
) -> dict[str, Any]:
    model = random.choices(MODELS, [model.weight for model in MODELS])[0]
    oldest = (today - date(model.since, 3, 1)).days
    sold_on = today - timedelta(days=random.randrange(4, oldest))
    city = PLACES[owner["dealer_id"] - 1].plate
    taken = {row["plate"] for row in people.vehicles}
    sign = plate(random, city, model.energy)
    while sign in taken:
        sign = plate(random, city, model.energy)
    driven = int((today - sold_on).days * random.uniform(18, 62))
    vehicle = _put_vehicle(people, model, sign, sold_on=sold_on, today=today, km=driven)
    vehicle["dealer_id"] = owner["dealer_id"]
    _add_role(people, owner, vehicle, role)
    if owner["kind"] == "person" and random.random() < 0.85:
        _add_role(people, owner, vehicle, "user")
    return vehicle


def _put_vehicle(people: People, model: Model, sign: str, *, sold_on: date, today: date, km: int) -> dict[str, Any]:
    services = (today - sold_on).days // model.service_days + 1
    row = {
        "id": len(people.vehicles) + 1,
        "vin": vin(model, sold_on.year, 12847 + 37 * len(people.vehicles)),
        "plate": sign,
        "model": model.name,
        "energy": model.energy,
        "sold_on": sold_on,
        "dealer_id": 1,
        "mileage_km": km,
        "warranty_until": sold_on + timedelta(days=model.warranty_years * 365),
        "next_service_on": sold_on + timedelta(days=services * model.service_days),
    }
    people.vehicles.append(row)
    return row


def _add_role(people: People, customer: dict[str, Any], vehicle: dict[str, Any], role: str) -> None:
    row = {"vehicle_id": vehicle["id"], "customer_id": customer["id"], "role": role}
    if any(row.items() <= known.items() for known in people.roles[-6:]):
        return
    people.roles.append({"id": len(people.roles) + 1, **row})
    own = people.vehicles_of.setdefault(customer["id"], [])
    if vehicle["id"] not in own:
        own.append(vehicle["id"])
        own.sort(key=lambda number: people.vehicles[number - 1]["sold_on"], reverse=True)
    if role != "driver":
        customer["life_cycle_stage"] = _stage(people.vehicles[own[0] - 1], len(own))


def _stage(newest: dict[str, Any], count: int) -> str:
    """forming within the first half year, stable with a second vehicle or in warranty, fading behind it."""
    age = (newest["warranty_until"] - newest["sold_on"]).days
    left = (newest["next_service_on"] - newest["sold_on"]).days
    if left <= 365 and count == 1:
        return "forming"
    return "stable" if left <= age or count > 1 else "fading"
