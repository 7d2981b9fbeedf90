"""A campaign's customers given to their dealers: nobody is dialled meanwhile, and every result comes home."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.reach import EVERYTHING
from crm_core.campaigns.claiming import Site, claim
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.care.handover import DOES_NOT_WANT, hand_over, shares, take_back
from crm_core.consent.purposes import Channel
from crm_core.db import Database
from crm_core.dealers import care_actions
from crm_core.dealers.model import CareTask, Dealer
from crm_core.errors import Invalid
from crm_core.leads.model import Lead
from tests.unit.crm_core.campaign_site import BOSS, NOON, ZONE, a_running_campaign

DAY = date(2026, 11, 25)
BY: dict[str, Any] = {"actor": BOSS, "at": NOON}


@pytest.fixture
async def campaign(db: Database) -> int:
    """Three customers wait on its list, two of them have a dealer."""
    async with db.begin() as session:
        dealer = Dealer(id=1, code="D1", name="长春店", short_name="长春", province="吉林", city="长春", address="路 1")
        dealer.phone, dealer.latitude, dealer.longitude, dealer.region = "+8643188880000", 43.8, 125.3, "东北"
        session.add(dealer)
        await session.flush()
        row = await a_running_campaign(session, 3)
        for entry in list(await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id)))[:2]:
            entry.dealer_id = 1
        return row.id


async def given(db: Database, campaign: int) -> list[CareTask]:
    async with db.begin() as session:
        assert await hand_over(session, campaign, due_on=DAY, zone=ZONE, **BY) == 2
    async with db.begin() as session:
        return list(await session.scalars(select(CareTask).order_by(CareTask.id)))


async def entries(db: Database) -> list[CampaignEntry]:
    async with db.begin() as session:
        return list(await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id)))


async def finish(db: Database, task_id: int, **more: Any) -> None:
    facts = {"reached": True, "note": "满意", "channel": Channel.PHONE, "zone": ZONE, "reach": EVERYTHING, **BY}
    async with db.begin() as session:
        await care_actions.finish(session, task_id, **{**facts, **more})


async def test_customers_with_a_dealer_become_tasks_and_the_campaign_dials_the_others_only(db: Database, campaign: int):
    tasks = await given(db, campaign)
    assert [(one.kind, one.dealer_id, one.due_on, one.purpose) for one in tasks] == [("handed", 1, DAY, "survey")] * 2
    async with db.begin() as session:
        claimed, _ = await claim(session, campaign, 10, at=NOON, site=Site(zone=ZONE))
    assert [one.entry_id for one in claimed] == [(await entries(db))[2].id]


async def test_what_the_dealer_was_told_comes_back_to_the_list(db: Database, campaign: int):
    reached, unwilling = await given(db, campaign)
    await finish(db, reached.id)
    async with db.begin() as session:
        await care_actions.skip(session, unwilling.id, reason="does_not_want", note="", reach=EVERYTHING, **BY)
    first, second, _ = await entries(db)
    assert (first.state, first.result) == ("done", "by_dealer")
    assert (second.state, second.reason) == ("refused", DOES_NOT_WANT)
    async with db.begin() as session:
        (share,) = await shares(session, campaign)
    assert (share.done, share.refused, share.handed, share.waiting) == (1, 1, 0, 0)


async def test_a_dealer_who_undoes_a_result_takes_it_back_from_the_list(db: Database, campaign: int):
    task, _ = await given(db, campaign)
    await finish(db, task.id)
    async with db.begin() as session:
        await care_actions.reopen(session, task.id, reach=EVERYTHING, **BY)
    assert [one.state for one in await entries(db)] == ["handed", "handed", "waiting"]


async def test_what_was_taken_back_waits_again_and_can_be_given_once_more(db: Database, campaign: int):
    done, _ = await given(db, campaign)
    await finish(db, done.id)
    async with db.begin() as session:
        assert await take_back(session, campaign, **BY) == 1
    assert [one.state for one in await entries(db)] == ["done", "waiting", "waiting"]
    async with db.begin() as session:
        assert await hand_over(session, campaign, due_on=DAY, zone=ZONE, **BY) == 1
    async with db.begin() as session:
        assert sorted(await session.scalars(select(CareTask.status))) == ["done", "open"]


async def test_a_wish_for_accessories_becomes_a_lead_of_the_dealer_and_a_second_one_is_added_to_it(
    db: Database, campaign: int
):
    first, _ = await given(db, campaign)
    await finish(db, first.id, wish="全车脚垫和行车记录仪")
    async with db.begin() as session:
        await care_actions.reopen(session, first.id, reach=EVERYTHING, **BY)
    await finish(db, first.id, wish="还想要车顶架", at=NOON + timedelta(hours=1))
    async with db.begin() as session:
        leads = list(await session.scalars(select(Lead)))
    assert [(one.wish, one.dealer_id, one.source) for one in leads] == [("全车脚垫和行车记录仪", 1, "dealer")]


@pytest.mark.parametrize("day", [None, date(2020, 1, 1), date(2030, 1, 1)])
async def test_a_day_that_cannot_be_is_refused(db: Database, campaign: int, day: date | None):
    with pytest.raises(Invalid):
        async with db.begin() as session:
            await hand_over(session, campaign, due_on=day, zone=ZONE, **BY)


async def test_the_list_of_an_unknown_dealer_gives_nobody(db: Database, campaign: int):
    async with db.begin() as session:
        assert await hand_over(session, campaign, dealer_id=99, due_on=DAY, zone=ZONE, **BY) == 0
        assert (await session.get_one(Campaign, campaign)).status == "running"
