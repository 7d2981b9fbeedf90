"""One recogniser process as the platform sees it: legs, and a deadline for every answer."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

from ivr.recogniser import (
    HEADER_BYTES,
    Kind,
    RecogniserLost,
    framed,
    read_header,
    to_json,
)
from ivr.recogniser_leg import RecogniserLeg

LOAD_SECONDS = 60.0  # a large model from a slow disk
SILENT_SECONDS = 8.0  # without any answer although one is due: it hangs. Its callers have gone on by keys long before
OPEN_SECONDS = 1.0  # the caller hears nothing yet
MOST_UNSENT = 320_000  # bytes, about 20 s of one leg


class RecogniserProcess:
    """From `start` until `closed`. Whatever happens to it, every waiting leg is told `RecogniserLost`."""

    def __init__(self, child: asyncio.subprocess.Process, *, knows_unknown: bool = True) -> None:
        self._child = child
        self.knows_unknown = knows_unknown
        self._legs: dict[int, RecogniserLeg] = {}
        self._numbers = itertools.count(1)
        self._due = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._late = False
        self.reason = ""
        self._reading = asyncio.get_running_loop().create_task(self._read(), name="recogniser")

    @classmethod
    async def start(cls, model: Path, *, niceness: int = 0) -> RecogniserProcess:
        """With the model loaded; `RecogniserLost` with the reason when it cannot be."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr.recogniser_worker", str(model), str(niceness)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is the platform's business
        )
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                kind, _, payload = await _frame(child)
        except (asyncio.IncompleteReadError, ValueError):
            raise RecogniserLost(f"the process ended with status {await child.wait()} while it loaded") from None
        except (TimeoutError, asyncio.CancelledError) as late:
            await _end(child)
            if isinstance(late, asyncio.CancelledError):
                raise
            raise RecogniserLost(f"the model was not loaded within {LOAD_SECONDS:.0f} s") from late
        if kind is not Kind.READY:
            await _end(child)
            raise RecogniserLost(payload.decode(errors="replace")[:200] or kind.name)
        return cls(child, knows_unknown=json.loads(payload))

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def legs(self) -> int:
        return len(self._legs)

    @property
    def alive(self) -> bool:
        return not self._reading.done() and not self.reason

    @property
    def fit(self) -> bool:
        """Whether a caller may be sent here: not while an answer is late."""
        return self.alive and not self._late

    async def open(
        self,
        phrases: tuple[str, ...],
        on_words: Callable[[str], None] | None = None,
        *,
        others: tuple[str, ...] = (),
    ) -> RecogniserLeg:
        """A leg that expects `phrases`, () = anything. `RecogniserLost` when none of them is in the vocabulary.

        `others` are words that callers may say and that mean none of the phrases.
        """
        leg = RecogniserLeg(self, next(self._numbers), on_words)
        self._legs[leg.number] = leg
        try:
            answer = await self.ask(leg, Kind.OPEN, to_json([phrases, others]), OPEN_SECONDS)
            leg.never_heard = tuple(json.loads(answer))
        except BaseException:
            self.forget(leg.number)
            raise
        return leg

    async def unknown(self, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """Those that can never be heard, because a word is not in the model's vocabulary."""
        leg = RecogniserLeg(self, next(self._numbers), None)
        self._legs[leg.number] = leg
        try:
            return tuple(json.loads(await self.ask(leg, Kind.FIND, to_json(phrases), OPEN_SECONDS)))
        finally:
            self._legs.pop(leg.number, None)

    def send(self, kind: Kind, leg: int, payload: bytes = b"") -> None:
        if not self.alive or self._child.stdin is None:
            raise RecogniserLost(self.reason or "the process has ended")
        if self._child.stdin.transport.get_write_buffer_size() > MOST_UNSENT:
            self._give_up("it does not read")
            raise RecogniserLost(self.reason)
        self._child.stdin.write(framed(kind, leg, payload))
        if kind is not Kind.CLOSE:
            self._due += 1
            self._watch()

    async def ask(self, leg: RecogniserLeg, kind: Kind, payload: bytes, seconds: float) -> bytes:
        leg.answer = asyncio.get_running_loop().create_future()
        try:
            self.send(kind, leg.number, payload)
            async with asyncio.timeout(seconds):
                return await leg.answer
        except TimeoutError as late:
            self._late = True
            raise RecogniserLost(f"no answer to {kind.name} within {seconds} s") from late
        finally:
            leg.answer = None

    def forget(self, leg: int) -> None:
        if self._legs.pop(leg, None) is not None and self.alive:
            self.send(Kind.CLOSE, leg)

    def _watch(self) -> None:
        """While an answer is due, the next one must come in time."""
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(SILENT_SECONDS, self._give_up, "it hangs")

    def _progress(self) -> None:
        self._due -= 1
        self._late = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._due > 0:
            self._watch()

    def _give_up(self, reason: str) -> None:
        self.reason = self.reason or reason
        if self._child.returncode is None:
            self._child.kill()

    async def _read(self) -> None:
        try:
            while True:
                kind, number, payload = await _frame(self._child)
                self._progress()
                if (leg := self._legs.get(number)) is not None:
                    self._deliver(leg, kind, payload)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as ended:
            self._give_up(f"it said something else: {ended}" if type(ended) is ValueError else "it ended")
        finally:
            self._close()

    @staticmethod
    def _deliver(leg: RecogniserLeg, kind: Kind, payload: bytes) -> None:
        if kind is Kind.PARTIAL:
            leg.tell_words(payload.decode(errors="replace"))
        elif leg.answer is not None and not leg.answer.done():
            if kind is Kind.FAILED:
                leg.answer.set_exception(RecogniserLost(payload.decode(errors="replace")))
            else:
                leg.answer.set_result(payload)

    def _close(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        for leg in self._legs.values():
            leg.let_go()
        self._legs.clear()

    async def closed(self) -> str:
        """Waits until it is no more; gives the reason."""
        await asyncio.wait([self._reading])
        status = await self._child.wait()
        return f"{self.reason or 'it ended'} (status {status})"

    async def stop(self) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        await _end(self._child)


async def _frame(child: asyncio.subprocess.Process) -> tuple[Kind, int, bytes]:
    if child.stdout is None:
        raise ValueError("no output")
    kind, leg, length = read_header(await child.stdout.readexactly(HEADER_BYTES))
    return kind, leg, await child.stdout.readexactly(length)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.kill()
    await child.wait()
