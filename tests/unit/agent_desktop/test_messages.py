"""Voice messages as a list of work: who may see it, what it shows, who has done it."""

from __future__ import annotations

from datetime import timedelta

from crm_core.callbacks.model import Callback, VoiceMessage
from crm_core.clock import now
from crm_core.history.model import Contact, Recording
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
    assert text.index("/contacts/m-2") < text.index("/contacts/m-1")
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
    assert "/contacts/m-1" not in (await web.client.get("/messages")).text
    done = (await web.client.get("/messages?done=1")).text
    assert "/contacts/m-1" in done
    assert "林晓梅" in done
    second = await web.client.post("/messages/m-1/done", data=form)
    assert second.status_code == 409
    assert "同事已经处理了这条留言" in second.text
    assert (await web.client.post("/messages/m-1/reopen", data=form)).status_code == 303
    assert "/contacts/m-1" in (await web.client.get("/messages")).text
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
