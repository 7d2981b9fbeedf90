"""A changed, deleted, inserted, reordered, cut or wholly rewritten audit log is found, part by part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.anchors import KIND, drop_anchor, handler, read_anchors
from crm_core.access.audit import audit, chained
from crm_core.access.audit_queries import AuditFilter, actions, entries
from crm_core.access.chain import ChainCheck, begin, go_on, verify
from crm_core.access.model import AuditEntry, AuditHead
from crm_core.db import Database
from crm_core.jobs.runner import Due
from tests.unit.crm_core.builders import NOW

Tampering = Callable[[AsyncSession], Awaitable[object]]


async def _twenty(db: Database) -> None:
    for number in range(20):
        async with db.begin() as session:
            at = NOW + timedelta(minutes=number)
            actor, action = ("1018", "customer_seen") if number % 2 else ("2001", "case_opened")
            await audit(session, at=at, actor=actor, action=action, subject=f"customer/{number}")


async def _rewrite(session: AsyncSession, *, from_id: int) -> None:
    """What somebody does who knows how the chain is made: all later hashes anew, the head too."""
    rows = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    last = ""
    for row in rows:
        if row.id == from_id:
            row.actor = "9001"
        row.hash = last = chained(last, row)
    await session.execute(update(AuditHead).values(entries=len(rows), hash=last))


async def _cut(session: AsyncSession, *, head_too: bool) -> None:
    await session.execute(delete(AuditEntry).where(AuditEntry.id > 15))
    if head_too:
        last = await session.scalar(select(AuditEntry.hash).where(AuditEntry.id == 15))
        await session.execute(update(AuditHead).values(entries=15, hash=last))


async def _insert(session: AsyncSession) -> None:
    """An entry at the end that fits, and that the head has never counted."""
    last = await session.scalar(select(AuditEntry.hash).where(AuditEntry.id == 20))
    forged = AuditEntry(id=21, at=NOW, actor="2001", action="customers_merged", subject="", detail="")
    forged.hash = chained(last, forged)
    session.add(forged)


async def _swap(session: AsyncSession) -> None:
    await session.execute(update(AuditEntry).where(AuditEntry.id == 5).values(id=500))
    await session.execute(update(AuditEntry).where(AuditEntry.id == 6).values(id=5))
    await session.execute(update(AuditEntry).where(AuditEntry.id == 500).values(id=6))


TAMPERING: dict[str, tuple[Tampering, int, str]] = {
    "changed": (lambda s: s.execute(update(AuditEntry).where(AuditEntry.id == 7).values(detail="x")), 7, "changed"),
    "time changed": (lambda s: s.execute(update(AuditEntry).where(AuditEntry.id == 7).values(at=NOW)), 7, "changed"),
    "deleted": (lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id == 7)), 8, "changed"),
    "inserted": (_insert, 21, "changed"),
    "reordered": (_swap, 5, "changed"),
    "end cut": (lambda s: _cut(s, head_too=False), 0, "missing"),
    "end and head cut": (lambda s: _cut(s, head_too=True), 0, "missing"),
    "rewritten": (lambda s: _rewrite(s, from_id=3), 12, "rewritten"),
}


@pytest.mark.parametrize("name", TAMPERING)
async def test_every_kind_of_tampering_is_found_at_its_place(db: Database, tmp_path: Path, name: str):
    tamper, place, why = TAMPERING[name]
    anchors = tmp_path / "anchors.log"
    await _twenty(db)
    async with db.begin() as session:
        # the anchors of two days: after 12 and after 20 entries
        twelfth = await session.scalar(select(AuditEntry.hash).where(AuditEntry.id == 12))
        anchors.write_text(f'{{"at": "x", "entries": 12, "hash": "{twelfth}"}}\n')
        await drop_anchor(session, anchors, NOW)
    async with db.begin() as session:
        assert (await verify(session, read_anchors(anchors))).whole
    async with db.begin() as session:
        await tamper(session)
    async with db.begin() as session:
        check = await verify(session, read_anchors(anchors))
    assert (check.whole, check.broken_at, check.why) == (False, place, why)


async def test_a_check_goes_on_part_by_part_while_others_write(db: Database):
    await _twenty(db)
    async with db.begin() as session:
        check: ChainCheck = await begin(session)
    parts = []
    while not check.done:
        async with db.begin() as session:
            check = await go_on(session, check, {}, 6)
            await audit(session, at=NOW, actor="1018", action="sign_in")
        parts.append(check.checked)
    assert (check.whole, parts) == (True, [6, 12, 18, 20])


async def test_the_anchor_file_only_grows_and_a_broken_line_hides_nothing(db: Database, tmp_path: Path):
    anchors = tmp_path / "deep" / "anchors.log"
    await _twenty(db)
    async with db.begin() as session:
        await drop_anchor(session, anchors, NOW)
    with anchors.open("a") as file:
        file.write("not json\n" + '{"entries": 20, "hash": "later line for the same count"}\n')
    found = read_anchors(anchors)
    assert list(found) == [20]
    assert len(found[20]) == 64
    assert read_anchors(tmp_path / "nothing") == {}


async def test_an_anchor_is_dropped_each_hour_in_which_the_log_grew(db: Database, tmp_path: Path):
    file = tmp_path / "anchors.log"
    work, job = handler(file), Due(kind=KIND, key="site", due_at=NOW, payload={})
    for hour, grows in enumerate((True, False, True)):
        async with db.begin() as session:
            if grows:
                await audit(session, at=NOW, actor="1018", action="sign_in")
        async with db.begin() as session:
            at = NOW + timedelta(hours=hour)
            assert await work(session, job, at) == at + timedelta(hours=1)
    assert list(read_anchors(file)) == [1, 2]
    assert len(file.read_text().splitlines()) == 2


async def test_entries_are_found_by_person_subject_action_and_time_page_by_page(db: Database):
    await _twenty(db)
    async with db.begin() as session:
        assert len(await entries(session, AuditFilter(actor="1018"))) == 10
        assert [row.id for row in await entries(session, AuditFilter(subject="customer/19"))] == [20]
        since, until = NOW + timedelta(minutes=5), NOW + timedelta(minutes=8)
        assert [row.id for row in await entries(session, AuditFilter(since=since, until=until))] == [8, 7, 6]
        page = await entries(session, AuditFilter(action="case_opened"), limit=4)
        following = await entries(session, AuditFilter(action="case_opened"), before=page[-1].id, limit=4)
        assert [row.id for row in (*page, *following)] == [19, 17, 15, 13, 11, 9, 7, 5]
        assert await entries(session, AuditFilter(subject="%' OR 1=1 --\0")) == []
        assert await actions(session) == ["case_opened", "customer_seen"]
