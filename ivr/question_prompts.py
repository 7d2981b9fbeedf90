"""Sentences that a person wrote, spoken by this machine's best voice into prompt files; each once, by its own words."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ivr.catalogue import LANGUAGES
from ivr.telephone_audio import Unplayable, fault_of, prepare, read_sound, write_sound
from ivr.voices import Voice, VoiceFailed, voices_for


class NotSpoken(Exception):
    """No voice of this machine could speak a sentence."""


def prompt_of(text: str) -> str:
    """The prompt's name: the same words are the same file."""
    return f"said-{hashlib.sha256(' '.join(text.split()).encode()).hexdigest()[:24]}"


def lacking(out: Path, texts: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """By language, the texts that have no file yet, or one that would not be heard."""
    found: dict[str, list[str]] = {}
    for language, wanted in texts.items():
        for text in dict.fromkeys(wanted):
            path = out / language / f"{prompt_of(text)}.wav"
            if language in LANGUAGES and (not path.is_file() or fault_of(path)):
                found.setdefault(language, []).append(text)
    return found


def speak(
    out: Path,
    texts: Mapping[str, Iterable[str]],
    *,
    voices: Callable[[str, Path | None], Sequence[Voice]] = voices_for,
) -> int:
    """Makes what is lacking; gives how many files. Raises NotSpoken, after what could be made was made."""
    made, failed = 0, ""
    for language, wanted in lacking(out, texts).items():
        for voice in voices(language, None):
            try:
                made += _with(voice, wanted, out / language)
                break
            except (VoiceFailed, Unplayable) as broken:
                failed = f"{language}: {broken}"
    left = lacking(out, texts)
    if left:
        raise NotSpoken(failed or f"no voice for {', '.join(left)}")
    return made


def _with(voice: Voice, texts: Sequence[str], folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotline-voice-") as place:
        for text, path in zip(texts, voice.speak(texts, Path(place).resolve()), strict=True):
            write_sound(folder / f"{prompt_of(text)}.wav", prepare(read_sound(path)))
    return len(texts)
