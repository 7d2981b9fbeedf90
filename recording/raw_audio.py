"""From Asterisk's raw recording to the kept file: customer left, agent right, checked sample by sample.

MixMonitor's option D writes 8 kHz, 16 bit, two channels: left who speaks on the recorded channel, an agent, right what
is heard there. Questions without an agent (-q.raw) are recorded on the customer's own channel. A voice message or a
comment (.sln) is the customer alone, in one channel. Everything here may be killed at any moment and run again: a file
appears complete or not at all, and the raw one goes last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import soundfile

RATE = 8000
FRAME_BYTES = 4
OF_CUSTOMER = "-q.raw"  # recorded on the customer's channel, see hl-campaign-voice
POINTS = 800  # of the waveform, per side
BLOCK = 1 << 16
WRITTEN_ONCE = 0o440

Frames = npt.NDArray[np.int16]


class NotTheSame(Exception):
    """What was written is not what Asterisk recorded; the raw file stays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished recording. `compared` is the raw file, as `stamp` gives it, that was found in it; () = none was."""

    path: Path
    seconds: float
    compared: tuple[int, ...] = ()


def kept_path(raw: Path) -> Path:
    return raw.with_suffix(".flac")


def peaks_path(kept: Path) -> Path:
    return kept.with_suffix(".peaks.json")


def keep(raw: Path) -> Kept | None:
    """Turns `raw` into a FLAC file and its peaks; None when nothing was recorded. The raw file stays.

    OSError when the disk is full or unreadable, NotTheSame when the check fails; then nothing has changed.
    """
    kept, peaks, compared = kept_path(raw), None, stamp(raw)
    if compared and compared[0] >= _frame_bytes(raw):
        if not (kept.exists() and is_same(raw, kept)):
            peaks = _encode(raw, kept)
    elif not kept.exists():
        return None
    frames = int(soundfile.info(kept).frames)
    if not peaks_path(kept).exists():
        _write(peaks_path(kept), orjson.dumps(peaks or peaks_of(kept)))
    return Kept(kept, frames / RATE, compared)


def stamp(raw: Path) -> tuple[int, ...]:
    """Size and time of the last change: the same stamp, the same sound. () = there is no such file."""
    try:
        found = raw.stat()
    except FileNotFoundError:
        return ()
    return found.st_size, found.st_mtime_ns


def discard(raw: Path, compared: tuple[int, ...] = ()) -> None:
    """Removes the raw file, but only beside a kept one that holds the same sound. NotTheSame otherwise.

    `compared` is the stamp of the raw file that `keep` found in the kept one: with it nothing is compared again.
    """
    if not raw.exists():
        return
    kept = kept_path(raw)
    if compared and compared == stamp(raw) and kept.exists():
        raw.unlink()
        return
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
    with soundfile.SoundFile(kept) as sound:
        levels = _Levels(sound.frames)
        for block in sound.blocks(levels.at_once, dtype="int16", always_2d=True):
            levels.add(block)
    return levels.told()


class _Levels:
    """Gathers the waveform of `frames` frames, customer left. `at_once` frames end where a point of it ends."""

    def __init__(self, frames: int) -> None:
        self._frames, self._size = frames, max(1, -(-frames // POINTS))
        self.at_once = self._size * max(1, BLOCK // self._size)
        self._levels: list[npt.NDArray[np.int32]] = []

    def add(self, block: Frames) -> None:
        loud = np.abs(block.astype(np.int32))
        self._levels.append(np.maximum.reduceat(loud, np.arange(0, len(loud), self._size), axis=0))

    def told(self) -> dict[str, object]:
        sides = np.round(np.concatenate(self._levels or [np.zeros((0, 2), np.int32)]).T / 32768, 3)
        return {"seconds": self._frames / RATE, "customer": sides[0].tolist(), "agent": sides[1].tolist()}


def _encode(raw: Path, kept: Path) -> dict[str, object]:
    """Gives the peaks, which cost little while the sound is in the hand anyhow."""
    part = kept.with_name(f".{kept.name}.part")
    levels = _Levels(raw.stat().st_size // _frame_bytes(raw))
    try:
        with soundfile.SoundFile(part, "w", RATE, 2, "PCM_16", format="FLAC") as sound:
            for block in _blocks(raw, levels.at_once):
                sides = np.ascontiguousarray(block[:, ::-1])
                sound.write(sides)
                levels.add(sides)
        if not is_same(raw, part):
            raise NotTheSame(f"{part.name} does not hold what {raw.name} holds")
    except Exception:
        part.unlink(missing_ok=True)  # on a full disk it would stand in the way of new recordings
        raise
    peaks_path(kept).unlink(missing_ok=True)
    part.chmod(WRITTEN_ONCE)
    settle(part, kept)
    return levels.told()


def _frame_bytes(raw: Path) -> int:
    return FRAME_BYTES // 2 if raw.suffix == ".sln" else FRAME_BYTES


def _blocks(raw: Path, at_once: int = BLOCK) -> Iterator[Frames]:
    """Left the agent, right the customer; in a message nobody but the customer speaks."""
    size = _frame_bytes(raw)
    with raw.open("rb") as sound:
        while len(block := sound.read(at_once * size)) >= size:
            # a writer that was killed may leave half a frame at the end
            samples = np.frombuffer(block[: len(block) // size * size], dtype="<i2")
            if size == FRAME_BYTES:
                sides = samples.reshape(-1, 2)
                yield sides[:, ::-1] if raw.name.endswith(OF_CUSTOMER) else sides
            else:
                yield np.stack((np.zeros_like(samples), samples), axis=1)


def _write(path: Path, told: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(told)
    settle(part, path)


def settle(part: Path, final: Path) -> None:
    """Makes `part` appear as `final`, so that a power cut leaves one or the other."""
    for path in (part, part.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if path == part:
            part.replace(final)
