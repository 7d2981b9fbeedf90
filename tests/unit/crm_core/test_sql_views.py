"""Other systems read the views: as documented, on both databases, after every update, and without personal data."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, inspect, make_url, text

from crm_core import sql_views
from crm_core.db import Database
from crm_core.history.writer import apply_all
from crm_core.migrate import upgrade
from crm_core.sql_view_columns import VIEWS
from crm_core.sql_views import DOCS, documentation, make_views, views_stand
from tests.unit.crm_core.builders import a_customer, an_answered_call, numbered

PERSONAL = re.compile(r"caller|name|phone|number$|e164|note|detail|title|wish|address|city|email")


def columns_there(connection: Connection) -> dict[str, list[str]]:
    looked = inspect(connection)
    views = [name for name in looked.get_view_names() if name.startswith("hl_")]
    return {view: [column["name"] for column in looked.get_columns(view)] for view in views}


def described() -> dict[str, list[str]]:
    """Of docs/sql-views.md."""
    parts = re.split(r"^### ", DOCS.read_text(encoding="utf-8"), flags=re.M)[1:]
    return {part.split("\n", 1)[0]: re.findall(r"^\| `(\w+)`", part, re.M) for part in parts}


async def rows(db: Database, question: str) -> Sequence[tuple[object, ...]]:
    async with db.begin() as session:
        return [tuple(row) for row in await session.execute(text(question))]


async def test_the_views_are_those_of_the_documentation(db: Database):
    async with db.engine.connect() as connection:
        there = await connection.run_sync(columns_there)
    assert there == described() == {view.name: [column.name for column in view.columns] for view in VIEWS}


def test_the_documentation_is_made_of_the_views():
    assert DOCS.read_text(encoding="utf-8") == documentation()


def test_only_the_personal_views_name_people():
    open_ones = [view for view in VIEWS if "_personal_" not in view.name]
    named = {(view.name, column.name) for view in open_ones for column in view.columns if PERSONAL.search(column.name)}
    assert named == {("hl_case", "number"), ("hl_lead", "number")}  # which are ours, and no telephone's


async def test_a_call_is_read_with_its_seconds(db: Database):
    async with db.begin() as session:
        await a_customer(session, "陈建国", "+8613843107706")
    async with db.begin() as session:
        await apply_all(session, numbered(*an_answered_call()))
    contact = "SELECT direction, outcome, queue, agent, duration_seconds FROM hl_contact WHERE id = 'c1'"
    ((*words, seconds),) = await rows(db, contact)
    assert (words, float(str(seconds))) == (["inbound", "answered", "repair", "1018"], pytest.approx(130, abs=0.01))
    ((ring, talk, hold),) = await rows(db, "SELECT ring_seconds, talk_seconds, hold_seconds FROM hl_leg")
    assert [float(str(one)) for one in (ring, talk, hold)] == pytest.approx([4, 100, 15], abs=0.01)
    assert await rows(db, "SELECT caller FROM hl_personal_contact") == [("+8613843107706",)]
    assert await rows(db, "SELECT queue, result, wait_seconds FROM hl_queue_visit") == [("repair", "answered", 10.0)]


async def test_a_new_version_makes_them_anew_and_the_same_one_leaves_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    async with db.engine.begin() as connection:
        assert await connection.run_sync(views_stand)
        monkeypatch.setattr(sql_views, "VIEWS", VIEWS[:-1])
        await connection.execute(text("DROP VIEW hl_contact"))
        await connection.run_sync(make_views)
        assert await connection.run_sync(views_stand)
        assert "hl_personal_lead" not in await connection.run_sync(columns_there)
        monkeypatch.undo()
        await connection.run_sync(make_views)
        assert "hl_personal_lead" in await connection.run_sync(columns_there)


async def test_roles_that_only_read_get_what_is_theirs(db: Database):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no roles")
    async with db.engine.begin() as connection:
        for role in ("hotline_reader", "hotline_personal_reader"):
            await connection.execute(text(f"DROP ROLE IF EXISTS {role}"))
            await connection.execute(text(f"CREATE ROLE {role}"))
        await connection.run_sync(sql_views.drop_views)
        await connection.run_sync(make_views)
        may = "SELECT has_table_privilege(:role, :name, 'SELECT')"

        async def reads(role: str, name: str) -> object:
            return await connection.scalar(text(may), {"role": role, "name": name})

        assert await reads("hotline_reader", "hl_contact") is True
        assert await reads("hotline_reader", "hl_personal_contact") is False
        assert await reads("hotline_reader", "contact") is False
        assert await reads("hotline_personal_reader", "hl_personal_contact") is True
        await connection.run_sync(sql_views.drop_views)
        for role in ("hotline_reader", "hotline_personal_reader"):
            await connection.execute(text(f"DROP ROLE {role}"))
        await connection.run_sync(make_views)


def test_an_update_runs_although_the_views_stand(tmp_path):
    url = f"sqlite:///{tmp_path / 'views.db'}"
    upgrade(url)
    upgrade(url)
    assert make_url(url).database
