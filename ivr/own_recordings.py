"""Own recordings that a person brings or takes back while calls go on: each is checked, made telephone sound, and heard
by the next caller. Files: `out` is what Asterisk plays, `own` holds the own recordings, both <language>/<name>."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from crm_core.errors import Invalid, Refused
from ivr.catalogue import Part
from ivr.telephone_audio import GAP_SECONDS, RATE, Samples, Unplayable, prepare, read_sound, write_sound
from ivr.voices import Voice, VoiceFailed, voices_for

MOST_BYTES = 5 * 1024 * 1024
MOST_SECONDS = 180
ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
_FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3")
_RATES = range(4_000, 96_001)  # Hz
_FORMER = ".former"  # an ending that no run takes for a recording

Voices = Callable[[str, Path | None], Sequence[Voice]]


class Kind(StrEnum):
    """What callers hear of a prompt now."""

    OWN = "own"
    VOICE = "voice"
    NONE = "none"  # the text is not spoken yet


def read_upload(content: bytes) -> Samples:
    """Telephone sound of a file that somebody sent: equally loud as all prompts, silence at the ends cut.

    Raises Invalid with the sentence for the person. Whatever the file claims, no more than three minutes are decoded.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("A recording may have at most {most} MB.", most=MOST_BYTES // 1024**2, field="recording")
    try:
        with soundfile.SoundFile(BytesIO(content)) as sound:
            samples = _decoded(sound)
    except soundfile.SoundFileError as wrong:
        raise _no_sound() from wrong
    try:
        return prepare(samples)
    except Unplayable as silent:
        raise Invalid("Nothing can be heard in this recording: it is silent.", field="recording") from silent


def _decoded(sound: soundfile.SoundFile) -> Samples:
    rate = int(sound.samplerate)
    if sound.format not in _FORMATS or rate not in _RATES or sound.channels > 2:
        raise _no_sound()
    found: list[npt.NDArray[np.float32]] = []  # at 96 kHz half a minute is 10 MB
    seconds = 0.0
    for block in sound.blocks(blocksize=rate, dtype="float32", always_2d=True):
        seconds += len(block) / rate
        if seconds > MOST_SECONDS:
            raise Invalid(
                "A recording may last at most {minutes} minutes.", minutes=MOST_SECONDS // 60, field="recording"
            )
        found.append(np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=0.0, neginf=0.0))
    mono = np.concatenate(found) if found else np.zeros(0, np.float32)
    return np.asarray(soxr.resample(mono, rate, RATE) if rate != RATE else mono, dtype=np.float64)


def _no_sound() -> Invalid:
    return Invalid(
        "This file is no sound that can be read. Send WAV, MP3, FLAC or OGG, mono or stereo.", field="recording"
    )


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One writer of prompts at a time, in all processes: a run of the voices would else cover a recording just made."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class OwnRecordings:
    """`language` and `name` come from a flow and the catalogue, never from a request. Every method blocks.

    `keep` and `take_back` are called inside `turn()`.
    """

    def __init__(self, out: Path, own: Path, voices: Voices = voices_for) -> None:
        self._out, self._own, self._voices = out, own, voices

    @property
    def folder(self) -> Path:
        """Where callers' prompts lie, by language."""
        return self._out

    def turn(self) -> AbstractContextManager[None]:
        return alone(self._out)

    def path(self, language: str, name: str) -> Path:
        """What callers hear; it may not be there yet."""
        return self._out / language / f"{name}.wav"

    def kind(self, language: str, name: str) -> Kind:
        if not self.path(language, name).is_file():
            return Kind.NONE
        return Kind.OWN if any(path.is_file() for path in self._recordings(language, name)) else Kind.VOICE

    def keep(self, language: str, name: str, parts: Sequence[Part], samples: Samples) -> None:
        """From now on every new play is this recording. What the voice said of this text is kept for the way back."""
        heard, recording = self.path(language, name), self._own / language / f"{name}.wav"
        if self.kind(language, name) is Kind.VOICE:
            aside = self._aside(language, name, parts)
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(heard, aside)
        for folder in (heard.parent, recording.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self._set_aside_recordings(language, name)
        write_sound(recording, samples)
        write_sound(heard, samples)

    def voice_of(self, language: str, name: str, parts: Sequence[Part]) -> Samples:
        """What the voice says of this text: kept from before, or spoken now, which takes seconds. Raises Refused."""
        aside = self._aside(language, name, parts)
        try:
            return read_sound(aside) if aside.is_file() else self._spoken(parts)
        except (Unplayable, VoiceFailed) as failed:
            raise Refused("No voice can speak this text now. The own recording stays.") from failed

    def take_back(self, language: str, name: str, samples: Samples) -> None:
        """The voice's `samples` are heard from now on; the recording stays in its folder as <name>.<ending>.former."""
        if self.kind(language, name) is not Kind.OWN:
            raise Refused("The synthetic voice speaks here already.")
        # Sound first: killed between the two, the next run of the voices still knows the recording.
        write_sound(self.path(language, name), samples)
        self._set_aside_recordings(language, name)

    def _recordings(self, language: str, name: str) -> list[Path]:
        return [self._own / language / f"{name}{ending}" for ending in ENDINGS]

    def _set_aside_recordings(self, language: str, name: str) -> None:
        for path in self._recordings(language, name):
            if path.is_file():
                path.replace(path.with_name(path.name + _FORMER))

    def _aside(self, language: str, name: str, parts: Sequence[Part]) -> Path:
        text = hashlib.sha256("\0".join(part.text for part in parts).encode()).hexdigest()[:20]
        return self._out / ".voice" / language / f"{name}-{text}.wav"

    def _spoken(self, parts: Sequence[Part]) -> Samples:
        gap = np.zeros(int(GAP_SECONDS * RATE))
        pieces = [piece for part in parts for piece in (gap, self._one(part))]
        return np.concatenate(pieces[1:])

    def _one(self, part: Part) -> Samples:
        for voice in self._voices(part.language, None):
            with tempfile.TemporaryDirectory(prefix="hotline-voice-") as folder:
                try:
                    return prepare(read_sound(next(iter(voice.speak([part.text], Path(folder).resolve())))))
                except (VoiceFailed, Unplayable, StopIteration):
                    continue
        raise VoiceFailed("no voice speaks")
