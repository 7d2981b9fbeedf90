"""One FastAGI conversation: commands out, answers in, with limits; nothing a caller sends can change either."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cti.frames import HostileValue
from ivr.line import CallerGone

HEADER_LINES = 120
LINE_LIMIT = 8_192
GREETING_LIMIT = 5.0
COMMAND_LIMIT = 5.0
PLAY_LIMIT = 180.0

_ANSWER = re.compile(r"^(\d{3})[ -](?:result=(?P<result>[^ ]*)(?: \((?P<extra>.*)\))?(?: endpos=(?P<endpos>\d+))?)?")
_DIGITS = frozenset("0123456789*#ABCD")
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]*")
"""A value that `MSet` cannot misread: it parts its pairs at commas and knows quotes and backslashes."""


class AgiFault(Exception):
    """The other side does not speak AGI, or refused a command; the session ends, the dialplan goes on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`result` as sent, e.g. "0" or "135"; `extra` is what stood in brackets, e.g. "timeout" or a variable's value."""

    code: int
    result: str
    extra: str
    end_position: int


class AgiSession:
    """`require_lead` as in cti.ami.AmiAccount."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        require_lead: Callable[[], None] = lambda: None,
    ) -> None:
        self._reader, self._writer, self._require_lead = reader, writer, require_lead
        self.variables: dict[str, str] = {}

    async def read_greeting(self) -> None:
        """The agi_* variables. `AgiFault` for anything else, in bounded time and memory."""
        async with asyncio.timeout(GREETING_LIMIT):
            for _ in range(HEADER_LINES):
                line = await self._line()
                if not line:
                    return
                name, colon, value = line.partition(":")
                if not colon or not name.startswith("agi_"):
                    raise AgiFault(f"not an AGI greeting: {line[:80]!r}")
                # A second value is a caller's line break at work: the first one is Asterisk's own.
                self.variables.setdefault(name, value.removeprefix(" "))
        raise AgiFault("greeting without an end")

    async def _line(self) -> str:
        try:
            raw = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as ended:
            raise CallerGone from ended
        except (asyncio.LimitOverrunError, ConnectionError) as broken:
            raise AgiFault("line too long or connection broken") from broken
        try:
            return raw.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            return raw.decode("gb18030", "replace").rstrip("\r\n")

    async def command(self, *words: str, seconds: float = COMMAND_LIMIT) -> Answer:
        """Send one command and wait for its answer. `CallerGone` at hang-up, `AgiFault` when it is refused."""
        wire = " ".join([words[0], *(quoted(word) for word in words[1:])]).encode() + b"\n"
        self._require_lead()
        try:
            async with asyncio.timeout(seconds):
                self._writer.write(wire)
                await self._writer.drain()
                return await self._answer()
        except TimeoutError as late:
            raise AgiFault(f"no answer to {words[0]}") from late
        except ConnectionError as gone:
            raise CallerGone from gone

    async def _answer(self) -> Answer:
        while True:
            line = await self._line()
            if line.startswith("HANGUP"):
                raise CallerGone
            if line.startswith("100 ") or not line:
                continue
            found = _ANSWER.match(line)
            if not found:
                raise AgiFault(f"not an AGI answer: {line[:80]!r}")
            code = int(found[1])
            if code == 511:
                raise CallerGone
            if code != 200:
                if line.startswith("520-"):
                    while not (await self._line()).startswith("520 "):
                        continue
                raise AgiFault(line[:200])
            return Answer(code, found["result"] or "", found["extra"] or "", int(found["endpos"] or 0))

    async def answer(self) -> None:
        await self._expect("ANSWER")

    async def hang_up(self) -> None:
        await self.command("HANGUP")

    async def set_variable(self, name: str, value: str) -> None:
        await self.command("SET VARIABLE", name, value)

    async def set_variables(self, values: Mapping[str, str]) -> None:
        """In their order; all that are plain words in one command, since each costs a way to Asterisk and back."""
        plain: list[str] = []
        for name, value in values.items():
            if _PLAIN.fullmatch(value):
                plain.append(f"{name}={value}")
                continue
            await self._set_all(plain)
            await self.set_variable(name, value)
        await self._set_all(plain)

    async def _set_all(self, pairs: list[str]) -> None:
        if pairs:
            await self.command("EXEC", "MSet", ",".join(pairs))
            pairs.clear()

    async def get_variable(self, name: str) -> str:
        """ "" when it is not set."""
        reply = await self.command("GET VARIABLE", name)
        return reply.extra if reply.result == "1" else ""

    async def stream_file(self, path: str, keys: str = "") -> str:
        """Play; gives the key of `keys` that cut it, "" = played to its end, or the file does not exist."""
        reply = await self.command("STREAM FILE", path, keys, seconds=PLAY_LIMIT)
        if reply.result == "-1":
            await self.still_there()
            return ""
        return key_of(reply.result)

    async def get_data(self, path: str, *, seconds: float, digits: int) -> str:
        """Play, and gather up to `digits` keys from its first moment on; # ends and is not given."""
        reply = await self.command(
            "GET DATA", path, str(int(seconds * 1_000)), str(digits), seconds=PLAY_LIMIT + seconds * (digits + 1)
        )
        if reply.result == "-1":
            await self.still_there()
            return ""
        return "".join(sign for sign in reply.result if sign in _DIGITS)

    async def still_there(self) -> None:
        """-1 means hang-up or a missing file; only the next command tells which. `CallerGone` if it was the first."""
        await self.command("NOOP")
        if (await self.command("CHANNEL STATUS")).result == "-1":
            raise CallerGone

    async def _expect(self, *words: str) -> None:
        if (await self.command(*words)).result == "-1":
            raise CallerGone


def quoted(word: str) -> str:
    """An argument that Asterisk reads back as exactly this text. `HostileValue` for line breaks and NUL."""
    if any(bad in word for bad in "\r\n\0"):
        raise HostileValue("AGI")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def key_of(result: str) -> str:
    """The key whose character code AGI gives, "" for 0."""
    code = int(result) if result.isascii() and result.isdigit() else 0
    return chr(code) if code and chr(code) in _DIGITS else ""
