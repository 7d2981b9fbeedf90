"""What an agent writes in a campaign's call: dispositions, a time to call again, what is learnt of the customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.campaigns.claiming import Site, claim_entry
from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.campaigns.projection import project_attempt
from crm_core.campaigns.settling import load_attempts
from crm_core.campaigns.talk import Told, save_talk, talk_of
from crm_core.clock import instant
from crm_core.consent.gate import may_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.verdict import Answer
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound
from crm_core.history.campaign_events import AttemptEnded
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Vehicle
from reports.campaign_queries import heard
from tests.unit.crm_core.builders import a_vehicle
from tests.unit.crm_core.campaign_site import NOON, ZONE, a_running_campaign

AGENT = "1018"
TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
async def call(db: Database) -> str:
    """The agent has dialled the only customer of a preview campaign, whose car is known."""
    async with db.begin() as session:
        row = await a_running_campaign(session, 1, mode="preview")
        entry = (await session.scalars(select(CampaignEntry))).one()
        vehicle = await a_vehicle(session, await session.get_one(Customer, entry.customer_id))
        entry.vehicle_id = vehicle.id
        campaign, entry_id = row.id, entry.id
    async with db.begin() as session:
        claimed = await claim_entry(session, campaign, entry_id, agent=AGENT, at=NOON, site=Site(zone=ZONE))
    assert claimed is not None
    return claimed.call


async def save(db: Database, call: str, *, actor: str = AGENT, at: datetime = NOON, **told: Any) -> None:
    async with db.begin() as session:
        await save_talk(session, call, Told(**told), zone=ZONE, actor=actor, at=at)


async def ended(db: Database, call: str) -> None:
    """The talk is over, as the feed tells it."""
    async with db.begin() as session:
        rows = await load_attempts(session, [call])
        at = instant(NOON + timedelta(minutes=3))
        project_attempt(rows, AttemptEnded(at=at, call=call, campaign=1, result="answered"))


async def entry_of(db: Database) -> CampaignEntry:
    async with db.begin() as session:
        return (await session.scalars(select(CampaignEntry))).one()


async def test_what_is_written_is_kept_and_can_be_changed_until_the_end(db: Database, call: str):
    await save(db, call, disposition="interested", note="想了解冬季套餐")
    await save(db, call, disposition="not_interested", note="改主意了")
    async with db.begin() as session:
        attempt = (await session.scalars(select(CampaignAttempt))).one()
    assert (attempt.disposition, attempt.note) == ("not_interested", "改主意了")


@pytest.mark.parametrize("wish_first", [True, False])
async def test_who_asks_to_be_called_later_is_called_then_whatever_comes_first(
    db: Database, call: str, wish_first: bool
):
    steps = [save(db, call, disposition="call_later", call_again=TOMORROW), ended(db, call)]
    for step in steps if wish_first else reversed(steps):
        await step
    entry = await entry_of(db)
    assert (entry.state, entry.due_at, entry.ended_at) == ("waiting", TOMORROW, None)


async def test_a_time_that_was_taken_back_leaves_the_entry_done(db: Database, call: str):
    await save(db, call, disposition="call_later", call_again=TOMORROW)
    await ended(db, call)
    await save(db, call, disposition="interested")
    assert (await entry_of(db)).state == "done"


async def test_no_more_calls_is_an_opt_out_of_every_purpose(db: Database, call: str):
    await save(db, call, disposition="no_more_calls")
    async with db.begin() as session:
        customer_id = (await entry_of(db)).customer_id
        at = TOMORROW
        verdict = await may_contact(session, customer_id, Purpose.SURVEY, Channel.PHONE, at=at, zone=ZONE)
    assert verdict.answer is Answer.NO


async def test_mileage_and_wishes_are_the_customers_and_accessories_become_a_lead_once(db: Database, call: str):
    learnt: dict[str, Any] = {"mileage_km": 23_400, "preference": "下午联系", "wish": "原厂脚垫"}
    await save(db, call, **learnt)
    await save(db, call, **learnt, take_wish=True)
    await save(db, call, wish="还要行李箱", take_wish=True)
    async with db.begin() as session:
        customer, vehicle = (
            (await session.scalars(select(Customer))).one(),
            (await session.scalars(select(Vehicle))).one(),
        )
        leads = list(await session.scalars(select(Lead)))
    assert (customer.preference, vehicle.mileage_km) == ("下午联系", 23_400)
    assert [(one.wish, one.contact_id) for one in leads] == [("原厂脚垫", call)]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"disposition": "x"}, "disposition"),
        ({"disposition": "call_later"}, "call_again"),
        ({"disposition": "call_later", "call_again": NOON - timedelta(hours=1)}, "call_again"),
        ({"disposition": "call_later", "call_again": NOON + timedelta(days=91)}, "call_again"),
        ({"mileage_km": 9_999_999}, "mileage_km"),
        ({"take_wish": True}, "wish"),
    ],
)
async def test_what_cannot_be_is_told_at_its_field(db: Database, call: str, told: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        await save(db, call, **told)
    assert refused.value.values["field"] == field


async def test_a_colleagues_call_is_as_unknown_as_one_of_nobody(db: Database, call: str):
    with pytest.raises(NotFound):
        await save(db, call, actor="9999")
    async with db.begin() as session:
        with pytest.raises(NotFound):
            await talk_of(session, "ob-9-9-9", agent=AGENT)
        assert (await talk_of(session, call, agent="9999", on_desk=[call])).attempt.call == call


@pytest.mark.parametrize("ends_first", [True, False])
async def test_a_machine_that_reached_an_agent_is_called_again_as_one_that_was_recognised(
    db: Database, call: str, ends_first: bool
):
    steps = [save(db, call, disposition="machine"), ended(db, call)]
    for step in reversed(steps) if ends_first else steps:
        await step
    async with db.begin() as session:
        entry = (await session.scalars(select(CampaignEntry))).one()
        assert entry.state == "waiting"
        assert entry.due_at >= NOON + timedelta(minutes=240)
        counts = await heard(session, entry.campaign_id)
        assert (counts.given, counts.spoke_up) == (1, 0)
    await save(db, call, disposition="interested")
    async with db.begin() as session:
        assert (await session.scalars(select(CampaignEntry))).one().state == "done"
