"""The text of each voice message, made by a recogniser in the background; without one the message says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from crm_core.callbacks.model import VoiceMessage
from crm_core.db import Database, storable
from crm_core.history.model import Contact, Recording
from recording.library import PLAYABLE
from recording.vault import SoundAway, Vault

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
LONGEST_SECONDS = 1200.0  # for one message; the recogniser has hung by then
SPOKEN = "zh-CN"  # where the call does not tell
TRIES = 3  # of one message in one life of the process
NO_MODEL, FAILED, SILENT, READY = "no_model", "failed", "silent", "ready"


class Transcript(Protocol):
    """What was said; "" = no speech. `engine` names the recogniser, e.g. "faster-whisper base"."""

    @property
    def text(self) -> str: ...
    @property
    def engine(self) -> str: ...


class Transcriber(Protocol):
    """`ivr.transcriber` gives one; it works in a process of its own."""

    def available(self, language: str) -> bool:
        """Whether a model for this language is installed."""
        ...

    async def transcribe(self, sound: Path, language: str) -> Transcript:
        """Of a whole file. Raises when it cannot; an error whose `later` is true may pass. Never an invented text."""
        ...


@dataclass(frozen=True, slots=True)
class _Next:
    contact: str
    file: str
    language: str


class MessageTexts:
    """One message at a time, the oldest first; several processes may do the same work twice, never harm it."""

    def __init__(self, database: Database, vault: Vault, transcriber: Transcriber | None) -> None:
        self._database, self._vault, self._transcriber = database, vault, transcriber
        self._failed: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled. Messages that found no model are tried again when there is one at the start."""
        await self._again()
        while True:
            try:
                worked = await self.transcribe_next()
            except SQLAlchemyError as away:
                log.warning("message_texts_database_away", reason=str(away))
                worked = False
            if not worked:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def transcribe_next(self) -> bool:
        """False when there is nothing to do now."""
        found = await self._next()
        if found is None:
            return False
        transcriber = self._transcriber
        if transcriber is None or not transcriber.available(found.language):
            await self._write(found.contact, text_state=NO_MODEL)
            return True
        try:
            async with self._vault.sound(found.file) as path, asyncio.timeout(LONGEST_SECONDS):
                heard = await transcriber.transcribe(path, found.language)
        except SoundAway as away:
            log.warning("message_sound_away", contact=found.contact, reason=str(away))
            return False
        except Exception as failed:
            return await self._not_transcribed(found.contact, failed)
        text = storable(heard.text.strip(), 8000)
        state = READY if text else SILENT
        await self._write(found.contact, text_state=state, heard=text, heard_by=storable(heard.engine, 60))
        return True

    async def _not_transcribed(self, contact: str, failed: Exception) -> bool:
        """False = rest, then try again: the recogniser said that it may do better then."""
        log.error("message_not_transcribed", contact=contact, reason=repr(failed))
        self._failed[contact] = self._failed.get(contact, 0) + 1
        if getattr(failed, "later", False) and self._failed[contact] < TRIES:
            return False
        await self._write(contact, text_state=FAILED)
        return True

    async def _next(self) -> _Next | None:
        statement = (
            select(VoiceMessage.contact_id, Recording.file, Contact.language)
            .join(Recording, Recording.leg_id == VoiceMessage.contact_id + "-m")
            .join(Contact, Contact.id == VoiceMessage.contact_id)
            .where(VoiceMessage.text_state == "", Recording.status.in_(PLAYABLE))
            .order_by(VoiceMessage.left_at)
            .limit(1)
        )
        async with self._database.begin() as session:
            row = (await session.execute(statement)).first()
        return _Next(row.contact_id, row.file, row.language or SPOKEN) if row else None

    async def _write(self, contact: str, **values: str) -> None:
        async with self._database.begin() as session:
            await session.execute(update(VoiceMessage).where(VoiceMessage.contact_id == contact).values(**values))

    async def _again(self) -> None:
        if self._transcriber is None:
            return
        waiting = update(VoiceMessage).where(VoiceMessage.text_state == NO_MODEL, VoiceMessage.done_at.is_(None))
        try:
            async with self._database.begin() as session:
                await session.execute(waiting.values(text_state=""))
        except SQLAlchemyError as away:
            log.warning("message_texts_database_away", reason=str(away))
