"""A database of its own for each test."""

import pytest

from crm_core.access import model as _users
from crm_core.cases import model as _cases
from crm_core.customers import model as _customers
from crm_core.db import Base, Database, make_engine
from crm_core.dealers import model as _dealers
from crm_core.history import model as _history
from crm_core.vehicles import model as _vehicles
from crm_core.workforce import model as _workforce

TABLES = (_users, _cases, _customers, _dealers, _history, _vehicles, _workforce)


@pytest.fixture
async def database(tmp_path):
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()
