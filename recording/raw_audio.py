"""From Asterisk's raw recording to the kept file: customer left, agent right, checked sample by sample.

MixMonitor's option D writes 8 kHz, 16 bit, two channels: left the agent, right the customer. A voice message (.sln) is
the customer alone, in one channel. Everything here may be
killed at any moment and run again: a file appears complete or not at all, and the raw one goes last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

RATE = 8000
FRAME_BYTES = 4
POINTS = 800  # of the waveform, per side
BLOCK = 1 << 16

Frames = npt.NDArray[np.int16]


class NotTheSame(Exception):
    """What was written is not what Asterisk recorded; the raw file stays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished recording."""

    path: Path
    seconds: float


def kept_path(raw: Path) -> Path:
    return raw.with_suffix(".flac")


def peaks_path(kept: Path) -> Path:
    return kept.with_suffix(".peaks.json")


def keep(raw: Path) -> Kept | None:
    """Turns `raw` into a FLAC file and its peaks; None when nothing was recorded. The raw file stays.

    OSError when the disk is full or unreadable, NotTheSame when the check fails; then nothing has changed.
    """
    kept = kept_path(raw)
    if raw.exists() and raw.stat().st_size >= _frame_bytes(raw):
        if not (kept.exists() and is_same(raw, kept)):
            _encode(raw, kept)
    elif not kept.exists():
        return None
    frames = int(soundfile.info(kept).frames)
    if not peaks_path(kept).exists():
        _write_text(peaks_path(kept), json.dumps(peaks_of(kept)))
    return Kept(kept, frames / RATE)


def discard(raw: Path) -> None:
    """Removes the raw file, but only beside a kept one that holds the same sound. NotTheSame otherwise."""
    if not raw.exists():
        return
    kept = kept_path(raw)
    if raw.stat().st_size >= _frame_bytes(raw) and not (kept.exists() and is_same(raw, kept)):
        raise NotTheSame(f"{kept.name} does not hold what {raw.name} holds")
    raw.unlink()


def is_same(raw: Path, kept: Path) -> bool:
    """Whether `kept` holds each sample of `raw`, with the sides exchanged."""
    try:
        with soundfile.SoundFile(kept) as sound:
            if (sound.samplerate, sound.channels, sound.frames) != (RATE, 2, raw.stat().st_size // _frame_bytes(raw)):
                return False
            return all(np.array_equal(block[:, ::-1], sound.read(len(block), dtype="int16")) for block in _blocks(raw))
    except soundfile.SoundFileError:
        return False


def peaks_of(kept: Path) -> dict[str, object]:
    """`seconds`, and for `customer` and `agent` up to 800 loudest levels between 0 and 1, in order of time.

    Read in large blocks: each read of a compressed file begins with a search of the place, which costs the most.
    """
    levels: list[npt.NDArray[np.int32]] = []
    with soundfile.SoundFile(kept) as sound:
        size = max(1, -(-sound.frames // POINTS))
        for block in sound.blocks(size * max(1, BLOCK // size), dtype="int16", always_2d=True):
            loud = np.abs(block.astype(np.int32))
            levels.append(np.maximum.reduceat(loud, np.arange(0, len(loud), size), axis=0))
        seconds = sound.frames / RATE
    sides = np.round(np.concatenate(levels or [np.zeros((0, 2), np.int32)]).T / 32768, 3)
    return {"seconds": seconds, "customer": sides[0].tolist(), "agent": sides[1].tolist()}


def _encode(raw: Path, kept: Path) -> None:
    part = kept.with_name(f".{kept.name}.part")
    try:
        with soundfile.SoundFile(part, "w", RATE, 2, "PCM_16", format="FLAC") as sound:
            for block in _blocks(raw):
                sound.write(np.ascontiguousarray(block[:, ::-1]))
        if not is_same(raw, part):
            raise NotTheSame(f"{part.name} does not hold what {raw.name} holds")
    except Exception:
        part.unlink(missing_ok=True)  # on a full disk it would stand in the way of new recordings
        raise
    peaks_path(kept).unlink(missing_ok=True)
    _settle(part, kept)


def _frame_bytes(raw: Path) -> int:
    return FRAME_BYTES // 2 if raw.suffix == ".sln" else FRAME_BYTES


def _blocks(raw: Path) -> Iterator[Frames]:
    """Left the agent, right the customer; in a message nobody but the customer speaks."""
    size = _frame_bytes(raw)
    with raw.open("rb") as sound:
        while len(block := sound.read(BLOCK * size)) >= size:
            # a writer that was killed may leave half a frame at the end
            samples = np.frombuffer(block[: len(block) // size * size], dtype="<i2")
            if size == FRAME_BYTES:
                yield samples.reshape(-1, 2)
            else:
                yield np.stack((np.zeros_like(samples), samples), axis=1)


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    _settle(part, path)


def _settle(part: Path, final: Path) -> None:
    """Makes `part` appear as `final`, so that a power cut leaves one or the other."""
    for path in (part, part.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if path == part:
            part.replace(final)
