"""Text of recorded talks: the worker process, one talk at a time, held whenever the machine is needed for calls."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from crm_core.transcripts.talk import Span
from ivr.transcriber import NoTranscript
from ivr.utterances import Spoken, Utterance

log = structlog.get_logger(__name__)

LONGEST_STEP = 1800.0  # seconds for half a minute of speech: with nothing left over for it, it may take long
LONGEST_LINE = 64 << 20
Calm = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Engine:
    """`kind` vosk or whisper; `model` its folder; `name` is told to readers."""

    kind: str
    model: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTalk:
    """`spans` are of speech, before any text: side -> seconds."""

    seconds: float
    lines: Sequence[tuple[str, Utterance]]
    spans: Mapping[str, Sequence[Span]]
    engine: str


async def at_once() -> None:
    """Nothing is waited for."""


class TalkWriter:
    """`engines` by language: Vosk where it has a model, else Whisper. `packages` is where faster-whisper lies."""

    def __init__(self, engines: Mapping[str, Engine], packages: Path | None = None) -> None:
        self._engines, self._packages = engines, packages
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process at work, None = there is none."""
        return None if self._child is None or self._child.returncode is not None else self._child.pid

    def engine(self, language: str) -> Engine | None:
        return self._engines.get(language)

    async def write(
        self, sound: Path, language: str, *, gone: Sequence[Span] = (), calm: Calm = at_once
    ) -> WrittenTalk:
        """All that was said, `gone` left out. Between two steps `calm` is awaited.

        `NoTranscript` when there can be none; its `later` is true when the process was lost, not for a bad file.
        """
        engine = self._engines.get(language)
        if engine is None:
            raise NoTranscript(f"no model for {language} is installed", later=True)
        wish = {"sound": str(sound), "language": language, "engine": engine.kind, "model": str(engine.model)}
        told = await self._ask({**wish, "gone": list(gone)}, calm)
        found = [(line["side"], _utterance(line)) for line in told["lines"]]
        spans = {side: [(began, ended) for began, ended in heard] for side, heard in told["spans"].items()}
        return WrittenTalk(seconds=told["seconds"], lines=found, spans=spans, engine=engine.name)

    async def stop(self) -> None:
        """The process ends at once and gives back its memory."""
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _ask(self, wish: Mapping[str, Any], calm: Calm) -> dict[str, Any]:
        try:
            child = await self._started()
            answer = await self._tell(child, json.dumps(wish))
            while "step" in answer:
                await calm()
                answer = await self._tell(child, "go")
        except (TimeoutError, ValueError, ConnectionError) as lost:
            await self.stop()
            raise NoTranscript(f"the process that writes was lost: {lost!r}", later=True) from lost
        except asyncio.CancelledError:
            await self.stop()  # its answer would be taken for that of the next talk
            raise
        if "fault" in answer:
            raise NoTranscript(answer["fault"], later=False)
        done: dict[str, Any] = answer["done"]
        return done

    async def _tell(self, child: asyncio.subprocess.Process, line: str) -> dict[str, Any]:
        async with asyncio.timeout(LONGEST_STEP):
            child.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]
            answer = await child.stdout.readline()  # type: ignore[union-attr]
        if not answer:
            raise ConnectionError(f"it ended with status {await child.wait()}")
        told: dict[str, Any] = json.loads(answer)
        return told

    async def _started(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            path = os.pathsep.join(filter(None, (str(self._packages or ""), os.environ.get("PYTHONPATH", ""))))
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ivr.talk_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
                limit=LONGEST_LINE,
                start_new_session=True,
            )
            log.info("talk_writer_started", pid=self._child.pid)
        return self._child


def _utterance(line: Mapping[str, Any]) -> Utterance:
    words = tuple(Spoken(**word) for word in line["words"])
    return Utterance(line["began"], line["ended"], line["text"], line["confidence"], words)
