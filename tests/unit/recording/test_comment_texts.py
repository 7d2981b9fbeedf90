"""A spoken comment gets its text; without a recogniser, or when it fails, the answer says so."""

from __future__ import annotations

import io
import wave
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.questionnaires import actions
from crm_core.questionnaires.answering import new_response, put_answer
from crm_core.questionnaires.model import Answer
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import COMPLAINT
from recording.comment_texts import CommentTexts, as_wav, comment_below
from recording.raw_audio import discard, keep
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.test_message_texts import Ears, Said

SOUND = "20261118/ob-1-1-1-tell.sln"


async def speak(database: Database, folder: Path, at: datetime = BEGAN) -> None:
    (folder / SOUND).parent.mkdir(parents=True)
    (folder / SOUND).write_bytes(b"\0\0" * 8000)
    async with database.begin() as session:
        customer = Customer(name="陈建国", created_at=BEGAN)
        session.add(customer)
        await session.flush()
        row = await actions.create(session, COMPLAINT, actor="3001", at=BEGAN)
        response = await new_response(
            session, "ob-1-1-1", questionnaire=row.id, version=1, how="key", language="zh-CN",
            customer_id=customer.id, at=at,
        )  # fmt: skip
        await put_answer(session, response, "tell", Given(sound=SOUND), at=BEGAN)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Said(" 还在漏水 "), ("ready", "还在漏水")),
        (Said("  "), ("silent", "")),
        (RuntimeError("broken"), ("failed", "")),
    ],
)
async def test_what_was_said_is_read(database: Database, tmp_path: Path, answer, expected):
    await speak(database, tmp_path)
    texts = CommentTexts(database, tmp_path, Ears(answer))
    assert await texts.transcribe_next()
    assert not await texts.transcribe_next()
    async with database.begin() as session:
        one = (await session.scalars(select(Answer))).one()
        assert (one.text_state, one.text) == expected


async def test_without_a_recogniser_the_sound_is_there_and_says_that_it_has_no_text(database: Database, tmp_path: Path):
    await speak(database, tmp_path)
    assert await CommentTexts(database, tmp_path, None).transcribe_next()
    async with database.begin() as session:
        one = (await session.scalars(select(Answer))).one()
        assert (one.text_state, one.sound) == ("no_model", SOUND)


async def test_a_comment_is_heard_and_read_after_the_keeper_has_packed_its_file(database: Database, tmp_path: Path):
    await speak(database, tmp_path)
    fresh = tmp_path / SOUND
    said = np.arange(8000, dtype="<i2").tobytes()
    fresh.write_bytes(said)
    assert keep(fresh)
    discard(fresh)
    kept = comment_below(tmp_path, SOUND)
    assert kept is not None
    assert kept.suffix == ".flac"
    with wave.open(io.BytesIO(as_wav(kept))) as sound:
        assert (sound.getnchannels(), sound.readframes(8000)) == (1, said)
    ears = Ears(Said("还在漏水"))
    assert await CommentTexts(database, tmp_path, ears).transcribe_next()
    async with database.begin() as session:
        assert (await session.scalars(select(Answer))).one().text == "还在漏水"


async def test_the_model_is_loaded_while_the_customer_is_being_asked_and_not_before(database: Database, tmp_path: Path):
    ears = Ears(Said("还在漏水"))
    texts = CommentTexts(database, tmp_path, ears)
    await texts.get_ready()
    assert ears.heard == []
    await speak(database, tmp_path, now())
    await texts.get_ready()
    await texts.get_ready()
    assert ears.heard == [("", "zh-CN")]
