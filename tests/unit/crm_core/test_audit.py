"""A changed, missing or cut-off audit row is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Delete, Update, delete, update

from crm_core.access.audit import audit
from crm_core.access.chain import verify
from crm_core.access.model import AuditEntry
from crm_core.db import Database
from tests.unit.crm_core.builders import NOW


async def _ten_entries(db: Database) -> None:
    for number in range(10):
        async with db.begin() as session:
            await audit(session, at=NOW, actor="1018", action="recording_heard", subject=f"contact/{number}")


async def test_an_untouched_log_is_whole(db: Database):
    await _ten_entries(db)
    async with db.begin() as session:
        check = await verify(session)
    assert (check.whole, check.checked) == (True, 10)


async def test_an_empty_log_is_whole(db: Database):
    async with db.begin() as session:
        assert (await verify(session)).whole


@pytest.mark.parametrize(
    ("tampering", "found_at"),
    [
        (lambda: update(AuditEntry).where(AuditEntry.id == 4).values(actor="9001"), 4),
        (lambda: delete(AuditEntry).where(AuditEntry.id == 4), 5),
        (lambda: delete(AuditEntry).where(AuditEntry.id == 1), 2),
        (lambda: delete(AuditEntry).where(AuditEntry.id >= 9), 0),
    ],
    ids=["changed", "removed", "first removed", "end removed"],
)
async def test_tampering_is_found(db: Database, tampering: Callable[[], Update | Delete], found_at: int):
    await _ten_entries(db)
    async with db.begin() as session:
        await session.execute(tampering())
    async with db.begin() as session:
        assert (await verify(session)).broken_at == found_at


async def test_two_who_write_at_once_make_one_chain(db: Database):
    async def write(number: int) -> None:
        async with db.begin() as session:
            await audit(session, at=NOW, actor=str(number), action="sign_in")

    await asyncio.gather(*(write(number) for number in range(8)))
    async with db.begin() as session:
        check = await verify(session)
    assert (check.whole, check.checked) == (True, 8)


async def test_hostile_text_is_stored_without_harm(db: Database):
    async with db.begin() as session:
        await audit(session, at=NOW, actor="10\0" * 20, action="x\ud800", detail="a\nb" * 5000)
    async with db.begin() as session:
        assert (await verify(session)).whole
