"""A database that is locked by other work is called busy, not away; programs and scripts are told as people are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from agent_desktop.rendering import READER_COOKIE
from crm_core.access.actions import SignedIn
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

BUSY = "业务数据正忙于其他操作。本次内容没有保存，请再试一次。"
AWAY = "业务数据暂时无法读取；通话不受影响。请一分钟后再试。"


@pytest.fixture
async def agent(web: WebSite) -> SignedIn:
    return await web.enter()


@pytest.fixture
def locked(agent: SignedIn, tmp_path: Path) -> Iterator[None]:
    """Another program writes for longer than a click waits."""
    with sqlite3.connect(tmp_path / "web.db") as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@pytest.mark.usefixtures("locked")
async def test_who_saves_while_another_program_writes_is_told_that_it_is_busy(web: WebSite, agent: SignedIn):
    form = {"csrf_token": agent.csrf, "theme": "dark"}
    answer = await web.client.post("/theme", data=form)
    assert answer.status_code == 503
    assert BUSY in answer.text
    assert '<textarea name="theme" hidden>\ndark</textarea>' in answer.text


def out_of_reach(web: WebSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin() -> None:
        raise OperationalError("SELECT", {}, ConnectionRefusedError())

    monkeypatch.setattr(web.db, "begin", begin)


async def test_a_script_of_a_page_gets_the_sentence_as_json(
    web: WebSite, agent: SignedIn, monkeypatch: pytest.MonkeyPatch
):
    out_of_reach(web, monkeypatch)
    answer = await web.client.get("/cases", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json()["message"] == AWAY


async def test_the_page_that_was_asked_for_is_tried_again_by_the_browser(
    web: WebSite, agent: SignedIn, monkeypatch: pytest.MonkeyPatch
):
    out_of_reach(web, monkeypatch)
    answer = await web.client.get("/cases")
    assert answer.headers["refresh"] == "5"
    assert "恢复后，本页会自动打开" in answer.text


async def test_the_language_of_whoever_signed_in_last_is_known_without_the_records(
    web: WebSite, monkeypatch: pytest.MonkeyPatch
):
    form = {"number": people.ENGLISH_AGENT, "password": people.PASSWORD}
    entered = await web.client.post("/login", data=form, headers={"Accept-Language": "zh-CN"})
    assert entered.status_code == 303
    assert web.client.cookies[READER_COOKIE] == "en"
    out_of_reach(web, monkeypatch)
    answer = await web.client.get("/cases", headers={"Accept-Language": "zh-CN"})
    assert "This page opens by itself when the records are back." in answer.text
