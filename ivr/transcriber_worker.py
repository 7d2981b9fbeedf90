"""Whisper in a process of its own, at the lowest priority. `python -m ivr.transcriber_worker`.

A line of JSON in, {"sound", "language", "model"}, sound "" = only get ready; a line out, a Transcript's parts or
{"fault"}. Silence gives no text: the model would invent some, so only what a voice detector lets through reaches it.
"""

from __future__ import annotations

import json
import math
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 16_000
TELEPHONE_RATE = 8_000
RAW_CHANNELS = {".sln": 1, ".raw": 2}  # Asterisk's headerless files: messages, and recordings of two sides
HINT = {"zh": "以下是普通话的句子。"}  # else the model may write traditional characters
TOKENS_PER_SECOND = 12  # nobody speaks faster
MOST_REPEATED = 2.4
Samples = npt.NDArray[np.float32]


def read(path: Path) -> Samples:
    """One channel at the model's rate."""
    if channels := RAW_CHANNELS.get(path.suffix):
        raw = np.fromfile(path, dtype="<i2")
        samples = raw[: len(raw) // channels * channels].reshape(-1, channels).mean(axis=1) / 32768
        rate = TELEPHONE_RATE
    else:
        frames, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = frames.mean(axis=1)
    return np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)


@cache
def model(path: str) -> Any:
    from faster_whisper import WhisperModel  # noqa: PLC0415 - takes a second

    return WhisperModel(path, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)


def believable(average: float, no_speech: float, compression: float) -> bool:
    """Whether somebody said it. The model goes on after the last word: in doubt, in a loop, or over a pause.

    `average` = mean logarithm of its tokens' probabilities, `no_speech` 0 to 1, `compression` = how well it packs.
    Measured on our prompts: what was said has -0.75 and better or no_speech below 0.35; what was invented has not.
    """
    return compression <= MOST_REPEATED and average >= -1.0 and not (no_speech > 0.4 and average < -0.7)


def transcribe(sound: Path, language: str, path: str) -> dict[str, Any]:
    short, samples = language.partition("-")[0], read(sound)
    segments, _ = model(path).transcribe(
        samples,
        language=short,
        initial_prompt=HINT.get(short),
        word_timestamps=True,
        vad_filter=True,
        temperature=0.0,  # a second try with dice would be another text
        condition_on_previous_text=False,  # a mistake would be repeated
        max_new_tokens=min(200, 30 + round(len(samples) / RATE * TOKENS_PER_SECOND)),  # else a loop takes 20 s
    )
    found = [part for part in segments if believable(part.avg_logprob, part.no_speech_prob, part.compression_ratio)]
    words = [[word.word.strip(), word.start, word.end, word.probability] for part in found for word in part.words or ()]
    confidence = math.exp(sum(part.avg_logprob for part in found) / len(found)) if found else 0.0
    text = "".join(part.text for part in found).strip()
    return {"text": text, "words": words, "confidence": min(1.0, confidence)}


def answer(line: bytes) -> dict[str, Any]:
    wish = json.loads(line)
    try:
        if not wish["sound"]:  # no file: only the model is to be ready
            model(wish["model"])
            return {"text": "", "words": [], "confidence": 0.0}
        return transcribe(Path(wish["sound"]), wish["language"], wish["model"])
    except (OSError, soundfile.SoundFileError, ValueError) as wrong:
        return {"fault": f"{type(wrong).__name__}: {wrong}"[:300], "later": False}


def main() -> None:
    os.nice(19)
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints must not get between the answers
        for line in sys.stdin.buffer:
            out.write(json.dumps(answer(line)).encode() + b"\n")
            out.flush()


if __name__ == "__main__":
    main()
