"""A customer answers: to an agent, by a link, by telephone; a low answer becomes a case, and is asked again once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.cases.model import Case
from crm_core.clock import instant
from crm_core.db import Database
from crm_core.errors import Invalid, Refused
from crm_core.history.campaign_events import ResponseAnswered, ResponseBegan, ResponseEnded
from crm_core.history.writer import apply_all
from crm_core.questionnaires import actions, answering
from crm_core.questionnaires.low_answers import ask_again, look_for_low_answers
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import COMPLAINT, TEMPLATES
from reports import questionnaire_results as results
from tests.unit.crm_core.builders import numbered
from tests.unit.crm_core.campaign_site import NOON, ZONE, a_running_campaign

WHO: dict[str, Any] = {"actor": "3001", "at": NOON}
CALL = "ob-1-1-1"


async def a_site(session: AsyncSession, template: str = "complaint") -> CampaignEntry:
    """A running campaign with one customer, who is asked this questionnaire."""
    row = await actions.create(session, TEMPLATES[template], **WHO)
    await actions.publish(session, row.id, **WHO)
    campaign = await a_running_campaign(session)
    campaign.questionnaire_id = row.id
    entry = (await session.scalars(select(CampaignEntry))).one()
    entry.in_name_of = "李娜"
    session.add(
        CampaignAttempt(call=CALL, campaign_id=campaign.id, entry_id=entry.id, customer_id=entry.customer_id, number=1,
                        e164="+8613804310001", placed_at=NOON)
    )  # fmt: skip
    await session.flush()
    return entry


async def begin(session: AsyncSession, call: str = "desk/1") -> answering.Round:
    entry = await a_site(session)
    questionnaire = (await session.scalars(select(Response.questionnaire_id))).first() or 1
    return await answering.begin(
        session, call, questionnaire=questionnaire, how="agent", language="zh-CN", customer_id=entry.customer_id,
        entry=entry, agent="1018", at=NOON,
    )  # fmt: skip


async def test_an_agent_asks_changes_an_answer_and_takes_one_back(db: Database):
    async with db.begin() as session:
        now = await begin(session)
        assert (now.response.adviser, now.response.agent, now.response.version) == ("李娜", "1018", 1)
        now = await answering.give(session, "desk/1", "solved", Given(value=0), at=NOON)
        assert now.question is not None
        assert now.question.id == "tell"
        await answering.give(session, "desk/1", "tell", Given(text="还漏水"), at=NOON)
        now = await answering.give(session, "desk/1", "solved", Given(value=1), at=NOON)
        assert (list(now.answers), now.question and now.question.id) == (["solved"], "speed")
        now = await answering.take_back(session, "desk/1", at=NOON)
        assert (now.answers, now.question and now.question.id) == ({}, "solved")
        with pytest.raises(Refused):
            await answering.take_back(session, "desk/1", at=NOON)


async def test_a_round_goes_on_where_it_was_in_the_version_that_it_began_with(db: Database):
    async with db.begin() as session:
        now = await begin(session)
        await answering.give(session, "desk/1", "solved", Given(value=1), at=NOON)
        await actions.save_draft(session, now.asked.questionnaire, TEMPLATES["two_weeks"], base=0, **WHO)
        await actions.publish(session, now.asked.questionnaire, **WHO)
        again = await answering.begin(
            session, "desk/1", questionnaire=now.asked.questionnaire, how="agent", language="zh-CN",
            customer_id=now.response.customer_id, at=NOON,
        )  # fmt: skip
        assert (again.asked.content, again.question and again.question.id) == (COMPLAINT, "speed")


async def test_what_is_no_answer_or_out_of_turn_is_refused(db: Database):
    async with db.begin() as session:
        await begin(session)
        with pytest.raises(Invalid):
            await answering.give(session, "desk/1", "solved", Given(value=5), at=NOON)
        with pytest.raises(Refused):
            await answering.give(session, "desk/1", "attention", Given(value=5), at=NOON)
        with pytest.raises(Refused, match="not answered yet"):
            await answering.finish(session, "desk/1", at=NOON)
        await answering.finish(session, "desk/1", result="declined", at=NOON)
        with pytest.raises(Refused, match="to the end"):
            await answering.give(session, "desk/1", "solved", Given(value=1), at=NOON)


def told(questionnaire: int, value: int = 0) -> list[ResponseBegan | ResponseAnswered | ResponseEnded]:
    at = instant(NOON)
    return [
        ResponseBegan(at=at, call=CALL, campaign=1, questionnaire=questionnaire, version=1, language="zh-CN"),
        ResponseAnswered(at=at + 5, call=CALL, question="solved", how="key", value=value),
        ResponseAnswered(at=at + 9, call=CALL, question="tell", how="key", sound="20261118/ob-1-1-1-tell.sln"),
        ResponseEnded(at=at + 30, call=CALL, result="complete"),
    ]


async def rows(session: AsyncSession) -> tuple[list[Response], list[Answer]]:
    return list(await session.scalars(select(Response))), list(await session.scalars(select(Answer)))


async def test_what_is_answered_on_the_telephone_counts_once_though_it_is_told_twice(db: Database):
    async with db.begin() as session:
        entry = await a_site(session)
        events = told(1)
        assert await apply_all(session, numbered(*events)) == 4
        assert await apply_all(session, numbered(*events)) == 0
        await apply_all(session, numbered(*events, first=5))
        (response,), answers = await rows(session)
        assert (response.customer_id, response.entry_id, response.how, response.result) == (
            entry.customer_id, entry.id, "key", "complete",
        )  # fmt: skip
        assert {one.question: (one.value, one.sound) for one in answers} == {
            "solved": (0, ""),
            "tell": (None, "20261118/ob-1-1-1-tell.sln"),
        }


async def test_answers_of_a_call_that_nobody_placed_are_left_out(db: Database):
    async with db.begin() as session:
        await a_site(session)
        strange = ResponseBegan(
            at=instant(NOON), call="ob-9-9-9", campaign=9, questionnaire=1, version=1, language="en"
        )
        await apply_all(session, numbered(strange))
        assert await rows(session) == ([], [])


async def test_a_low_answer_becomes_one_case_with_its_words_and_is_asked_again_when_it_is_closed(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await apply_all(session, numbered(*told(1)))
        comment = (await session.scalars(select(Answer).where(Answer.question == "tell"))).one()
        assert await look_for_low_answers(session, NOON + timedelta(seconds=20), ZONE) == 0  # its words come first
        comment.text, comment.text_state = "还在漏水", "ready"
        await session.flush()
        assert await look_for_low_answers(session, NOON + timedelta(seconds=22), ZONE) == 1
        assert await look_for_low_answers(session, NOON + timedelta(seconds=30), ZONE) == 0
        case = (await session.scalars(select(Case))).one()
        assert (case.kind, "还在漏水" in case.detail, case.due_at is not None) == ("complaint", True, True)
        assert "问题已解决 否" in case.title
        assert await ask_again(session, NOON) == 0
        case.closed_at = NOON + timedelta(days=3)
        await session.flush()
        assert await ask_again(session, NOON + timedelta(days=3)) == 1
        assert await ask_again(session, NOON + timedelta(days=3)) == 0
        follow = (await session.scalars(select(CampaignEntry).where(CampaignEntry.subject != ""))).one()
        assert follow.due_at == NOON + timedelta(days=4)


async def test_who_is_asked_again_is_joined_to_the_first_answer_and_not_asked_a_third_time(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await apply_all(session, numbered(*told(1)))
        first = (await session.scalars(select(Response))).one()
        entry = (await session.scalars(select(CampaignEntry))).one()
        entry.subject = f"response/{first.id}"
        again = await answering.begin(
            session, "desk/2", questionnaire=1, how="agent", language="zh-CN", customer_id=entry.customer_id,
            entry=entry, at=NOON,
        )  # fmt: skip
        assert again.response.follows_id == first.id
        await answering.give(session, "desk/2", "solved", Given(value=0), at=NOON)
        assert await look_for_low_answers(session, NOON + timedelta(hours=1), ZONE) == 2
        for case in await session.scalars(select(Case)):
            case.closed_at = NOON
        entry.subject = ""
        await session.flush()
        assert await ask_again(session, NOON) == 1


async def test_a_good_answer_makes_no_case(db: Database):
    async with db.begin() as session:
        await a_site(session, "after_service")
        entry = (await session.scalars(select(CampaignEntry))).one()
        await answering.begin(
            session, "desk/1", questionnaire=1, how="agent", language="zh-CN", customer_id=entry.customer_id, at=NOON
        )
        await answering.give(session, "desk/1", "overall", Given(value=3), at=NOON)
        assert await look_for_low_answers(session, NOON + timedelta(hours=1), ZONE) == 0
        assert (await session.scalars(select(Case))).all() == []


async def test_what_was_answered_is_counted_alike_on_both_databases(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await apply_all(session, numbered(*told(1)))
        await look_for_low_answers(session, NOON + timedelta(hours=1), ZONE)
        wanted = results.Wanted(questionnaire=1, start=NOON, end=NOON + timedelta(days=1), how="key")
        total = await results.totals(session, wanted)
        assert (total.began, total.complete, total.low, total.cases) == (1, 1, 1, 1)
        assert (await results.bars(session, wanted))["solved"].values == {0: 1}
        named = {by: [one.key for one in await results.groups(session, wanted, by, "speed")] for by in results.GROUPS}
        assert named == {"dealer": [], "adviser": ["李娜"], "agent": [], "model": []}
        assert [
            (day.isoformat(), rate.value) for day, rate in await results.trend(session, wanted, "solved", ZONE)
        ] == [("2026-11-18", 0.0)]
        (line,) = await results.lines(session, wanted, "low")
        assert line.case.startswith("TS-")
        assert [one.question for one in await results.comments(session, wanted)] == ["tell"]
        later = results.Wanted(questionnaire=1, start=NOON + timedelta(days=1), end=NOON + timedelta(days=2))
        assert (await results.totals(session, later)).rate.value is None
