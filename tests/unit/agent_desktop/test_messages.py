"""Voice messages as work on the screen: who sees them, what they show, who has them and who has done them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crm_core.callbacks.model import Callback, MessageStep, VoiceMessage
from crm_core.clock import now
from crm_core.history.model import Contact, Recording
from crm_core.notices.actions import notify
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CHEN = people.CHEN_NUMBER


async def leave(web: WebSite, call: str, *, urgent: bool = False, status: str = "ready", minutes: float = 5) -> None:
    at = now() - timedelta(minutes=minutes)
    async with web.db.begin() as session:
        session.add(Contact(id=call, direction="inbound", caller=CHEN, started_at=at, ended_at=at, outcome="voicemail"))
        await session.flush()
        session.add(VoiceMessage(contact_id=call, queue="repair", caller=CHEN, urgent=urgent, left_at=at))
        session.add(
            Recording(
                contact_id=call, leg_id=f"{call}-m", agent="", file=f"20260101/{call}-m.flac", started_at=at,
                seconds=12.0, status=status,
            )
        )  # fmt: skip


async def test_an_empty_list_says_how_messages_come(web: WebSite):
    await web.enter()
    assert "没有待处理的留言" in (await web.client.get("/messages")).text
    assert "最近 7 天没有处理过留言" in (await web.client.get("/messages?done=1")).text


async def test_who_takes_no_calls_sees_no_messages(web: WebSite):
    await web.enter(people.ADMIN)
    assert (await web.client.get("/messages")).status_code == 403


async def test_urgent_messages_come_first_and_numbers_are_masked(web: WebSite):
    await leave(web, "m-1", minutes=30)
    await leave(web, "m-2", urgent=True)
    await web.enter()
    text = (await web.client.get("/messages")).text
    assert text.index("/messages/m-2") < text.index("/messages/m-1")
    assert "138 **** 7706" in text
    assert CHEN not in text
    assert text.count("data-recording=") == 2


async def test_a_message_that_is_not_written_yet_cannot_be_played(web: WebSite):
    await leave(web, "m-1", status="recording")
    await web.enter()
    assert "data-recording=" not in (await web.client.get("/messages")).text


async def test_an_agent_may_hear_a_message_and_marks_it_as_done(web: WebSite):
    await leave(web, "m-1")
    entered = await web.enter()
    form = {"csrf_token": entered.user.csrf}
    assert (await web.client.post("/messages/m-1/done")).status_code == 403
    assert (await web.client.post("/messages/m-1/done", data=form)).headers["location"] == "/messages"
    assert "/messages/m-1" not in (await web.client.get("/messages")).text
    done = (await web.client.get("/messages?done=1")).text
    assert "/messages/m-1" in done
    assert "林晓梅" in done
    second = await web.client.post("/messages/m-1/done", data=form)
    assert second.status_code == 409
    assert "同事已经处理了这条留言" in second.text
    assert (await web.client.post("/messages/m-1/reopen", data=form)).status_code == 303
    assert "/messages/m-1" in (await web.client.get("/messages")).text
    page = (await web.client.get("/contacts/m-1")).text
    assert "语音留言" in page
    assert "data-recording=" in page


async def test_the_contact_says_what_became_of_its_callback(web: WebSite):
    at = now()
    async with web.db.begin() as session:
        session.add(Contact(id="c-1", direction="inbound", caller=CHEN, started_at=at, outcome="callback"))
        session.add(Contact(id="cb-c-1-2", direction="outbound", caller=CHEN, started_at=at, outcome="reached"))
        await session.flush()
        session.add(
            Callback(
                id="c-1", contact_id="c-1", number=CHEN, queue="repair", since=at, booked_at=at, attempts=2,
                result="given_up",
            )
        )  # fmt: skip
    await web.enter()
    booked = (await web.client.get("/contacts/c-1")).text
    assert "多次未接通" in booked
    assert "/contacts/cb-c-1-2" in booked
    assert "/contacts/c-1" in (await web.client.get("/contacts/cb-c-1-2")).text


async def test_the_page_of_a_message_shows_the_caller_the_text_and_what_happened(web: WebSite):
    await leave(web, "m-1")
    async with web.db.begin() as session:
        contact = await session.get_one(Contact, "m-1")
        contact.customer_id, contact.topic = people.CHEN, "repair"
        message = await session.get_one(VoiceMessage, "m-1")
        message.heard, message.heard_by, message.text_state = "空调有响声", "test engine", "ready"
    entered = await web.enter()
    form = {"csrf_token": entered.user.csrf}
    await web.client.post("/messages/m-1/text", data={**form, "text": "空调有异响"})
    await web.client.post("/messages/m-1/take", data=form)
    page = (await web.client.get("/messages/m-1")).text
    for shown in ("机器转写", "空调有响声", "空调有异响", "林晓梅 更正", "陈建国", 'data-kind="message"', "您正在处理"):
        assert shown in page, shown
    assert CHEN not in page


async def test_a_message_of_a_site_without_a_recogniser_says_why_it_has_no_text(web: WebSite):
    await leave(web, "m-1")
    async with web.db.begin() as session:
        (await session.get_one(VoiceMessage, "m-1")).text_state = "no_model"
    await web.enter()
    assert "没有安装语音模型" in (await web.client.get("/messages/m-1")).text
    assert "没有安装语音模型" in (await web.client.get("/messages")).text


async def test_who_calls_back_from_a_message_has_it_and_the_call_stands_in_its_course(web: WebSite):
    await leave(web, "m-1")
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.user.csrf}
    answer = await web.client.post("/api/call/dial", json={"kind": "message", "value": "m-1"}, headers=headers)
    assert answer.status_code == 200
    async with web.db.begin() as session:
        message = await session.get_one(VoiceMessage, "m-1")
        step = await session.scalar(select(MessageStep))
        assert step is not None
        assert (message.owner, step.kind) == (people.AGENT, "called")
        assert step.detail == {"call": answer.json()["contact"]}


async def test_an_agent_may_not_assign_messages_and_an_unknown_one_is_not_found(web: WebSite):
    await leave(web, "m-1")
    entered = await web.enter()
    form = {"csrf_token": entered.user.csrf, "owner": people.ENGLISH_AGENT}
    assert (await web.client.post("/messages/m-1/assign", data=form)).status_code == 403
    for act in ("take", "done", "reopen", "text"):
        assert (await web.client.post(f"/messages/nobody/{act}", data=form)).status_code == 404
    assert (await web.client.post("/messages/m-1/explode", data=form)).status_code == 404


async def test_a_refused_form_keeps_what_was_typed(web: WebSite):
    await leave(web, "m-1")
    entered = await web.enter()
    form = {"csrf_token": entered.user.csrf, "result": "perhaps", "note": "客户说没事了"}
    refused = await web.client.post("/messages/m-1/done", data=form)
    assert refused.status_code == 422
    assert "客户说没事了" in refused.text


async def test_an_offered_message_stands_on_the_desk_and_is_taken_or_let_pass_there(web: WebSite):
    await leave(web, "m-1")
    async with web.db.begin() as session:
        message = await session.get_one(VoiceMessage, "m-1")
        message.offered_to, message.offered_until = people.AGENT, now() + timedelta(seconds=45)
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.user.csrf}
    desk = (await web.client.get("/desk")).text
    assert 'data-do="take-message" data-message="m-1"' in desk
    assert (await web.client.post("/api/messages/take", json={"message": "m-1"}, headers=headers)).status_code == 200
    assert 'data-do="take-message"' not in (await web.client.get("/desk")).text
    assert 'data-do="return-message" data-message="m-1"' in (await web.client.get("/desk")).text
    assert (await web.client.post("/api/messages/return", json={"message": "m-1"}, headers=headers)).status_code == 200
    again = await web.client.post("/api/messages/return", json={"message": "m-1"}, headers=headers)
    assert again.status_code == 409


async def test_what_a_person_was_told_stands_above_the_list_until_the_message_is_opened(web: WebSite):
    await leave(web, "m-1")
    async with web.db.begin() as session:
        notify(session, [people.AGENT], "message", "m-1", "escalate", at=now())
    await web.enter()
    assert "给您的提醒" in (await web.client.get("/messages")).text
    await web.client.get("/messages/m-1")
    assert "给您的提醒" not in (await web.client.get("/messages")).text


async def test_the_rules_of_messages_are_saved_and_a_wrong_number_is_told_at_its_field(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {
        "csrf_token": entered.user.csrf, "base": "0", "due_minutes": "60", "urgent_minutes": "5",
        "remind_minutes": "15", "leader_minutes": "0", "supervisor_minutes": "30", "offer_seconds": "30",
        "offered": "1",
    }  # fmt: skip
    wrong = await web.client.post("/admin/messages", data={**form, "due_minutes": "soon"})
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.text
    saved = await web.client.post("/admin/messages", data=form)
    assert saved.status_code == 303
    assert 'value="60"' in (await web.client.get("/admin/messages")).text
