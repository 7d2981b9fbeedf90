"""The pages of questionnaires: what is saved comes back looked at, publishing tells its difference, rights hold."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from crm_core.clock import now
from crm_core.questionnaires import actions, queries
from crm_core.questionnaires.differences import Change, differences
from crm_core.questionnaires.questions import Kind, Words
from crm_core.questionnaires.stored import store
from crm_core.questionnaires.templates import AFTER_SERVICE
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.leading import enter_as_supervisor

BOSS: dict[str, Any] = {"actor": "2001", "at": now()}


async def made(web: WebSite) -> int:
    async with web.db.begin() as session:
        return (await actions.create(session, AFTER_SERVICE, **BOSS)).id


async def token(web: WebSite) -> str:
    text = (await web.client.get("/questionnaires")).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', text)
    assert found
    return found.group(1)


async def test_a_draft_is_looked_at_when_it_is_saved_and_an_older_page_is_refused(web: WebSite):
    await enter_as_supervisor(web)
    number, headers = await made(web), {"X-CSRF-Token": await token(web), "accept": "application/json"}
    content = store(replace(AFTER_SERVICE, questions=()))
    saved = await web.client.post(
        f"/questionnaires/{number}/draft", json={"content": content, "base": 1}, headers=headers
    )
    assert (saved.json()["revision"], saved.json()["problems"][0]["field"]) == (2, "questions")
    older = await web.client.post(
        f"/questionnaires/{number}/draft", json={"content": content, "base": 1}, headers=headers
    )
    assert older.status_code == 409


async def test_publishing_shows_what_changes_and_refuses_what_is_wrong(web: WebSite):
    await enter_as_supervisor(web)
    number, csrf = await made(web), await token(web)
    put = {"csrf_token": csrf, "base": "1"}
    assert (await web.client.post(f"/questionnaires/{number}/publish", data=put)).status_code == 303
    async with web.db.begin() as session:
        first = replace(AFTER_SERVICE.questions[0], words=Words("您满意吗？", "Satisfied?"))
        changed = replace(AFTER_SERVICE, questions=(first, *AFTER_SERVICE.questions[2:]))
        await actions.save_draft(session, number, changed, base=None, **BOSS)
    page = (await web.client.get(f"/questionnaires/{number}/versions")).text
    assert "第 1 题文字变了：您满意吗？" in page
    assert "删去第 2 题：您感到被关心和照顾了吗？" in page
    async with web.db.begin() as session:
        await actions.save_draft(session, number, replace(AFTER_SERVICE, questions=()), base=None, **BOSS)
    refused = await web.client.post(f"/questionnaires/{number}/publish", data={"csrf_token": csrf, "base": ""})
    assert (refused.status_code, "还没有题目" in refused.text) == (409, True)
    async with web.db.begin() as session:
        asked = await queries.asked(session, number)
        assert asked is not None
        assert asked.version == 1


def test_a_moved_question_and_another_kind_are_told_and_nothing_else():
    one, two, *rest = AFTER_SERVICE.questions
    after = replace(AFTER_SERVICE, questions=(two, one, replace(rest[0], kind=Kind.NPS), *rest[1:]))
    found = [(one.change, one.place) for one in differences(AFTER_SERVICE, after, "zh-CN")]
    assert found == [(Change.MOVED, 1), (Change.MOVED, 2), (Change.KIND, 3)]
    assert differences(AFTER_SERVICE, AFTER_SERVICE, "en") == []
