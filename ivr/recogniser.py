"""What is asked of a recogniser, and the frames by which a recogniser in a process of its own is spoken to. No I/O.

One stream of sound per leg: 8 kHz, one channel, 16 bit, little endian. A leg of a menu has phrases to expect; a leg
without phrases is free speech, e.g. for a live transcript.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ivr.line import NOT_UNDERSTOOD

RATE = 8_000
BYTES_PER_SECOND = 2 * RATE
UNKNOWN = NOT_UNDERSTOOD  # the engine's own word for it
LONGEST_PAYLOAD = 1 << 20

_HEADER = struct.Struct("!BII")


class RecogniserLost(Exception):
    """The recogniser ended, hangs, is overloaded or was never there: this leg goes on with keys."""


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` in seconds from the leg's beginning."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was said; "" = no speech, or none of the phrases. `confidence` is 0 to 1."""

    text: str = ""
    confidence: float = 0.0
    words: tuple[Word, ...] = ()


class Kind(IntEnum):
    """To the process: OPEN, AUDIO, FINISH, CLOSE, FIND. From it: READY, OPENED, PARTIAL, RESULT, UNKNOWN, FAILED."""

    OPEN = 1  # JSON of two lists: phrases, [] = free speech; other words, that are heard and are none of the phrases
    AUDIO = 2
    FINISH = 3
    CLOSE = 4
    FIND = 5  # JSON list of phrases
    READY = 16  # JSON: whether the model has a word for everything that it does not know
    OPENED = 17  # JSON list of the phrases that can never be heard
    PARTIAL = 18  # the words so far; one for each AUDIO
    RESULT = 19  # JSON of a Recognised
    FOUND = 20  # JSON list of the phrases that can never be heard
    FAILED = 21  # a sentence


def framed(kind: Kind, leg: int, payload: bytes = b"") -> bytes:
    return _HEADER.pack(kind, leg, len(payload)) + payload


HEADER_BYTES = _HEADER.size


def read_header(header: bytes) -> tuple[Kind, int, int]:
    """Kind, leg and length of what follows. ValueError when it is none."""
    kind, leg, length = _HEADER.unpack(header)
    if length > LONGEST_PAYLOAD:
        raise ValueError(f"a frame of {length} bytes")
    return Kind(kind), leg, length


def to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def from_vosk(segments: Iterator[dict[str, Any]], others: frozenset[str] = frozenset({UNKNOWN})) -> Recognised:
    """One result of the engine's segments. Words of `others`, none of the phrases, are left out; confidence falls."""
    heard = [word for segment in segments for word in segment.get("result", ())]
    words = tuple(
        Word(str(word["word"]), float(word["start"]), float(word["end"]), float(word["conf"]))
        for word in heard
        if word["word"] not in others
    )
    if not words:
        return Recognised()
    confidence = sum(word.confidence for word in words) / len(heard)
    return Recognised(" ".join(word.text for word in words), min(1.0, confidence), words)


def packed(result: Recognised) -> bytes:
    words = [[word.text, word.start, word.end, word.confidence] for word in result.words]
    return to_json([result.text, result.confidence, words])


def unpacked(payload: bytes) -> Recognised:
    text, confidence, words = json.loads(payload)
    return Recognised(text, confidence, tuple(Word(*word) for word in words))
