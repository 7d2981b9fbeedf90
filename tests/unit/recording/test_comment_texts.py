"""A spoken comment gets its text; without a recogniser, or when it fails, the answer says so."""

from __future__ import annotations

import asyncio
import io
import wave
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from crm_core.access.model import User
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.clock import now
from crm_core.consent.model import Consent, DoNotContact
from crm_core.consent.purposes import Purpose
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.notices.model import WorkNotice
from crm_core.questionnaires import actions
from crm_core.questionnaires.answering import new_response, put_answer
from crm_core.questionnaires.model import Answer
from crm_core.questionnaires.questions import Given
from crm_core.questionnaires.templates import COMPLAINT
from recording.comment_texts import CommentTexts, as_wav
from recording.raw_audio import discard, keep
from recording.vault import Vault
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
    texts = CommentTexts(database, Vault(tmp_path), Ears(answer))
    assert await texts.transcribe_next()
    assert not await texts.transcribe_next()
    async with database.begin() as session:
        one = (await session.scalars(select(Answer))).one()
        assert (one.text_state, one.text) == expected


async def test_without_a_recogniser_the_sound_is_there_and_says_that_it_has_no_text(database: Database, tmp_path: Path):
    await speak(database, tmp_path)
    assert await CommentTexts(database, Vault(tmp_path), None).transcribe_next()
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
    async with Vault(tmp_path).sound(SOUND) as kept:
        assert kept.suffix == ".flac"
        heard = as_wav(kept)
    with wave.open(io.BytesIO(heard)) as sound:
        assert (sound.getnchannels(), sound.readframes(8000)) == (1, said)
    ears = Ears(Said("还在漏水"))
    assert await CommentTexts(database, Vault(tmp_path), ears).transcribe_next()
    async with database.begin() as session:
        assert (await session.scalars(select(Answer))).one().text == "还在漏水"


async def test_the_model_is_loaded_while_the_customer_is_being_asked_and_not_before(database: Database, tmp_path: Path):
    ears = Ears(Said("还在漏水"))
    texts = CommentTexts(database, Vault(tmp_path), ears)
    await texts.get_ready()
    assert ears.heard == []
    await speak(database, tmp_path, now())
    await texts.get_ready()
    await texts.get_ready()
    assert ears.heard == [("", "zh-CN")]


@pytest.fixture
async def called(database: Database, tmp_path: Path) -> Database:
    """The comment belongs to a campaign's call."""
    await speak(database, tmp_path)
    async with database.begin() as session:
        session.add(User(number="2001", name="王海燕", roles="supervisor", password_hash="-"))
        campaign = Campaign(id=1, name="回访", mode="voice", purpose="survey", created_by="2002", created_at=BEGAN)
        session.add(campaign)
        await session.flush()
        customer = (await session.scalars(select(Customer))).one()
        entry = CampaignEntry(id=1, campaign_id=1, customer_id=customer.id, due_at=BEGAN, added_at=BEGAN)
        session.add(entry)
        await session.flush()
        attempt = CampaignAttempt(call="ob-1-1-1", campaign_id=1, entry_id=1, customer_id=customer.id, number=1)
        attempt.e164, attempt.placed_at = "+8613843107706", BEGAN
        session.add(attempt)
    return database


async def test_who_asks_in_a_comment_for_no_more_calls_gets_none_and_people_are_told(called: Database, tmp_path: Path):
    said = Said("车不错。但是以后不要再给我打电话了。")
    assert await CommentTexts(called, Vault(tmp_path), Ears(said)).transcribe_next()
    async with called.begin() as session:
        refused = list(await session.scalars(select(Consent)))
        assert {(one.given, one.contact_id, one.words) for one in refused} == {
            (False, "ob-1-1-1", "但是以后不要再给我打电话了")
        }
        assert {one.purpose for one in refused} == {one.value for one in Purpose if one is not Purpose.SERVICE}
        assert (await session.scalars(select(DoNotContact.e164))).one() == "+8613843107706"
        told = {(one.number, one.about, one.subject, one.kind) for one in await session.scalars(select(WorkNotice))}
        assert told == {(number, "campaign", "1/1", "opted_out") for number in ("2001", "2002")}


async def test_a_comment_that_another_process_has_read_meanwhile_is_heeded_once(called: Database, tmp_path: Path):
    said = Said("别再打电话给我")
    texts = [CommentTexts(called, Vault(tmp_path), Ears(said)) for _ in range(2)]
    await asyncio.gather(*(one.transcribe_next() for one in texts))
    async with called.begin() as session:
        assert len(list(await session.scalars(select(WorkNotice)))) == 2


async def test_who_only_complains_is_called_again(called: Database, tmp_path: Path):
    assert await CommentTexts(called, Vault(tmp_path), Ears(Said("你们从来不给我回电话"))).transcribe_next()
    async with called.begin() as session:
        assert await session.scalar(select(Consent.id)) is None
