"""What was said in a talk: stored in order, found by word, and never found by who may not hear it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from crm_core.transcripts import talk
from crm_core.transcripts.model import Transcript, TranscriptLine
from crm_core.transcripts.queries import transcript_of
from crm_core.transcripts.terms import asked, places, said_terms, stands_in
from tests.unit.crm_core.builders import NOW


async def a_recording(session: AsyncSession, call: str = "c1", agent: str = "1029", **more: object) -> Recording:
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
