"""The text of talks for the pages: the switches, and what a page is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sqlalchemy import select

from agent_desktop.live_text.marks import marker
from agent_desktop.live_text.pushing import TextReader, recent_words
from agent_desktop.ports import Side, TalkTextView, TextState
from crm_core.access.model import AuditEntry
from crm_core.live_text.settings import live_text_rules
from crm_core.transcripts.keywords import FIRST
from tests.browser import people
from tests.scripted_texts import ScriptedTexts
from tests.unit.agent_desktop.conftest import WebSite

PAGE = "/admin/live-text"
AGENT = "1018"


async def test_the_site_and_each_queue_are_switched_with_a_version_and_an_audit_entry(web: WebSite):
    entered = await web.enter(people.ADMIN)
    shown = (await web.client.get(PAGE)).text
    assert "每路占 0.27 个核" in shown
    assert "hotline speech install en" in shown
    form = {"csrf_token": entered.user.csrf, "base": "0", "on": "1", "queue": ["repair", "enquiry"], "in": ["repair"]}
    assert (await web.client.post(PAGE, data=form)).status_code == 303
    async with web.db.begin() as session:
        rules = await live_text_rules(session)
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action.like("live_text%")))
    assert (rules.on, rules.off_in) == (True, frozenset({"enquiry"}))
    assert entry.actor == people.ADMIN
    assert (await web.client.post(PAGE, data=form)).status_code == 409  # made from an older version
    assert "实时转写" in (await web.client.get("/admin/versions?kind=live_text")).text


async def test_who_may_not_edit_rules_finds_no_switch(web: WebSite):
    await web.enter(people.AGENT)
    assert (await web.client.get(PAGE)).status_code == 403


def reader(texts: ScriptedTexts, **more: Any) -> TextReader:
    return TextReader(texts, AGENT, lambda message: message, **more)


async def test_a_page_gets_everything_first_and_then_what_changed():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    texts.say(AGENT, Side.AGENT, "您好")
    told = reader(texts).messages()
    first = json.loads(await anext(told))
    assert (first["call"], first["state"], len(first["lines"])) == ("c1", "listening", 1)
    texts.say(AGENT, Side.CUSTOMER, "我的车", over=False)
    second = json.loads(await anext(told))
    assert [(line["number"], line["words"], line["over"]) for line in second["lines"]] == [(2, "我的车", False)]
    texts.end(AGENT)
    assert json.loads(await anext(told))["call"] == ""
    await told.aclose()  # type: ignore[attr-defined]


async def test_a_page_that_sleeps_misses_steps_but_never_the_last_one():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    told = reader(texts).messages()
    await anext(told)
    for words in ("我", "我的", "我的车"):
        texts.say(AGENT, Side.CUSTOMER, words, over=False)
    assert [line["words"] for line in json.loads(await anext(told))["lines"]] == ["我的车"]
    await told.aclose()  # type: ignore[attr-defined]


async def test_who_leads_the_agent_no_longer_is_told_nothing_of_the_next_talk():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    asked: list[str] = []

    async def may_read(view: TalkTextView) -> bool:
        asked.append(view.call)
        return view.call == "c1"

    told = reader(texts, may_read=may_read).messages()
    await anext(told)
    texts.begin(AGENT, "c2", "c2-1")
    assert [message async for message in told] == []
    assert asked == ["c1", "c2"]


async def test_why_there_are_no_words_is_said_in_a_sentence():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1", TextState.LATER)
    told = reader(texts).messages()
    assert "after it has ended" in json.loads(await anext(told))["note"]
    await told.aclose()  # type: ignore[attr-defined]


async def test_articles_follow_what_was_said_and_come_once(monkeypatch):
    monkeypatch.setattr("agent_desktop.live_text.pushing.BETWEEN_SEARCHES", 0.01)
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    texts.say(AGENT, Side.CUSTOMER, "能不能给个代步车")
    asked: list[str] = []

    async def suggest(view: TalkTextView, words: str) -> str:
        asked.append(words)
        return "<article>代步车</article>"

    told = reader(texts, suggest=suggest).messages()
    await anext(told)
    async with asyncio.timeout(5):
        assert json.loads(await anext(told))["articles"] == "<article>代步车</article>"
    texts.say(AGENT, Side.CUSTOMER, "喂", over=False)
    assert json.loads(await anext(told))["articles"] is None
    assert asked == ["能不能给个代步车"]
    await told.aclose()  # type: ignore[attr-defined]


def test_the_last_half_minute_of_talk_is_what_counts():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    texts.say(AGENT, Side.CUSTOMER, "很久以前", ago=60.0)
    texts.say(AGENT, Side.AGENT, "刚才", ago=20.0)
    texts.say(AGENT, Side.CUSTOMER, "现在")
    view = texts.of(AGENT)
    assert view is not None
    assert recent_words(view) == "刚才 现在"


async def test_words_of_topics_are_marked_where_they_stand_whatever_blanks_the_recogniser_puts():
    texts = ScriptedTexts()
    texts.begin(AGENT, "c1", "c1-1")
    texts.say(AGENT, Side.CUSTOMER, "再 拖 我 就 找 媒 体 曝光 the car caught fire")
    texts.say(AGENT, Side.AGENT, "找 媒体 吧")
    told = reader(texts, marks=marker(FIRST.topics, "zh-CN")).messages()
    customer, agent = json.loads(await anext(told))["lines"]
    said = [(customer["words"][begin:end], topic) for begin, end, topic in customer["marks"]]
    assert said == [("媒 体", "媒体"), ("曝光", "媒体"), ("caught fire", "安全")]
    assert agent["marks"] == [], "that topic is the customer's"
    await told.aclose()  # type: ignore[attr-defined]
