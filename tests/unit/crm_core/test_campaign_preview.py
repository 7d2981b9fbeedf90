"""Preview: the agent reads who comes next, and whoever is skipped or put off is not called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.campaigns import preview
from crm_core.campaigns.claiming import Site, claim_entry
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce.model import AgentRow, AgentSkill
from tests.unit.crm_core.campaign_site import NOON, ZONE, a_running_campaign

AGENT, OTHER, STRANGER = "1010", "1011", "1012"


@pytest.fixture
async def campaign(db: Database) -> int:
    """Two customers wait in a preview campaign; two agents serve its queue, a third does not."""
    async with db.begin() as session:
        for key, number in enumerate((AGENT, OTHER, STRANGER), 10):
            user = User(id=key, number=number, name=number, roles="agent", password_hash="x")
            session.add(user)
            await session.flush()
            session.add(AgentRow(user_id=key))
            await session.flush()
            if number != STRANGER:
                session.add(AgentSkill(user_id=key, skill="care"))
        return (await a_running_campaign(session, 2, mode="preview")).id


async def found(db: Database, agent: str) -> int | None:
    async with db.begin() as session:
        one = await preview.next_for(session, agent, at=NOON, zone=ZONE)
        return one.entry.id if one else None


async def test_two_agents_read_different_customers_and_a_stranger_none(db: Database, campaign: int):
    first, second = await found(db, AGENT), await found(db, OTHER)
    assert None not in (first, second)
    assert first != second
    assert await found(db, STRANGER) is None


async def test_who_is_skipped_or_put_off_comes_no_more_today(db: Database, campaign: int):
    first, second = await found(db, AGENT), await found(db, OTHER)
    assert first is not None
    assert second is not None
    async with db.begin() as session:
        await preview.skip(session, first, "号码是空号", actor=AGENT, at=NOON)
        await preview.put_off(session, second, NOON + timedelta(days=2), actor=OTHER, at=NOON)
    assert await found(db, AGENT) is None
    async with db.begin() as session:
        skipped = await session.get_one(CampaignEntry, first)
        later = await session.get_one(CampaignEntry, second)
    assert (skipped.state, skipped.reason_values) == ("removed", {"by": AGENT, "why": "号码是空号"})
    assert (later.state, later.due_at) == ("waiting", NOON + timedelta(days=2))


async def test_a_customer_whom_a_colleague_calls_is_refused(db: Database, campaign: int):
    entry = await found(db, AGENT)
    assert entry is not None
    async with db.begin() as session:
        assert await claim_entry(session, campaign, entry, agent=OTHER, at=NOON, site=Site(zone=ZONE))
    async with db.begin() as session:
        with pytest.raises(Refused):
            await preview.skip(session, entry, "x", actor=AGENT, at=NOON)


async def test_what_is_not_said_and_what_is_not_ones_own_is_refused(db: Database, campaign: int):
    entry = await found(db, AGENT)
    assert entry is not None
    async with db.begin() as session:
        for why in ("", "  "):
            with pytest.raises(Invalid):
                await preview.skip(session, entry, why, actor=AGENT, at=NOON)
        for until in (None, NOON, NOON + timedelta(days=91)):
            with pytest.raises(Invalid):
                await preview.put_off(session, entry, until, actor=AGENT, at=NOON)
        for agent, key in ((STRANGER, entry), (AGENT, 999_999)):
            with pytest.raises(NotFound):
                await preview.skip(session, key, "x", actor=agent, at=NOON)


async def test_a_paused_campaign_gives_nobody_and_one_on_trial_its_sample_only(db: Database, campaign: int):
    async with db.begin() as session:
        (await session.get_one(Campaign, campaign)).status = "paused"
    assert await found(db, AGENT) is None
    async with db.begin() as session:
        (await session.get_one(Campaign, campaign)).status = "sample"
        entry = (await session.scalars(select(CampaignEntry).order_by(CampaignEntry.id.desc()).limit(1))).one()
        entry.sample = True
    assert await found(db, AGENT) == entry.id
    assert await found(db, OTHER) == entry.id
