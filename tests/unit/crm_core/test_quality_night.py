"""The night of quality on a whole demo site, on both databases: what is drawn, what goes, and nothing twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditEntry
from crm_core.db import Database, make_engine
from crm_core.history.model import Leg, Recording
from crm_core.jobs.runner import Due
from crm_core.moving.move import move
from crm_core.notices.model import WorkNotice
from crm_core.quality import coaching
from crm_core.quality.candidates import PLAYABLE, week_of
from crm_core.quality.model import QualityDraw, QualityExcerpt, QualityRule
from hotline.quality_night import DRAWS, quality_night
from tests.unit.crm_core.conftest import DemoSite, empty_postgres

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # a Wednesday, noon in Shanghai
TONIGHT = datetime(2026, 11, 19, 2, 30, tzinfo=ZONE)
RANDOM_MOST = 2


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest, demo_site: DemoSite, tmp_path: Path) -> Iterator[str]:
    """The demo as it was loaded into SQLite, or moved from there."""
    assert demo_site.loaded_at == NOW
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{shutil.copy(demo_site.file, tmp_path / 'demo.db')}"
        return
    with empty_postgres(request.getfixturevalue("postgres_url")) as url:
        move(demo_site.file, url, lambda *_: None, setting="--to")
        yield url.render_as_string(hide_password=False)


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Database]:
    database = Database(make_engine(demo_url))
    async with database.begin() as session:
        await _recorded(session)
    yield database
    await database.close()


async def _recorded(session: AsyncSession) -> None:
    """The demo's days before today have no sound; here the talks of the last two weeks have."""
    talks = select(Leg).where(Leg.answered_at >= NOW - timedelta(days=14), Leg.ended_at.is_not(None), Leg.agent != "")
    for leg in await session.scalars(talks):
        assert leg.answered_at
        assert leg.ended_at
        row = Recording(contact_id=leg.contact_id, leg_id=leg.id, agent=leg.agent, file="", started_at=leg.answered_at)
        row.status, row.seconds = "ready", (leg.ended_at - leg.answered_at).total_seconds()
        session.add(row)


async def night(demo: Database, at: datetime) -> datetime | None:
    """All of it in one transaction, as the runner of jobs does."""
    async with demo.begin() as session:
        return await quality_night(ZONE)(session, Due(kind=DRAWS, key="site", payload={}, due_at=at), at)


async def draws(demo: Database) -> list[QualityDraw]:
    async with demo.begin() as session:
        return list(await session.scalars(select(QualityDraw).order_by(QualityDraw.id)))


async def test_a_night_draws_by_the_rules_and_the_next_one_lets_go_what_has_no_sound_any_more(demo: Database):
    assert await night(demo, TONIGHT) == TONIGHT + timedelta(days=1)
    made = await draws(demo)
    async with demo.begin() as session:
        kinds = {row.id: row.kind for row in await session.scalars(select(QualityRule))}
        drawn = {row.id: row for row in await session.scalars(select(Recording))}
        noted = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "quality_rule_drawn")))
    firsts = [one for one in made if not one.second]
    assert {kinds[one.rule_id] for one in firsts if one.rule_id} >= {"random", "complaint"}
    assert len(noted) == len({one.rule_id for one in made})
    assert all(drawn[one.recording_id].status in PLAYABLE for one in made)
    assert all(one.reviewer != one.agent for one in made)
    assert len({one.recording_id for one in firsts}) == len(firsts), "no talk by two rules"
    of_random = [one for one in firsts if kinds.get(one.rule_id or 0) == "random"]
    weekly = Counter((one.agent, one.period) for one in of_random)
    assert weekly
    assert max(weekly.values()) <= RANDOM_MOST
    assert week_of(TONIGHT, ZONE) not in {one.period for one in of_random}, "its week is not over yet"

    assert await night(demo, TONIGHT + timedelta(minutes=1)) == TONIGHT + timedelta(days=1)
    assert len(await draws(demo)) == len(made), "a second run in the same night draws nothing"

    gone = firsts[0].recording_id
    async with demo.begin() as session:
        session.add(QualityExcerpt(recording_id=gone, title="开场", began=1.0, ended=5.0, made_by="3001", made_at=NOW))
        note = await coaching.note(
            session,
            agent=firsts[0].agent,
            text="先听完再说",
            follow_up_on=(TONIGHT + timedelta(days=1)).date(),
            review=None,
            today=TONIGHT.date(),
            actor="3001",
            at=TONIGHT,
        )
        await session.execute(update(Recording).where(Recording.id == gone).values(status="deleted"))
    await night(demo, TONIGHT + timedelta(days=1))
    async with demo.begin() as session:
        states = set(await session.scalars(select(QualityDraw.state).where(QualityDraw.recording_id == gone)))
        assert states == {"gone"}
        assert list(await session.scalars(select(QualityExcerpt))) == []
        told = select(WorkNotice.number).where(WorkNotice.subject == f"note/{note.id}", WorkNotice.kind == "followed")
        assert list(await session.scalars(told)) == ["3001"]
