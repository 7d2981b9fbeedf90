"""Fills an empty, migrated database with the demo site, in one transaction; brings an old one up to the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain, islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, create_engine, func, insert, make_url, select, text, update

from crm_core.customers.model import Customer
from crm_core.demo import allowed, leads, media, names, network, twins
from crm_core.demo.answers import settle_answers
from crm_core.demo.callers import Callers
from crm_core.demo.campaigns import settle_campaigns
from crm_core.demo.case_life import live_cases, tell_dealer_one
from crm_core.demo.cases import make_cases, tell_chen
from crm_core.demo.hours import CALENDARS, calendar_day_rows
from crm_core.demo.households import settle
from crm_core.demo.imported import bring_in
from crm_core.demo.interfaces import interface_rows
from crm_core.demo.knowledge import knowledge_rows
from crm_core.demo.lead_rows import touchpoint_rows
from crm_core.demo.lives import live
from crm_core.demo.menu_ways import rows_of
from crm_core.demo.month import Day, make_day
from crm_core.demo.people import People, make_people
from crm_core.demo.places import dealer_rows
from crm_core.demo.quality import settle_quality
from crm_core.demo.recalls import recall_rows
from crm_core.demo.segments import settle_worth
from crm_core.demo.shifts import shift_rows
from crm_core.demo.staff import QUEUES, TEAMS, DemoLogin, agent_rows, leader_rows, logins, user_rows
from crm_core.figures.marking import forget_figures
from crm_core.history.model import Contact
from crm_core.tables import METADATA

SITE_ZONE = ZoneInfo("Asia/Shanghai")
HISTORY_DAYS = 30
_GAP = timedelta(hours=6)  # a site that rested longer gets the days it missed
_INSERTED_AT_ONCE = 5_000
_COUNTED = (
    "dealer",
    "user_account",
    "dealer_staff",
    "customer",
    "customer_phone",
    "vehicle",
    "vehicle_role",
    "vehicle_order",
    "delivery",
    "workshop_visit",
    "warranty_claim",
    "trade_in",
    "customer_address",
    "customer_handle",
    "customer_relation",
    "case_file",
    "article_category",
    "article",
    "open_question",
    "fleet_purchase",
    "lead",
    "network_news",
    "supply_item",
    "supply_order",
    "api_key",
    "outbox_event",
    "webhook",
    "webhook_delivery",
    "media_action",
    "planned_shift",
    "plan_publication",
    "shift_wish",
    "past_volume",
)


def load_demo(url: str, now: datetime, *, zone: tzinfo = SITE_ZONE) -> tuple[DemoLogin, ...]:
    """Load the demo site and give its logins, the browser agent first. Blocks for a few seconds.

    A database that has customers is left as it is, but for the days since its last contact: they are told, too.
    """
    parsed = make_url(url)
    engine = create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))
    try:
        with engine.begin() as connection:
            fresh = not connection.scalar(select(func.count()).select_from(Customer))
            if fresh:
                _load_everything(connection, now, zone)
            else:
                _continue_history(connection, now, zone)
    finally:
        engine.dispose()
    if fresh:
        bring_in(url, now, zone)
        settle_worth(url, now, zone)
        settle_answers(url, now, zone)
        settle_campaigns(url, now, zone)
        settle_quality(url, now)
    return (*logins(), *network.network_logins(network.staff_rows()))


def _load_everything(connection: Connection, now: datetime, zone: tzinfo) -> None:
    random = Random("yuanchen people")
    today = now.astimezone(zone).date()
    people = make_people(random, today)
    twins.double_some(people)
    users = user_rows()
    staff, dealers = network.staff_rows(), dealer_rows()
    network.describe_dealers(dealers, staff, now)
    network.settle_customers(people.customers, staff)
    agents, skills = agent_rows(users)
    callers = Callers(people.customers, people.phones, people.vehicles, people.roles)
    days = [make_day(today - timedelta(days=ago), callers, zone, now) for ago in range(HISTORY_DAYS, -1, -1)]
    contacts = [row for day in days for row in day.contacts]
    signing_in = network.sign_in_rows(len(users) + 1, staff)
    numbers = {row["id"]: row["number"] for row in (*users, *signing_in)}
    acting = {row["id"]: numbers.get(row["user_id"] or 0, "") for row in staff}
    cases = make_cases(random, contacts, {row["id"]: row["dealer_id"] for row in people.customers}, now, zone)
    cases += tell_chen(contacts, len(cases) + 1, now, zone)
    lives = live(people.customers, people.vehicles, people.roles, now, zone)
    homes = settle(people.customers, people.phones, people.roles, now)
    _remember_last_contacts(people.customers, contacts)
    cases += tell_dealer_one(people.customers, people.roles, len(cases) + 1, now)
    models = {row["id"]: row["model"] for row in people.vehicles}
    case_lives = live_cases(cases, contacts, models, acting, now)
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "dealer": dealers,
        "user_account": [*({**row, "dealer_id": None, "region": ""} for row in users), *signing_in],
        "dealer_staff": staff,
        "team": TEAMS,
        "team_leader": leader_rows(users),
        "agent": agents,
        "agent_skill": skills,
        "queue": QUEUES,
        "calendar": CALENDARS,
        "calendar_day": calendar_day_rows(today.year),
        "customer": people.customers,
        "customer_phone": people.phones,
        "vehicle": people.vehicles,
        "vehicle_role": people.roles,
        "fleet_purchase": people.fleets,
        "vehicle_order": lives.orders,
        "delivery": lives.deliveries,
        "workshop_visit": lives.visits,
        "vehicle_recall": recall_rows(people.vehicles, now, zone),
        "warranty_claim": lives.claims,
        "trade_in": lives.trade_ins,
        "customer_address": homes.addresses,
        "customer_handle": homes.handles,
        "customer_relation": homes.relations,
        "customer_profile": homes.profiles,
        "blocked_number": _blocked(random, now),
        "case_file": cases,
    }
    rows |= knowledge_rows(contacts, now)
    rows |= shift_rows(now, zone)
    for name, table_rows in rows.items():
        _insert(connection, METADATA.tables[name], table_rows)
    _insert_days(connection, days)
    _insert_network(connection, people, now, zone)
    _insert_leads(connection, people, contacts, now, zone)
    more = (case_lives.tables(), twins.identity_rows(people, now), interface_rows(now))
    for name, table_rows in chain.from_iterable(tables.items() for tables in more):
        _insert(connection, METADATA.tables[name], table_rows)
    _move_sequences(connection)


def _insert_network(connection: Connection, people: People, now: datetime, zone: tzinfo) -> None:
    """What the dealers did and planned."""
    items, orders, lines, events = network.supply_rows(now, zone)
    news, receipts = network.news_rows(now)
    owned = people.vehicles_of
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "daily_figures": network.figure_rows(now, zone, {}),
        "care_task": network.care_rows(people.customers, owned, now, zone),
        "network_news": news,
        "news_read": receipts,
        "supply_item": items,
        "supply_order": orders,
        "supply_line": lines,
        "supply_event": events,
        "workshop_booking": network.booking_rows(people.customers, owned, now, zone),
        "media_action": media.action_rows(now.astimezone(zone).date()),
    }
    for name, table_rows in rows.items():
        _insert(connection, METADATA.tables[name], table_rows)


def _insert_leads(
    connection: Connection, people: People, contacts: Sequence[Mapping[str, Any]], now: datetime, zone: tzinfo
) -> None:
    """Prospects on their way, what customers allow, and where they met us."""
    made = leads.make_leads(people, contacts, now, zone)
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "touchpoint": touchpoint_rows(),
        "lead": made.leads,
        "lead_turn": made.turns,
        "lead_event": made.events,
        "touch": made.touches,
        "job": made.jobs,
        "care_task": made.tasks,
        "consent": allowed.consent_rows(people.customers, made.leads, contacts, now),
        "do_not_contact": allowed.stopped_rows(people.phones, now),
    }
    for name, table_rows in rows.items():
        _insert(connection, METADATA.tables[name], table_rows)


def _remember_last_contacts(customers: Sequence[dict[str, Any]], contacts: Sequence[Mapping[str, Any]]) -> None:
    latest: dict[int | None, datetime] = {row["customer_id"]: row["started_at"] for row in contacts}
    for row in customers:
        row["last_contact_at"] = latest.get(row["id"])


def _keep_last_contacts(connection: Connection) -> None:
    latest = select(func.max(Contact.started_at)).where(Contact.customer_id == Customer.id).scalar_subquery()
    connection.execute(update(Customer).values(last_contact_at=latest).execution_options(synchronize_session=False))


def _continue_history(connection: Connection, now: datetime, zone: tzinfo) -> None:
    last = connection.scalar(select(func.max(Contact.started_at)))
    if last is None or now - last < _GAP:
        return
    names_of = ("customer", "customer_phone", "vehicle", "vehicle_role")
    tables = [[dict(row) for row in connection.execute(select(METADATA.tables[name])).mappings()] for name in names_of]
    callers = Callers(*tables)
    day, today = last.astimezone(zone).date(), now.astimezone(zone).date()
    day = max(day, today - timedelta(days=HISTORY_DAYS))
    days = []
    while day <= today:
        days.append(_after(make_day(day, callers, zone, now), last))
        day += timedelta(days=1)
    _insert_days(connection, days)
    _keep_last_contacts(connection)


def _after(day: Day, last: datetime) -> Day:
    contacts = [row for row in day.contacts if row["started_at"] > last]
    kept = {row["id"] for row in contacts}
    return Day(
        contacts=contacts,
        legs=[row for row in day.legs if row["contact_id"] in kept],
        visits=[row for row in day.visits if row["contact_id"] in kept],
        stints=[row for row in day.stints if row["began_at"] > last],
    )


def _insert_days(connection: Connection, days: Sequence[Day]) -> None:
    forget_figures(connection)
    _insert(connection, METADATA.tables["contact"], [row for day in days for row in day.contacts])
    _insert(connection, METADATA.tables["leg"], [row for day in days for row in day.legs])
    _insert(connection, METADATA.tables["queue_visit"], [row for day in days for row in day.visits])
    _insert(
        connection, METADATA.tables["menu_visit"], [row for day in days for row in rows_of(day.contacts, day.visits)]
    )
    _insert(connection, METADATA.tables["agent_stint"], [row for day in days for row in day.stints])


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, _INSERTED_AT_ONCE)):
        connection.execute(insert(table), batch)


def _move_sequences(connection: Connection) -> None:
    """PostgreSQL counts on where its sequence stands, not where our ids end."""
    if connection.dialect.name != "postgresql":
        return
    for name in _COUNTED:
        ends = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
        connection.execute(text(ends))


def _blocked(random: Random, now: datetime) -> list[dict[str, Any]]:
    reasons = ("连续骚扰，辱骂坐席", "推销贷款，自动外呼", "反复空号回拨")
    return [
        {
            "e164": names.mobile(random),
            "reason": reason,
            "blocked_by": "2001",
            "blocked_at": (now - timedelta(days=6 * place + 2)).astimezone(UTC),
        }
        for place, reason in enumerate(reasons)
    ]
