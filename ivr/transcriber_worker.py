"""Whisper in a process of its own, at the lowest priority. `python -m ivr.transcriber_worker`.

A line of JSON in, {"sound", "language", "model"}; a line out, a Transcript's parts or {"fault"}. Silence gives no
text: the model would invent some, so only what a voice detector lets through reaches it.
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


def transcribe(sound: Path, language: str, path: str) -> dict[str, Any]:
    short = language.partition("-")[0]
    segments, _ = model(path).transcribe(
        read(sound),
        language=short,
        initial_prompt=HINT.get(short),
        word_timestamps=True,
        vad_filter=True,
        condition_on_previous_text=False,  # a mistake would be repeated
    )
    found = list(segments)
    words = [[word.word.strip(), word.start, word.end, word.probability] for part in found for word in part.words or ()]
    confidence = math.exp(sum(part.avg_logprob for part in found) / len(found)) if found else 0.0
    text = "".join(part.text for part in found).strip()
    return {"text": text, "words": words, "confidence": min(1.0, confidence)}


def answer(line: bytes) -> dict[str, Any]:
    wish = json.loads(line)
    try:
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
