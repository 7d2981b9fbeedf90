"""The text of every recorded talk, one at a time, whenever the machine has nothing better to do.

What waits is asked of the database (crm_core.transcripts.queue), never remembered. The words are found by a process
of its own at the lowest priority; the rows are written by this one, so that nobody waits for a lock it holds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_core.clock import now
from crm_core.db import Database
from crm_core.history.marks import marks_of
from crm_core.transcripts.keywords import Listening
from crm_core.transcripts.model import FAILED, NO_MODEL, OFF, WAITING
from crm_core.transcripts.queue import AT_ONCE, MOST_TRIES, NextTalk, begin_again, ended, put_on_list, take_next
from crm_core.transcripts.settings import listening
from crm_core.transcripts.storing import Made, store
from crm_core.transcripts.talk import Span
from recording.vault import SoundAway, Vault

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
AWAY_SECONDS = 30.0  # the volume or the store with the recordings does not answer
SETTINGS_SECONDS = 20.0  # how old the settings may be between two pieces of one talk
BACK = timedelta(days=30)  # older talks are transcribed when a person asks
LATELY, WHOLE_SECONDS = timedelta(days=1), 3600.0  # looking at a month of talks takes a tenth of a second
FOR_EVER = 1e9  # seconds: a pause that nobody ended lasts to the recording's end
INSTALL = "hotline speech install messages"  # what an operator runs, told with every talk that lacks a model
Busy = Callable[[int], bool]


class Writer(Protocol):
    """`hotline.transcribing` makes one of `ivr.talk_writer`."""

    @property
    def languages(self) -> Sequence[str]:
        """Those for which a model is installed."""
        ...

    async def made(self, sound: Path, language: str, gone: Sequence[Span], calm: Callable[[], Awaitable[None]]) -> Made:
        """All that was said. Raises when it cannot; an error whose `later` is true may pass."""
        ...

    async def rest(self) -> None:
        """Nothing waits: gives back the memory."""
        ...


class TalkTexts:
    """`busy(most)` says whether more than so many people talk, or the machine has more to do than it can.

    Of the only process of the site that transcribes.
    """

    def __init__(self, database: Database, vault: Vault, writer: Writer, *, busy: Busy) -> None:
        self._database, self._vault, self._writer = database, vault, writer
        self._busy = busy
        self._rules: tuple[float, Listening] | None = None
        self._enlisted: float | None = None

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        begun = False
        while True:
            worked = False
            try:
                if not begun:
                    await self.begin()
                    begun = True
                await self.enlist()
                worked = await self.transcribe_next()
            except SQLAlchemyError as away:
                log.warning("talk_texts_database_away", reason=str(away))
            if not worked:
                await self._writer.rest()
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def begin(self) -> None:
        """What an earlier process was at when it was killed is next again; so is what lacked a model that is there."""
        async with self._database.begin() as session:
            await begin_again(session, self._writer.languages)

    async def enlist(self) -> None:
        """New talks every time; once an hour all that are not too old, e.g. after a time without the platform."""
        whole = self._enlisted is None or time.monotonic() - self._enlisted > WHOLE_SECONDS
        async with self._database.begin() as session:
            found = await put_on_list(session, now() - (BACK if whole else LATELY))
        if whole and found < AT_ONCE:
            self._enlisted = time.monotonic()

    async def transcribe_next(self) -> bool:
        """False when there is nothing to do now, or the machine is wanted for calls."""
        rules = await self._listening()
        if self._busy(rules.most_calls):
            return False
        async with self._database.begin() as session:
            talk = await take_next(session)
        if talk is None:
            return False
        if talk.queue in rules.silent and not talk.asked_for:
            await self._ended(talk, OFF)
        elif talk.language not in self._writer.languages:
            await self._ended(talk, NO_MODEL, INSTALL)
        else:
            await self._transcribe(talk)
        return True

    async def _transcribe(self, talk: NextTalk) -> None:
        try:
            made = await self._made(talk)
        except SoundAway as away:
            log.warning("talk_sound_away", recording=talk.recording_id, reason=str(away))
            await self._ended(talk, WAITING, str(away), tried=False)
            await asyncio.sleep(AWAY_SECONDS)
            return
        except Exception as failed:
            again = getattr(failed, "later", False) and talk.tries < MOST_TRIES
            log.error("talk_not_transcribed", recording=talk.recording_id, tries=talk.tries, reason=repr(failed))
            await self._ended(talk, WAITING if again else FAILED, str(failed))
            return
        at, rules = now(), await self._listening()
        async with self._database.begin() as session:
            told = await store(session, talk, made, rules, at=at)
        if told:
            log.info("keywords_told", recording=talk.recording_id, people=len(told))

    async def _made(self, talk: NextTalk) -> Made:
        private, left_out = await self._marks(talk.recording_id)
        async with self._vault.sound(talk.file) as path:
            made = await self._writer.made(path, talk.language, private, self._calm)
        return replace(made, left_out=left_out)

    async def _marks(self, recording_id: int) -> tuple[list[Span], list[Span]]:
        """What the engine must not hear (private pauses), and what is no talk at all (those, and holds)."""
        async with self._database.begin() as session:
            marks = (await marks_of(session, [recording_id]))[recording_id]
        spans = [(mark.kind, (mark.began, FOR_EVER if mark.ended is None else mark.ended)) for mark in marks]
        return [span for kind, span in spans if kind == "pause"], [span for _, span in spans]

    async def _calm(self) -> None:
        """Returns when the machine is not wanted for calls."""
        while self._busy((await self._listening()).most_calls):  # noqa: ASYNC110 - no event tells of the load
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _listening(self) -> Listening:
        if self._rules is None or time.monotonic() - self._rules[0] > SETTINGS_SECONDS:
            async with self._database.begin() as session:
                self._rules = (time.monotonic(), await listening(session))
        return self._rules[1]

    async def _ended(self, talk: NextTalk, status: str, failure: str = "", *, tried: bool = True) -> None:
        async with self._database.begin() as session:
            await ended(session, talk.recording_id, status, failure=failure, language=talk.language, tried=tried)
