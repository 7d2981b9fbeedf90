"""The names of stations as prompts, `station-<code>`, made by the voices of this machine; never during a call."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import lazy_pinyin

from ivr.catalogue import LANGUAGES
from ivr.telephone_audio import Unplayable, prepare, read_sound, write_sound
from ivr.voices import Voice, VoiceFailed, voices_for

INDEX = "stations.json"
_MOST = 2_000  # stations of a network, in one run


@dataclass(frozen=True, slots=True, kw_only=True)
class StationName:
    code: str
    name: str  # as people say it, in Chinese


def prompt_of(code: str) -> str:
    return f"station-{code.lower()}"


def spoken_name(name: str, language: str) -> str:
    """In English the name is read as Pinyin."""
    if language != "en":
        return f"{name}。"
    syllables = lazy_pinyin("".join(sign for sign in name if not sign.isascii() or sign.isalnum()))
    return f"{' '.join(one[:1].upper() + one[1:] for one in syllables)} station."


def make_station_prompts(
    folder: Path,
    stations: Sequence[StationName],
    *,
    tell: Callable[[str], None],
    voices: Callable[[str, Path | None], Sequence[Voice]] = voices_for,
) -> int:
    """Speak the names that are new or changed; blocks about half a second for each. Gives how many were made.

    A language that no voice speaks keeps what it has: callers then hear the general phrase.
    """
    made, index = 0, _index(folder)
    for language in LANGUAGES:
        wanted = {prompt_of(one.code): spoken_name(one.name, language) for one in stations[:_MOST]}
        lacking = {name: text for name, text in wanted.items() if _lacks(folder, language, name, text, index)}
        for voice in voices(language, None) if lacking else ():
            try:
                _speak(folder / language, voice, lacking)
            except (VoiceFailed, Unplayable) as failed:
                tell(f"{language}: {failed}; the next voice is tried")
                continue
            index |= {f"{language}/{name}": _key(text) for name, text in lacking.items()}
            made += len(lacking)
            break
    (folder / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
    return made


def _speak(folder: Path, voice: Voice, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotline-voice-") as scratch:
        spoken = voice.speak(list(texts.values()), Path(scratch).resolve())
        for name, path in zip(texts, spoken, strict=True):
            write_sound(folder / f"{name}.wav", prepare(read_sound(path)))


def _lacks(folder: Path, language: str, name: str, text: str, index: Mapping[str, str]) -> bool:
    return index.get(f"{language}/{name}") != _key(text) or not (folder / language / f"{name}.wav").is_file()


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _index(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or spoilt: all are spoken again
        return {}
    return found if isinstance(found, dict) else {}
