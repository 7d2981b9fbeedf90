"""A large site, told by seeded dice: customers with numbers, families, vehicles, contacts, and records made twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import Connection, create_engine, insert, make_url, text

from crm_core.customers.spelling import spelled
from crm_core.demo import names
from crm_core.demo.fleet import MODELS, plate, vin
from crm_core.demo.places import PLACES
from crm_core.migrate import upgrade
from crm_core.tables import METADATA

NOW = datetime(2026, 7, 16, 2, 0, tzinfo=UTC)
TWICE = 0.03  # customers who are there a second time, as the dealer's list has them
_AT_ONCE = 10_000
_SYLLABLES = names.words(
    "建 国 志 强 海 燕 晓 梅 文 博 雨 晨 思 远 佳 琪 俊 杰 丽 华 春 红 永 刚 玉 兰 子 轩 欣 怡 浩 然 宇 航"
)
Row = dict[str, Any]


def build(url: str, customers: int, contacts: int) -> None:
    """Fill an empty database; the same numbers give the same site."""
    upgrade(url)
    parsed = make_url(url)
    engine = create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA synchronous=OFF"))
            for name, rows in _tables(customers, contacts):
                _insert(connection, name, rows)
            _settle(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    finally:
        engine.dispose()


def add_crowd(url: str, customers: int, contacts: int) -> None:
    """Put so many more behind what a database holds, with its dealers: the demo's people in a large site."""
    parsed = make_url(url)
    engine = create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))
    try:
        with engine.begin() as connection:
            dealers = list(connection.scalars(text("SELECT id FROM dealer ORDER BY id")))
            last = {
                name: connection.scalar(text(f"SELECT max(id) FROM {name}")) or 0  # noqa: S608  names of our own
                for name in ("customer", "customer_phone", "vehicle", "vehicle_role")
            }
            for name, rows in _tables(customers, contacts, first_serial=500_000):
                if name != "dealer":
                    _insert(connection, name, (_moved(name, row, last, dealers) for row in rows))
            _settle(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    finally:
        engine.dispose()


def _moved(name: str, row: Row, last: Mapping[str, int], dealers: list[int]) -> Row:
    moved = {**row, "id": f"crowd-{row['id']}" if name == "contact" else row["id"] + last[name]}
    for column, table in (("customer_id", "customer"), ("vehicle_id", "vehicle")):
        if column in row:
            moved[column] = row[column] + last[table]
    if "dealer_id" in row:
        moved["dealer_id"] = dealers[row["dealer_id"] % len(dealers)]
    return moved


def _tables(customers: int, contacts: int, first_serial: int = 0) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "dealer", _dealers()
    yield "customer", (row for row, _ in _people(customers))
    yield "customer_phone", _numbered(phone for _, phones in _people(customers) for phone in phones)
    yield "vehicle", _vehicles(customers, first_serial)
    yield "vehicle_role", _roles(customers)
    yield "contact", _contacts(customers, contacts)


def _dealers() -> Iterator[Row]:
    for number, place in enumerate(PLACES, start=1):
        facts = {"code": f"YC{number:04}", "name": f"{place.city}远辰 4S 店", "short_name": f"{place.city}远辰"}
        where = {"province": place.city, "city": place.city, "address": "1 号", "phone": "+8643186001111"}
        yield {"id": number, **facts, **where, "latitude": 43.8, "longitude": 125.3}


def _people(count: int) -> Iterator[tuple[Row, list[Row]]]:
    """Each customer with the numbers; the dice start anew, so that two passes tell the same."""
    random = Random("a large site")
    last: tuple[Row, list[Row]] | None = None
    for number in range(1, count + 1):
        if last is not None and random.random() < TWICE:
            row, phones = {**last[0], "id": number}, [{**last[1][0], "customer_id": number}]
        else:
            row, phones = _person(random, number)
        last = row, phones
        yield row, phones


def _person(random: Random, number: int) -> tuple[Row, list[Row]]:
    surname, salutation = names.person(random)
    name = surname[0] + "".join(random.sample(_SYLLABLES, random.choice((1, 2, 2, 2))))
    place = random.randrange(len(PLACES))
    row = {
        "id": number,
        "name": name,
        "name_pinyin": _spelled(name),
        "salutation": salutation,
        "birth_year": random.randint(1950, 2004),
        "city": PLACES[place].city,
        "dealer_id": place + 1,
        "created_at": NOW - timedelta(days=random.randrange(3000)),
    }
    phones = [{"customer_id": number, "e164": names.mobile(random), "label": "mobile", "position": 0}]
    if random.random() < 0.2:
        shared = names.landline(Random(number // 3), PLACES[number // 3 % len(PLACES)].area)
        phones.append({"customer_id": number, "e164": shared, "label": "family", "position": 1})
    return row, phones


@lru_cache(maxsize=200_000)
def _spelled(name: str) -> str:
    return spelled(name)


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield {"id": number, **row}


def _vehicles(customers: int, first_serial: int) -> Iterator[Row]:
    random = Random("their vehicles")
    for number in range(1, customers + 1):
        model = random.choice(MODELS)
        sold_on = date(2026, 7, 1) - timedelta(days=random.randrange(2500))
        # A serial number of six digits repeats after a million vehicles of one model and year.
        number_of_vin = vin(model, 2016 + number % 10, first_serial + number)
        sign = plate(random, PLACES[number % len(PLACES)].plate, model.energy)
        facts = {"id": number, "vin": number_of_vin, "plate": sign, "model": model.name, "energy": model.energy}
        yield {**facts, "sold_on": sold_on, "mileage_km": random.randrange(120_000)}


def _roles(customers: int) -> Iterator[Row]:
    for number in range(1, customers + 1):
        # One in fifty belongs to a fleet of the first customer before it whose number ends in 00.
        owner = max(1, number - number % 100) if number % 50 == 0 else number
        yield {"id": number, "vehicle_id": number, "customer_id": owner, "role": "buyer"}


def _contacts(customers: int, count: int) -> Iterator[Row]:
    random = Random("their contacts")
    for number in range(1, count + 1):
        # Some call much more than others: the square of an even draw.
        customer_id = int(random.random() ** 2 * customers) + 1
        at = NOW - timedelta(minutes=random.randrange(3 * 365 * 24 * 60))
        facts = {"id": f"c{number}", "direction": "inbound", "customer_id": customer_id, "started_at": at}
        ended = {"ended_at": at + timedelta(minutes=3), "outcome": "answered", "kind": "enquiry", "queue": "enquiry"}
        yield {**facts, **ended, "caller": "+8613800000000", "agent": f"{1000 + number % 100}"}


def _insert(connection: Connection, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        connection.execute(insert(METADATA.tables[name]), batch)


def _settle(connection: Connection) -> None:
    """PostgreSQL counts on where its sequence stands, not where our ids end."""
    if connection.dialect.name == "postgresql":
        for name in ("dealer", "customer", "customer_phone", "vehicle", "vehicle_role"):
            ends = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
            connection.execute(text(ends))
