"""The demo's dealer network: people, their sign-ins, hours, daily figures, care done, news, orders, bookings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.access.passwords import hashed_now
from crm_core.access.roles import Role, write_roles
from crm_core.dealers.slots import LASTS
from crm_core.demo import names
from crm_core.demo.media import drawn
from crm_core.demo.network_wording import CARE_NOTES, ITEMS, NEWS, TITLES, WISHES
from crm_core.demo.places import PLACES
from crm_core.demo.staff import PASSWORD, DemoLogin

Rows = list[dict[str, Any]]
REGIONS = {
    "东北": ("吉林", "辽宁", "黑龙江"),
    "华北": ("北京", "天津", "河北", "山西"),
    "华东": ("山东", "上海", "江苏", "浙江", "安徽", "福建"),
    "华中": ("河南", "湖北", "湖南"),
    "华南": ("广东", "广西"),
    "西部": ("四川", "重庆", "陕西"),
}
PEOPLE_PER_DEALER = 10
_ROLES = ("manager", "relations_manager", *["sales_consultant"] * 3, *["service_adviser"] * 2, *["technician"] * 3)
_FIRST = ("金玉成", "孙丽", "李娜", "高远", "陈晨", "周伟", "王磊", "刘志远", "胡斌", "何军")
_SKILLS = {
    "manager": ["dealer_service", "delivery"],
    "sales_consultant": ["delivery", "charges"],
    "service_adviser": ["repair_quality", "charges", "parts_wait"],
    "technician": ["product_quality", "repair_quality", "fault"],
}
_FIGURE_DAYS = 185
_SIGN_INS = (
    (1, "5101", "孙丽", "Sun Li", Role.DEALER_RELATIONS),
    (1, "5102", "金玉成", "Jin Yucheng", Role.DEALER_MANAGER),
    (3, "5201", "", "Shenyang Relations", Role.DEALER_RELATIONS),
)
_REGIONAL = ("5901", "曹志刚", "Cao Zhigang", "东北")


def region_of(province: str) -> str:
    return next((region for region, provinces in REGIONS.items() if province in provinces), "")


def staff_rows() -> Rows:
    """Rows of `dealer_staff`: ten for each dealer, ids in the order of the dealers."""
    rows: Rows = []
    for number, place in enumerate(PLACES, start=1):
        random = Random(f"{place.dealer} people")
        for position, role in enumerate(_ROLES):
            name = _FIRST[position] if number == 1 else names.person(random)[0]
            rows.append(
                {
                    "id": (number - 1) * PEOPLE_PER_DEALER + position + 1,
                    "dealer_id": number,
                    "user_id": None,
                    "name": name,
                    "title": TITLES[position],
                    "role": role,
                    "phone": names.mobile(random),
                    "skills": _SKILLS.get(role, []),
                    "active": True,
                }
            )
    return rows


def network_logins(staff: Rows) -> tuple[DemoLogin, ...]:
    """The people of two dealers and of a region who can sign in."""
    found = [
        DemoLogin(
            number=number, name=name or staff[_index(dealer, 1)]["name"], name_en=en, role=role, password=PASSWORD
        )
        for dealer, number, name, en, role in _SIGN_INS
    ]
    number, name, name_en, _ = _REGIONAL
    role = Role.REGIONAL_MANAGER
    return (*found, DemoLogin(number=number, name=name, name_en=name_en, role=role, password=PASSWORD))


def sign_in_rows(first_id: int, staff: Rows) -> Rows:
    """Rows of `user_account` for them; the dealers' people in `staff` get their `user_id`."""
    secret = hashed_now(PASSWORD)
    rows: Rows = []
    for user_id, login in enumerate(network_logins(staff), start=first_id):
        dealer = next((one[0] for one in _SIGN_INS if one[1] == login.number), None)
        row = {
            "id": user_id,
            "number": login.number,
            "name": login.name,
            "name_en": login.name_en,
            "password_hash": secret,
            "roles": write_roles((login.role,)),
            "language": "zh-CN",
            "theme": "light",
            "disabled_at": None,
            "dealer_id": dealer,
            "region": "" if dealer else _REGIONAL[3],
        }
        rows.append(row)
        if dealer:
            staff[_index(dealer, 1 if login.role is Role.DEALER_RELATIONS else 0)]["user_id"] = user_id
    return rows


def describe_dealers(dealers: Rows, staff: Rows, now: datetime) -> None:
    """Region, services, week, rescue phone, who manages the relations; when the data were confirmed."""
    for row in dealers:
        random = Random(f"{row['code']} station")
        long_day, short_day = [[510, 1080]], [[540, 1020]]
        row["region"] = region_of(row["province"])
        row["services"] = ["sales", "workshop", "parts"]
        row["services"] += [word for word in ("rescue", "body", "charging") if random.random() < 0.7 or row["id"] == 1]
        row["week"] = [long_day] * 5 + [short_day, short_day if random.random() < 0.6 else []]
        rescue = "rescue" in row["services"] and random.random() < 0.8
        row["rescue_phone"] = names.mobile(random) if rescue or row["id"] == 1 else ""
        row["relations_manager"] = staff[_index(row["id"], 1)]["name"]
        row["station_at"] = now - timedelta(days=random.randrange(3, 80))
        row["closed_days"] = []


def settle_customers(customers: Rows, staff: Rows) -> None:
    """Their consultant and adviser are people of their own dealer; three in five have told their birthday."""
    random = Random("customers of dealers")
    for row in customers:
        own = _index(row["dealer_id"], 0)
        if row["sales_consultant"] and row["id"] != 1:
            row["sales_consultant"] = staff[own + random.choice((2, 3, 4))]["name"]
            row["service_adviser"] = staff[own + random.choice((5, 6))]["name"]
        told = row["kind"] == "person" and random.random() < 0.6
        row["birthday"] = f"{random.randint(1, 12):02d}-{random.randint(1, 28):02d}" if told else ""


def figure_rows(now: datetime, zone: tzinfo, users: Mapping[int, str]) -> Rows:
    """Rows of `daily_figures` until yesterday; some dealers forget a day. `users`: dealer to who reports."""
    rows: Rows = []
    today = now.astimezone(zone).date()
    for number, place in enumerate(PLACES, start=1):
        random = Random(f"{place.dealer} figures")
        usual, diligence = random.uniform(18, 52), random.uniform(0.9, 1.0)
        for ago in range(_FIGURE_DAYS, 0, -1):
            day = today - timedelta(days=ago)
            busy = (1.7 if day.weekday() >= 5 else 1.0) * drawn(region_of(place.province), ago)
            visitors = max(0, round(random.gauss(usual * busy, usual * 0.2)))
            enquiries = max(0, round(visitors * random.uniform(0.5, 0.95)))
            late = random.random() < 0.06
            forgotten = random.random() > diligence and not (number == 1 and ago == 1)
            if forgotten:
                continue
            at = datetime.combine(day, time(17 if not late else 20, random.randrange(60)), zone)
            row = {"dealer_id": number, "day": day, "visitors": visitors, "enquiries": enquiries}
            rows.append({**row, "reported_at": at.astimezone(UTC), "reported_by": users.get(number, "5101")})
    return rows


def care_rows(customers: Rows, vehicles: Mapping[int, Sequence[int]], now: datetime, zone: tzinfo) -> Rows:
    """Rows of `care_task` of the last four months, most done; the open ones are planned by the platform itself."""
    random = Random("care done")
    today = now.astimezone(zone).date()
    rows: Rows = []
    owners = [row for row in customers if vehicles.get(row["id"])]
    for number in range(900):
        owner = random.choice(owners)
        kind = random.choice(("two_weeks", "four_weeks", "after_service", "after_service", "birthday"))
        due = today - timedelta(days=random.randrange(2, 120))
        done = random.random() < 0.86
        at = datetime.combine(due, time(random.randrange(9, 17), random.randrange(60)), zone).astimezone(UTC)
        position = 2 + number % 3 if kind in ("two_weeks", "birthday") else 5 + number % 2
        rows.append(
            {
                "kind": kind,
                "subject": f"earlier/{number}",
                "purpose": "care",
                "channel": "post" if kind == "birthday" else "phone",
                "dealer_id": owner["dealer_id"],
                "customer_id": owner["id"],
                "vehicle_id": vehicles[owner["id"]][0],
                "staff_id": _index(owner["dealer_id"], position) + 1,
                "due_on": due,
                "status": "done" if done else "skipped",
                "reason": "" if done else random.choice(("wrong_number", "contacted_already", "does_not_want")),
                "note": random.choice(CARE_NOTES) if done else "",
                "done_at": at,
                "done_by": "5101",
            }
        )
    return rows


def news_rows(now: datetime) -> tuple[Rows, Rows]:
    """Rows of `network_news` and `news_read` (the receipts are filled by people)."""
    rows: Rows = []
    for number, (kind, title, body, regions, must_read, ago) in enumerate(NEWS, start=1):
        at = now - timedelta(days=ago, hours=3)
        row = {"id": number, "kind": kind, "title": title, "body": body, "regions": list(regions)}
        row |= {"must_read": must_read, "valid_until": None, "created_at": at, "created_by": "2001"}
        rows.append({**row, "published_at": at, "withdrawn_at": None})
    return rows, []


def supply_rows(now: datetime, zone: tzinfo) -> tuple[Rows, Rows, Rows, Rows]:
    """Rows of `supply_item`, `supply_order`, `supply_line`, `supply_event`."""
    random = Random("supply")
    items = [
        {"id": number, "kind": kind, "code": code, "name": name, "unit": unit, "most": most, "active": True}
        for number, (kind, code, name, unit, most) in enumerate(ITEMS, start=1)
    ]
    orders: Rows = []
    lines: Rows = []
    events: Rows = []
    way = ("requested", "confirmed", "shipped", "received")
    for number in range(1, 41):
        kind = random.choice(("material", "material", "parts"))
        at = now - timedelta(days=40 - number, hours=random.randrange(8))
        reached = random.randrange(1, 3) if number > 30 else 4
        dealer = 1 if number % 9 == 0 else random.randint(1, len(PLACES))
        prefix = "DH" if kind == "material" else "PJ"
        order = {"id": number, "number": f"{prefix}-{at.astimezone(zone):%y%m%d}-{number:04d}", "kind": kind}
        order |= {"dealer_id": dealer, "status": way[reached - 1], "wanted_on": None, "note": ""}
        order |= {"requested_at": at, "requested_by": "5102", "status_at": at + timedelta(hours=20 * (reached - 1))}
        orders.append(order)
        for item in random.sample([one for one in items if one["kind"] == kind], random.randint(1, 3)):
            wanted = random.choice((2, 5, 10, 20, 50))
            line = {"order_id": number, "item_id": item["id"], "wanted": wanted}
            line |= {"confirmed": wanted if reached > 1 else None, "received": wanted if reached > 3 else None}
            lines.append(line)
        for step in range(reached):
            text = "顺丰 SF10288041" if way[step] == "shipped" else ""
            event = {"order_id": number, "at": at + timedelta(hours=20 * step), "status": way[step], "text": text}
            events.append({**event, "actor": "5102" if step in (0, 3) else "2001"})
    return items, orders, lines, events


def booking_rows(customers: Rows, vehicles: Mapping[int, Sequence[int]], now: datetime, zone: tzinfo) -> Rows:
    """Rows of `workshop_booking` from two days ago to four days ahead; no technician has two cars at once."""
    rows: Rows = []
    today = now.astimezone(zone).date()
    for number, place in enumerate(PLACES, start=1):
        random = Random(f"{place.dealer} bookings {today}")
        mine = [row for row in customers if row["dealer_id"] == number and vehicles.get(row["id"])]
        own = [{"id": row["id"], "car": vehicles[row["id"]][0]} for row in mine]
        for ahead in range(-2, 5):
            day = today + timedelta(days=ahead)
            for position in range(7, 10) if own and day.weekday() < 6 else ():
                technician = {"dealer_id": number, "technician_id": _index(number, position) + 1}
                rows += _lane(random, technician, own, day, now=now, zone=zone)
    return rows


def _lane(random: Random, technician: Mapping[str, int], own: Rows, day: date, *, now: datetime, zone: tzinfo) -> Rows:
    """One technician's cars of a day; each of `own` has the id of its car as "car"."""
    rows: Rows = []
    begins = datetime.combine(day, time(9), zone) + timedelta(minutes=30 * random.randrange(3))
    closing = datetime.combine(day, time(16), zone)
    while begins < closing and random.random() < 0.75:
        work = random.choice(("maintenance", "maintenance", "repair", "inspection", "warranty"))
        owner, ends = random.choice(own), begins + LASTS[work]
        status = "done" if ends < now else "arrived" if begins < now else "booked"
        row = {**technician, "customer_id": owner["id"], "vehicle_id": owner["car"], "work": work, "status": status}
        row |= {"begins_at": begins.astimezone(UTC), "ends_at": ends.astimezone(UTC), "wish": random.choice(WISHES)}
        row |= {"source": random.choice(("hotline", "dealer")), "booked_by": "1018"}
        rows.append({**row, "booked_at": min(now, begins.astimezone(UTC)) - timedelta(days=2)})
        begins = ends + timedelta(minutes=30 * random.randrange(1, 4))
    return rows


def _index(dealer: int, position: int) -> int:
    """Where a person of a dealer stands in the rows of `dealer_staff`."""
    return (dealer - 1) * PEOPLE_PER_DEALER + position
