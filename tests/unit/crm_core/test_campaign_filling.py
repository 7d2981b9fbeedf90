"""Filling a campaign's list from a segment or from numbers, and asking beforehand who may be called."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from crm_core.campaigns import filling
from crm_core.campaigns.actions import end
from crm_core.campaigns.entries import add_entry
from crm_core.campaigns.filling import (
    fill_from_import,
    fill_from_numbers,
    fill_from_segment,
    filling_handlers,
    number_in,
)
from crm_core.campaigns.list_check import rounds
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry, CampaignWork
from crm_core.campaigns.undoing import undo_fill
from crm_core.campaigns.works import FILL, stop
from crm_core.consent import decision
from crm_core.db import Database
from crm_core.errors import Refused
from crm_core.imports.model import DataImport
from crm_core.jobs.runner import Due, JobRunner
from crm_core.segments.model import Segment
from crm_core.segments.recompute import refresh
from tests.unit.crm_core.builders import a_customer
from tests.unit.crm_core.campaign_site import BOSS, NOON, ZONE, a_campaign, a_willing_customer

EVERYBODY = {
    "join": "all",
    "groups": [{"join": "all", "conditions": [{"field": "kind", "op": "in", "value": ["person"]}]}],
}


async def worked_off(db: Database, folder: Path) -> list[CampaignWork]:
    """All works, oldest first, when nothing is due any more."""
    await JobRunner(db, filling_handlers(folder, ZONE)).run_due(NOON)
    async with db.begin() as session:
        return list(await session.scalars(select(CampaignWork).order_by(CampaignWork.id)))


def list_files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_segment_becomes_a_list_and_is_checked_before_anybody_is_called(db: Database, tmp_path: Path):
    async with db.begin() as session:
        row = await a_campaign(session)
        for number in range(1, 4):
            await refresh(session, (await a_willing_customer(session, number)).id, NOON)
        await refresh(session, (await a_customer(session, "没问过", "+8613804319999")).id, NOON)
        session.add(Segment(id=7, name="全部", dimension="who", definition=EVERYBODY, created_at=NOON, changed_at=NOON))
        await session.flush()
        await fill_from_segment(session, row.id, 7, actor=BOSS, at=NOON)
    filled, checked = await worked_off(db, tmp_path / "lists")
    assert (filled.state, filled.counts, filled.done) == ("done", {"added": 4, "there": 0, "unknown": 0}, 4)
    assert (checked.state, checked.counts) == ("done", {decision.NOT_ASKED: 1, "yes": 3})
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(CampaignAttempt)) == 0
        await fill_from_segment(session, filled.campaign_id, 7, actor=BOSS, at=NOON)
    again = (await worked_off(db, tmp_path / "lists"))[2]
    assert again.counts == {"added": 0, "there": 4, "unknown": 0}


async def test_every_line_of_a_file_is_told_as_added_double_wrong_unknown_or_shared(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(filling, "BATCH", 3)  # several batches, one of them ends within a double
    async with db.begin() as session:
        row = await a_campaign(session)
        first = await a_customer(session, "陈建国", "+8613804317706", "+8613804317707")
        await a_customer(session, "李敏", "+8613804310000")
        await a_customer(session, "李强", "+8613804310000")
        lines = [
            "姓名,电话",
            "陈建国,138 0431 7706",
            "+8613804317707",
            "13804317706",
            "",
            "12345",
            "=1+1",
            "13804310000",
        ]
        lines += ["+4930901820", "'; DROP TABLE campaign_entry; --", "13999999999"]
        work = await fill_from_numbers(
            session, row.id, "\n".join(lines).encode(), tmp_path / "lists", actor=BOSS, at=NOON
        )
        assert work.total == 10
    filled = (await worked_off(db, tmp_path / "lists"))[0]
    assert filled.state == "done"
    assert filled.counts == {"added": 1, "there": 2, "wrong_number": 4, "several": 1, "unknown": 2}
    assert sum(filled.counts.values()) == filled.done == 10
    async with db.begin() as session:
        entries = list(await session.scalars(select(CampaignEntry)))
    assert [one.customer_id for one in entries] == [first.id]
    assert entries[0].e164 in ("+8613804317706", "+8613804317707")
    assert not list_files(tmp_path / "lists")  # the kept file is gone


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("13804317706", "+8613804317706"),
        ('"王","+86 138-0431-7706"', "+8613804317706"),
        ("12；13804317706", "+8613804317706"),
        ("0431-88880012", "+8643188880012"),
        ("110", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_the_first_number_of_a_line_counts(line: str, number: str | None):
    assert number_in(line) == number


async def test_one_work_at_a_time_and_none_on_an_ended_campaign(db: Database, tmp_path: Path):
    async with db.begin() as session:
        row = await a_campaign(session)
        await fill_from_numbers(session, row.id, b"13804317706", tmp_path / "lists", actor=BOSS, at=NOON)
    async with db.begin() as session:
        with pytest.raises(Refused):
            await fill_from_numbers(session, row.id, b"13804317706", tmp_path / "lists", actor=BOSS, at=NOON)
        with pytest.raises(Refused):
            await fill_from_numbers(session, row.id, b" \n \n", tmp_path / "lists", actor=BOSS, at=NOON)
        await end(session, row.id, actor=BOSS, at=NOON)
    works = await worked_off(db, tmp_path / "lists")
    assert Counter(one.state for one in works) == {"stopped": 1}


async def test_a_fill_is_stopped_midway_and_what_it_added_is_taken_back_except_who_was_called(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(filling, "BATCH", 3)
    async with db.begin() as session:
        row = await a_campaign(session)
        people = [await a_willing_customer(session, number) for number in range(1, 9)]
        await add_entry(session, row.id, people[0].id, at=NOON)  # by hand: it stays
        lines = "\n".join(f"1380431{number:04}" for number in range(1, 9)).encode()
        work = await fill_from_numbers(session, row.id, lines, tmp_path / "lists", actor=BOSS, at=NOON)
    step = filling_handlers(tmp_path / "lists", ZONE)[FILL]
    job = Due(kind=FILL, key=str(work.id), payload={}, due_at=NOON)
    async with db.begin() as session:
        assert await step(session, job, NOON) == NOON  # one batch, more to come
    async with db.begin() as session:
        stopped = await stop(session, row.id, work.id, actor=BOSS, at=NOON)
        assert (stopped.state, stopped.done, stopped.counts["added"]) == ("stopped", 3, 2)
    async with db.begin() as session:
        assert await step(session, job, NOON) is None
        called = (await session.scalars(select(CampaignEntry).where(CampaignEntry.work_id == work.id))).first()
        assert called is not None
        called.attempts, called.state = 1, "done"
    async with db.begin() as session:
        undone = await undo_fill(session, row.id, work.id, actor=BOSS, at=NOON)
    await worked_off(db, tmp_path / "lists")
    async with db.begin() as session:
        undone = await session.get_one(CampaignWork, undone.id)
        assert (undone.state, undone.counts) == ("done", {"called": 1, "taken_back": 1})
        left = set(await session.scalars(select(CampaignEntry.customer_id)))
        assert left == {people[0].id, called.customer_id}
        with pytest.raises(Refused):
            await undo_fill(session, row.id, work.id, actor=BOSS, at=NOON)


async def test_the_people_of_a_list_that_was_taken_over_are_added_by_its_column_of_numbers(
    db: Database, tmp_path: Path
):
    rows = [
        [2, ["王静怡", "138 0431 0001"], ""],
        [3, ["没有", ""], ""],
        [4, ["陌生", "13999999999"], ""],
        [5, ["短"], ""],
    ]
    (tmp_path / "brought.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows))
    async with db.begin() as session:
        row = await a_campaign(session)
        mine = await a_willing_customer(session, 1)
        brought = DataImport(
            kind="people", name="四月交车.xlsx", file="brought.jsonl", size=1, sha256="", state="done", rows=4,
            columns=["name", "phone"], uploaded_at=NOON,
        )  # fmt: skip
        other = DataImport(
            kind="cars", name="车辆.csv", file="cars.jsonl", size=1, sha256="", state="done", columns=["vin"],
            uploaded_at=NOON,
        )  # fmt: skip
        session.add_all([brought, other])
        await session.flush()
        await fill_from_import(session, row.id, brought.id, tmp_path, actor=BOSS, at=NOON)
    filled = (await worked_off(db, tmp_path))[0]
    assert filled.counts == {"added": 1, "several": 0, "there": 0, "unknown": 1, "wrong_number": 0}
    async with db.begin() as session:
        assert list(await session.scalars(select(CampaignEntry.customer_id))) == [mine.id]
        with pytest.raises(Refused):
            await fill_from_import(session, row.id, other.id, tmp_path, actor=BOSS, at=NOON)


def test_who_is_on_the_list_for_several_causes_is_asked_for_each():
    assert rounds([(1, "a"), (2, ""), (1, "b")]) == [{1: "a", 2: ""}, {1: "b"}]
