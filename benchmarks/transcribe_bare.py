"""The bare engine as a peer of `hotline bench transcribe`, with the decoding options that ours uses.

`python -m benchmarks.transcribe_bare`: a line of JSON in, {"sound", "language", "engine", "model"}; a line out, the
text of each side. Whisper gets each whole side with its own silence filter, Vosk every sample.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from ivr.speech_spans import Samples
from ivr.talk_worker import channels, vosk_model
from ivr.transcriber_worker import HINT, RATE, TELEPHONE_RATE, TOKENS_PER_SECOND, model


def whisper(sound: Samples, language: str, path: str) -> str:
    short = language.partition("-")[0]
    segments, _ = model(path).transcribe(
        sound,
        language=short,
        initial_prompt=HINT.get(short),
        word_timestamps=True,
        vad_filter=True,
        temperature=0.0,
        condition_on_previous_text=False,
        max_new_tokens=min(200, 30 + round(len(sound) / RATE * TOKENS_PER_SECOND)),
    )
    return "".join(part.text for part in segments)


def vosk(sound: Samples, language: str, path: str) -> str:
    from vosk import KaldiRecognizer  # noqa: PLC0415

    engine = KaldiRecognizer(vosk_model(path), TELEPHONE_RATE)
    engine.SetWords(True)
    narrow = (np.clip(soxr.resample(sound, RATE, TELEPHONE_RATE), -1, 1) * 32767).astype("<i2")
    told = []
    for start in range(0, len(narrow), TELEPHONE_RATE):
        if engine.AcceptWaveform(narrow[start : start + TELEPHONE_RATE].tobytes()):
            told.append(json.loads(engine.Result())["text"])
    return " ".join([*told, json.loads(engine.FinalResult())["text"]])


def main() -> None:
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        for line in sys.stdin:
            wish: dict[str, Any] = json.loads(line)
            engine = vosk if wish["engine"] == "vosk" else whisper
            texts = [engine(side, wish["language"], wish["model"]) for side in channels(Path(wish["sound"]))]
            out.write(json.dumps(texts) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
