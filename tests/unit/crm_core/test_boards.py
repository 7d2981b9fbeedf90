"""What a wallboard may be, and that each change of it can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry
from crm_core.boards import actions
from crm_core.boards.screens import make_screen, screen_of
from crm_core.boards.settings import LEAST, PRESETS, STANDARD, read_settings, write_settings
from crm_core.clock import now
from crm_core.errors import Invalid, NotFound
from tests.empty_databases import sqlite_database


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[AsyncSession]:
    database = sqlite_database(tmp_path / "boards.db")
    async with database.begin() as opened:
        yield opened
    await database.close()


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_board_one_can_begin_with_is_allowed_and_read_back_as_it_was(preset: str):
    assert read_settings(write_settings(PRESETS[preset])) == PRESETS[preset]


def stored(**changed: Any) -> dict[str, Any]:
    return {**write_settings(STANDARD), **changed}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pages": []}, "pages"),
        ({"pages": "x"}, "pages"),
        ({"pages": [[["waiting", 0, 0, 4]]]}, "pages"),
        ({"pages": [[["nothing", 0, 0, 8, 8]]]}, "pages"),
        ({"pages": [[["waiting", 0, 0, 3, 3]]]}, "pages"),
        ({"pages": [[["waiting", 21, 0, 4, 3]]]}, "pages"),
        ({"pages": [[["waiting", 0, 10, 4, 3]]]}, "pages"),
        ({"pages": [[["waiting", 0, 0, 4, 3], ["level", 3, 0, 7, 3]]]}, "pages"),
        ({"pages": [[["waiting", 0, 0, 4, 3]], [["waiting", 0, 0, 4, 3]]]}, "pages"),
        ({"pages": [[[kind, 0, 0, *LEAST[kind]]] for kind in list(LEAST)[:7]]}, "pages"),
        ({"rotate_seconds": "20"}, "rotate_seconds"),
        ({"rotate_seconds": -1}, "rotate_seconds"),
        ({"light_from": 24}, "light_from"),
        ({"theme": "pink"}, "theme"),
        ({"message": "x" * 201}, "message"),
        ({"limits": {"longest": [60, 30]}}, "limit_longest"),
        ({"limits": {"csat": [3, 4]}}, "limit_csat"),
        ({"limits": {"longest": ["?", 30]}}, "limit_longest"),
        ({"limits": {"longest": [1, float("nan")]}}, "limit_longest"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_field_that_is_wrong(changed: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        read_settings(stored(**changed))
    assert refused.value.values["field"] == field


def test_figures_that_no_board_knows_neither_colour_nor_sound():
    read = read_settings(stored(sounds=["longest", "hack"], limits={"hack": [1, 2]}, queues="repair", teams=[1, 1]))
    assert (read.sounds, read.queues, read.teams) == (("longest",), (), ("1",))
    assert "hack" not in read.limits


async def test_a_change_is_taken_back_and_done_again(session: AsyncSession):
    made = await actions.make_board(session, " 一组 ", STANDARD, actor="2001", at=now())
    await actions.save_board(session, made.id, "二组", PRESETS["team"], actor="2001", at=now())
    await actions.take_back(session, made.id, actor="2001", at=now())
    assert (made.name, read_settings(made.settings)) == ("一组", STANDARD)
    await actions.take_back(session, made.id, actor="2001", at=now())
    assert (made.name, read_settings(made.settings)) == ("二组", PRESETS["team"])
    assert made.revision == 4


async def test_a_removed_board_is_gone_until_it_is_taken_back(session: AsyncSession):
    made = await actions.make_board(session, "一组", STANDARD, actor="2001", at=now())
    await actions.remove_board(session, made.id, actor="2001", at=now())
    assert not await actions.boards(session)
    with pytest.raises(NotFound):
        await actions.save_board(session, made.id, "x", STANDARD, actor="2001", at=now())
    await actions.take_back(session, made.id, actor="2001", at=now())
    assert [row.name for row in await actions.boards(session)] == ["一组"]


async def test_saving_what_is_already_there_changes_and_logs_nothing(session: AsyncSession):
    made = await actions.make_board(session, "一组", STANDARD, actor="2001", at=now())
    await actions.save_board(session, made.id, "一组", STANDARD, actor="2001", at=now())
    logged = (await session.scalars(select(AuditEntry.action))).all()
    assert (made.revision, logged) == (1, ["board_created"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
async def test_a_board_needs_a_name_that_fits(session: AsyncSession, name: str):
    with pytest.raises(Invalid) as refused:
        await actions.make_board(session, name, STANDARD, actor="2001", at=now())
    assert refused.value.values["field"] == "name"


async def test_the_token_of_a_screen_is_stored_nowhere(session: AsyncSession):
    made = await make_screen(session, name="大厅", board_id=None, actor="2001", at=now())
    row = made.screen
    assert made.token not in {str(getattr(row, column.name)) for column in row.__table__.columns}
    assert await screen_of(session, made.token, "127.0.0.1", now()) is row
    assert row.seen_from == "127.0.0.1"
    detail = (await session.scalars(select(AuditEntry.detail))).one()
    assert made.token not in detail


async def test_a_network_that_is_none_is_refused(session: AsyncSession):
    with pytest.raises(Invalid):
        await make_screen(session, name="大厅", board_id=None, networks=["hall"], actor="2001", at=now())
