"""The `Transcriber` on Whisper: one file at a time, a bounded queue, a process that is there only while needed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from ivr.recogniser import Word
from ivr.transcriber import NoTranscript, Transcript

log = structlog.get_logger(__name__)

MOST_WAITING = 50
IDLE_SECONDS = 60.0  # then the process ends and gives back 200 to 400 MB
LONGEST_SECONDS = 900.0  # for one file, on a busy machine
LONGEST_LINE = 8 << 20


class WhisperTranscriber:
    """`models` maps a language to a folder; `packages` is where faster-whisper lies, None = in our environment."""

    def __init__(self, models: Mapping[str, Path], packages: Path | None = None) -> None:
        self._models, self._packages = models, packages
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._child: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process at work, None = there is none."""
        return None if self._child is None or self._child.returncode is not None else self._child.pid

    def available(self, language: str) -> bool:
        return language in self._models

    async def transcribe(self, sound: Path, language: str) -> Transcript:
        model = self._models.get(language)
        if model is None:
            raise NoTranscript(f"no model for {language} is installed", later=True)
        if self._waiting >= MOST_WAITING:
            raise NoTranscript(f"{MOST_WAITING} files are waiting", later=True)
        self._waiting += 1
        try:
            async with self._turn:
                said = await self._ask({"sound": str(sound), "language": language, "model": str(model)})
        finally:
            self._waiting -= 1
        words = tuple(Word(*word) for word in said["words"])
        return Transcript(said["text"], language, words, f"whisper {model.name}", said["confidence"])

    async def warm(self, language: str) -> None:
        """The model is in memory when this returns, for somebody who is about to speak; it stays for the idle time."""
        if (model := self._models.get(language)) is not None:
            async with self._turn:
                await self._ask({"sound": "", "language": language, "model": str(model)})

    async def stop(self) -> None:
        """The process ends at once; who waits is told to come again."""
        self._end()
        if self._child is not None:
            await self._child.wait()

    async def _ask(self, wish: dict[str, str]) -> dict[str, Any]:
        child = await self._started()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                child.stdin.write(json.dumps(wish).encode() + b"\n")  # type: ignore[union-attr]
                line = await child.stdout.readline()  # type: ignore[union-attr]
        except (TimeoutError, ValueError, ConnectionError) as lost:
            self._end()
            raise NoTranscript("the transcriber did not finish", later=True) from lost
        except asyncio.CancelledError:
            self._end()  # its answer would be taken for that of the next file
            raise
        if not line:
            self._end()
            raise NoTranscript(f"the transcriber ended with status {await child.wait()}", later=True)
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end)
        answer: dict[str, Any] = json.loads(line)
        if "fault" in answer:
            raise NoTranscript(answer["fault"], later=False)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._child is None or self._child.returncode is not None:
            path = os.pathsep.join(filter(None, (str(self._packages or ""), os.environ.get("PYTHONPATH", ""))))
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ivr.transcriber_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
                limit=LONGEST_LINE,
                start_new_session=True,
            )
            log.info("transcriber_started", pid=self._child.pid)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                self._child.kill()
