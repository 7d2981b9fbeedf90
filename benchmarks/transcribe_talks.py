"""Talks of known text for `hotline bench transcribe`: prompts, said by turns on the two sides, with quiet between."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from benchmarks.korean_speech import COMMANDS, RATE, quiet, spoken
from ivr.catalogue import catalogue

OF_ONE_TALK = 6
QUIET_SECONDS = 1.5
Sound = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Talk:
    """`texts` are what each side says, "" = unknown."""

    path: Path
    seconds: float
    texts: tuple[str, str]


def asterisk_prompts(share: Path, most: int) -> Iterator[tuple[Sound, str]]:
    """Debian's human prompts with their published text: sentences of six words and more."""
    found = share / "doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
    sounds = next((share / "asterisk/sounds" / name for name in ("en_US_f_Allison", "en")), share)
    if not found.is_file():
        return
    lines = gzip.decompress(found.read_bytes()).decode("latin-1").splitlines()
    told = (line.partition(": ") for line in lines if not line.startswith(";"))
    fit = (
        (sounds / f"{name}.wav", re.sub(r"\(.*?\)|\[.*?\]", "", text))
        for name, _, text in told
        if len(text.split()) >= 6 and "/" not in name
    )
    for count, (path, text) in enumerate((path, text) for path, text in fit if path.is_file()):
        if count >= most:
            return
        yield _read(path), text


def own_prompts(folder: Path, language: str, most: int) -> Iterator[tuple[Sound, str]]:
    """What callers hear of this product, as its synthetic voice says it."""
    texts: Any = catalogue()[language]
    names = sorted(name for name, parts in texts.items() if 12 <= len("".join(part.text for part in parts)) <= 60)
    paths = [(folder / language / f"{name}.wav", name) for name in names]
    for path, name in [one for one in paths if one[0].is_file()][:most]:
        yield _read(path), "".join(part.text for part in texts[name])


def korean(most: int) -> Iterator[tuple[Sound, str]]:
    """Words by espeak-ng: for the cost of the machinery, not for accuracy."""
    for number in range(most):
        yield np.frombuffer(spoken(COMMANDS[number % len(COMMANDS)]), dtype="<i2"), ""


def talks(folder: Path, name: str, said: Iterator[tuple[Sound, str]]) -> list[Talk]:
    """Files as recordings are kept: left the customer, right the agent."""
    made = []
    prompts = list(said)
    for number, start in enumerate(range(0, len(prompts), OF_ONE_TALK)):
        group = prompts[start : start + OF_ONE_TALK]
        pause = np.frombuffer(quiet(QUIET_SECONDS), dtype="<i2")
        sides: tuple[list[Sound], list[Sound]] = ([pause], [pause])
        texts: tuple[list[str], list[str]] = ([], [])
        for place, (sound, text) in enumerate(group):
            still = np.frombuffer(quiet(len(sound) / RATE), dtype="<i2")[: len(sound)]
            sides[place % 2].extend((sound, pause))
            sides[1 - place % 2].extend((still, pause))
            texts[place % 2].append(text)
        frames = np.stack([np.concatenate(side) for side in sides], axis=1)
        path = folder / f"{name}-{number}.flac"
        soundfile.write(path, frames, RATE, subtype="PCM_16")
        made.append(Talk(path, len(frames) / RATE, (" ".join(texts[0]), " ".join(texts[1]))))
    return made


def _read(path: Path) -> Sound:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    narrow = soxr.resample(samples.mean(axis=1), rate, RATE)
    return np.asarray(np.clip(narrow, -1, 1) * 32767, dtype=np.int16)
