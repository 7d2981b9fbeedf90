"""A transaction that is rolled back leaves nothing, also of what was written inside a savepoint."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm_core.db import Database
from crm_core.jobs.actions import ensure
from crm_core.jobs.model import Job
from tests.unit.crm_core.builders import NOW


async def _refused(db: Database) -> None:
    async with db.begin() as session:
        await ensure(session, "reminder", "case/1", NOW)  # writes inside a savepoint, before anything else
        raise LookupError


async def test_a_refused_request_leaves_no_job_behind(db: Database):
    with pytest.raises(LookupError):
        await _refused(db)
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Job)) == 0
