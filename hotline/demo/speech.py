"""Recorded human speech for simulated people: Asterisk's own English prompts, joined, as raw mu-law."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import soundfile

from asterisk_conf.install import find_asterisk
from crm_core.errors import Unreachable

PAUSE_SAMPLES = 8000 // 2
SECONDS = 90


def make_speech(sounds: Path, target: Path, seed: int) -> Path:
    """Write about 90 s of speech to `target` (8,000 Hz mu-law, no header) from the WAV files below `sounds`."""
    if target.exists():
        return target
    files = sorted(p for p in sounds.rglob("*.wav") if p.stat().st_size > 40_000)  # whole sentences only
    if not files:
        raise Unreachable("No recorded speech below {folder}.", folder=sounds)
    random.Random(seed).shuffle(files)  # noqa: S311 - a choice of sentences, not a secret
    pieces: list[np.ndarray] = []
    length = 0
    for file in files:
        samples, rate = soundfile.read(file, dtype="int16")
        if rate != 8000 or samples.ndim != 1:
            continue
        pieces += [samples, np.zeros(PAUSE_SAMPLES, dtype=np.int16)]
        length += len(samples) + PAUSE_SAMPLES
        if length > SECONDS * 8000:
            break
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_bytes(mu_law(np.concatenate(pieces)))
    partial.replace(target)
    return target


def mu_law(samples: np.ndarray) -> bytes:
    """G.711 mu-law of 16-bit samples (ITU-T G.711, table 2a, by its logarithmic segments)."""
    bias, clip = 0x84, 32635
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), clip) + bias
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes())


def demo_speech(cache_dir: Path, seed: int = 1) -> Path:
    """A speech file for one of the simulated people, made on first use from the sounds that came with Asterisk."""
    target = cache_dir.resolve() / "speech" / f"voice-{seed}.ul"
    return target if target.exists() else make_speech(find_asterisk(cache_dir).data / "sounds", target, seed)
