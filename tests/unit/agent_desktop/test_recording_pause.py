"""Who pauses a recording: the agent of the talk, a private field of a page, another system with a key for it."""

from __future__ import annotations

from typing import Any

from crm_core.clock import now
from crm_core.integration.keys import create_key
from crm_core.integration.scopes import Scope
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.test_call_control import in_a_call, post


def asked(web: WebSite) -> list[tuple[str, ...]]:
    return [wish for wish in web.telephony.wishes if "pause" in wish[0] or "resume" in wish[0]]


async def test_the_agent_pauses_the_recording_and_the_call_bar_says_so(web: WebSite):
    headers = await in_a_call(web)
    assert (await post(web, headers, "recording", paused=True)).status_code == 200
    page = await web.client.get("/desk")
    assert "已暂停录音" in page.text
    assert (await post(web, headers, "recording", paused=False)).status_code == 200
    assert asked(web) == [
        ("pause_recording", people.AGENT, "button"),
        ("resume_recording", people.AGENT, "button"),
    ]


async def test_a_private_field_outside_a_talk_asks_for_nothing(web: WebSite):
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.csrf}
    assert (await post(web, headers, "recording", paused=True, why="field")).status_code == 200
    assert (await post(web, headers, "recording", paused=True, why="joke")).status_code == 422
    assert asked(web) == []


async def with_key(web: WebSite, *scopes: Scope) -> dict[str, str]:
    async with web.db.begin() as session:
        facts: dict[str, Any] = {"name": "pay", "scopes": [scope.value for scope in scopes], "per_minute": 100}
        made = await create_key(session, **facts, actor="9001", at=now())
    return {"Authorization": f"Bearer {made.token}"}


async def test_another_system_with_a_key_for_it_pauses_a_call(web: WebSite):
    asks = await with_key(web, Scope.PAUSE_RECORDINGS)
    for paused in (True, False):
        answer = await web.client.put("/api/v1/calls/c1/recording", headers=asks, json={"paused": paused})
        assert (answer.status_code, answer.json()) == (200, {"paused": paused})
    assert [(wish[0], wish[1]) for wish in asked(web)] == [("pause_call", "c1"), ("resume_call", "c1")]
    assert all(wish[2].startswith("key") for wish in asked(web))


async def test_a_key_for_something_else_pauses_nothing(web: WebSite):
    asks = await with_key(web, Scope.READ_CONTACTS)
    answer = await web.client.put("/api/v1/calls/c1/recording", headers=asks, json={"paused": True})
    assert answer.status_code == 403
    assert asked(web) == []
