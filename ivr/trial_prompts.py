"""Speaks what a draft says and nobody has spoken yet, so that it can be heard before it is published."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ivr.catalogue import LANGUAGES
from ivr.flow import Flow
from ivr.question_prompts import NotSpoken, prompt_of
from ivr.saying import own_prompts
from ivr.telephone_audio import Unplayable, prepare, read_sound, write_sound
from ivr.trial_notices import Notices
from ivr.voices import Voice, VoiceFailed, voices_for

Voices = Callable[[str, Path | None], Sequence[Voice]]


def speak_trial(out: Path, flow: Flow, notices: Notices, *, voices: Voices = voices_for) -> int:
    """Into `out`, under the names that the flow plays; gives how many files. Blocks; raises NotSpoken.

    A text's file is named by the text, so that publishing finds it there and others may make the same one meanwhile.
    """
    made = 0
    for language, names in _lacking(out, flow, notices).items():
        if names:
            made += _spoken(out / language, names, voices(language, None), language)
    return made


def _lacking(out: Path, flow: Flow, notices: Notices) -> Mapping[str, Mapping[str, str]]:
    """Language -> name of the file -> text."""
    wanted: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for language, files in own_prompts(flow).items():
        for name, parts in files.items():
            if parts[0].language == language and language in wanted:  # what is not translated is made by publishing
                wanted[language][name] = parts[0].text
    for language, texts in notices.texts().items():
        wanted[language] |= {prompt_of(text): text for text in texts}
    return {
        language: {name: text for name, text in names.items() if not (out / language / f"{name}.wav").is_file()}
        for language, names in wanted.items()
    }


def _spoken(folder: Path, names: Mapping[str, str], voices: Sequence[Voice], language: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    reason = f"no voice of {language}"
    for voice in voices:
        try:
            with tempfile.TemporaryDirectory(prefix="hotline-voice-") as place:
                sounds = voice.speak(list(names.values()), Path(place).resolve())
                for name, path in zip(names, sounds, strict=True):
                    write_sound(folder / f"{name}.wav", prepare(read_sound(path)))
        except (VoiceFailed, Unplayable) as failed:
            reason = f"{language}: {failed}"
        else:
            return len(names)
    raise NotSpoken(reason)
