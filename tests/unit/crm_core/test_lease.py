"""The lead is one process's at a time, by a file or by the database's clock: one contract for both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_core.db import make_engine
from crm_core.leading.file_lease import FileLease
from crm_core.leading.lease import DatabaseLease, Lease, Seen

SECONDS = 0.3


@pytest.fixture(params=["file", "postgresql"])
async def lease(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lease]:
    if request.param == "file":
        yield FileLease(tmp_path / "lead", SECONDS)
        return
    engine = make_engine(request.getfixturevalue("migrated_postgres"))
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM telephony_lead"))
    yield DatabaseLease(engine, SECONDS)
    await engine.dispose()


async def test_who_comes_first_leads_and_the_next_one_waits(lease: Lease):
    seen = await lease.look()
    assert seen == Seen(0, "", free=True)
    assert await lease.take("one", seen) == 1
    assert await lease.take("two", seen) is None
    seen = await lease.look()
    assert seen == Seen(1, "one", free=False)
    assert await lease.take("two", seen) is None


async def test_of_many_who_take_it_in_the_same_moment_one_has_it(lease: Lease):
    seen = await lease.look()
    taken = await asyncio.gather(*(lease.take(f"process {n}", seen) for n in range(8)))
    assert sorted(taken, key=str) == [1, *[None] * 7]


async def test_a_holder_who_renews_keeps_it_and_a_silent_one_loses_it(lease: Lease):
    epoch = await lease.take("one", Seen())
    assert epoch == 1
    for _ in range(4):
        await asyncio.sleep(SECONDS / 2)
        assert await lease.renew(epoch)
        assert not (await lease.look()).free
    await asyncio.sleep(SECONDS * 1.5)
    seen = await lease.look()
    assert seen == Seen(1, "one", free=True)
    assert await lease.take("two", seen) == 2
    assert not await lease.renew(epoch)
    assert (await lease.look()).holder == "two"


async def test_a_holder_known_to_be_dead_is_not_waited_for(lease: Lease):
    await lease.take("one", Seen())
    assert await lease.take("two", await lease.look(), gone=True) == 2


async def test_a_lead_that_was_given_back_is_free_at_once_and_its_epoch_never_comes_again(lease: Lease):
    epoch = await lease.take("one", Seen())
    assert epoch is not None
    await lease.give_back(epoch)
    seen = await lease.look()
    assert seen.free
    assert await lease.take("two", seen) == epoch + 1


async def test_an_epoch_is_above_every_one_that_anybody_remembers(lease: Lease):
    """A site that moved to another database, or whose row was lost, must not count from the start again."""
    assert await lease.take("one", Seen(), above=41) == 42


async def test_a_file_of_before_the_machine_was_started_anew_holds_nobody_up(tmp_path: Path):
    lease = FileLease(tmp_path / "lead", 3_600)
    await lease.take("one", Seen())
    kept = (tmp_path / "lead").read_text()
    (tmp_path / "lead").write_text(kept.replace('"boot":"', '"boot":"another-'))
    assert await lease.look() == Seen(1, "one", free=True)
