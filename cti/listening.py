"""One question by voice: play, listen, be interrupted by speech or keys, understand. It ends in one `Heard`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from cti.audio_socket import AudioStream, Key, StreamEnded
from ivr.line import NOT_UNDERSTOOD, Heard
from ivr.phrases import meant
from ivr.recogniser import Recognised, RecogniserLost
from ivr.recogniser_leg import RecogniserLeg
from ivr.speech import FRAME_BYTES, FRAME_SECONDS, Moment, SpeechGate, is_whole

log = structlog.get_logger(__name__)

AHEAD_SECONDS = 0.04  # of the prompt, so that a busy moment of ours is no gap in it
PIECE_FRAMES = 5  # to the recogniser at a time
BEFORE_FRAMES = 20  # the beginning of a word is quieter than what opens the gate

LONGEST_ANSWER = 30.0  # seconds after the time to begin one: a television beside the telephone never ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`phrases` () = free speech. `seconds` to begin an answer, and between two of up to `digits` keys."""

    phrases: tuple[str, ...]
    language: str
    seconds: float
    digits: int


class Listening:
    def __init__(
        self, stream: AudioStream, leg: RecogniserLeg, question: Question, sound: bytes, by_key: bytes
    ) -> None:
        """`by_key` is what a caller hears whose recogniser is lost; b"" = no key can answer."""
        self._stream, self._leg, self._question, self._sound = stream, leg, question, sound
        self._by_key = by_key
        self._loop = asyncio.get_running_loop()
        self._gate = SpeechGate()
        self._before: list[bytes] = []
        self._piece: list[bytes] = []
        self._keys = ""
        self._deaf = False
        self._deadline = self._end = 0.0
        self._player: asyncio.Task[None] | None = None

    async def run(self) -> Heard:
        """`StreamEnded` when the caller hangs up or the stream breaks."""
        self._play(self._sound)
        try:
            while (heard := await self._next()) is None:
                continue
            return heard
        finally:
            self._hush()

    def _play(self, sound: bytes) -> None:
        length = len(sound) / FRAME_BYTES * FRAME_SECONDS
        self._end = self._loop.time() + length + self._question.seconds + LONGEST_ANSWER
        self._wait_on(length)
        self._gate.over_prompt = bool(sound)
        self._player = self._loop.create_task(self._send_prompt(sound), name="prompt")

    def _wait_on(self, prompt: float = 0.0) -> None:
        self._deadline = min(self._end, self._loop.time() + prompt + self._question.seconds)

    async def _send_prompt(self, sound: bytes) -> None:
        begin, frames = self._loop.time(), range(0, len(sound), FRAME_BYTES)
        for number, start in enumerate(frames):
            ahead = begin + number * FRAME_SECONDS - AHEAD_SECONDS - self._loop.time()
            if ahead > 0:
                await asyncio.sleep(ahead)  # the pace of speech itself
            try:
                self._stream.write(sound[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
            except StreamEnded:
                return  # whoever reads sees it, too
        self._gate.over_prompt = False

    def _hush(self) -> None:
        """The prompt falls silent at once."""
        if self._player is not None:
            self._player.cancel()
        self._gate.over_prompt = False

    async def _next(self) -> Heard | None:
        try:
            async with asyncio.timeout_at(self._deadline):
                item = await self._stream.read()
        except TimeoutError:
            return await self._time_is_up()
        if isinstance(item, Key):
            return self._pressed(item.key)
        for start in range(0, len(item.samples), FRAME_BYTES):
            if (heard := await self._hear(item.samples[start : start + FRAME_BYTES])) is not None:
                return heard
        return None if self._loop.time() < self._deadline else await self._time_is_up()

    def _pressed(self, key: str) -> Heard | None:
        if not self._question.digits:
            return None
        self._hush()
        self._deaf = True  # who presses keys is not spoken for by the radio beside
        if key == "#":
            return Heard(keys=self._keys)
        self._keys += key
        self._wait_on()
        return Heard(keys=self._keys) if len(self._keys) >= self._question.digits else None

    async def _hear(self, frame: bytes) -> Heard | None:
        if self._deaf:
            return None
        moment = self._gate.hear(frame)
        if moment is Moment.BEGAN:
            self._hush()
            self._piece, self._before = self._before, []
        if not self._gate.speaking and moment is None:
            self._before = [*self._before[1 - BEFORE_FRAMES :], frame]
            return None
        self._piece.append(frame)
        self._wait_on()
        try:
            if moment is Moment.ENDED:
                return await self._understand()
            if len(self._piece) >= PIECE_FRAMES:
                self._pass_on()
        except RecogniserLost as lost:
            return self._go_on_by_keys(str(lost))
        return None

    def _pass_on(self) -> None:
        self._leg.hear(b"".join(self._piece))
        self._piece = []
        self._gate.whole = bool(self._question.phrases) and is_whole(self._leg.words, self._question.phrases)

    async def _understand(self) -> Heard | None:
        """None for what was no speech, a cough or a door: the caller still has time to answer."""
        if self._piece:
            self._pass_on()
        result = await self._leg.finish()
        if result.text:
            return self._heard(result)
        return Heard(words=NOT_UNDERSTOOD) if self._question.phrases and self._gate.was_word else None

    def _heard(self, result: Recognised) -> Heard:
        if not self._question.phrases:
            return Heard(words=result.text, confidence=result.confidence)
        phrase, alike = meant(result.text, self._question.phrases)
        return Heard(words=phrase or result.text, confidence=result.confidence * alike)

    def _go_on_by_keys(self, reason: str) -> Heard | None:
        """The recogniser is gone in the middle of an answer. The caller hears at once what can be pressed."""
        log.info("asked_by_keys", reason=reason)
        if not self._by_key:
            return Heard()
        self._deaf = True
        self._play(self._by_key)
        return None

    async def _time_is_up(self) -> Heard:
        """Who is still speaking is understood as far as it goes."""
        if self._gate.speaking and not self._deaf:
            try:
                return await self._understand() or Heard(keys=self._keys)
            except RecogniserLost as lost:
                log.info("recogniser_lost_at_the_end", reason=str(lost))
        return Heard(keys=self._keys)
