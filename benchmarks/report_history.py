"""Years of a busy site for the reports, written in bulk: contacts, visits, legs and states of a hundred agents.

Some made-up days are repeated over the years, each under its own date, so that ten million contacts take minutes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, insert, make_url, text

from crm_core.demo.staff import LIN, QUEUES, TEAMS, agent_rows, user_rows
from crm_core.migrate import upgrade
from crm_core.tables import METADATA

LAST_DAY = date(2026, 7, 15)
AGENTS = tuple(str(number) for number in range(7001, 7101))
_QUEUES = ("repair", "enquiry", "complaint", "suggestion", "rescue", "vip")
_TEMPLATES = 28
_OPENS, _CLOSES = 0.0, 15 * 3600.0  # 8:00 to 23:00 in Shanghai are of one day in UTC, too
_SHIFTS = ((0.0, 9 * 3600.0), (5.5 * 3600, 14.5 * 3600))
_TABLES = ("contact", "queue_visit", "leg", "agent_stint")
_COLUMNS = {
    "contact": ("id", "direction", "queue", "agent", "outcome", "started_at", "ended_at"),
    "queue_visit": ("contact_id", "queue", "result", "wait_seconds", "entered_at", "left_at"),
    "leg": ("id", "contact_id", "agent", "queue", "result", "offered_at", "answered_at", "ended_at"),
    "agent_stint": ("agent", "state", "contact_id", "began_at", "ended_at"),
}
Rows = list[tuple[Any, ...]]
Told = tuple[str, Rows]


@dataclass
class _Day:
    """Rows whose ids and times lack the date."""

    rows: dict[str, Rows] = field(default_factory=lambda: {table: [] for table in _TABLES})


def build_history(url: str, contacts: int, days: int) -> None:
    """Fill an empty database with the history of so many days; the same numbers give the same."""
    upgrade(url)
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _into_sqlite(str(parsed.database), _told(contacts, days))
    else:
        _into_postgres(parsed.set(drivername="postgresql").render_as_string(hide_password=False), _told(contacts, days))
    engine = create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")))
    with engine.begin() as connection:
        _settle_people(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _settle_people(connection: Connection) -> None:
    """The demo's people and queues, and the hundred agents in its first team."""
    users = user_rows()
    agents, skills = agent_rows(users)
    like = next(row for row in users if row["number"] == LIN.number)
    for number, agent in enumerate(AGENTS, start=len(users) + 1):
        users.append({**like, "id": number, "number": agent, "name": f"坐席{agent}", "name_en": f"Agent {agent}"})
        agents.append({"user_id": number, "team": TEAMS[0]["id"], "phone_contact": ""})
    for table, rows in (("user_account", users), ("queue", QUEUES), ("team", TEAMS), ("agent", agents)):
        connection.execute(insert(METADATA.tables[table]), list(rows))
    connection.execute(insert(METADATA.tables["agent_skill"]), skills)


def _into_sqlite(path: str, told: Iterable[Told]) -> None:
    connection = sqlite3.connect(path)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    named = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > '' AND tbl_name IN {_TABLES}"  # noqa: S608
    indexes = connection.execute(named).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for table, rows in told:
        columns, constants = _all_columns(table)
        marks = ", ".join([*("?" for _ in columns), *(_literal(value) for value in constants.values())])
        names = ", ".join((*columns, *constants))
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  our own names
    for _, made in indexes:
        connection.execute(made)
    connection.commit()
    connection.close()


def _into_postgres(url: str, told: Iterable[Told]) -> None:
    with psycopg.connect(url) as connection:
        named = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef NOT LIKE '%%UNIQUE%%'"
        )
        indexes = connection.execute(named, [list(_TABLES)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("SET timezone = 'UTC'")
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for table, rows in told:
            columns, constants = _all_columns(table)
            tail = "".join(f"\t{value}" for value in constants.values()) + "\n"
            into = f"COPY {table} ({', '.join((*columns, *constants))}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                copy.write("".join("\t".join("\\N" if v is None else str(v) for v in row) + tail for row in rows))
        for _, made in indexes:
            connection.execute(made)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def _all_columns(table: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The columns that rows have, and what all others that must not be empty hold."""
    columns = _COLUMNS[table]
    constants = {
        column.name: getattr(column.default, "arg", "")
        for column in METADATA.tables[table].columns
        if column.name not in columns and not column.nullable and not (column.primary_key and column.name == "id")
    }
    return columns, constants


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(int(value))


def _told(contacts: int, days: int) -> Iterator[Told]:
    templates = [_template(Random(f"report day {number}"), contacts // days) for number in range(_TEMPLATES)]
    for ago in range(days - 1, -1, -1):
        day = LAST_DAY - timedelta(days=ago)
        template, stamp, name = templates[day.toordinal() % _TEMPLATES], f"{day} ", f"{day:%y%m%d}-"
        for table in _TABLES:
            yield table, list(_dated(table, template.rows[table], stamp, name))


def _dated(table: str, rows: Rows, stamp: str, name: str) -> Iterator[tuple[Any, ...]]:
    match table:
        case "contact":
            return ((name + i, d, q, a, o, stamp + s, stamp + e) for i, d, q, a, o, s, e in rows)
        case "queue_visit":
            return ((name + i, q, r, w, stamp + s, stamp + e) for i, q, r, w, s, e in rows)
        case "leg":
            return (
                (name + i, name + c, a, q, r, stamp + o, stamp + t if t else None, stamp + e)
                for i, c, a, q, r, o, t, e in rows
            )
        case _:
            return ((a, s, name + c if c else "", stamp + b, stamp + e) for a, s, c, b, e in rows)


def _template(dice: Random, calls: int) -> _Day:
    return _Shift(dice).day(round(calls * dice.uniform(0.85, 1.15)))


class _Shift:
    """A day being made up: who is free, and what was written of it."""

    def __init__(self, dice: Random) -> None:
        self._dice, self._rows = dice, _Day().rows
        self._free_at = {agent: _SHIFTS[number % 2][0] for number, agent in enumerate(AGENTS)}
        self._until = {agent: _SHIFTS[number % 2][1] for number, agent in enumerate(AGENTS)}

    def day(self, calls: int) -> _Day:
        times = sorted(self._dice.uniform(_OPENS, _CLOSES - 1800) for _ in range(calls))
        for number, at in enumerate(times):
            self._call(f"{number:05}", at)
        for agent, since in self._free_at.items():
            self._stint(agent, "ready", "", since, self._until[agent])
        return _Day(self._rows)

    def _call(self, name: str, at: float) -> None:
        dice = self._dice
        wait = round(dice.choice((0.0, 5.0, 20.0)) if dice.random() < 0.02 else dice.expovariate(1 / 15), 6)
        queue, left = dice.choice(_QUEUES), at + wait
        agent = next((one for one in dice.sample(AGENTS, 8) if self._free_at[one] <= left < self._until[one]), None)
        if agent is None or dice.random() < 0.04:
            self._unanswered(name, queue, at, wait)
            return
        ended = left + dice.lognormvariate(5.0, 0.5)
        rested, offered = ended + dice.uniform(8, 34), max(at, left - 4)
        times = {"began": _clock(at), "left": _clock(left), "ended": _clock(ended)}
        self._rows["contact"].append((name, "inbound", queue, agent, "answered", times["began"], times["ended"]))
        self._rows["queue_visit"].append((name, queue, "answered", wait, times["began"], times["left"]))
        leg = (f"{name}-1", name, agent, queue, "answered", _clock(offered), times["left"], times["ended"])
        self._rows["leg"].append(leg)
        self._stint(agent, "ready", "", self._free_at[agent], offered)
        self._stint(agent, "ringing", name, offered, left)
        self._stint(agent, "talking", name, left, ended)
        self._stint(agent, "wrap_up", name, ended, rested)
        self._free_at[agent] = rested

    def _unanswered(self, name: str, queue: str, at: float, wait: float) -> None:
        result = self._dice.choice(("abandoned", "abandoned", "abandoned", "callback", "overflow"))
        outcome = "callback" if result == "callback" else "abandoned"
        self._rows["contact"].append((name, "inbound", queue, "", outcome, _clock(at), _clock(at + wait)))
        self._rows["queue_visit"].append((name, queue, result, wait, _clock(at), _clock(at + wait)))

    def _stint(self, agent: str, state: str, call: str, began: float, ended: float) -> None:
        if ended > began:
            self._rows["agent_stint"].append((agent, state, call, _clock(began), _clock(ended)))


def _clock(seconds: float) -> str:
    micro = round(seconds * 1_000_000)
    minutes, micro = divmod(micro, 60_000_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{micro // 1_000_000:02}.{micro % 1_000_000:06}"
