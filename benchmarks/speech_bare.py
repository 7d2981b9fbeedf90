"""The bare engine as a peer: Vosk as its own example uses it, in a process of its own.

`python -m benchmarks.speech_bare MODEL`: a line of JSON in, {"sounds": [files of 8 kHz samples], "phrases"}; a line
out, {"processor": seconds of its own processor time, "lags": for each word the seconds of sound after its end that had
been given until it was shown}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

BYTES_PER_SECOND = 16_000
PIECE_BYTES = 1_600  # 100 ms, as ours: whoever takes larger ones shows live words later


def recognise(engine: Any, sound: bytes) -> list[float]:
    """The lags of its words."""
    before, words = 0, []
    shown: list[tuple[float, int]] = []
    for start in range(0, len(sound), PIECE_BYTES):
        if engine.AcceptWaveform(sound[start : start + PIECE_BYTES]):
            words += json.loads(engine.Result()).get("result", [])
            before, running = len(words), ""
        else:
            running = json.loads(engine.PartialResult())["partial"]
        shown.append(((start + PIECE_BYTES) / BYTES_PER_SECOND, before + len(running.split())))
    words += json.loads(engine.FinalResult()).get("result", [])
    ends = enumerate((word["end"] for word in words), 1)
    return [max(0.0, next((at for at, count in shown if count >= place), shown[-1][0]) - end) for place, end in ends]


def main(path: str) -> None:
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        from vosk import KaldiRecognizer, Model, SetLogLevel  # noqa: PLC0415 - it prints

        SetLogLevel(-1)
        model = Model(path)
        for line in sys.stdin:
            wish = json.loads(line)
            grammar = [json.dumps(wish["phrases"], ensure_ascii=False)] if wish["phrases"] else []
            sounds = [Path(sound).read_bytes() for sound in wish["sounds"]]
            began = time.process_time()
            lags = []
            for sound in sounds:
                engine = KaldiRecognizer(model, 8_000, *grammar)
                engine.SetWords(True)
                lags += recognise(engine, sound)
            out.write(json.dumps({"lags": lags, "processor": time.process_time() - began}) + "\n")
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
