"""When a caller begins and ends to speak, told from 20 ms of sound at a time. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

import numpy as np

FRAME_SECONDS = 0.02
FRAME_BYTES = 320  # 8 kHz, 16 bit
FLOOR_FRAMES = 100  # the quietest moment of the last 2 s is the line's own noise: speech has gaps within that
LOWEST_FLOOR, HIGHEST_FLOOR = -70.0, -35.0  # dB below full scale
ABOVE_FLOOR = 12.0  # dB
QUIETEST_SPEECH = -46.0  # dB; the speech of a telephone call lies between -35 and -10
OVER_PROMPT = 6.0  # dB more while a prompt plays: a telephone gives some of it back
BEGIN_FRAMES, BEGIN_OVER_PROMPT = 3, 6  # voiced frames of the last 4 or 8
WHOLE_PHRASE_SECONDS = 0.26  # of quiet after which a caller who has said an expected phrase has finished
ELSE_SECONDS = 0.42  # the result must be there half a second after the last word
LONGEST_SPEECH_SECONDS = 15.0
SHORTEST_WORD_SECONDS = 0.2  # what is shorter was a cough or a door


class Moment(Enum):
    BEGAN = auto()
    ENDED = auto()


def level(frame: bytes) -> float:
    """Loudness in dB below full scale; -100 for digital silence."""
    samples = np.frombuffer(frame[: len(frame) // 2 * 2], dtype="<i2").astype(np.float32)
    power = float(np.dot(samples, samples)) / max(1, len(samples))
    return -100.0 if power < 0.1 else 10.0 * float(np.log10(power / 32768.0**2))


class SpeechGate:
    """Give it every frame of one caller in order.

    `over_prompt` = a prompt is being played. `whole` = what the recogniser understood is an expected phrase already.
    """

    def __init__(self) -> None:
        self.over_prompt = False
        self.whole = False
        self.speaking = False
        self._levels: deque[float] = deque(maxlen=FLOOR_FRAMES)
        self._voiced: deque[bool] = deque(maxlen=8)
        self._quiet = 0.0
        self._spoken = 0.0
        self._voice = 0.0

    @property
    def was_word(self) -> bool:
        """Whether what ended last can have been speech."""
        return self._voice >= SHORTEST_WORD_SECONDS

    def hear(self, frame: bytes) -> Moment | None:
        loud = self._is_voice(level(frame))
        self._voiced.append(loud)
        return self._may_end(loud) if self.speaking else self._may_begin()

    def _is_voice(self, now: float) -> bool:
        self._levels.append(now)
        floor = min(max(min(self._levels), LOWEST_FLOOR), HIGHEST_FLOOR)
        threshold = max(floor + ABOVE_FLOOR, QUIETEST_SPEECH)
        return now > threshold + (OVER_PROMPT if self.over_prompt and not self.speaking else 0.0)

    def _may_begin(self) -> Moment | None:
        needed = BEGIN_OVER_PROMPT if self.over_prompt else BEGIN_FRAMES
        looked_at = list(self._voiced)[-(8 if self.over_prompt else 4) :]
        if sum(looked_at) < needed:
            return None
        self.speaking, self.whole = True, False
        self._quiet = self._spoken = 0.0
        self._voice = sum(looked_at) * FRAME_SECONDS
        return Moment.BEGAN

    def _may_end(self, loud: bool) -> Moment | None:
        self._quiet = 0.0 if loud else self._quiet + FRAME_SECONDS
        self._voice += FRAME_SECONDS if loud else 0.0
        self._spoken += FRAME_SECONDS
        patience = WHOLE_PHRASE_SECONDS if self.whole else ELSE_SECONDS
        if self._quiet < patience - FRAME_SECONDS / 2 and self._spoken < LONGEST_SPEECH_SECONDS:
            return None
        self.speaking = False
        self._voiced.clear()
        return Moment.ENDED


def is_whole(words: str, phrases: tuple[str, ...]) -> bool:
    """An expected phrase has been said, and none that is longer has begun with it."""
    said = "".join(words.lower().split())
    plain = ["".join(phrase.lower().split()) for phrase in phrases]
    return said in plain and not any(phrase.startswith(said) and phrase != said for phrase in plain)
