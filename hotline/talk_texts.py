"""Who writes down recorded talks on this machine, with which models, and when it must wait."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from crm_core.db import Database
from crm_core.transcripts.storing import Made, MadeLine
from crm_core.transcripts.talk import Span
from cti.views import FloorView
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from hotline.transcribing import transcriber_models
from ivr.talk_writer import Engine, TalkWriter, at_once
from recording.talk_texts import TalkTexts
from recording.vault import Vault

AT_WORK = ("talking", "hold", "ringing")
OVER_CORES = 2.0  # so many times as much work as there are cores is too much; what we do ourselves has the lowest place


def engines(settings: Settings) -> dict[str, Engine]:
    """By language: Vosk where it has a model, because it takes half as long, else Whisper."""
    whisper = {
        language: Engine(
            "whisper", path, f"whisper {'tiny.en' if path.name == 'model' else path.name.removeprefix('whisper-')}"
        )
        for language, path in transcriber_models(settings.cache_dir.resolve()).items()
    }
    return whisper | {language: Engine("vosk", path, _name(path)) for language, path in vosk_models(settings).items()}


def _name(model: Path) -> str:
    note = model / "hotline.json"
    return f"vosk {json.loads(note.read_text())['name'] if note.is_file() else model.name}"


class SiteWriter:
    """`recording.talk_texts.Writer` on the engines of this machine."""

    def __init__(self, found: Mapping[str, Engine], packages: Path) -> None:
        self._writer = TalkWriter(found, packages)
        self._found = found

    @property
    def languages(self) -> Sequence[str]:
        return tuple(self._found)

    @property
    def pid(self) -> int | None:
        return self._writer.pid

    async def made(
        self, sound: Path, language: str, gone: Sequence[Span], calm: Callable[[], Awaitable[None]] = at_once
    ) -> Made:
        told = await self._writer.write(sound, language, gone=gone, calm=calm)
        lines = [
            MadeLine(
                side=side,
                began=line.began,
                ended=line.ended,
                text=line.text,
                confidence=line.confidence,
                words=[[word.text, word.began, word.ended, word.confidence] for word in line.words],
            )
            for side, line in told.lines
        ]
        return Made(engine=told.engine, language=language, seconds=told.seconds, lines=lines, spans=told.spans)

    async def rest(self) -> None:
        await self._writer.stop()


def site_writer(settings: Settings) -> SiteWriter:
    return SiteWriter(engines(settings), settings.cache_dir.resolve() / "speech" / "packages")


def busy_by(floor: Callable[[], FloorView]) -> Callable[[int], bool]:
    """Whether more than so many agents are in calls (0 = any number may be), or the machine has too much to do."""

    def busy(most: int) -> bool:
        if os.getloadavg()[0] > OVER_CORES * (os.cpu_count() or 1) + 1:
            return True
        return bool(most) and sum(agent.state in AT_WORK for agent in floor().agents) > most

    return busy


def talk_texts(settings: Settings, database: Database, vault: Vault, floor: Callable[[], FloorView]) -> TalkTexts:
    """The one of this site."""
    return TalkTexts(database, vault, site_writer(settings), busy=busy_by(floor))
