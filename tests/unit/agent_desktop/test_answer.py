"""The page behind a link of a questionnaire: no sign-in, one question after the other, and a way to say no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.clock import now
from crm_core.consent.model import Consent
from crm_core.consent.queries import matrix
from crm_core.customers.model import Customer
from crm_core.integration.model import OutboxEvent
from crm_core.questionnaires import actions
from crm_core.questionnaires.links import send_links
from crm_core.questionnaires.model import Answer, Response, ResponseLink
from crm_core.questionnaires.templates import COMPLAINT
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.crm_core.campaign_site import NOON, ZONE

CODE = "abcdefghjkmnpqrstuvw"


async def a_link(web: WebSite, *, days: float = 14, **more: Any) -> None:
    async with web.db.begin() as session:
        at = now()
        row = await actions.create(session, COMPLAINT, actor="3001", at=at)
        await actions.publish(session, row.id, actor="3001", at=at)
        campaign = Campaign(
            name="投诉回访", mode="link", purpose="survey", questionnaire_id=row.id, created_by="3001", created_at=at,
            settings={}, status="running",
        )  # fmt: skip
        session.add(campaign)
        await session.flush()
        entry = CampaignEntry(campaign_id=campaign.id, customer_id=people.CHEN, due_at=at, added_at=at, **more)
        session.add(entry)
        await session.flush()
        session.add(ResponseLink(code=CODE, entry_id=entry.id, made_at=at, expires_at=at + timedelta(days=days)))


async def post(web: WebSite, **typed: str) -> Any:
    return await web.client.post(f"/answer/{CODE}", data=typed)


async def answered(web: WebSite) -> dict[str, tuple[int | None, str]]:
    async with web.db.begin() as session:
        return {one.question: (one.value, one.text) for one in await session.scalars(select(Answer))}


async def test_one_question_after_the_other_each_kept_at_once_and_thanks_at_the_end(web: WebSite):
    await a_link(web)
    first = await web.client.get(f"/answer/{CODE}", headers={"accept-language": "en"})
    assert "Has your problem been solved?" in first.text
    assert "Your complaint has been closed" in first.text
    assert (await post(web, question="solved", answer="1")).status_code == 303
    assert await answered(web) == {"solved": (1, "")}
    second = (await web.client.get(f"/answer/{CODE}")).text
    assert "您对处理的速度满意吗" in second  # the other language, the same answers
    await post(web, question="speed", answer="5")
    last = await post(web, question="attention", answer="4")
    assert (last.status_code, "您的回答已收到" in last.text) == (200, True)
    async with web.db.begin() as session:
        response = (await session.scalars(select(Response))).one()
        assert (response.how, response.result, response.call) == ("link", "complete", f"link/{CODE}")


async def test_back_takes_the_last_answer_and_a_page_of_before_changes_nothing(web: WebSite):
    await a_link(web)
    await post(web, question="solved", answer="0")
    await post(web, question="solved", answer="1")  # the page that is still open in another tab
    assert await answered(web) == {"solved": (0, "")}
    await post(web, act="back")
    assert await answered(web) == {}


async def test_a_comment_is_kept_as_text_and_shown_to_nobody_as_markup(web: WebSite):
    await a_link(web)
    await post(web, question="solved", answer="0")
    await post(web, question="tell", text="<script>alert(1)</script>")
    assert (await answered(web))["tell"] == (None, "<script>alert(1)</script>")


@pytest.mark.parametrize("answer", ["7", "-1", "x", "１", "99999999999999999999"])
async def test_what_is_no_answer_is_refused_and_the_question_stays(web: WebSite, answer: str):
    await a_link(web)
    assert (await post(web, question="solved", answer=answer[:16])).status_code == 422
    assert await answered(web) == {}


async def test_unknown_too_old_and_answered_already_read_alike(web: WebSite):
    await a_link(web, days=14)
    unknown = await web.client.get("/answer/zzzzzzzzzzzzzzzzzzzz")
    await post(web, act="decline")
    done = await web.client.get(f"/answer/{CODE}")
    async with web.db.begin() as session:
        for row in await session.scalars(select(Response)):
            await session.delete(row)
        link = await session.get_one(ResponseLink, CODE)
        link.expires_at = now() - timedelta(seconds=1)
    old = await web.client.get(f"/answer/{CODE}")
    assert unknown.status_code == done.status_code == old.status_code == 404
    assert unknown.text == done.text == old.text
    assert "这个链接已失效" in old.text


async def test_who_wants_no_more_questions_gets_none_on_any_channel(web: WebSite):
    await a_link(web)
    assert "不会再向您提问" in (await post(web, act="stop")).text
    async with web.db.begin() as session:
        known = await matrix(session, people.CHEN)
        assert {answer.given for (purpose, _), answer in known.items() if purpose == "survey"} == {False}


async def test_a_due_entry_gets_its_message_only_when_the_customer_agreed_to_messages(web: WebSite):
    await a_link(web)
    async with web.db.begin() as session:
        entry = (await session.scalars(select(CampaignEntry))).one()
        entry.due_at = NOON
        await session.flush()
        base: dict[str, Any] = {"zone": ZONE, "base_url": "https://care.example", "site": "远辰"}
        await send_links(session, NOON, **base)
        assert (entry.state, bool(entry.reason)) == ("waiting", True)
        assert entry.due_at > NOON
        entry.due_at = NOON
        session.add(Consent(customer_id=people.CHEN, purpose="survey", channel="sms", given=True, at=NOON))
        (await session.get_one(Customer, people.CHEN)).language = "en"
        await session.flush()
        await send_links(session, NOON + timedelta(minutes=1), **base)
        told = (await session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "message.sms"))).one()
        assert (entry.state, entry.result) == ("done", "link_sent")
        assert "https://care.example/answer/" in told.payload["text"]
        assert told.payload["text"].startswith("远辰: two minutes")
        await send_links(session, NOON + timedelta(minutes=2), **base)
        assert len((await session.scalars(select(ResponseLink))).all()) == 2  # the one of the test, and this one
