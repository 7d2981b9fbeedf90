"""Makes the prompt files at set-up: own recording first, then the best voice of this machine.

`python -m ivr.prompts --out DIR [--own DIR] [--voice zh-CN=MODEL.onnx] [--check]`
DIR/<language>/<name>.wav are the files; own recordings lie likewise, in any common format and rate.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crm_core.errors import PlatformError, Sentence
from ivr.catalogue import LANGUAGES, Part, catalogue
from ivr.flow_file import shipped_flow
from ivr.own_recordings import ENDINGS, alone
from ivr.position import Flow
from ivr.saying import own_prompts
from ivr.telephone_audio import GAP_SECONDS, RATE, Unplayable, fault_of, prepare, read_sound, write_sound
from ivr.voices import Voice, VoiceFailed, voices_for

FORM = "1"  # changes when the same speech would be written otherwise

Tell = Callable[[Sentence], None]


class Progress(Sentence):
    """How far it is: of interest only on a terminal that can write over it."""


class PromptsMissing(PlatformError):
    """No voice of this machine could speak some prompts."""


@dataclass(frozen=True, slots=True)
class Made:
    """`written` files are new, `kept` were as wanted already."""

    written: int
    kept: int


def make_prompts(
    out: Path,
    *,
    tell: Tell,
    own: Path | None = None,
    models: Mapping[str, Path] | None = None,
    voices: Callable[[str, Path | None], Sequence[Voice]] = voices_for,
    flows: Sequence[Flow] = (),
) -> Made:
    """Brings every prompt of the catalogue, of the shipped menu and of `flows` into `out`; a second run writes nothing.

    PromptsMissing when one lacks.

    `models` maps a language to a Piper voice that the operator prefers. Interrupted anywhere, it goes on next time.
    """
    out.mkdir(parents=True, exist_ok=True)
    maker = _Maker(out.resolve(), own, tell, wanted_prompts(flows))
    found = {language: voices(language, (models or {}).get(language)) for language in LANGUAGES}
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        jobs = [pool.submit(maker.speak_parts, language, found[language]) for language in LANGUAGES]
        spoken: dict[Part, str] = {}
        for job in jobs:
            spoken |= job.result()
    return maker.assemble(spoken)


def wanted_prompts(flows: Sequence[Flow] = ()) -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
    """language -> name -> what is said: the catalogue's, and the own texts of the shipped menu and of these flows."""
    wanted = {language: dict(names) for language, names in catalogue().items()}
    for flow in (shipped_flow(), *flows):
        for language, names in own_prompts(flow).items():
            wanted.setdefault(language, {}).update(names)
    return wanted


def check_prompts(out: Path, flows: Sequence[Flow] = ()) -> list[str]:
    """One sentence for each file that is missing, would not be played by Asterisk, or is silent."""
    wanted = [out / language / f"{name}.wav" for language, names in wanted_prompts(flows).items() for name in names]
    faults = ((path, fault_of(path) if path.exists() else "is missing") for path in wanted)
    return [f"{path.parent.name}/{path.name} {fault}" for path, fault in faults if fault]


class _Maker:
    def __init__(
        self, out: Path, own: Path | None, tell: Tell, prompts: Mapping[str, Mapping[str, tuple[Part, ...]]]
    ) -> None:
        self._out, self._tell, self._prompts, self._folder = out, tell, prompts, own
        self._own = self._recordings(tell)
        self._parts = out / ".parts"
        self._parts.mkdir(exist_ok=True)

    def speak_parts(self, language: str, voices: Sequence[Voice]) -> dict[Part, str]:
        """Part -> key of its file in .parts, for each part of this language that no own recording replaces."""
        texts = list(dict.fromkeys(part.text for part in self._wanted() if part.language == language))
        for voice in voices:
            keys = {text: _key(FORM, voice.id, text) for text in texts}
            lacking = [text for text in texts if not self._part(keys[text]).exists()]
            try:
                self._speak(language, voice, lacking, keys)
            except (VoiceFailed, Unplayable) as failed:
                told = {"language": language, "reason": failed}
                self._tell(Sentence("{language}: {reason}; the next voice is tried", told))
            else:
                return {Part(language, text): key for text, key in keys.items()}
        if texts:
            raise PromptsMissing(
                "No voice speaks {language}. Install espeak-ng, or the extra voices.", language=language
            )
        return {}

    def _speak(self, language: str, voice: Voice, texts: Sequence[str], keys: Mapping[str, str]) -> None:
        if not texts:
            return
        with tempfile.TemporaryDirectory(prefix="hotline-voice-") as folder:
            spoken = voice.speak(texts, Path(folder).resolve())
            for number, (text, path) in enumerate(zip(texts, spoken, strict=True), start=1):
                write_sound(self._part(keys[text]), prepare(read_sound(path)))
                told = {"language": language, "count": number, "total": len(texts), "voice": voice.id}
                if number == len(texts):
                    self._tell(Sentence("{language}: {count} prompts spoken ({voice})", told))
                elif number % 10 == 0:
                    self._tell(Progress("{language}: {count} of {total} prompts spoken ({voice})", told))

    def assemble(self, spoken: Mapping[Part, str]) -> Made:
        """Writes the prompts whose recipe differs from the one in prompts.json."""
        with alone(self._out):
            self._own = self._recordings(lambda _: None)  # somebody may have recorded one while the voice spoke
            return self._assemble(spoken)

    def _assemble(self, spoken: Mapping[Part, str]) -> Made:
        index = self._out / "prompts.json"
        before = _read_index(index)
        after: dict[str, str] = {}
        written = 0
        for language, names in self._prompts.items():
            (self._out / language).mkdir(exist_ok=True)
            for name, parts in names.items():
                full = f"{language}/{name}"
                own = self._own.get(full)
                if own is None and not spoken.keys() >= set(parts):  # taken back meanwhile: the voice's file is there
                    after[full] = before.get(full, "")
                    continue
                after[full] = own[0] if own else _key(FORM, *(spoken[part] for part in parts))
                target = self._out / f"{full}.wav"
                if before.get(full) != after[full] or not target.exists():
                    write_sound(target, prepare(read_sound(own[1])) if own else self._join(spoken[p] for p in parts))
                    written += 1
        _write_text(index, json.dumps(after, indent=1))
        self._forget_parts(set(spoken.values()))
        return Made(written, len(after) - written)

    def _recordings(self, tell: Tell) -> dict[str, tuple[str, Path]]:
        names = {f"{language}/{name}" for language, found in self._prompts.items() for name in found}
        return dict(_own_recordings(self._folder, names, tell)) if self._folder else {}

    def _join(self, keys: Iterator[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        gap = np.zeros(int(GAP_SECONDS * RATE))
        pieces = [piece for key in keys for piece in (gap, read_sound(self._part(key)))]
        return np.concatenate(pieces[1:])

    def _forget_parts(self, wanted: set[str]) -> None:
        for path in self._parts.iterdir():
            if path.stem not in wanted:
                path.unlink()

    def _wanted(self) -> Iterator[Part]:
        for language, names in self._prompts.items():
            for name, parts in names.items():
                if f"{language}/{name}" not in self._own:
                    yield from parts

    def _part(self, key: str) -> Path:
        return self._parts / f"{key}.wav"


def _own_recordings(folder: Path, names: Set[str], tell: Tell) -> Iterator[tuple[str, tuple[str, Path]]]:
    """ "language/name" -> recipe and path; what cannot be used is told, and the voice speaks it instead."""
    for path in sorted(folder.glob("*/*")):
        full = f"{path.parent.name}/{path.stem}"
        if path.name.startswith(".") or path.suffix.lower() not in ENDINGS:
            continue
        if full not in names:
            if not path.stem.startswith("own-"):  # of a flow that is not asked for now
                tell(Sentence("{path}: there is no prompt of this name", {"path": path}))
            continue
        try:
            prepare(read_sound(path))
        except Unplayable as wrong:
            tell(Sentence("{path} is not used: {reason}", {"path": path, "reason": wrong}))
        else:
            yield full, (_key(FORM, "own", hashlib.sha256(path.read_bytes()).hexdigest()), path)


def _key(*what: str) -> str:
    return hashlib.sha256("\0".join(what).encode()).hexdigest()[:24]


def _read_index(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or spoilt: all prompts are put together again
        return {}
    return found if isinstance(found, dict) else {}


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _models(values: Sequence[str]) -> dict[str, Path]:
    pairs = (value.partition("=") for value in values)
    return {language: Path(model) for language, _, model in pairs}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when every prompt is there and can be heard."""
    parser = argparse.ArgumentParser(prog="python -m ivr.prompts", description="Make the hotline's prompt files.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the prompts")
    parser.add_argument("--own", type=Path, help="folder of own recordings, <language>/<name>.wav")
    parser.add_argument("--voice", action="append", default=[], metavar="LANGUAGE=MODEL.onnx", help="a Piper voice")
    parser.add_argument("--check", action="store_true", help="only check what is there")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            made = make_prompts(options.out, own=options.own, models=_models(options.voice), tell=print)
            print(f"{made.written} prompts written, {made.kept} kept")
    except PlatformError as failed:
        print(failed, file=sys.stderr)
        return 1
    faults = check_prompts(options.out)
    print(*faults, sep="\n", file=sys.stderr, end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
