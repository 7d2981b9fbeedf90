"""Sound as Asterisk plays it: 8 kHz, one channel, 16 bit, trimmed and equally loud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 8000
LOUDNESS_DB = -20.0  # RMS of the spoken stretches, relative to full scale
PEAK = 0.89
SILENCE_DB = -40.0  # below the loudest 10 ms: not speech
LEAD_SECONDS, TAIL_SECONDS = 0.05, 0.12
GAP_SECONDS = 0.3  # between the parts of one prompt

Samples = npt.NDArray[np.float64]


class Unplayable(Exception):
    """The file is no sound that we can read, or holds only silence."""


def read_sound(path: Path) -> Samples:
    """Mono samples at 8 kHz, -1 to 1, from WAV, FLAC, Ogg or MP3 of any rate. Unplayable when it is none."""
    try:
        samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, OSError) as wrong:
        raise Unplayable(f"{path.name}: {wrong}") from wrong
    mono: Any = samples.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate, RATE) if rate != RATE else mono, dtype=np.float64)


def prepare(samples: Samples) -> Samples:
    """Silence cut at both ends, loudness set. Unplayable when nothing can be heard."""
    frame = RATE // 100
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    levels = np.sqrt((whole**2).mean(axis=1)) if len(whole) else np.zeros(1)
    if levels.max() < 1e-4:
        raise Unplayable("there is only silence")
    spoken = levels > levels.max() * 10 ** (SILENCE_DB / 20)
    first, last = np.flatnonzero(spoken)[[0, -1]]
    begin = max(0, int(first * frame - LEAD_SECONDS * RATE))
    end = min(len(samples), int((last + 1) * frame + TAIL_SECONDS * RATE))
    loudness = float(np.sqrt((levels[spoken] ** 2).mean()))
    louder = samples[begin:end] * (10 ** (LOUDNESS_DB / 20) / loudness)
    return np.asarray(louder * min(1.0, PEAK / float(np.abs(louder).max())), dtype=np.float64)


def write_sound(path: Path, samples: Samples) -> None:
    """Writes a WAV that Asterisk plays; the file appears complete or not at all."""
    part = path.with_name(f".{path.name}.part")
    soundfile.write(part, samples, RATE, subtype="PCM_16", format="WAV")
    part.replace(path)


def fault_of(path: Path) -> str:
    """Why Asterisk would not play this file, or the caller not hear it; "" when all is well."""
    try:
        about = soundfile.info(path)
    except (soundfile.SoundFileError, OSError) as wrong:
        return f"cannot be read: {wrong}"
    if (about.format, about.subtype, about.samplerate, about.channels) != ("WAV", "PCM_16", RATE, 1):
        return f"is {about.format} {about.subtype}, {about.samplerate} Hz, {about.channels} channels"
    samples, _ = soundfile.read(path, dtype="float64")
    if len(samples) < RATE // 4 or float(np.sqrt((samples**2).mean())) < 0.01:
        return "is silent or too short"
    return ""
