"""One side of a talk into text: its sound comes in, the words so far and finished lines go out.

Silence is not sent to the engine. A recogniser that is lost costs the rest of one line; the next one goes on with the
one that was started again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from cti.audio_socket import AudioStream, Sound
from cti.talk_text import Side, TalkText, TextState
from ivr.recogniser import RecogniserLost
from ivr.recogniser_leg import RecogniserLeg
from ivr.speech import FRAME_BYTES, FRAME_SECONDS, Moment, SpeechGate

log = structlog.get_logger(__name__)

PIECE_FRAMES = 5  # to the recogniser at a time: more would be waited for, less costs more processor
BEFORE_FRAMES = 20  # the beginning of a word is quieter than what opens the gate
LINE_SECONDS = 6.0  # nobody waits in silence for a line
PIECE_SECONDS = PIECE_FRAMES * FRAME_SECONDS


class Hearing(Protocol):
    """Who opens legs: ivr.recogniser_pool.Recognisers."""

    async def open(
        self, language: str, phrases: tuple[str, ...] = (), on_words: Callable[[str], None] | None = None
    ) -> RecogniserLeg: ...

    def hears(self, language: str) -> bool: ...


class LiveSide:
    """`muted` says that nothing of this moment may be understood; `changed` is told of every change of the text."""

    def __init__(
        self,
        side: Side,
        text: TalkText,
        recognisers: Hearing,
        *,
        muted: Callable[[], bool],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._side, self._text, self._recognisers = side, text, recognisers
        self._muted, self._changed, self._clock = muted, changed, clock
        self._gate = SpeechGate()
        self._leg: RecogniserLeg | None = None
        self._before: list[bytes] = []
        self._piece: list[bytes] = []
        self._at = 0.0
        self.speech = 0.0  # seconds that were given to the recogniser
        self._given = self._leg_began = 0.0  # likewise: to this leg, and to it before this line

    @property
    def behind(self) -> float:
        """Seconds of speech that the recogniser has and has not understood yet."""
        return self._leg.ahead * PIECE_SECONDS if self._leg is not None else 0.0

    async def follow(self, stream: AudioStream) -> None:
        """`StreamEnded` when the talk is over or the stream breaks."""
        try:
            while True:
                item = await stream.read()
                if isinstance(item, Sound):
                    for start in range(0, len(item.samples), FRAME_BYTES):
                        await self._hear(item.samples[start : start + FRAME_BYTES])
        finally:
            self._tell(self._text.end(self._side, self._at, ""))
            self._close()

    async def _hear(self, frame: bytes) -> None:
        if self._muted():
            await self._fall_silent()
            return
        moment = self._gate.hear(frame)
        if moment is Moment.BEGAN:
            self._piece, self._before = self._before, []
            self._at = self._clock() - len(self._piece) * FRAME_SECONDS
            self._leg_began = self._given
        if not self._gate.speaking and moment is None:
            self._before = [*self._before[1 - BEFORE_FRAMES :], frame]
            return
        self._piece.append(frame)
        try:
            if moment is Moment.ENDED:
                await self._understand()
            elif len(self._piece) >= PIECE_FRAMES:
                await self._pass_on()
        except RecogniserLost as lost:
            self._lost(str(lost))

    async def _fall_silent(self) -> None:
        """What was said before is understood; what comes now is not even kept for the beginning of a word."""
        self._before = []
        if not self._gate.speaking:
            return
        self._gate = SpeechGate()
        try:
            await self._understand()
        except RecogniserLost as lost:
            self._lost(str(lost))

    async def _pass_on(self) -> None:
        if self._leg is None:
            self._leg = await self._recognisers.open(self._text.language, (), self._words)
            self._tell(self._text.state is TextState.AWAY and self._text.become(TextState.LISTENING))
        piece, self._piece = self._piece, []
        if piece:
            self._leg.hear(b"".join(piece))
            self.speech += len(piece) * FRAME_SECONDS
            self._given += len(piece) * FRAME_SECONDS

    async def _understand(self) -> None:
        await self._pass_on()
        if self._leg is not None:
            result = await self._leg.finish(LINE_SECONDS)
            self._leg.words = ""
            ends = tuple(round(self._at + word.end - self._leg_began, 3) for word in result.words)
            self._tell(self._text.end(self._side, self._at, result.text, ends=ends))

    def _words(self, words: str) -> None:
        if not self._muted():
            self._tell(self._text.grow(self._side, self._at, words))

    def _lost(self, reason: str) -> None:
        if self._leg is not None:
            log.info("live_text_lost", call=self._text.call, side=str(self._side), reason=reason)
        self._close()
        self._piece = []
        cut = self._text.end(self._side, self._at, "", cut=True)
        self._tell(self._text.become(TextState.AWAY) or cut)

    def _close(self) -> None:
        leg, self._leg = self._leg, None
        self._given = self._leg_began = 0.0
        if leg is not None:
            with suppress(RecogniserLost):
                leg.close()

    def _tell(self, changed: bool) -> None:
        if changed:
            self._changed()
