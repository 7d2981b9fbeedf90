"""A database of its own for each test."""

import pytest

from crm_core.db import Database, make_engine
from crm_core.tables import METADATA


@pytest.fixture
async def database(tmp_path):
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.close()
