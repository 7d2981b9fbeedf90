"""A caller who may answer by voice: a `PromptLine` that also listens, where a recogniser of the language is at work.

While a question by voice is asked, the channel is in Asterisk's AudioSocket: we play the prompt ourselves, 20 ms every
20 ms, and hear speech and keys at once. Everything else, and every fault, goes the way of keys (decision 0028).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from cti.agi_session import AgiFault, AgiSession, Answer
from cti.audio_socket import AudioSocketServer, AudioStream, StreamEnded
from cti.listening import Listening, Question
from cti.prompt_line import PromptFolder, PromptLine
from ivr.line import Heard
from ivr.recogniser import RecogniserLost
from ivr.recogniser_pool import Recognisers

log = structlog.get_logger(__name__)

CONNECTED_SECONDS = 1.0
LEAVE_SECONDS = 2.0
LONGEST_QUESTION = 120.0  # seconds


class NoStream(Exception):
    """Asterisk did not connect."""


class Ears:
    """What all callers who speak share: the server for their sound, and the recognisers."""

    def __init__(self, recognisers: Recognisers) -> None:
        self.recognisers = recognisers
        self.sockets = AudioSocketServer()

    async def start(self, first: asyncio.Event | None = None) -> None:
        """Callers can be asked at once, by keys. Models take a core for seconds: they are loaded after `first`."""
        await self.sockets.start()
        self._loading = asyncio.create_task(self._load(first), name="recognisers_loaded")

    async def _load(self, first: asyncio.Event | None) -> None:
        if first is not None:
            await first.wait()
        self.recognisers.start()

    async def stop(self) -> None:
        self._loading.cancel()
        await self.recognisers.stop()
        await self.sockets.stop()

    def line(self, session: AgiSession, prompts: PromptFolder) -> SpeechLine:
        return SpeechLine(session, prompts, self)


class SpeechLine(PromptLine):
    """`ivr.line.Line` and `ivr.line.Listener` on one session."""

    def __init__(self, session: AgiSession, prompts: PromptFolder, ears: Ears) -> None:
        super().__init__(session, prompts)
        self._ears = ears

    def hears(self, language: str) -> bool:
        return self._ears.recognisers.hears(language)

    async def listen(
        self,
        prompts: tuple[str, ...],
        language: str,
        *,
        words: tuple[str, ...],
        seconds: float,
        digits: int,
        by_key: tuple[str, ...] | None = None,
    ) -> Heard:
        question = Question(phrases=words, language=language, seconds=seconds, digits=digits)
        keyed = prompts if by_key is None else by_key
        try:
            leg = await self._ears.recognisers.open(language, words)
        except RecogniserLost as lost:
            log.info("asked_by_keys", reason=str(lost))
            return await self._by_keys(keyed, question)
        try:
            sound = await self._prompts.sound(prompts, language)
            otherwise = sound if keyed == prompts else await self._prompts.sound(keyed, language)
            async with self._stream() as stream:
                return await Listening(stream, leg, question, sound, otherwise).run()
        except (NoStream, StreamEnded) as failed:
            await self._session.still_there()
            log.warning("audio_socket_failed", reason=str(failed))
            return await self._by_keys(keyed, question)
        finally:
            with suppress(RecogniserLost):
                leg.close()

    async def _by_keys(self, prompts: tuple[str, ...], question: Question) -> Heard:
        """Without prompts no key can answer: the menu says at once what comes next."""
        if not prompts:
            return Heard()
        keys = await self.ask(prompts, question.language, seconds=question.seconds, digits=question.digits)
        return Heard(keys=keys)

    @asynccontextmanager
    async def _stream(self) -> AsyncIterator[AudioStream]:
        """The channel's sound, for the time of this block; `CallerGone` when the caller hung up meanwhile."""
        identity, coming = self._ears.sockets.expect()
        place = f"{identity},{self._ears.sockets.address}"
        command = self._session.command("EXEC", "AudioSocket", place, seconds=LONGEST_QUESTION)
        running = asyncio.create_task(command, name="audio_socket")
        either: set[asyncio.Future[Any]] = {coming, running}
        try:
            await asyncio.wait(either, timeout=CONNECTED_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                raise NoStream("Asterisk did not connect")
            stream = coming.result()
            try:
                yield stream
            finally:
                await stream.end()
        finally:
            self._ears.sockets.forget(identity)
            await self._left(running)

    @staticmethod
    async def _left(running: asyncio.Task[Answer]) -> None:
        """Asterisk's word that the channel is back in the session: only then may the next command be sent."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await running
        except TimeoutError as late:
            raise AgiFault("the channel did not leave AudioSocket") from late
