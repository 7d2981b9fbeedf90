"""One caller's stream of sound into a recogniser process, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ivr.recogniser import Kind, Recognised, RecogniserLost, unpacked

RESULT_SECONDS = 2.0  # a caller does not wait longer in silence


class Recogniser(Protocol):
    """The process, as its legs see it: ivr/recogniser_process.py."""

    reason: str

    @property
    def alive(self) -> bool: ...

    def send(self, kind: Kind, leg: int, payload: bytes = b"") -> None: ...

    async def ask(self, leg: RecogniserLeg, kind: Kind, payload: bytes, seconds: float) -> bytes: ...

    def forget(self, leg: int) -> None: ...


class RecogniserLeg:
    """One stream of sound. `on_words` is told the words so far whenever they change."""

    def __init__(self, process: Recogniser, number: int, on_words: Callable[[str], None] | None) -> None:
        self._process, self._number = process, number
        self._on_words = on_words
        self.words = ""
        self.never_heard: tuple[str, ...] = ()  # of the phrases it expects
        self.answer: asyncio.Future[bytes] | None = None
        self._ahead = 0
        self._level_with = asyncio.Event()

    def hear(self, sound: bytes) -> None:
        """8 kHz, 16 bit. `RecogniserLost` when nobody listens any more."""
        self._process.send(Kind.AUDIO, self._number, sound)
        self._ahead += 1
        self._level_with.clear()

    @property
    def ahead(self) -> int:
        """Pieces of sound that were given and are not understood yet."""
        return self._ahead

    async def caught_up(self) -> None:
        """Waits until all that was given has been understood: for who is faster than speech."""
        if self._ahead and self._process.alive:
            await self._level_with.wait()

    async def finish(self, seconds: float = RESULT_SECONDS) -> Recognised:
        """What was said since the beginning or the last `finish`. `RecogniserLost` when it takes longer."""
        return unpacked(await self._process.ask(self, Kind.FINISH, b"", seconds))

    def close(self) -> None:
        self._process.forget(self._number)

    def let_go(self) -> None:
        """The process is no more."""
        self._level_with.set()
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(RecogniserLost(self._process.reason))

    def tell_words(self, words: str) -> None:
        self._ahead -= 1
        if not self._ahead:
            self._level_with.set()
        if words != self.words:
            self.words = words
            if self._on_words is not None:
                self._on_words(words)

    @property
    def number(self) -> int:
        return self._number
