"""The menu on the page is what the own phone hears; who may not, or a menu with errors, rings nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desktop.pages import flows_call
from crm_core.access.actions import SignedIn
from crm_core.access.model import AuditEntry, User
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import queues
from cti.trial_calls import ReadyForCalls
from ivr.flow import Flow
from ivr.flow_file import shipped_text
from ivr.question_prompts import NotSpoken
from ivr.trial_notices import Notices
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

QUEUES = {"complaint": "投诉", "suggestion": "建议", "rescue": "道路救援"}
CHANGED = shipped_text().replace("keys: {1: enquiry, 2: complaint,", "keys: {1: complaint, 2: enquiry,")


@pytest.fixture
async def supervisor(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        there = {queue.id for queue in await queues(session)}
        rows = [(name, word) for name, word in QUEUES.items() if name not in there]
        session.add_all(QueueRow(id=name, name_zh=word, name_en=name, skill=name) for name, word in rows)
        await session.execute(update(User).where(User.number == people.ADMIN).values(roles="supervisor"))
    return await web.enter(people.ADMIN)


@pytest.fixture(autouse=True)
def voice(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What had to be spoken before the phone rang."""
    spoken: list[str] = []

    def speak(out: Path, flow: Flow, told: Notices) -> int:
        spoken.append(told.ends["zh-CN"]["rescue"])
        return 1

    monkeypatch.setattr(flows_call, "speak_trial", speak)
    return spoken


async def call(web: WebSite, who: SignedIn, path: str = "call", **wish: Any) -> tuple[int, str]:
    answer = await web.client.post(f"/flows/main/{path}", json=wish, headers={"X-CSRF-Token": who.csrf})
    return answer.status_code, answer.text


async def acts(web: WebSite) -> list[tuple[str, str, str]]:
    async with web.db.begin() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == "flow_called"))
        return [(row.actor, row.subject, row.detail) for row in rows]


async def test_the_draft_is_heard_by_the_caller_whom_the_walk_describes(
    web: WebSite, supervisor: SignedIn, voice: list[str]
):
    form = {"csrf_token": supervisor.csrf, "base": "0", "text": CHANGED}
    assert (await web.client.post("/flows/main/text", data=form)).status_code == 303
    wish: dict[str, Any] = {"language": "en", "closed": True, "customer_class": "vip", "entry": "8008201111"}
    assert await call(web, supervisor, **wish) == (200, '{"spoken":1}')
    ((by, heard),) = web.telephony.menu_trials.heard
    assert by == people.ADMIN
    assert heard.flow.nodes["main"].keys["1"] == "complaint"
    trial = heard.trial
    assert (trial.language, trial.open, trial.entry, trial.facts) == ("en", False, "8008201111", {"class": "vip"})
    assert "道路救援" in voice[0]
    assert "rescue" in heard.notices.ends["en"]["rescue"]
    assert await acts(web) == [(people.ADMIN, "flow/main", "v1")]


async def test_a_menu_with_errors_rings_nobody(web: WebSite, supervisor: SignedIn, voice: list[str]):
    broken = shipped_text().replace("give_up: agent\nlimit", "give_up: notice\nlimit")
    form = {"csrf_token": supervisor.csrf, "base": "0", "text": broken}
    assert (await web.client.post("/flows/main/text", data=form)).status_code == 303
    status, told = await call(web, supervisor)
    assert (status, web.telephony.menu_trials.heard, voice) == (409, [], [])
    assert "错误" in told


async def test_a_refusal_of_the_telephone_is_told_and_nobody_called(web: WebSite, supervisor: SignedIn):
    web.telephony.menu_trials.refusal = ReadyForCalls()
    status, told = await call(web, supervisor)
    assert status == 409
    assert "小休" in told
    assert await acts(web) == []


async def test_without_a_voice_the_person_is_told(web: WebSite, supervisor: SignedIn, monkeypatch: pytest.MonkeyPatch):
    def silent(*_: object) -> int:
        raise NotSpoken("no voice")

    monkeypatch.setattr(flows_call, "speak_trial", silent)
    status, told = await call(web, supervisor)
    assert (status, web.telephony.menu_trials.heard) == (409, [])
    assert "语音" in told


async def test_only_who_edits_menus_and_has_a_phone_may(web: WebSite):
    admin = await web.enter(people.ADMIN)  # an administrator takes no calls
    assert (await call(web, admin))[0] == 403
    assert "call-it" not in (await web.client.get("/flows/main/try")).text
    agent = await web.enter(people.AGENT)
    assert (await call(web, agent))[0] == 403
    assert web.telephony.menu_trials.heard == []


async def test_the_person_ends_the_own_trial(web: WebSite, supervisor: SignedIn):
    assert (await call(web, supervisor, "call/end"))[0] == 200
    assert web.telephony.menu_trials.ended == [people.ADMIN]
    assert "call-it" in (await web.client.get("/flows/main/try")).text
