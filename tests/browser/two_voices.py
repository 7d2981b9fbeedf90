"""The sound of a talk for pages that play one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from recording.raw_audio import peaks_of, peaks_path

RATE = 8_000


def two_voices(path: Path, seconds: float) -> None:
    """The customer's side (left) has 880 Hz in turns with the agent's 440 Hz, with silences, as in a talk."""
    at = np.arange(int(seconds * RATE)) / RATE
    loud = 0.35 + 0.25 * np.sin(2 * np.pi * at / 1.7) * np.sin(2 * np.pi * at / 0.4)
    customer = loud * np.sin(2 * np.pi * 880 * at) * ((at % 17) < 7)
    agent = loud * np.sin(2 * np.pi * 440 * at) * (((at % 17) > 8) & ((at % 17) < 13))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([customer, agent], axis=1), RATE, format="FLAC")
    peaks_path(path).write_text(json.dumps(peaks_of(path)), encoding="utf-8")
