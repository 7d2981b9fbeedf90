"""A caller on a FastAGI session, as the menu wants to see one: plays prompts, gathers keys, loses none."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import time
import wave
from pathlib import Path

import structlog

from cti.agi_session import AgiSession
from ivr.catalogue import LANGUAGES

log = structlog.get_logger(__name__)

MOST_JOINED = 400  # files in the cache, about 40 MB: facts that are spoken differ from caller to caller
YOUNG_SECONDS = 600.0  # a file that is younger may be played to somebody now


class PromptFolder:
    """`folder`/<language>/<name>.wav, and below `cache` the lists that were joined into one file."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder, self._cache = folder.resolve(), cache.resolve()

    def path(self, prompt: str, language: str) -> str:
        """Without ending, as Asterisk wants it."""
        return str(self._folder / self._language(language) / prompt)

    @staticmethod
    def _language(language: str) -> str:
        return language if language in LANGUAGES else LANGUAGES[0]

    async def joined(self, prompts: tuple[str, ...], language: str) -> str:
        """One file that says them all: GET DATA takes one, and a key between two files would be lost."""
        if len(prompts) == 1:
            return self.path(prompts[0], language)
        return await asyncio.to_thread(self._join, prompts, self._language(language))

    async def sound(self, prompts: tuple[str, ...], language: str) -> bytes:
        """All of them as 8 kHz samples of 16 bit, for a line that plays them itself; a missing one is silent."""
        if not prompts:
            return b""
        path = await self.joined(prompts, language)
        return await asyncio.to_thread(_samples, Path(f"{path}.wav"))

    def _join(self, prompts: tuple[str, ...], language: str) -> str:
        sources = [self._folder / language / f"{prompt}.wav" for prompt in prompts]
        there = [source for source in sources if source.is_file()]
        if len(there) < len(sources):
            log.error("prompts_missing", files=[str(source) for source in sources if source not in there])
        stamp = "|".join(f"{source}:{source.stat().st_mtime_ns}" for source in there)
        target = self._cache / f"{hashlib.sha256(stamp.encode()).hexdigest()[:24]}.wav"
        try:
            os.utime(target)  # used now, so forgotten last
        except FileNotFoundError:
            self._write(target, there)
            self._forget_old()
        return str(target.with_suffix(""))

    def _forget_old(self) -> None:
        """Beyond `MOST_JOINED` the files that were used longest ago go, but none that may be playing."""
        used = sorted(((_used_at(path), path) for path in self._cache.glob("*.wav")), reverse=True)
        for at, path in used[MOST_JOINED:]:
            if at < time.time() - YOUNG_SECONDS:
                path.unlink(missing_ok=True)

    def _write(self, target: Path, sources: list[Path]) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{secrets.token_hex(4)}")
        with wave.open(str(fresh), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8_000)
            for source in sources:
                with wave.open(str(source), "rb") as one:
                    out.writeframes(one.readframes(one.getnframes()))
        fresh.replace(target)


def _used_at(path: Path) -> float:
    """Seconds since 1970; 0 for a file that another session has just removed."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _samples(path: Path) -> bytes:
    if not path.is_file():
        log.error("prompts_missing", files=[str(path)])
        return b""
    with wave.open(str(path), "rb") as prompt:
        return prompt.readframes(prompt.getnframes())


class PromptLine:
    """`ivr.line.Line` on one session."""

    def __init__(self, session: AgiSession, prompts: PromptFolder) -> None:
        self._session, self._prompts = session, prompts

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        """One file, so that nothing is heard between the pieces of a number."""
        if prompts:
            await self._session.stream_file(await self._prompts.joined(prompts, language))

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        path = await self._prompts.joined(prompts, language)
        return await self._session.get_data(path, seconds=seconds, digits=digits)
