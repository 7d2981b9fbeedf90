"""Lines of messages between processes: what is appended is read by everybody who follows, in order.

A line is no store: old messages leave it, and whoever was away for longer notices that by the messages' own numbers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from crm_core.errors import Unreachable

TOLD = "hotline:told"
ASKED = "hotline:asked"
PAGES = "hotline:pages"
ROLL = "hotline:roll"
KEPT = 2_000  # messages of a line
LARGEST = 16_000_000  # bytes of a message; a whole floor of 1,000 agents takes a twentieth of it


def answered(worker: str) -> str:
    """The line of answers to one web worker."""
    return f"hotline:answered:{worker}"


class BusAway(Unreachable):
    """What was to be appended may be on the line or not."""

    def __init__(self) -> None:
        super().__init__("The processes of this site cannot reach each other: Redis does not answer. Calls go on.")


class Bus(Protocol):
    async def append(self, line: str, message: bytes) -> None:
        """Raises BusAway, within about a second."""
        ...

    async def answers(self) -> bool:
        """Whether it carries messages now; told within about a second."""
        ...

    def follow(self, line: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Every message appended since the block was entered; entering waits for a bus that is away.

        What was appended while the bus was lost may be missing.
        """
        ...


class _Line:
    """The messages of one line with the number of the first of them."""

    def __init__(self) -> None:
        self.messages: deque[bytes] = deque(maxlen=KEPT)
        self.end = 0
        self.grown = asyncio.Event()

    def append(self, message: bytes) -> None:
        self.messages.append(message)
        self.end += 1
        told, self.grown = self.grown, asyncio.Event()
        told.set()

    async def after(self, position: int) -> AsyncIterator[bytes]:
        while True:
            while position < self.end:
                position = max(position, self.end - len(self.messages))
                message = self.messages[position - self.end]
                position += 1
                yield message
            await self.grown.wait()


class InProcessBus:
    """For who lives in one process; the same promises as `RedisBus`."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def _line(self, name: str) -> _Line:
        return self._lines.setdefault(name, _Line())

    async def append(self, line: str, message: bytes) -> None:
        self._line(line).append(message)

    async def answers(self) -> bool:
        return True

    @asynccontextmanager
    async def follow(self, line: str) -> AsyncIterator[AsyncIterator[bytes]]:
        found = self._line(line)
        yield found.after(found.end)
