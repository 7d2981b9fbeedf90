"""A part of a recording as a sound of its own: nothing before, nothing after, silent where a name is said."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

FADE = 0.01  # seconds, so that a cut does not click


class Unreadable(Exception):
    """The recording cannot be read as sound."""


def cut(path: Path, began: float, ended: float, hushed: Iterable[tuple[float, float]] = ()) -> bytes:
    """A FLAC file of [began, ended) seconds; `hushed` parts, in seconds from the recording's start, are silent.

    Raises Unreadable. The rest of the recording is not read into it, whatever the range.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            rate = sound.samplerate
            first, last = max(0, round(began * rate)), min(sound.frames, round(ended * rate))
            sound.seek(min(first, sound.frames))
            frames = sound.read(max(0, last - first), dtype="int16", always_2d=True)
    except (soundfile.SoundFileError, OSError) as wrong:
        raise Unreadable(str(path.name)) from wrong
    for begin, end in hushed:
        start, stop = (min(max(round(at * rate) - first, 0), len(frames)) for at in (begin, end))
        frames[start:stop] = 0
    _soften(frames, round(FADE * rate))
    out = io.BytesIO()
    soundfile.write(out, frames, rate, subtype="PCM_16", format="FLAC")
    return out.getvalue()


def _soften(frames: np.ndarray, length: int) -> None:
    length = min(length, len(frames) // 2)
    if length:
        ramp = np.linspace(0.0, 1.0, length)[:, None]
        frames[:length] = (frames[:length] * ramp).astype(np.int16)
        frames[-length:] = (frames[-length:] * ramp[::-1]).astype(np.int16)
