"""Recorded talks become text, in a process of its own that runs only where nobody else wants to.

`python -m ivr.talk_worker`. A line of JSON in: {"sound", "language", "engine": vosk or whisper, "model", "gone": spans
that are private}. After each piece of work a line {"step"} out, and the next piece begins at a line "go": so that the
platform can hold it while calls need the machine. Last a line {"done"} or {"fault"}. Each side is read alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from crm_core.imports.apart import end_with_parent
from ivr.speech_spans import RATE, Samples, spans_of
from ivr.transcriber_worker import HINT, TELEPHONE_RATE, TOKENS_PER_SECOND, believable, model
from ivr.utterances import Joined, Spoken, Utterance, lines, pieces

SIDES = ("customer", "agent")  # left, right
FULL_WIDTH = str.maketrans(",?!:;", "，？！：；")  # the model takes the half of them in Chinese
VOSK_STEP = 60 * TELEPHONE_RATE
Go = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Asked:
    sound: str
    language: str
    engine: str
    model: str
    gone: list[list[float]]


def channels(path: Path) -> list[Samples]:
    """Each side at 16 kHz; a file of one channel is the customer's."""
    frames, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return [np.asarray(soxr.resample(frames[:, side], rate, RATE), np.float32) for side in range(frames.shape[1])][:2]


def write(asked: Asked, go: Go) -> dict[str, Any]:
    """All of a talk: utterances and spans of speech per side, seconds."""
    sides = channels(Path(asked.sound))
    gone = [(float(began), float(ended)) for began, ended in asked.gone]
    told: dict[str, Any] = {"seconds": len(sides[0]) / RATE, "spans": {}, "lines": []}
    for side, samples in zip(SIDES, sides, strict=False):
        spans = spans_of(samples)
        told["spans"][side] = spans
        parts = pieces(spans, len(samples) / RATE, gone)
        told["lines"] += [{"side": side, **asdict(line)} for line in _heard(samples, parts, asked, go)]
    return told


def _heard(samples: Samples, parts: list[tuple[float, float]], asked: Asked, go: Go) -> list[Utterance]:
    if not parts:
        return []
    joined = Joined(parts)
    sound = np.concatenate([samples[round(began * RATE) : round(ended * RATE)] for began, ended in parts])
    engine = by_vosk if asked.engine == "vosk" else by_whisper
    words: list[Spoken] = []
    breaks: list[float] = []
    for found in engine(sound, asked, go):
        placed = [word for word in (joined.word(*one) for one in found) if word is not None]
        words += placed
        breaks += [placed[-1].ended] if placed else []
    return lines(words, breaks)


def by_whisper(sound: Samples, asked: Asked, go: Go) -> Iterator[list[tuple[str, float, float, float]]]:
    """Per segment its words. What the model invents is left out."""
    short = asked.language.partition("-")[0]
    signs = FULL_WIDTH if short == "zh" else {}
    segments, _ = model(asked.model).transcribe(
        sound,
        language=short,
        initial_prompt=HINT.get(short),
        word_timestamps=True,
        vad_filter=False,  # only speech is here
        temperature=0.0,
        condition_on_previous_text=False,
        max_new_tokens=min(200, 30 + round(len(sound) / RATE * TOKENS_PER_SECOND)),
    )
    for part in segments:
        if believable(part.avg_logprob, part.no_speech_prob, part.compression_ratio):
            yield [(word.word.translate(signs), word.start, word.end, word.probability) for word in part.words or ()]
        go()


def by_vosk(sound: Samples, asked: Asked, go: Go) -> Iterator[list[tuple[str, float, float, float]]]:
    """Per utterance its words."""
    from vosk import KaldiRecognizer  # noqa: PLC0415 - takes a second

    engine = KaldiRecognizer(vosk_model(asked.model), TELEPHONE_RATE)
    engine.SetWords(True)
    blank = "" if asked.language.startswith("zh") else " "
    narrow = (np.clip(soxr.resample(sound, RATE, TELEPHONE_RATE), -1, 1) * 32767).astype("<i2")
    for start in range(0, len(narrow), TELEPHONE_RATE):
        if engine.AcceptWaveform(narrow[start : start + TELEPHONE_RATE].tobytes()):
            yield _vosk_words(engine.Result(), blank)
        if start and start % VOSK_STEP == 0:
            go()
    yield _vosk_words(engine.FinalResult(), blank)


def _vosk_words(result: str, blank: str) -> list[tuple[str, float, float, float]]:
    found = [one for one in json.loads(result).get("result", ()) if one["word"] != "[unk]"]
    return [(blank + one["word"], one["start"], one["end"], one["conf"]) for one in found]


@cache
def vosk_model(path: str) -> Any:
    from vosk import Model, SetLogLevel  # noqa: PLC0415

    SetLogLevel(-1)
    return Model(path)


def answer(line: bytes, go: Go) -> dict[str, Any]:
    try:
        return {"done": write(Asked(**json.loads(line)), go)}
    except (OSError, soundfile.SoundFileError, ValueError, RuntimeError, ImportError) as wrong:
        return {"fault": f"{type(wrong).__name__}: {wrong}"[:300]}


def lowest_priority() -> None:
    """Only what nobody else wants of the processor."""
    os.nice(19)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    end_with_parent()
    lowest_priority()
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints must not get between the answers

        def tell(what: dict[str, Any]) -> None:
            out.write(json.dumps(what).encode() + b"\n")
            out.flush()

        def go() -> None:
            tell({"step": True})
            if not sys.stdin.buffer.readline():
                sys.exit(0)

        while line := sys.stdin.buffer.readline():
            tell(answer(line, go))


if __name__ == "__main__":
    main()
