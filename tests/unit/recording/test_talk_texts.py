"""Every recorded talk becomes text: in a sensible order, over kills, and never against a setting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.db import Database
from crm_core.history.model import Contact, Leg, Recording, RecordingMark
from crm_core.notices.model import WorkNotice
from crm_core.transcripts.keywords import FIRST, state_of
from crm_core.transcripts.model import Transcript
from crm_core.transcripts.queries import transcript_of
from crm_core.transcripts.queue import ask_for
from crm_core.transcripts.settings import save_listening
from crm_core.transcripts.storing import Made, MadeLine
from crm_core.transcripts.talk import Span
from recording.talk_texts import INSTALL, TalkTexts
from recording.vault import Vault


class Said(Exception):
    def __init__(self, later: bool) -> None:
        super().__init__("broken")
        self.later = later


class Writer:
    """An engine that hears the same in every talk, or fails as it is told."""

    def __init__(self) -> None:
        self.languages: Sequence[str] = ("zh-CN",)
        self.heard: list[str] = []
        self.gone: list[Sequence[Span]] = []
        self.fails: list[Exception] = []
        self.hangs = False
        self.began = asyncio.Event()

    async def made(self, sound: Path, language: str, gone: Sequence[Span], calm: Callable[[], Awaitable[None]]) -> Made:
        self.heard.append(sound.stem)
        self.gone.append(gone)
        self.began.set()
        await calm()
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails.pop()
        words = [[sign, 2.0 + place / 4, 2.25 + place / 4, 0.9] for place, sign in enumerate("我要找媒体")]
        line = MadeLine(side="customer", began=2.0, ended=3.25, text="我要找媒体", confidence=0.9, words=words)
        spans = {"customer": [(2.0, 3.25)], "agent": [(4.0, 8.0)]}
        return Made(engine="one", language=language, seconds=10.0, lines=[line], spans=spans, left_out=gone)

    async def rest(self) -> None:
        return None


async def a_talk(database: Database, folder: Path, call: str, at: datetime | None = None, **more: str) -> int:
    at = at or now()
    async with database.begin() as session:
        contact = Contact(id=call, direction="inbound", started_at=at, ended_at=at, language="zh-CN")
        contact.kind, contact.queue = more.get("kind", ""), more.get("queue", "sales")
        contact.language = more.get("language", "zh-CN")
        session.add(contact)
        await session.flush()
        session.add(Leg(id=f"{call}-1", contact_id=call, agent="1001", offered_at=at, answered_at=at))
        row = Recording(
            contact_id=call, leg_id=f"{call}-1", agent="1001", file=f"20260716/{call}-1.flac", started_at=at
        )
        row.status = more.get("status", "ready")
        session.add(row)
        await session.flush()
        sound = folder / row.file
        sound.parent.mkdir(exist_ok=True)
        sound.write_bytes(b"")
        return row.id


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def texts(database: Database, tmp_path: Path, writer: Writer) -> TalkTexts:
    return TalkTexts(database, Vault(tmp_path), writer, busy=lambda _most: False)


async def state(database: Database, recording: int) -> Transcript:
    async with database.begin() as session:
        return (await session.scalars(select(Transcript).where(Transcript.recording_id == recording))).one()


async def all_of(texts: TalkTexts) -> None:
    await texts.enlist()
    while await texts.transcribe_next():
        pass


async def test_complaints_come_first_then_the_newest_and_what_is_still_recorded_waits(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    await a_talk(database, tmp_path, "c1", now() - timedelta(hours=2), kind="complaint")
    await a_talk(database, tmp_path, "c2", now() - timedelta(hours=1))
    await a_talk(database, tmp_path, "c3")
    await a_talk(database, tmp_path, "c4", status="recording")
    await a_talk(database, tmp_path, "c5", now() - timedelta(days=40))
    await all_of(texts)
    assert writer.heard == ["c1-1", "c3-1", "c2-1"]


async def test_a_talk_is_read_with_who_spoke_how_long_and_the_private_part_is_never_given_to_the_engine(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    at = now()
    recording = await a_talk(database, tmp_path, "c1", at)
    async with database.begin() as session:
        for kind, began, ended in (("pause", 5, 6), ("hold", 7, 9)):
            mark = RecordingMark(recording_id=recording, kind=kind, began_at=at + timedelta(seconds=began), why="")
            mark.ended_at, mark.by = at + timedelta(seconds=ended), "1001"
            session.add(mark)
    await all_of(texts)
    async with database.begin() as session:
        told = await transcript_of(session, recording)
    assert told is not None
    assert [line.kind for line in told.lines] == ["said", "pause", "hold"]
    assert (told.status, told.customer_seconds, told.agent_seconds) == ("done", 1.25, 2.0)
    assert writer.gone == [[(5.0, 6.0)]]
    assert [(hit.topic, hit.word, hit.at) for hit in told.hits] == [("media", "媒体", 2.75)]


async def test_supervisors_and_reviewers_are_told_once_of_a_word_of_a_topic(
    database: Database, tmp_path: Path, texts: TalkTexts
):
    async with database.begin() as session:
        for number, role in (("3001", "supervisor"), ("4001", "quality"), ("1001", "agent")):
            session.add(User(number=number, name=number, name_en="", roles=role, password_hash=""))
    recording = await a_talk(database, tmp_path, "c1")
    await all_of(texts)
    async with database.begin() as session:
        assert await ask_for(session, recording)
    await all_of(texts)
    async with database.begin() as session:
        told = (await session.scalars(select(WorkNotice).order_by(WorkNotice.number))).all()
    assert [(one.number, one.about, one.subject, one.kind) for one in told] == [
        ("3001", "keyword", str(recording), "media"),
        ("4001", "keyword", str(recording), "media"),
    ]


async def test_a_queue_that_is_switched_off_is_not_transcribed_unless_a_person_asks(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    async with database.begin() as session:
        await save_listening(session, {**state_of(FIRST), "silent": ["sales"]}, base=None, actor="3001", at=now())
    recording = await a_talk(database, tmp_path, "c1")
    await all_of(texts)
    assert (await state(database, recording)).status == "off"
    assert writer.heard == []
    async with database.begin() as session:
        assert await ask_for(session, recording)
    await all_of(texts)
    assert (await state(database, recording)).status == "done"


async def test_without_a_model_the_talk_says_which_command_brings_one_and_is_done_when_it_is_there(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    recording = await a_talk(database, tmp_path, "c1", language="en")
    await all_of(texts)
    made = await state(database, recording)
    assert (made.status, made.failure) == ("no_model", INSTALL)
    writer.languages = ("zh-CN", "en")
    await texts.begin()
    await all_of(texts)
    assert (await state(database, recording)).status == "done"


async def test_a_process_that_was_killed_while_it_wrote_begins_that_talk_again(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    recording = await a_talk(database, tmp_path, "c1")
    writer.hangs = True
    await texts.enlist()
    work = asyncio.create_task(texts.transcribe_next())
    await writer.began.wait()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert (await state(database, recording)).status == "running"
    writer.hangs = False
    await texts.begin()
    await all_of(texts)
    assert (await state(database, recording)).status == "done"
    assert writer.heard == ["c1-1", "c1-1"]


async def test_a_talk_that_kills_the_platform_three_times_is_left_alone(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer
):
    recording = await a_talk(database, tmp_path, "c1")
    await texts.enlist()
    async with database.begin() as session:
        await session.execute(update(Transcript).values(status="running", tries=3))
    await texts.begin()
    await all_of(texts)
    assert (await state(database, recording)).status == "failed"
    assert writer.heard == []


@pytest.mark.parametrize("later", [True, False])
async def test_a_lost_engine_is_tried_again_and_a_broken_file_is_not(
    database: Database, tmp_path: Path, texts: TalkTexts, writer: Writer, later: bool
):
    recording = await a_talk(database, tmp_path, "c1")
    writer.fails = [Said(later)]
    await all_of(texts)
    assert len(writer.heard) == (2 if later else 1)
    assert (await state(database, recording)).status == ("done" if later else "failed")


async def test_nothing_is_begun_while_calls_need_the_machine(database: Database, tmp_path: Path, writer: Writer):
    asked: list[int] = []

    def busy(most: int) -> bool:
        asked.append(most)
        return True

    texts = TalkTexts(database, Vault(tmp_path), writer, busy=busy)
    recording = await a_talk(database, tmp_path, "c1")
    await all_of(texts)
    assert writer.heard == []
    assert asked == [FIRST.most_calls]
    assert (await state(database, recording)).status == "waiting"
