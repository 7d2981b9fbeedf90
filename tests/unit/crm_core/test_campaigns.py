"""A campaign from its draft to its end, and the customers on its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.campaigns.actions import CampaignChangedMeanwhile, end, pause, save_campaign, start, start_sample
from crm_core.campaigns.detection import MEASURED
from crm_core.campaigns.entries import add_entry, bring_back, choose_sample, remove_entry, settle
from crm_core.campaigns.entry_queries import page_of, unsettled
from crm_core.campaigns.queries import campaigns, list_counts, next_due_at
from crm_core.care.rulebook import By, write_rules
from crm_core.care.settings import care_rules, save_care_rules
from crm_core.consent.purposes import Purpose
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.questionnaires import actions as questionnaire_actions
from crm_core.questionnaires.model import QuestionnaireVersion
from crm_core.questionnaires.templates import TWO_WEEKS
from crm_core.workforce.fields import Unusable
from tests.unit.crm_core.campaign_site import BOSS, NOON, a_campaign, a_running_campaign, a_willing_customer, typed


async def test_a_new_campaign_is_a_draft_and_dials_nobody_until_it_is_started(db: Database):
    async with db.begin() as session:
        row = await a_campaign(session)
        assert row.status == "draft"
        with pytest.raises(Refused, match="Nobody is on the list"):
            await start(session, row.id, actor=BOSS, at=NOON)
        await add_entry(session, row.id, (await a_willing_customer(session)).id, at=NOON)
        assert (await start(session, row.id, actor=BOSS, at=NOON)).status == "running"
        assert (await pause(session, row.id, actor=BOSS, at=NOON)).status == "paused"
        assert (await end(session, row.id, why="预算用完", actor=BOSS, at=NOON)).ended_why == "预算用完"
        with pytest.raises(Refused, match="has ended"):
            await start(session, row.id, actor=BOSS, at=NOON)
        acts = await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"campaign/{row.id}"))
        assert list(acts) == ["campaign_made", "campaign_start", "campaign_pause", "campaign_end"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"mode": "psychic"}, "mode"),
        ({"purpose": "fun"}, "purpose"),
        ({"queue": ""}, "queue"),
        ({"queue": "nobody"}, "queue"),
        ({"mode": "voice", "queue": ""}, "questionnaire_id"),
        ({"questionnaire_id": 99}, "questionnaire_id"),
        ({"settings": {"most_lines": 0}}, "most_lines"),
    ],
)
async def test_a_campaign_that_cannot_work_is_not_saved(db: Database, wrong: dict[str, object], field: str):
    async with db.begin() as session:
        with pytest.raises(Unusable) as refusal:
            await a_campaign(session, **wrong)
        assert field in refusal.value.by_field
        assert await campaigns(session) == []


async def test_of_two_who_save_the_second_is_told(db: Database):
    async with db.begin() as session:
        row = await a_campaign(session)
        first = await save_campaign(session, row.id, typed(name="新名"), base=1, actor=BOSS, at=NOON)
        assert first.revision == 2
        with pytest.raises(CampaignChangedMeanwhile):
            await save_campaign(session, row.id, typed(name="旧"), base=1, actor=BOSS, at=NOON)


async def test_one_cause_is_one_entry_however_often_it_is_added(db: Database):
    async with db.begin() as session:
        row, customer = await a_campaign(session), await a_willing_customer(session)
        first = await add_entry(session, row.id, customer.id, at=NOON, subject="delivery/17")
        again = await add_entry(session, row.id, customer.id, at=NOON, subject="delivery/17")
        other = await add_entry(session, row.id, customer.id, at=NOON, subject="delivery/18")
        assert first.id == again.id != other.id
        with pytest.raises(NotFound):
            await add_entry(session, row.id, 999, at=NOON)
        with pytest.raises(Invalid, match="not a complete telephone number"):
            await add_entry(session, row.id, customer.id, at=NOON, number="110")


async def test_who_is_taken_off_the_list_can_be_brought_back(db: Database):
    async with db.begin() as session:
        row = await a_running_campaign(session, 2)
        entry = (await page_of(session, row.id))[0].entry
        await remove_entry(session, row.id, entry.id, actor=BOSS, at=NOON)
        assert (await list_counts(session, row.id)).states == {"waiting": 1, "removed": 1}
        await bring_back(session, row.id, entry.id, actor=BOSS, at=NOON)
        assert (await list_counts(session, row.id)).states == {"waiting": 2}
        with pytest.raises(NotFound):
            await remove_entry(session, row.id + 1, entry.id, actor=BOSS, at=NOON)


async def test_a_sample_is_spread_over_the_list_and_only_it_can_be_tried(db: Database):
    async with db.begin() as session:
        row = await a_campaign(session)
        for number in range(10):
            await add_entry(session, row.id, (await a_willing_customer(session, number)).id, at=NOON)
        with pytest.raises(Refused, match="Choose a sample"):
            await start_sample(session, row.id, actor=BOSS, at=NOON)
        assert await choose_sample(session, row.id, 3, actor=BOSS, at=NOON) == 3
        chosen = [line.entry.id for line in await page_of(session, row.id, sample=True)]
        first = (await page_of(session, row.id))[0].entry.id
        assert chosen == [first, first + 3, first + 6]
        assert (await start_sample(session, row.id, actor=BOSS, at=NOON)).status == "sample"
        assert await next_due_at(session, row.id) == NOON


@pytest.mark.parametrize(("how", "state"), [("reached", "done"), ("again", "waiting"), ("leave", "exhausted")])
async def test_what_nobody_knows_is_settled_once_by_a_person(db: Database, how: str, state: str):
    async with db.begin() as session:
        row = await a_running_campaign(session)
        entry = (await page_of(session, row.id))[0].entry
        entry.state = "unsettled"
        await session.flush()
        assert [line.entry.id for line in await unsettled(session, row.id)] == [entry.id]
        assert (await settle(session, row.id, entry.id, how, actor=BOSS, at=NOON)).state == state
        with pytest.raises(Refused, match="already"):
            await settle(session, row.id, entry.id, how, actor=BOSS, at=NOON)


async def test_a_campaign_that_a_rule_of_care_fills_starts_while_its_list_is_empty(db: Database):
    async with db.begin() as session:
        row = await a_campaign(session)
        rules = await care_rules(session)
        filled = [replace(one, by=By.CENTRE, campaign=row.id, purpose=Purpose.SURVEY) for one in rules[:1]]
        off = [replace(one, on=False) for one in filled]
        await save_care_rules(session, write_rules(tuple(off)), base=None, actor=BOSS, at=NOON)
        with pytest.raises(Refused, match="Nobody is on the list"):
            await start(session, row.id, actor=BOSS, at=NOON)
        await save_care_rules(session, write_rules(tuple(filled)), base=1, actor=BOSS, at=NOON)
        with pytest.raises(Refused, match="Choose a sample"):
            await start_sample(session, row.id, actor=BOSS, at=NOON)
        assert (await start(session, row.id, actor=BOSS, at=NOON)).status == "running"


async def test_errors_of_machine_detection_are_counted_from_the_last_change_of_how_it_listens(db: Database):
    later = NOON + timedelta(days=3)
    async with db.begin() as session:
        row = await a_campaign(session)
        assert row.settings["detection_since"] == ""
        other = {"detection": [3000, *MEASURED[1:]]}
        await save_campaign(session, row.id, typed(settings=other), actor=BOSS, at=NOON)
        await save_campaign(session, row.id, typed(name="别名", settings=other), actor=BOSS, at=later)
        assert row.settings["detection_since"] == NOON.isoformat()


async def test_a_voice_campaign_whose_sounds_are_still_being_made_is_not_started(db: Database):
    async with db.begin() as session:
        asked = await questionnaire_actions.create(session, TWO_WEEKS, actor=BOSS, at=NOON)
        await questionnaire_actions.publish(session, asked.id, actor=BOSS, at=NOON)
        row = await a_campaign(session, mode="voice", queue="", questionnaire_id=asked.id)
        await add_entry(session, row.id, (await a_willing_customer(session)).id, at=NOON)
        with pytest.raises(Refused, match="The sounds of these questions are being made"):
            await start(session, row.id, actor=BOSS, at=NOON)
        assert row.status == "draft"
        version = (await session.scalars(select(QuestionnaireVersion).filter_by(state="published"))).one()
        version.spoken_at = NOON
        assert (await start(session, row.id, actor=BOSS, at=NOON)).status == "running"
