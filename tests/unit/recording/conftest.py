"""A database of its own for each test."""

import pytest

from tests.empty_databases import sqlite_database


@pytest.fixture
async def database(tmp_path):
    database = sqlite_database(tmp_path / "hotline.db")
    yield database
    await database.close()
