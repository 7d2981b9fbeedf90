"""A day is checked as a whole: history, Asterisk's log, recordings and figures; what was found is repaired and gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.db import Database
from crm_core.figures.model import AgentDay
from crm_core.history.model import AgentStint, Contact
from crm_core.history.writer import apply_all
from crm_core.jobs.model import Job
from crm_core.jobs.runner import Due
from crm_core.ledger.actions import CHECK, repair
from crm_core.ledger.model import LedgerFinding, LedgerRun
from hotline.ledger_check import NIGHTLY, check_and_keep, checker, nightly
from hotline.settings import Settings
from reports.rollups import build
from tests.empty_databases import sqlite_database
from tests.unit.crm_core.builders import NOW, START, an_answered_call, numbered
from tests.unit.crm_core.campaign_site import a_running_campaign
from tests.unit.cti.test_event_log import inbound

DAY = date(2026, 7, 16)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """Asterisk's log has the answered call of the history and one that the history lacks."""
    settings = Settings(run_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]
    log = settings.asterisk_dir / "log" / "cel.csv"
    log.parent.mkdir(parents=True)
    known = inbound("c1", START, talk="1018")
    for shown, real in ((5, 30), (30.1, 130), (30.2, 130)):  # as the history tells it
        known = known.replace(f"{START + shown:.6f}", f"{START + real:.6f}")
    log.write_text(known + inbound("c9", START + 600))
    return settings


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    db = sqlite_database(tmp_path / "hotline.db")
    async with db.begin() as session:
        await apply_all(session, numbered(*an_answered_call()))
    yield db
    await db.close()


async def checked(site: Settings, database: Database) -> tuple[LedgerRun, dict[str, str]]:
    async with database.begin() as session:
        run = LedgerRun(day=DAY, asked_at=NOW)
        session.add(run)
    done = await check_and_keep(site, database, run.id)
    async with database.begin() as session:
        rows = await session.scalars(select(LedgerFinding).where(LedgerFinding.resolved_at.is_(None)))
        return done, {row.kind: row.subject for row in rows}


async def test_a_call_that_only_asterisk_knows_is_found_repaired_and_gone(site: Settings, database: Database):
    run, found = await checked(site, database)
    assert (run.state, found) == ("done", {"missing_here": "c9"})
    assert (run.sums["offered"], run.sums["groups"]) == (1, {"answered": 1})
    assert list(run.sums["queues"]["repair"]["answered"]) == [1, 1, 1]
    assert run.logged_from is not None
    async with database.begin() as session:
        finding = (await session.scalars(select(LedgerFinding))).one()
        await repair(session, finding.id, actor="2001", at=NOW)
    run, found = await checked(site, database)
    assert (run.found, found) == (0, {})
    assert (run.sums["offered"], run.sums["groups"]) == (2, {"answered": 1, "away": 1})


async def test_a_check_that_fails_says_why_and_leaves_no_run_behind_as_busy(
    site: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("hotline.ledger_check.logged_calls", broken)
    with pytest.raises(OSError, match="the disk is gone"):
        await checked(site, database)
    async with database.begin() as session:
        run = (await session.scalars(select(LedgerRun))).one()
    assert (run.state, run.failure) == ("failed", "OSError: the disk is gone")


async def test_at_night_yesterday_and_each_day_with_something_open_are_checked(site: Settings, database: Database):
    at = datetime(2026, 7, 17, 18, 45, tzinfo=UTC)  # 02:45 of the 18th in Shanghai
    async with database.begin() as session:
        for day in (date(2026, 7, 14), date(2026, 7, 1)):
            facts = {"kind": "missing_here", "subject": "c9", "first_seen_at": at, "last_seen_at": at}
            session.add(LedgerFinding(day=day, **facts))
    async with database.begin() as session:
        again = await nightly(site)(session, Due(kind=NIGHTLY, key="site", due_at=at, payload={}), at)
        days = set(await session.scalars(select(Job.key).where(Job.kind == CHECK)))
    assert days == {"2026-07-17", "2026-07-14"}
    assert again == datetime(2026, 7, 18, 18, 40, tzinfo=UTC)


async def test_the_job_does_the_run_that_was_asked_for(site: Settings, database: Database):
    async with database.begin() as session:
        session.add(LedgerRun(day=DAY, asked_at=NOW, asked_by="2001"))
    for _ in range(2):  # the second time nobody asked: a run of its own
        async with database.begin() as session:
            due = Due(kind=CHECK, key=DAY.isoformat(), due_at=NOW, payload={})
            assert await checker(site, database)(session, due, NOW) is None
    async with database.begin() as session:
        runs = list(await session.scalars(select(LedgerRun).order_by(LedgerRun.id)))
    assert [(run.state, run.asked_by) for run in runs] == [("done", "2001"), ("done", "")]


async def test_a_campaigns_call_that_ended_without_a_word_for_its_attempt_is_named(site: Settings, database: Database):
    async with database.begin() as session:
        campaign = await a_running_campaign(session, customers=2)
        entries = list(await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id)))
        for entry, result, outcome in zip(entries, ("", "no_answer"), ("reached", "not_reached"), strict=True):
            call = f"ob-{campaign.id}-{entry.id}-1"
            attempt = CampaignAttempt(call=call, campaign_id=campaign.id, entry_id=entry.id, number=1, result=result)
            attempt.customer_id, attempt.e164, attempt.placed_at = entry.customer_id, entry.e164, NOW
            contact = Contact(id=call, direction="outbound", started_at=NOW, ended_at=NOW, outcome=outcome)
            session.add_all([attempt, contact])
    run, found = await checked(site, database)
    assert found["attempt_no_result"].endswith(f"-{entries[0].id}-1")
    assert (run.sums["attempts"], run.sums["attempt_groups"]) == (2, {"open": 1, "no_answer": 1})
    assert not {"attempt_differs", "attempt_no_call", "call_no_attempt"} & set(found)


async def test_an_agent_whose_stored_figures_are_not_those_of_the_states_is_named(site: Settings, database: Database):
    spans = (("ready", 0, 30), ("talking", 30, 130), ("wrap_up", 130, 160))
    async with database.begin() as session:
        for state, began, ended in spans:
            since, until = NOW + timedelta(seconds=began), NOW + timedelta(seconds=ended)
            stint = AgentStint(agent="1018", state=state, began_at=since, ended_at=until)
            session.add(stint)
    await build(database, ZoneInfo("Asia/Shanghai"))
    run, found = await checked(site, database)
    rows, report = run.sums["agents"]["1018"]["talking"]
    assert (rows, report) == (100.0, 100.0)
    assert "agent_sums_differ" not in found
    assert "agent_time_lost" not in found
    async with database.begin() as session:
        await session.execute(update(AgentDay).values(talking=90.0).execution_options(synchronize_session=False))
    assert (await checked(site, database))[1]["agent_sums_differ"] == "1018"
