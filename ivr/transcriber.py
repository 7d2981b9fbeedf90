"""Speech in a file becomes text: voice messages, remarks after a call, recordings. Never in a hurry, never invented."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.recogniser import Word


class NoTranscript(Exception):
    """There is no text, and the reason is the message. `later` = the same file may succeed another time."""

    def __init__(self, reason: str, *, later: bool) -> None:
        super().__init__(reason)
        self.later = later


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. `text` "" = nobody spoke. `language` is zh-CN or en; `engine` names who made the text."""

    text: str
    language: str
    words: tuple[Word, ...]
    engine: str
    confidence: float


class Transcriber(Protocol):
    """One engine with its model."""

    def available(self, language: str) -> bool:
        """Whether a model for this language is installed; without one there is no text, "not transcribed"."""
        ...

    async def transcribe(self, sound: Path, language: str) -> Transcript:
        """Any file of sound, also Asterisk's headerless `.sln`. `NoTranscript` when there can be no text."""
        ...
