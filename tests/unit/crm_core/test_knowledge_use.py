"""Articles at work: in a note, to a customer, judged; questions that nobody could answer; the script of a call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from crm_core.cases.model import Case
from crm_core.consent.model import Touch
from crm_core.customers.model import CustomerAddress, CustomerHandle
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.model import OutboxEvent
from crm_core.knowledge import figures, questions
from crm_core.knowledge.model import Article, ArticleUse, ArticleVote
from crm_core.knowledge.scripts import best_fit, script_for
from crm_core.knowledge.sending import MayNotContact, send
from crm_core.knowledge.usage import searched, used, vote
from tests.unit.crm_core.builders import NOW, a_customer
from tests.unit.crm_core.knowledge_shelf import fill_shelf, put_up

ZONE = ZoneInfo("Asia/Shanghai")
ME: dict[str, Any] = {"actor": "1018", "at": NOW}
COLLEAGUE: dict[str, Any] = {"actor": "1019", "at": NOW}
DAY = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))


@pytest.fixture
async def shelf(db: Database) -> Database:
    async with db.begin() as session:
        await fill_shelf(session)
    return db


async def test_which_version_was_used_in_which_contact_is_kept(shelf: Database):
    async with shelf.begin() as session:
        await used(session, 1, "opened", contact_id="c1", **ME)
        await used(session, 1, "inserted", contact_id="c1", **ME)
        rows = list(await session.scalars(select(ArticleUse).order_by(ArticleUse.id)))
        assert [(row.how, row.version, row.contact_id) for row in rows] == [("opened", 1, "c1"), ("inserted", 1, "c1")]
        assert await session.scalar(select(Article.uses).where(Article.id == 1)) == 1
        with pytest.raises(NotFound):
            await used(session, 99, "inserted", **ME)


async def test_one_person_has_one_vote_for_a_contact(shelf: Database):
    async with shelf.begin() as session:
        await vote(session, 1, True, contact_id="c1", **ME)
        await vote(session, 1, False, reason="没有步骤", contact_id="c1", **ME)
        await vote(session, 1, True, contact_id="c2", **ME)
        await vote(session, 1, False, reason="过时", contact_id="c1", **COLLEAGUE)
        assert await session.scalar(select(func.count()).select_from(ArticleVote)) == 3
        (worst,) = await figures.least_useful(session, *DAY, "zh-CN")
    assert (worst.line.title, worst.useful, worst.votes) == ("空调不制冷怎么处理", 1, 3)
    assert set(worst.reasons) == {"没有步骤", "过时"}


async def test_the_figures_tell_what_is_used_what_lies_still_and_what_is_missing(shelf: Database):
    async with shelf.begin() as session:
        await used(session, 2, "opened", **ME)
        await used(session, 3, "inserted", **ME)
        for words, hits in (("拖车钩", 0), ("拖车钩", 0), ("空调", 2), ("x", 0)):
            await searched(session, words, hits, **ME)
        totals = await figures.totals(session, *DAY)
        most = await figures.most_used(session, *DAY, "en")
        still = await figures.never_opened(session, NOW + timedelta(minutes=1), NOW + timedelta(hours=1), "en")
        (vain,) = await figures.searched_in_vain(session, *DAY)
    assert (totals.searches, totals.in_vain, totals.opened, totals.inserted) == (3, 2, 1, 1)
    assert [row.line.title for row in most] == ["Warranty periods", "Why charging is slow in winter"]
    assert len(still) == 4
    assert (vain.words, vain.times, vain.people) == ("拖车钩", 2, 1)


async def test_what_several_people_miss_is_one_question_and_all_are_told_of_the_answer(shelf: Database):
    async with shelf.begin() as session:
        first = await questions.ask(session, "E6 拖车钩在哪里", contact_id="c1", topic="rescue", **ME)
        second = await questions.ask(session, "拖车钩 在哪", **COLLEAGUE)
        other = await questions.ask(session, "车机怎么升级", **ME)
        assert first.id == second.id != other.id
        assert next((one.text, one.asked) for one in await questions.questions(session)) == ("E6 拖车钩在哪里", 2)
        await questions.take(session, first.id, actor="2001", at=NOW)
        with pytest.raises(Refused):
            await questions.take(session, first.id, actor="2002", at=NOW)
        assert await questions.answers_for(session, "1018") == []
        await questions.answer(session, first.id, 4, actor="2001", at=NOW)
        (answered,) = await questions.answers_for(session, "1019")
        assert (answered.text, answered.article_id) == ("E6 拖车钩在哪里", 4)
        await questions.noted(session, first.id, **COLLEAGUE)
        assert await questions.answers_for(session, "1019") == []
        assert len(await questions.answers_for(session, "1018")) == 1
        kinds = list(await session.scalars(select(OutboxEvent.payload)))
        assert kinds[-1]["agents"] == ["1018", "1019"]


async def test_a_question_without_an_article_is_closed_with_a_reason_and_not_twice(shelf: Database):
    async with shelf.begin() as session:
        asked = await questions.ask(session, "竞品价格", **ME)
        with pytest.raises(Invalid):
            await questions.close(session, asked.id, remark="", actor="2001", at=NOW)
        await questions.close(session, asked.id, remark="不评价竞品", actor="2001", at=NOW)
        with pytest.raises(Refused):
            await questions.answer(session, asked.id, 1, actor="2001", at=NOW)
        (told,) = await questions.answers_for(session, "1018")
        assert told.remark == "不评价竞品"
        with pytest.raises(Invalid):
            await questions.ask(session, " \0", **ME)


async def test_an_article_goes_to_the_customer_as_a_message_and_is_counted_as_a_touch(shelf: Database):
    async with shelf.begin() as session:
        customer = await a_customer(session, "陈建国", "+8613804317706")
        number = await send(session, 1, customer.id, "sms", contact_id="c1", zone=ZONE, **ME)
        assert number == ""
        message = (await session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "material.sent"))).one()
        assert message.subject == f"customer/{customer.id}"
        assert message.payload["title"] == "空调不制冷怎么处理"
        assert "**" not in message.payload["text"]
        assert await session.scalar(select(func.count()).select_from(Touch)) == 1
        assert (await session.scalars(select(ArticleUse.channel))).one() == "sms"


async def test_by_post_it_is_a_case_of_its_own(shelf: Database):
    async with shelf.begin() as session:
        customer = await a_customer(session, "陈建国", "+8613804317706")
        session.add(CustomerAddress(customer_id=customer.id, street="景阳大路 1 号"))
        await session.flush()
        number = await send(session, 1, customer.id, "post", zone=ZONE, **ME)
        case = (await session.scalars(select(Case))).one()
        assert (case.number, case.kind, case.title) == (number, "material", "空调不制冷怎么处理")


async def test_nothing_goes_to_whom_nobody_may_or_can_contact(shelf: Database):
    async with shelf.begin() as session:
        customer = await a_customer(session, "陈建国", "+8613804317706")
        with pytest.raises(MayNotContact):
            await send(session, 1, customer.id, "email", zone=ZONE, **ME)
        session.add(CustomerHandle(customer_id=customer.id, kind="email", value="chen@example.com"))
        await session.flush()
        await send(session, 1, customer.id, "email", language="en", zone=ZONE, **ME)
        for customer_id, channel in ((customer.id, "phone"), (customer.id, "'; --"), (9999, "sms")):
            with pytest.raises((Invalid, MayNotContact)):
                await send(session, 1, customer_id, channel, zone=ZONE, **ME)
        assert await session.scalar(select(func.count()).where(OutboxEvent.kind == "material.sent")) == 1


def test_the_script_that_names_most_and_contradicts_nothing_is_read():
    everybody = Article(id=1, queues=[], topics=[], brands=[], published_at=NOW)
    repair = Article(id=2, queues=[], topics=["repair"], brands=[], published_at=NOW)
    queue = Article(id=3, queues=["repair"], topics=[], brands=["yuanchen"], published_at=NOW)
    scripts = [everybody, repair, queue]
    assert best_fit(scripts, queue="repair", topic="repair", brand="yuanchen") is queue
    assert best_fit(scripts, queue="repair", topic="repair", brand="other") is repair
    assert best_fit(scripts, queue="sales", topic="enquiry", brand="") is everybody
    assert best_fit([], queue="", topic="", brand="") is None


async def test_the_script_speaks_the_readers_language_with_the_customers_name_as_text(db: Database):
    async with db.begin() as session:
        await put_up(
            session,
            kind="script",
            title_zh="维修来电",
            answer_zh="{customer}，您好，{site}，工号 {agent}。",
            body_zh="- 称呼 {customer}",
            title_en="Repair calls",
            answer_en="Good day {customer}.",
            body_en="- Use the name",
            topics=["repair"],
        )
        asked = {"queue": "repair", "topic": "repair", "brand": "", "on": NOW.date()}
        chinese = await script_for(session, language="zh-CN", **asked)  # type: ignore[arg-type]
        english = await script_for(session, language="en", **asked)  # type: ignore[arg-type]
    assert chinese is not None
    assert english is not None
    filled = chinese.filled({"customer": "<b>{agent}</b>", "site": "远辰", "agent": "1018"})
    assert filled.opening == "<b>(agent}</b>，您好，远辰，工号 1018。"  # escaped where it is shown
    assert "&lt;b&gt;(agent}&lt;/b&gt;" in filled.guide
    assert english.title == "Repair calls"
