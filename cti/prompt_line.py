"""A caller on a FastAGI session, as the menu wants to see one: plays prompts, gathers keys, loses none."""

from __future__ import annotations

import asyncio
import hashlib
import wave
from pathlib import Path

import structlog

from cti.agi_session import AgiSession
from ivr.catalogue import LANGUAGES

log = structlog.get_logger(__name__)


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

    def _join(self, prompts: tuple[str, ...], language: str) -> str:
        sources = [self._folder / language / f"{prompt}.wav" for prompt in prompts]
        there = [source for source in sources if source.is_file()]
        if len(there) < len(sources):
            log.error("prompts_missing", files=[str(source) for source in sources if source not in there])
        stamp = "|".join(f"{source}:{source.stat().st_mtime_ns}" for source in there)
        target = self._cache / f"{hashlib.sha256(stamp.encode()).hexdigest()[:24]}.wav"
        if not target.is_file():
            self._write(target, there)
        return str(target.with_suffix(""))

    def _write(self, target: Path, sources: list[Path]) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{id(sources):x}")
        with wave.open(str(fresh), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8_000)
            for source in sources:
                with wave.open(str(source), "rb") as one:
                    out.writeframes(one.readframes(one.getnframes()))
        fresh.replace(target)


class PromptLine:
    """`ivr.line.Line` on one session."""

    def __init__(self, session: AgiSession, prompts: PromptFolder) -> None:
        self._session, self._prompts = session, prompts

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        for prompt in prompts:
            await self._session.stream_file(self._prompts.path(prompt, language))

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        path = await self._prompts.joined(prompts, language)
        return await self._session.get_data(path, seconds=seconds, digits=digits)
