"""Recordings go when their time is over, a day after they were listed, with proof; what is needed stays."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.callbacks.model import VoiceMessage
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from crm_core.jobs.runner import Due
from crm_core.retention.holds import hold, release
from crm_core.retention.model import RetentionItem, RetentionRun
from crm_core.retention.rules import problems
from crm_core.retention.settings import save_retention
from crm_core.workforce.fields import Unusable
from recording.raw_audio import discard, keep, peaks_path
from recording.retention import next_night, retention_job
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk
from tests.unit.recording.stored_talks import killed_in

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
LATER = datetime(2027, 1, 3, 3, 40, tzinfo=ZONE)  # at night, 41 days after


async def keep_for(database: Database, days: int, *, short: bool = False, at: datetime = BEGAN) -> None:
    async with database.begin() as session:
        await save_retention(session, {"days": days, "short": short}, base=None, actor="9001", at=at)


async def a_talk(database: Database, folder: Path, call: str, began: datetime = BEGAN) -> Path:
    """Finished and packed, as the keeper of recordings leaves it."""
    raw = raw_talk(folder / f"20261122/{call}-1.raw", 1.0)
    kept = keep(raw)
    assert kept
    discard(raw)
    contact, leg, recording = rows_of_talk(f"{call}-1", began=began, ended=began)
    recording.status, recording.file = "ready", f"20261122/{kept.path.name}"
    async with database.begin() as session:
        session.add(contact)
        await session.flush()
        session.add_all([leg, recording])
    return kept.path


async def night(database: Database, folder: Path, at: datetime) -> datetime:
    """All that one night's work does; gives when it is due again."""
    again = at
    while again == at:
        async with database.begin() as session:
            due = await retention_job(Vault(folder), ZONE)(
                session, Due(kind="retention", key="site", payload={}, due_at=at), at
            )
            assert due is not None
            again = due
    return again


async def results(database: Database) -> dict[str, tuple[str, str]]:
    async with database.begin() as session:
        return {one.contact_id: (one.result, one.why) for one in await session.scalars(select(RetentionItem))}


async def test_a_site_that_never_set_a_time_keeps_everything(database: Database, tmp_path: Path):
    path = await a_talk(database, tmp_path, "c1")
    for days in (400, 401, 402):
        await night(database, tmp_path, BEGAN + days * DAY)
    assert path.exists()
    assert await results(database) == {}


async def test_what_is_too_old_is_listed_first_and_deleted_a_night_later_with_its_checksum(
    database: Database, tmp_path: Path
):
    await keep_for(database, 40)
    path, fresh = await a_talk(database, tmp_path, "c1"), await a_talk(database, tmp_path, "c2", LATER - DAY)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    again = await night(database, tmp_path, LATER)
    assert path.exists(), "listed only"
    assert await results(database) == {"c1": ("", "")}
    await night(database, tmp_path, again)
    assert not path.exists()
    assert not peaks_path(path).exists()
    assert fresh.exists()
    async with database.begin() as session:
        (item,) = await session.scalars(select(RetentionItem))
        assert (item.result, item.sha256) == ("deleted", digest)
        statuses = {row.contact_id: row.status for row in await session.scalars(select(Recording))}
        assert statuses == {"c1": "deleted", "c2": "ready"}
        told = [row.action for row in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert told == ["retention_saved", "retention_listed", "retention_done"]


async def test_held_calls_open_cases_and_open_messages_stay_also_when_they_became_so_after_the_listing(
    database: Database, tmp_path: Path
):
    await keep_for(database, 40)
    paths = {call: await a_talk(database, tmp_path, call) for call in ("held", "case", "message", "late", "gone")}
    async with database.begin() as session:
        customer = Customer(name="陈建国", created_at=BEGAN)
        session.add(customer)
        await session.flush()
        case = Case(number="TS-1", kind="complaint", title="异响", customer_id=customer.id, opened_at=BEGAN)
        session.add(case)
        await session.flush()
        (await session.get_one(Contact, "case")).case_id = case.id
        session.add(VoiceMessage(contact_id="message", queue="repair", caller="+86138", left_at=BEGAN))
        await hold(session, "held", "诉讼 2026-17", actor="9001", at=BEGAN)
    again = await night(database, tmp_path, LATER)
    assert set(await results(database)) == {"late", "gone"}
    async with database.begin() as session:
        await hold(session, "late", "主管部门要求", actor="2001", at=LATER)
    again = await night(database, tmp_path, again)
    assert await results(database) == {"late": ("spared", "hold"), "gone": ("deleted", "")}
    assert [call for call, path in paths.items() if path.exists()] == ["held", "case", "message", "late"]
    async with database.begin() as session:
        await release(session, "late", actor="2001", at=again)
    again = await night(database, tmp_path, again)
    await night(database, tmp_path, again)
    assert not paths["late"].exists()


async def test_a_list_is_dropped_when_the_site_decides_to_keep_recordings_for_longer(
    database: Database, tmp_path: Path
):
    await keep_for(database, 40)
    path = await a_talk(database, tmp_path, "c1")
    again = await night(database, tmp_path, LATER)
    await keep_for(database, 90, at=LATER)
    await night(database, tmp_path, again)
    assert path.exists()
    async with database.begin() as session:
        assert [run.state for run in await session.scalars(select(RetentionRun))] == ["dropped"]


async def test_a_file_that_is_gone_already_is_told_as_missing_not_as_deleted(database: Database, tmp_path: Path):
    await keep_for(database, 40)
    (await a_talk(database, tmp_path, "c1")).unlink()
    again = await night(database, tmp_path, LATER)
    await night(database, tmp_path, again)
    assert await results(database) == {"c1": ("missing", "")}


async def test_more_than_a_transactions_worth_is_deleted_in_one_night(database: Database, tmp_path: Path):
    await keep_for(database, 40)
    paths = [await a_talk(database, tmp_path, f"c{number}") for number in range(51)]
    again = await night(database, tmp_path, LATER)
    await night(database, tmp_path, again)
    async with database.begin() as session:
        (run,) = await session.scalars(select(RetentionRun))
        assert (run.state, run.deleted, run.spared, run.missing) == ("done", 51, 0, 0)
    assert not any(path.exists() for path in paths)


async def test_fewer_than_thirty_days_need_a_confirmation_and_are_noted_apart(database: Database):
    with pytest.raises(Unusable):
        await keep_for(database, 14)
    await keep_for(database, 14, short=True)
    await keep_for(database, 40)
    with pytest.raises(Unusable):  # an old confirmation is none
        await keep_for(database, 20)
    async with database.begin() as session:
        told = [row.action for row in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert told == ["retention_saved", "retention_shortened", "retention_saved"]


@pytest.mark.parametrize("days", [-1, 3_651, "soon", None, True, 1.5])
def test_a_time_that_is_none_is_told_at_its_field(days: object):
    assert [one.values["field"] for one in problems({"days": days})] == ["days"]


def test_the_work_is_done_once_a_night():
    evening = datetime(2026, 11, 22, 23, 0, tzinfo=ZONE)
    assert next_night(evening, ZONE) == datetime(2026, 11, 23, 3, 40, tzinfo=ZONE)
    assert next_night(next_night(evening, ZONE), ZONE) == datetime(2026, 11, 24, 3, 40, tzinfo=ZONE)


async def test_a_kill_after_the_files_went_does_not_make_them_missing(database: Database, tmp_path: Path):
    await keep_for(database, 40)
    kept = await a_talk(database, tmp_path, "c1")
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    await night(database, tmp_path, LATER)
    vault, due = Vault(tmp_path), Due(kind="retention", key="site", payload={}, due_at=LATER)
    async with database.begin() as session:
        await retention_job(vault, ZONE)(session, due, LATER + DAY)
    assert kept.exists(), "first its checksum is kept"
    await killed_in(database, lambda session: retention_job(vault, ZONE)(session, due, LATER + DAY))
    assert not kept.exists()
    await night(database, tmp_path, LATER + DAY)
    async with database.begin() as session:
        item = (await session.scalars(select(RetentionItem))).one()
    assert (item.result, item.sha256) == ("deleted", digest)
