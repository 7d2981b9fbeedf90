"""Customers who do not stay on the line, on the whole running platform: called back in turn, or heard later."""

from __future__ import annotations

import re

from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_dialplan import CUSTOMER_TONE, tone
from tests.platform.site import REPAIR, CallCentre, new_number


def test_a_customer_books_a_callback_and_is_called_when_an_agent_is_free(call_centre: CallCentre) -> None:
    number = new_number()
    book = (*REPAIR, (3.0, "1"), (1.5, "1"))
    customer = call_centre.call(number, scenarios.caller(number, keys=book))
    assert customer.wait() == 0
    contact = call_centre.contact(number)
    assert contact["outcome"] == "callback"
    assert [visit["result"] for visit in call_centre.visits(contact["id"])] == ["callback"]
    [callback] = call_centre.rows("SELECT * FROM callback WHERE contact_id = ?", contact["id"])
    assert (callback["number"], callback["queue"], callback["result"]) == (f"+86{number}", "repair", "")
    call_centre.telephones.phone("1001", scenarios.phone_answers())
    called = call_centre.telephones.outside_phone(scenarios.phone_answers(hang_up_after=1.0))
    with call_centre.agent("1001"):
        assert called.wait() == 0
        wait_until(lambda: len(call_centre.contacts(number)) == 2, what="the return call")
        wait_until(lambda: all(row["ended_at"] for row in call_centre.contacts(number)), what="its end")
    outcomes = [(row["direction"], row["outcome"], row["agent"]) for row in call_centre.contacts(number)]
    assert outcomes == [("inbound", "callback", ""), ("outbound", "reached", "1001")]
    [callback] = call_centre.rows("SELECT * FROM callback WHERE contact_id = ?", contact["id"])
    assert (callback["result"], callback["attempts"], callback["tried"]) == ("reached", 1, 0)


def test_a_message_is_played_by_an_agent_and_marked_as_done(call_centre: CallCentre) -> None:
    number = new_number()
    audio = tone(call_centre.folder, CUSTOMER_TONE)
    speak = scenarios.caller(number, keys=(*REPAIR, (3.0, "2")), hang_up_after=6.0, audio=audio)
    assert call_centre.call(number, speak).wait() == 0
    contact = call_centre.contact(number)
    assert contact["outcome"] == "voicemail"
    with call_centre.agent("1002", ready=False) as agent:

        def playable() -> str:
            row = re.search(
                rf'data-recording="(\d+)"(?:(?!</tr>).)*?/messages/{contact["id"]}"',
                agent.web.get("/messages").text,
                re.S,
            )
            return row[1] if row else ""

        wait_until(lambda: bool(playable()), 15, "a message that can be played")
        link = agent.ask(f"/recordings/{playable()}/listen").json()["url"]
        sound = agent.web.get(link)
        assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/flac")
        assert len(sound.content) > 4_000
        taken = agent.web.post(f"/messages/{contact['id']}/take", data={"csrf_token": agent.csrf})
        assert taken.status_code == 303
        done = agent.web.post(f"/messages/{contact['id']}/done", data={"csrf_token": agent.csrf})
        assert done.status_code == 303
        assert contact["id"] not in agent.web.get("/messages").text
    [message] = call_centre.rows("SELECT * FROM voice_message WHERE contact_id = ?", contact["id"])
    assert message["done_by"] == "1002"
