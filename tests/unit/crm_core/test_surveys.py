"""Questions after the call: who is asked, what is kept, who is told of a low score."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.timeline import timeline
from crm_core.db import Database
from crm_core.history import events
from crm_core.history.events import HistoryEvent
from crm_core.history.model import Contact
from crm_core.history.writer import apply_all
from crm_core.jobs.model import Job
from crm_core.notices.model import WorkNotice
from crm_core.surveys.model import SurveyRound, SurveyScore
from crm_core.surveys.queries import agent_average, answers_of, low_scores, scores
from crm_core.surveys.rules import Question, Survey, is_chosen, problems, state_of, survey_from
from crm_core.surveys.settings import PROMPTS, save_survey, survey_of, survey_version, survey_versions
from crm_core.surveys.watch import tell_of_low_scores
from crm_core.workforce.fields import Unusable
from tests.unit.crm_core.builders import NOW, START, a_customer, an_answered_call, numbered
from tests.unit.crm_core.test_voice_messages import a_site

TWO = {
    "on": True,
    "share": 100,
    "low": 2,
    "questions": [
        {"id": "", "zh": "您对服务满意吗？", "en": "Were you satisfied?"},
        {"id": "", "zh": "问题解决了吗？", "en": "Is it solved?"},
    ],
}


async def saved(session: AsyncSession, **changed: Any) -> None:
    await save_survey(session, "repair", {**TWO, **changed}, base=None, actor="3001", at=NOW)


def asked(call: str = "c1", agent: str = "1001", *values: int, ended: str = "complete") -> list[HistoryEvent]:
    """A rated talk: the invitation 140 s after the call began, an answer every 10 s."""
    leg, at = f"{call}-1", START + 140
    offered = events.SurveyOffered(
        at=at, call=call, leg=leg, agent=agent, queue="repair", language="zh-CN", version=1, questions=2
    )
    answers: list[HistoryEvent] = [
        events.SurveyAnswered(at=at + 10 * place, call=call, leg=leg, question=f"q{place}", value=value)
        for place, value in enumerate(values, start=1)
    ]
    end: list[HistoryEvent] = [events.SurveyEnded(at=at + 60, call=call, leg=leg, result=ended)] if ended else []
    return [offered, *answers, *end]


async def test_answers_are_kept_with_contact_question_agent_queue_language_and_version(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        await apply_all(session, numbered(*an_answered_call("c1", "1001"), *asked("c1", "1001", 4, 2)))
        rows = list(await session.scalars(select(SurveyScore).order_by(SurveyScore.question)))
        assert [(one.question, one.value, one.agent, one.queue, one.language, one.version) for one in rows] == [
            ("q1", 4, "1001", "repair", "zh-CN", 1),
            ("q2", 2, "1001", "repair", "zh-CN", 1),
        ]
        told = await answers_of(session, "c1")
        assert [(one.zh, one.en, one.value) for one in told] == [
            ("您对服务满意吗？", "Were you satisfied?", 4),
            ("问题解决了吗？", "Is it solved?", 2),
        ]


async def test_a_hang_up_in_the_middle_keeps_what_was_answered(db: Database):
    async with db.begin() as session:
        await apply_all(session, numbered(*an_answered_call(), *asked("c1", "1018", 5, ended="")))
        row = await session.scalar(select(SurveyRound))
        assert row is not None
        assert (row.asked, row.result) == (2, "")
        assert [one.value for one in await answers_of(session, "c1")] == [5]


async def test_a_question_that_is_asked_again_after_a_kill_counts_once_with_the_last_key(db: Database):
    async with db.begin() as session:
        told = [*an_answered_call(), *asked("c1", "1018", 5, ended="")]
        await apply_all(session, numbered(*told))
        again = events.SurveyAnswered(at=START + 190, call="c1", leg="c1-1", question="q1", value=3)
        offered_again = asked("c1", "1018", ended="")[0]
        await apply_all(session, numbered(offered_again, again, first=len(told) + 1))
        assert [one.value for one in await answers_of(session, "c1")] == [3]


async def test_old_answers_read_as_they_were_asked_when_the_words_change(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        await apply_all(session, numbered(*an_answered_call("c1", "1001"), *asked("c1", "1001", 4)))
        now = state_of(await survey_of(session, "repair"))
        now["questions"][0]["zh"] = "您满意吗？"
        await save_survey(session, "repair", now, base=None, actor="3001", at=NOW)
        assert [one.zh for one in await answers_of(session, "c1")] == ["您对服务满意吗？"]
        newest, first = await survey_versions(session, "repair")
        assert (newest[0], first[0]) == (2, 1)
        assert [one.id for one in newest[1].questions] == [one.id for one in first[1].questions] == ["q1", "q2"]


async def test_a_low_score_is_told_once_to_the_agents_leader_and_the_supervisor(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        await apply_all(session, numbered(*an_answered_call("c1", "1001"), *asked("c1", "1001", 5, 1)))
        assert [await tell_of_low_scores(session, NOW) for _ in range(2)] == [1, 0]
        told = await session.execute(select(WorkNotice.number, WorkNotice.about, WorkNotice.subject))
        assert [tuple(one) for one in told] == [("2011", "score", "c1"), ("3001", "score", "c1")]
        start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
        assert [(one.contact_id, one.value) for one in await low_scores(session, start, end)] == [("c1", 1)]
        assert await low_scores(session, start, end, agents=frozenset({"1002"})) == []


async def test_a_good_score_alarms_nobody(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        await apply_all(session, numbered(*an_answered_call("c1", "1001"), *asked("c1", "1001", 5, 3)))
        assert await tell_of_low_scores(session, NOW) == 0


async def test_figures_count_invited_answered_and_the_mean_by_agent_and_queue(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        told: list[HistoryEvent] = []
        for call, agent, values in (("c1", "1001", (5, 4)), ("c2", "1001", ()), ("c3", "1002", (2,))):
            told += [*an_answered_call(call, agent), *asked(call, agent, *values, ended="" if values else "declined")]
        await apply_all(session, numbered(*told))
        await tell_of_low_scores(session, NOW)
        start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
        by_agent = await scores(session, "agent", start, end)
        assert [(one.of, one.offered, one.answered, one.average, one.low) for one in by_agent] == [
            ("1002", 1, 1, 2.0, 1),
            ("1001", 2, 1, 4.5, 0),
        ]
        (queue,) = await scores(session, "queue", start, end)
        assert (queue.offered, queue.answered, round(queue.average or 0, 2)) == (3, 2, 3.67)
        assert await agent_average(session, "1001", start) == (4.5, 1)
        assert await scores(session, "agent", start, NOW - timedelta(hours=1)) == []


async def test_the_customers_timeline_tells_how_the_call_was_rated(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        customer = await a_customer(session)
        await apply_all(session, numbered(*an_answered_call("c1", "1001"), *asked("c1", "1001", 5, 4)))
        (await session.get_one(Contact, "c1")).customer_id = customer.id
        await session.flush()
        (entry,) = await timeline(session, customer.id)
        assert entry.rated == 4.5


async def test_saving_questions_has_them_spoken_and_wrong_ones_are_told(db: Database):
    async with db.begin() as session:
        await a_site(session)
        await saved(session)
        job = await session.scalar(select(Job).where(Job.kind == PROMPTS))
        assert job is not None
        assert job.due_at == NOW
        assert await survey_version(session, "repair", 9) is None
        for wrong, field in (
            ({"share": 101}, "share"),
            ({"low": 5}, "low"),
            ({"questions": []}, "questions"),
            ({"questions": [{"id": "", "zh": "只有中文", "en": ""}]}, "questions"),
            ({"questions": [{"id": "", "zh": "长" * 121, "en": "long"}]}, "questions"),
            ({"questions": [{"zh": "问", "en": "ask"}] * 6}, "questions"),
        ):
            with pytest.raises(Unusable) as refused:
                await saved(session, **wrong)
            assert field in refused.value.by_field


@given(st.integers(0, 100), st.text(min_size=1, max_size=30))
def test_one_call_is_always_chosen_alike_and_a_larger_share_loses_nobody(share: int, call: str):
    assert is_chosen(call, share) is is_chosen(call, share)
    assert not is_chosen(call, 0)
    assert is_chosen(call, 100)
    assert not is_chosen(call, share) or is_chosen(call, min(share + 1, 100))


def test_a_share_of_thirty_asks_about_thirty_of_a_hundred():
    assert 2_850 < sum(is_chosen(f"1795316400.{number}", 30) for number in range(10_000)) < 3_150


@given(
    st.lists(
        st.builds(
            Question,
            id=st.from_regex(r"q[1-9]", fullmatch=True),
            zh=st.text("问题满意吗", min_size=1, max_size=20),
            en=st.text("abc", min_size=1, max_size=20),
        ),
        max_size=5,
        unique_by=lambda one: one.id,
    ),
    st.integers(0, 100),
    st.integers(0, 4),
)
def test_settings_survive_their_storing(questions: list[Question], share: int, low: int):
    survey = Survey(on=bool(questions), share=share, low=low, questions=tuple(questions))
    assert problems(state_of(survey)) == []
    assert survey_from(state_of(survey)) == survey
