"""The text of each spoken comment on a questionnaire, made by a recogniser in the background, the newest first.

Newest first, because a person at the campaign's board waits for it: a comment has its text within seconds. So that the
first one has, too, the model is loaded while the customer is still being asked.
"""

from __future__ import annotations

import asyncio
import io
import time
import wave
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import soundfile
import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from crm_core.clock import now
from crm_core.db import Database, storable
from crm_core.questionnaires.comment_wishes import heed_comment
from crm_core.questionnaires.model import Answer, Response
from recording.message_texts import FAILED, NO_MODEL, READY, SILENT, Transcriber
from recording.raw_audio import RATE
from recording.vault import SoundAway, Vault

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 1.0
LONGEST_SECONDS = 120.0  # a comment is a minute at most
WARM_AGAIN_SECONDS = 20.0
ROUND = timedelta(minutes=10)  # nobody is asked for longer
_Key = tuple[int, str]


class CommentTranscriber(Transcriber, Protocol):
    """One that can be made ready beforehand."""

    async def warm(self, language: str) -> None:
        """Its model is in memory when this returns. Raises when it cannot be."""
        ...


def as_wav(path: Path) -> bytes:
    """A comment as a browser plays it: 8 kHz, 16 bit, the customer's channel alone, with its header."""
    if path.suffix not in (".raw", ".sln"):
        samples = soundfile.read(path, dtype="int16", always_2d=True)[0][:, 0].tobytes()
    else:
        samples = path.read_bytes()
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(samples)
    return made.getvalue()


class CommentTexts:
    """One comment at a time; several processes may do the same work twice, never harm it."""

    def __init__(self, database: Database, vault: Vault, transcriber: CommentTranscriber | None) -> None:
        self._database, self._vault, self._transcriber = database, vault, transcriber
        self._later: set[_Key] = set()
        self._warmed: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.get_ready()
                worked = await self.transcribe_next()
            except SQLAlchemyError as away:
                log.warning("comment_texts_database_away", reason=str(away))
                worked = False
            if not worked:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def get_ready(self) -> None:
        """Loads the models of the languages in which somebody is being asked by telephone at this moment."""
        asked = select(Response.language).distinct()
        asked = asked.where(
            Response.looked_at.is_(None), Response.ended_at.is_(None), Response.how.in_(("key", "voice")),
            Response.began_at > now() - ROUND,
        )  # fmt: skip
        async with self._database.begin() as session:
            languages = list(await session.scalars(asked))
        for language in languages:
            if self._transcriber is None or not self._transcriber.available(language):
                continue
            if time.monotonic() - self._warmed.get(language, -WARM_AGAIN_SECONDS) < WARM_AGAIN_SECONDS:
                continue
            self._warmed[language] = time.monotonic()
            try:
                await self._transcriber.warm(language)
            except Exception as failed:
                log.warning("transcriber_not_ready", language=language, reason=repr(failed))

    async def transcribe_next(self) -> bool:
        """False when there is nothing to do now."""
        waiting = (
            select(Answer.response_id, Answer.question, Answer.sound, Response.language)
            .join(Response, Response.id == Answer.response_id)
            .where(Answer.sound != "", Answer.text_state == "")
            .order_by(Answer.at.desc())
            .limit(1)
        )
        async with self._database.begin() as session:
            found = (await session.execute(waiting)).first()
        if found is None:
            return False
        key, sound, language = (found.response_id, found.question), found.sound, found.language
        if self._transcriber is None or not self._transcriber.available(language):
            await self._write(key, sound, NO_MODEL)
            return True
        try:
            async with self._vault.sound(sound) as path, asyncio.timeout(LONGEST_SECONDS):
                heard = await self._transcriber.transcribe(path, language)
        except SoundAway as away:
            log.warning("comment_sound_away", response=key[0], reason=str(away))
            return False
        except Exception as failed:
            return await self._failed(key, sound, failed)
        text = storable(heard.text.strip(), 2000)
        await self._write(key, sound, READY if text else SILENT, text)
        return True

    async def _failed(self, key: _Key, sound: str, failed: Exception) -> bool:
        """The recogniser may say that it will do better later: once it is asked again."""
        log.error("comment_not_transcribed", response=key[0], question=key[1], reason=repr(failed))
        if getattr(failed, "later", False) and key not in self._later:
            self._later.add(key)
            return False
        await self._write(key, sound, FAILED)
        return True

    async def _write(self, key: _Key, sound: str, state: str, text: str = "") -> None:
        """Only while it is still this sound: the customer may have spoken anew."""
        mine = (Answer.response_id == key[0], Answer.question == key[1], Answer.sound == sound)
        waits = Answer.text_state == ""
        async with self._database.begin() as session:
            kept = update(Answer).where(*mine, waits).values(text_state=state, text=text).returning(Answer.question)
            if await session.scalar(kept) is not None and text:
                await heed_comment(session, key[0], text, at=now())
