"""What was said in a talk: stored in order, found by word, and never found by who may not hear it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.history.model import Contact, Leg, Recording
from crm_core.transcripts import talk
from crm_core.transcripts.keywords import FIRST, found_in, problems, state_of
from crm_core.transcripts.model import Transcript, TranscriptLine
from crm_core.transcripts.queries import Wanted, search, transcript_of
from crm_core.transcripts.queue import NextTalk, put_on_list, take_next
from crm_core.transcripts.storing import Made, MadeLine, forget, store
from crm_core.transcripts.terms import asked, places, said_terms, stands_in
from tests.unit.crm_core.builders import NOW


async def a_recording(session: AsyncSession, call: str = "c1", agent: str = "1029", **more: Any) -> Recording:
    at = NOW + timedelta(minutes=len(call))
    contact = Contact(id=call, direction="inbound", caller="+8613843107706", started_at=at, queue="complaint")
    contact.language = "zh-CN"
    session.add(contact)
    await session.flush()
    recording = Recording(
        contact_id=call, leg_id=f"{call}-1", agent=agent, file=f"20260716/{call}-1.flac", started_at=at, seconds=60.0
    )
    recording.status = "ready"
    for name, value in more.items():
        setattr(recording, name, value)
    session.add(recording)
    await session.flush()
    return recording


async def a_text(session: AsyncSession, call: str, by: str = "1029", **sides: list[str]) -> int:
    """A transcribed talk; each sentence takes 5 s, its signs or words a quarter of one."""
    recording = await a_recording(session, call, by)
    session.add(Transcript(recording_id=recording.id))
    await session.flush()
    lines = [
        MadeLine(
            side=side,
            began=5.0 * place,
            ended=5.0 * place + 4,
            text=text,
            confidence=0.9,
            words=[[word, 5.0 * place + n / 4, 5.0 * place + n / 4 + 0.25, 0.9] for n, word in enumerate(_words(text))],
        )
        for side, texts in sides.items()
        for place, text in enumerate(texts)
    ]
    talk = NextTalk(
        recording_id=recording.id, contact_id=call, leg_id=f"{call}-1", agent=by, queue="complaint", file="",
        language="zh-CN", started_at=recording.started_at, tries=1,
    )  # fmt: skip
    made = Made(engine="one", language="zh-CN", seconds=60.0, lines=lines, spans={})
    await store(session, talk, made, FIRST, at=NOW)
    return recording.id


def _words(text: str) -> list[str]:
    return text.split() if text.isascii() else list(text)


async def found(session: AsyncSession, words: str = "", **more: Any) -> list[int]:
    return [one.recording_id for one in (await search(session, Wanted(words=words, **more))).talks]


async def test_talks_are_found_by_what_was_said_the_newest_first_and_play_at_the_word(db: Database):
    async with db.begin() as session:
        first = await a_text(
            session, "c1", customer=["您好", "再拖下去我就找媒体，你们看着办"], agent=["找到了，媒体中心的"]
        )
        second = await a_text(session, "c2", agent=["I will ask for your refund today."], customer=["我要找媒体"])
        assert await found(session, "找媒体") == [second, first]
        assert await found(session, "refund") == [second]
        assert await found(session, "找媒体 refund") == []  # nobody said both
        assert await found(session, "媒体中心") == [first]
        assert await found(session, "没有人说") == []
        (talk, *_) = (await search(session, Wanted(words="看着"))).talks
        (sentence,) = talk.sentences
        assert (sentence.side, sentence.at, sentence.marks) == ("customer", 5.0 + 12 / 4, ((12, 14),))
        assert talk.topics == ("media",)


async def test_a_search_is_narrowed_by_side_topic_queue_agent_and_time(db: Database):
    async with db.begin() as session:
        first = await a_text(session, "c1", by="1001", customer=["我要退车"])
        second = await a_text(session, "c22", by="1002", customer=["我要投诉"])
        assert await found(session, "我要") == [second, first]
        assert await found(session, "我要", side="agent") == []
        assert await found(session, "我要", topics=("return", "media")) == [first]
        assert await found(session, topics=("return",)) == [first]
        assert await found(session, "我要", agent="1002") == [second]
        assert await found(session, "我要", queue="complaint") == [second, first]
        assert await found(session, "我要", queue="sales") == []
        assert await found(session, "我要", since=NOW + timedelta(minutes=3)) == [second]
        assert await found(session, "我要", until=NOW + timedelta(minutes=3)) == [first]


async def test_only_what_a_person_may_hear_is_found(db: Database):
    async with db.begin() as session:
        own = await a_text(session, "c1", by="1001", customer=["我要退车"])
        await a_text(session, "c2", by="1002", customer=["我要退车"])
        assert await found(session, "退车", agents=["1001"]) == [own]
        assert await found(session, "退车", agents=["1001"], agent="1002") == []
        assert await found(session, "退车", agents=[]) == []


@pytest.mark.parametrize(
    "typed", ['"退车', "退车*", "a:b", "NEAR(退车)", "退车' | 'x", "words : 退车", "_s637573746f6d6572", "\\"]
)
async def test_nothing_that_is_typed_becomes_an_operator(db: Database, typed: str):
    async with db.begin() as session:
        await a_text(session, "c1", customer=["我要投诉"])
        with contextlib.suppress(Invalid):
            assert await found(session, typed) == []


async def test_pages_follow_each_other_without_a_gap_or_a_double(db: Database):
    async with db.begin() as session:
        made = [await a_text(session, f"c{n}", customer=["我要退车"], agent=["您要退车"]) for n in range(12)]
        told: list[int] = []
        before = None
        while True:
            page = await search(session, Wanted(words="退车"), before=before, limit=5)
            told += [one.recording_id for one in page.talks]
            before = page.before
            if before is None:
                break
        assert told == made[::-1]


async def test_what_is_erased_is_not_found_any_more(db: Database):
    async with db.begin() as session:
        recording = await a_text(session, "c1", customer=["我要退车"])
        await forget(session, [recording])
        assert await found(session, "退车") == []
        told = await transcript_of(session, recording)
        assert told is not None
        assert told.lines == told.hits == ()


async def test_a_talk_is_taken_by_one_of_two_who_ask(db: Database):
    async with db.begin() as session:
        recording = await a_recording(session)
        session.add(Leg(id="c1-1", contact_id="c1", agent="1029", offered_at=NOW, answered_at=NOW))
        await session.flush()
        assert await put_on_list(session, NOW) == 1
        assert await put_on_list(session, NOW) == 0
    async with db.begin() as session:
        talk = await take_next(session)
        assert talk is not None
        assert (talk.recording_id, talk.tries, talk.queue) == (recording.id, 1, "complaint")
        assert await take_next(session) is None


@pytest.mark.parametrize(
    ("text", "side", "topics"),
    [
        ("我要找媒体曝光你们", "customer", ["media", "media"]),
        ("我要找媒体", "agent", []),
        ("I will SUE you.", "customer", ["lawyer"]),
        ("I have an issue with it", "customer", []),
        ("The brake  failure light", "customer", ["safety"]),
        ("我想比较一下特斯拉", "customer", ["competitor"]),
        ("闭嘴", "agent", ["rude"]),
    ],
)
def test_words_of_a_topic_are_heard_on_the_side_that_counts(text: str, side: str, topics: list[str]):
    assert [one.topic for one in found_in(text, side, FIRST.topics)] == topics


def test_the_lists_that_come_with_the_product_can_be_saved():
    assert problems(state_of(FIRST)) == []


async def test_a_transcript_is_read_in_the_order_in_which_it_was_said(db: Database):
    async with db.begin() as session:
        recording = await a_recording(session)
        session.add(Transcript(recording_id=recording.id, status="done", language="zh-CN"))
        await session.flush()
        for side, began, text in (("agent", 4.0, "您好"), ("customer", 1.0, "喂")):
            line = TranscriptLine(side=side, began=began, ended=began + 1, text=text, confidence=0.9)
            line.recording_id, line.words = recording.id, [[text, began, began + 1, 0.9]]
            session.add(line)
        await session.flush()
        told = await transcript_of(session, recording.id)
        assert told is not None
        assert [(line.side, line.text) for line in told.lines] == [("customer", "喂"), ("agent", "您好")]
        assert told.lines[0].words[0].began == 1.0
        assert await transcript_of(session, recording.id + 1) is None


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("找媒体", "再拖下去我就找媒体，你们看着办", True),
        ("找媒体", "找到了媒体", False),
        ("退", "我要退车", True),
        ("退", "我不退", True),
        ("Refund ", "I want a refund.", True),
        ("fund ", "I want a refund.", False),
        ("ref", "I want a refund.", True),
        ("ＳＯＳ ", "按了sos没反应", True),
    ],
)
def test_a_word_is_found_as_it_is_said(question: str, text: str, found: bool):
    (part,) = asked(question)
    assert stands_in(part, text) is found
    terms = said_terms([text])
    in_index = all(any(term == one or (part.prefix and term.startswith(one)) for term in terms) for one in part.terms)
    assert in_index or not found


@given(st.text(alphabet="找媒体退车我 refund,。A1é", max_size=30), st.integers(0, 29), st.integers(1, 6))
def test_whatever_was_said_is_found_by_its_own_piece(text: str, start: int, size: int):
    for part in asked(text[start : start + size] + " "):
        whole = stands_in(part, text)
        terms = said_terms([text])
        indexed = all(any(t == one or (part.prefix and t.startswith(one)) for t in terms) for one in part.terms)
        assert indexed or not whole
        assert all(text[a:b] for a, b in places(part, text))


spans = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0.01, 20)).map(lambda one: (one[0], one[0] + one[1])), max_size=12
)


@given(spans, spans, spans)
def test_speech_and_silence_make_up_the_talk_and_nothing_else(customer, agent, gone):
    told = talk.talk_of(customer, agent, seconds=120.0, left_out=gone)
    counted = 120.0 - talk.length(talk.within(talk.merged(gone), (0.0, 120.0)))
    assert 0 <= told.silence <= counted + 1e-6
    assert told.customer + told.agent + told.silence >= counted - 1e-6
    assert max(told.customer, told.agent) <= counted + 1e-6 + 0.5 * (len(customer) + len(agent) + len(gone))


@given(spans, spans)
def test_who_cuts_in_is_the_other_way_round_when_the_sides_are(customer, agent):
    one = talk.talk_of(customer, agent, seconds=120.0).interruptions
    other = talk.talk_of(agent, customer, seconds=120.0).interruptions
    names = {"customer": "agent", "agent": "customer"}
    assert sorted(one) == sorted((at, names[side]) for at, side in other)


@given(spans)
def test_nobody_cuts_in_where_one_side_is_silent(customer):
    assert talk.talk_of(customer, [], seconds=120.0).interruptions == ()


def test_a_yes_while_the_other_speaks_is_no_interruption_but_a_sentence_is():
    assert talk.talk_of([(0, 10)], [(4, 4.6)], seconds=20).interruptions == ()
    assert talk.talk_of([(0, 10)], [(4, 6)], seconds=20).interruptions == ((4, "agent"),)
    assert talk.talk_of([(0, 10)], [(9.8, 12)], seconds=20).interruptions == ()
    assert talk.talk_of([(3.5, 10)], [(4, 6)], seconds=20).interruptions == ()
