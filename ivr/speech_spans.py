"""Where somebody speaks: the detector that comes with Whisper where there is one, else loudness over the line."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_core.transcripts.talk import Span

Samples = npt.NDArray[np.float32]
RATE = 16_000
FRAME = 320  # 20 ms
OVER_NOISE = 4.0  # times the line's noise, 12 dB
LEAST_LEVEL = 0.003  # -50 dB of full scale: below it nobody speaks
HANG_OVER, SHORTEST = 0.3, 0.15  # seconds: quiet that ends speech; a click is no speech


def spans_of(samples: Samples) -> list[Span]:
    """Spans of speech in seconds, of one channel at 16 kHz."""
    if not len(samples):
        return []
    try:
        from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 - where it is installed
    except ImportError:
        return loud_spans(samples)
    options = VadOptions(min_silence_duration_ms=300, min_speech_duration_ms=150, speech_pad_ms=0)
    found: list[dict[str, Any]] = get_speech_timestamps(samples, options)
    return [(one["start"] / RATE, one["end"] / RATE) for one in found]


def loud_spans(samples: Samples) -> list[Span]:
    """By loudness alone: steady noise is none, a cough is."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    if not len(frames):
        return []
    level = np.sqrt((frames**2).mean(axis=1))
    loud = level > max(LEAST_LEVEL, OVER_NOISE * float(np.percentile(level, 10)))
    spans: list[Span] = []
    for place in np.flatnonzero(loud):
        at = float(place) * FRAME / RATE
        if spans and at - spans[-1][1] < HANG_OVER:
            spans[-1] = (spans[-1][0], at + FRAME / RATE)
        else:
            spans.append((at, at + FRAME / RATE))
    return [span for span in spans if span[1] - span[0] >= SHORTEST]
