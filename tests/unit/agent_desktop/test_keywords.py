"""The lists of words, the alerts they cause, and the transcript on a recording's page."""

from __future__ import annotations

from sqlalchemy import select, update

from crm_core.access.actions import SignedIn
from crm_core.access.model import User
from crm_core.clock import now
from crm_core.history.model import Recording
from crm_core.notices.actions import notify
from crm_core.notices.model import WorkNotice
from crm_core.transcripts.keywords import FIRST
from crm_core.transcripts.model import Transcript
from crm_core.transcripts.queue import NextTalk
from crm_core.transcripts.settings import listening
from crm_core.transcripts.storing import ABOUT, Made, MadeLine, store
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = "/admin/keywords"


def typed(csrf: str, **more: str) -> dict[str, str]:
    form = {"csrf_token": csrf, "base": "0", "rows": "2", "most_calls": "5"}
    form |= {"key-0": "media", "zh-0": "媒体", "en-0": "Media", "words-0": "媒体\n 记者 \n\n", "side-0": "both"}
    return form | {"key-1": "", "zh-1": "", "en-1": "", "words-1": "", "side-1": "both"} | more


async def a_supervisor(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.AGENT).values(roles="supervisor"))
    return await web.enter(people.AGENT)


async def a_written_talk(web: WebSite) -> int:
    """The small site's first kept recording, with what was said."""
    async with web.db.begin() as session:
        await session.execute(update(Recording).values(status="ready"))
        row = (await session.scalars(select(Recording).order_by(Recording.id).limit(1))).one()
        session.add(Transcript(recording_id=row.id))
        await session.flush()
        words = [
            [sign, 3.0 + place, 3.9 + place, 0.3 if sign == "再" else 0.9]
            for place, sign in enumerate("再拖我就找媒体")
        ]
        line = MadeLine(side="customer", began=3.0, ended=9.9, text="再拖我就找媒体<b>", confidence=0.9, words=words)
        talk = NextTalk(
            recording_id=row.id, contact_id=row.contact_id, leg_id=row.leg_id, agent=row.agent, queue="", file="",
            language="zh-CN", started_at=row.started_at, tries=1,
        )  # fmt: skip
        spans = {"customer": [(3.0, 9.0)], "agent": [(5.0, 7.0)]}
        made = Made(engine="whisper base", language="zh-CN", seconds=20.0, lines=[line], spans=spans)
        await store(session, talk, made, FIRST, at=now())
        return row.id


async def test_a_list_is_saved_with_its_history_and_a_new_topic_gets_a_key(web: WebSite):
    entered = await web.enter(people.ADMIN)
    assert "找媒体" not in (await web.client.get(PAGE)).text
    form = typed(entered.user.csrf, **{"zh-1": "电池", "en-1": "Battery", "words-1": "续航", "alert-1": "1"})
    assert (await web.client.post(PAGE, data=form)).status_code == 303
    async with web.db.begin() as session:
        rules = await listening(session)
    assert [(one.key, one.words, one.alert) for one in rules.topics] == [
        ("media", ("媒体", "记者"), False),
        ("own_1", ("续航",), True),
    ]
    assert rules.most_calls == 5
    history = (await web.client.get("/admin/versions?kind=keywords&version=1")).text
    assert "电池 / Battery, 任一方, 提醒: 续航" in history


async def test_what_cannot_be_listened_for_is_refused_beside_its_topic_and_stays_as_typed(web: WebSite):
    entered = await web.enter(people.ADMIN)
    refused = await web.client.post(PAGE, data=typed(entered.user.csrf, **{"words-0": "！！！"}))
    assert refused.status_code == 422
    assert "无法用来监听" in refused.text
    assert "！！！" in refused.text
    nameless = await web.client.post(PAGE, data=typed(entered.user.csrf, **{"en-0": ""}))
    assert "请用两种语言给主题起名" in nameless.text


async def test_the_page_of_a_recording_shows_who_said_what_with_doubtful_and_topic_words_marked(web: WebSite):
    await a_supervisor(web)
    recording = await a_written_talk(web)
    shown = (await web.client.get(f"/recordings/{recording}")).text
    assert '<span data-seek="3.0" class="low"' in shown
    assert '<mark data-topic="media" title="媒体"><span data-seek="8.0">媒</span>' in shown
    assert "&lt;b&gt;" in shown
    assert "命中词 1" in shown
    assert "抢话" in shown


async def test_a_talk_without_text_says_why_and_can_be_put_first(web: WebSite):
    entered = await a_supervisor(web)
    recording = await a_written_talk(web)
    async with web.db.begin() as session:
        await session.execute(update(Transcript).values(status="no_model", failure="hotline speech install messages"))
    assert "hotline speech install messages" in (await web.client.get(f"/recordings/{recording}")).text
    asked = await web.client.post(f"/recordings/{recording}/transcribe", data={"csrf_token": entered.user.csrf})
    assert asked.status_code == 303
    async with web.db.begin() as session:
        assert [(one.status, one.urgency) for one in await session.scalars(select(Transcript))] == [("waiting", 9)]


async def test_an_alert_shows_the_sentence_until_its_reader_has_looked_at_it(web: WebSite):
    entered = await a_supervisor(web)
    recording = await a_written_talk(web)
    async with web.db.begin() as session:
        notify(session, [people.ADMIN], ABOUT, str(recording), "media", at=now())
    assert '<b class="tag breach">1</b>' in (await web.client.get("/recordings")).text
    shown = (await web.client.get("/alerts")).text
    assert f'href="/recordings/{recording}?at=8.0"' in shown
    assert "再拖我就找<mark>媒体</mark>&lt;b&gt;" in shown
    form = {"csrf_token": entered.user.csrf, "recording": str(recording)}
    assert (await web.client.post("/alerts/seen", data=form)).status_code == 303
    assert "没有新提醒" in (await web.client.get("/alerts")).text
    async with web.db.begin() as session:
        left = select(WorkNotice.number).where(WorkNotice.about == ABOUT, WorkNotice.read_at.is_(None))
        assert list(await session.scalars(left)) == [people.ADMIN]


async def test_talks_are_found_by_what_was_said_on_the_list_of_recordings(web: WebSite):
    await a_supervisor(web)
    recording = await a_written_talk(web)
    shown = (await web.client.get("/recordings", params={"words": "找媒体"})).text
    assert f'href="/recordings/{recording}?at=7.0"' in shown
    assert "再拖我就<mark>找媒体</mark>&lt;b&gt;" in shown
    assert "没有人说过" in (await web.client.get("/recordings", params={"words": "找媒体", "side": "agent"})).text
    assert "没有人说过" in (await web.client.get("/recordings", params={"words": "退车"})).text
    assert "请输入要找的词或字" in (await web.client.get("/recordings", params={"words": "，。"})).text
    assert f"/recordings/{recording}?at=8.0" in (await web.client.get("/recordings", params={"topic": "media"})).text


async def test_an_agent_finds_only_the_own_talks_by_what_was_said(web: WebSite):
    recording = await a_written_talk(web)
    async with web.db.begin() as session:
        await session.execute(update(Recording).values(agent=people.AGENT))
    await web.enter(people.AGENT)
    found = (await web.client.get("/recordings", params={"words": "找媒体"})).text
    assert f"/recordings/{recording}?at=" in found
    await web.enter(people.ENGLISH_AGENT)
    assert f"/recordings/{recording}?at=" not in (await web.client.get("/recordings", params={"words": "找媒体"})).text


async def test_an_agent_sees_neither_alerts_nor_lists(web: WebSite):
    await web.enter(people.AGENT)
    assert (await web.client.get("/alerts")).status_code == 403
    assert (await web.client.get(PAGE)).status_code == 403
