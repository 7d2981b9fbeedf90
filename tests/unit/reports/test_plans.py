"""What a report asks of millions of rows is answered by an index, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from crm_core.db import Database
from reports.counting import still_lasting
from tests.unit.crm_core.conftest import database_url, db, migrated_postgres, postgres_url, sqlite_template
from tests.unit.reports.plans import plan

__all__ = ["database_url", "db", "migrated_postgres", "postgres_url", "sqlite_template"]


async def test_states_that_still_last_are_found_without_reading_the_ended_ones(db: Database):
    async with db.begin() as session:
        assert "ix_stint_open" in await plan(session, still_lasting(datetime(2026, 7, 16, tzinfo=UTC)))
