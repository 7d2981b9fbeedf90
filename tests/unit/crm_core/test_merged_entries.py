"""Two records of one customer on a campaign's list for the same cause: after the merge they are one, called once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crm_core.campaigns.claiming import Site, claim
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.clock import instant
from crm_core.customers.merging import merge, unmerge
from crm_core.db import Database
from crm_core.history import campaign_events as told
from crm_core.history.writer import apply_all
from tests.unit.crm_core.builders import numbered
from tests.unit.crm_core.campaign_site import BOSS, NOON, ZONE, a_running_campaign


async def claimed(db: Database, row: Campaign, most: int = 10, *, minutes: int = 0) -> list[str]:
    async with db.begin() as session:
        at = NOON + timedelta(minutes=minutes)
        return [one.call for one in (await claim(session, row.id, most, at=at, site=Site(zone=ZONE)))[0]]


async def ended(db: Database, *results: tuple[str, str], first: int = 1) -> None:
    events = [
        told.AttemptEnded(at=instant(NOON) + 30, call=call, campaign=1, result=result) for call, result in results
    ]
    async with db.begin() as session:
        await apply_all(session, numbered(*events, first=first))


async def become_one(db: Database) -> int:
    async with db.begin() as session:
        return (await merge(session, 1, 2, actor=BOSS, at=NOON)).id


async def states(db: Database) -> list[tuple[str, int]]:
    async with db.begin() as session:
        rows = await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id))
        return [(row.state, row.attempts) for row in rows]


async def on_one_list(db: Database, customers: int = 2) -> Campaign:
    async with db.begin() as session:
        return await a_running_campaign(session, customers)


async def test_two_who_wait_are_called_once(db: Database):
    row = await on_one_list(db)
    await become_one(db)
    assert await claimed(db, row) == ["ob-1-1-1"]
    assert await states(db) == [("dialling", 1), ("removed", 0)]


async def test_who_was_reached_under_the_other_record_is_not_called_again(db: Database):
    row = await on_one_list(db)
    first, second = await claimed(db, row)
    await ended(db, (first, "no_answer"), (second, "answered"))
    await become_one(db)
    assert await claimed(db, row, minutes=24 * 60) == []
    assert await states(db) == [("removed", 1), ("done", 1)]
    async with db.begin() as session:
        attempts = list(await session.scalars(select(CampaignAttempt).order_by(CampaignAttempt.id)))
    assert [(one.customer_id, one.result) for one in attempts] == [(1, "no_answer"), (1, "answered")]


async def test_a_call_that_rings_during_the_merge_counts_for_the_one_customer(db: Database):
    row = await on_one_list(db)
    assert await claimed(db, row, 1) == ["ob-1-1-1"]
    async with db.begin() as session:
        await merge(session, 2, 1, actor=BOSS, at=NOON)
    assert await claimed(db, row) == []
    await ended(db, ("ob-1-1-1", "answered"))
    assert await claimed(db, row, minutes=24 * 60) == []
    assert await states(db) == [("done", 1), ("removed", 0)]


async def test_when_the_merge_is_undone_each_is_on_the_list_as_before(db: Database):
    row = await on_one_list(db)
    first, second = await claimed(db, row)
    await ended(db, (first, "no_answer"), (second, "no_answer"))
    merged = await become_one(db)
    assert sorted(await states(db)) == [("removed", 1), ("waiting", 1)]
    async with db.begin() as session:
        await unmerge(session, merged, actor=BOSS, at=NOON)
    assert await states(db) == [("waiting", 1), ("waiting", 1)]
    assert len(await claimed(db, row, minutes=24 * 60)) == 2


async def test_two_who_ring_during_the_merge_are_called_again_as_one(db: Database):
    row = await on_one_list(db)
    first, second = await claimed(db, row)
    await become_one(db)
    await ended(db, (first, "no_answer"), (second, "no_answer"))
    assert sorted(await states(db)) == [("removed", 1), ("waiting", 1)]
    assert len(await claimed(db, row, minutes=24 * 60)) == 1


async def test_who_did_not_answer_under_the_other_record_is_not_called_before_the_rest_after_it(db: Database):
    row = await on_one_list(db)
    (first,) = await claimed(db, row, 1)
    await ended(db, (first, "no_answer"))
    async with db.begin() as session:
        merged = (await merge(session, 2, 1, actor=BOSS, at=NOON)).id
    assert await states(db) == [("waiting", 1), ("removed", 0)]
    assert await claimed(db, row, minutes=60) == []
    assert await claimed(db, row, minutes=200) == ["ob-1-1-2"]
    await ended(db, ("ob-1-1-2", "no_answer"), first=2)
    async with db.begin() as session:
        await unmerge(session, merged, actor=BOSS, at=NOON)
    assert sorted(await states(db)) == [("waiting", 0), ("waiting", 2)]


async def test_of_two_who_were_called_the_later_rest_holds_until_the_merge_is_undone(db: Database):
    row = await on_one_list(db)
    first, second = await claimed(db, row)
    await ended(db, (first, "busy"), (second, "no_answer"))
    merged = await become_one(db)
    assert await claimed(db, row, minutes=60) == []
    async with db.begin() as session:
        await unmerge(session, merged, actor=BOSS, at=NOON)
    assert await claimed(db, row, minutes=60) == [first.removesuffix("1") + "2"]
