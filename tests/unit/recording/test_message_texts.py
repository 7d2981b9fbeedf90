"""Voice messages get a text where a recogniser is; without one, or when it fails, the message says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crm_core.callbacks.model import VoiceMessage
from crm_core.db import Database
from crm_core.history.model import Contact, Recording
from recording.message_texts import MessageTexts
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN


@dataclass
class Said:
    text: str
    engine: str = "test engine"


@dataclass
class Ears:
    """Hears what it is told to; an exception is raised."""

    answer: Said | Exception
    languages: tuple[str, ...] = ("zh-CN",)
    heard: list[tuple[str, str]] = field(default_factory=list)

    def available(self, language: str) -> bool:
        return language in self.languages

    async def warm(self, language: str) -> None:
        self.heard.append(("", language))

    async def transcribe(self, sound: Path, language: str) -> Said:
        self.heard.append((sound.name, language))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def leave(database: Database, call: str = "m-1", *, language: str = "zh-CN", status: str = "ready") -> None:
    async with database.begin() as session:
        session.add(Contact(id=call, direction="inbound", started_at=BEGAN, ended_at=BEGAN, language=language))
        await session.flush()
        session.add(VoiceMessage(contact_id=call, left_at=BEGAN))
        file = f"20261122/{call}-m.flac"
        sound = Recording(contact_id=call, leg_id=f"{call}-m", agent="", file=file, started_at=BEGAN, status=status)
        session.add(sound)


@pytest.fixture(autouse=True)
def sound(tmp_path):
    """What was said lies where its row says."""
    path = tmp_path / "20261122/m-1-m.flac"
    path.parent.mkdir()
    path.write_bytes(b"fLaC")


async def text_of(database: Database, call: str = "m-1") -> tuple[str, str, str]:
    async with database.begin() as session:
        message = await session.get_one(VoiceMessage, call)
        return message.text_state, message.heard, message.heard_by


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Said(" 我的车打不着火 "), ("ready", "我的车打不着火", "test engine")),
        (Said(""), ("silent", "", "test engine")),
        (RuntimeError("worker died"), ("failed", "", "")),
    ],
)
async def test_what_a_recogniser_gives_is_what_the_message_says(database, tmp_path, answer, expected):
    await leave(database)
    ears = Ears(answer)
    texts = MessageTexts(database, Vault(tmp_path), ears)
    assert await texts.transcribe_next()
    assert not await texts.transcribe_next()
    assert await text_of(database) == expected
    assert ears.heard == [("m-1-m.flac", "zh-CN")]


async def test_without_a_model_of_the_language_the_message_says_so_and_nothing_is_invented(database, tmp_path):
    await leave(database, language="en")
    await MessageTexts(database, Vault(tmp_path), Ears(Said("not asked"))).transcribe_next()
    assert await text_of(database) == ("no_model", "", "")


async def test_a_sound_that_cannot_be_reached_now_is_not_given_up(database, tmp_path):
    await leave(database)
    texts = MessageTexts(database, Vault(tmp_path / "recordings"), Ears(Said("还在漏水")))
    assert not await texts.transcribe_next()
    assert await text_of(database) == ("", "", "")
    (tmp_path / "recordings").mkdir()  # the disk comes back
    (tmp_path / "20261122").rename(tmp_path / "recordings/20261122")
    assert await texts.transcribe_next()
    assert await text_of(database) == ("ready", "还在漏水", "test engine")


async def test_a_site_without_a_recogniser_says_so_of_every_message(database, tmp_path):
    await leave(database)
    await MessageTexts(database, Vault(tmp_path), None).transcribe_next()
    assert await text_of(database) == ("no_model", "", "")


async def test_a_sound_that_is_not_whole_yet_waits(database, tmp_path):
    await leave(database, status="recording")
    assert not await MessageTexts(database, Vault(tmp_path), Ears(Said("x"))).transcribe_next()


async def test_messages_from_before_the_model_was_installed_get_their_text(database, tmp_path):
    await leave(database)
    await MessageTexts(database, Vault(tmp_path), None).transcribe_next()
    later = MessageTexts(database, Vault(tmp_path), Ears(Said("现在听得见")))
    await later._again()
    await later.transcribe_next()
    assert (await text_of(database))[1] == "现在听得见"
