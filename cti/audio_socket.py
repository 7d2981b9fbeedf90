"""Sound to and from Asterisk while a caller speaks: the server for its application and channel AudioSocket.

A frame is 1 byte kind, 2 bytes length (big endian), payload. The UUID of the first frame is the only identity: it is
random, known for a moment, and taken once. The server binds to loopback; Asterisk runs on this machine.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID, uuid4

import structlog

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 2.0  # Asterisk needs 1 to 4 ms
LONGEST_FRAME = 4_096  # 20 ms at 8 kHz are 320; 16 kHz and 60 ms are 1,920
MOST_UNREAD = 65_536  # bytes we sent and Asterisk did not take: 4 s, so it stands still
CONNECTIONS = 500
_HEADER = struct.Struct("!BH")
_KEYS = frozenset("0123456789*#ABCD")


class SoundKind(IntEnum):
    END = 0x00
    IDENTITY = 0x01
    KEY = 0x03
    SOUND = 0x10  # 8 kHz, 16 bit, little endian
    FAULT = 0xFF


class StreamEnded(Exception):
    """The caller hung up, or the other side is no AudioSocket or stands still."""


@dataclass(frozen=True, slots=True)
class Sound:
    samples: bytes


@dataclass(frozen=True, slots=True)
class Key:
    key: str


class AudioStream:
    """One channel's sound. Frames of kinds that nobody needs are passed over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.ended = asyncio.Event()

    async def read(self) -> Sound | Key:
        """The next frame; `StreamEnded` after the last one."""
        while True:
            kind, payload = await self.read_frame()
            if kind == SoundKind.SOUND:
                return Sound(payload)
            if kind == SoundKind.KEY and len(payload) == 1 and chr(payload[0]) in _KEYS:
                return Key(chr(payload[0]))
            if kind in (SoundKind.END, SoundKind.FAULT):
                raise StreamEnded(SoundKind(kind).name)

    async def read_frame(self) -> tuple[int, bytes]:
        try:
            kind, length = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
            if length > LONGEST_FRAME:
                raise StreamEnded(f"a frame of {length} bytes")
            return kind, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as gone:
            raise StreamEnded("the connection is gone") from gone

    def write(self, samples: bytes) -> None:
        """20 ms of sound, every 20 ms: Asterisk does not pace them. `StreamEnded` when it takes none."""
        self._send(SoundKind.SOUND, samples)

    def _send(self, kind: SoundKind, payload: bytes = b"") -> None:
        if self._writer.is_closing() or self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            raise StreamEnded("Asterisk does not read")
        self._writer.write(_HEADER.pack(kind, len(payload)) + payload)

    async def end(self) -> None:
        """The channel goes on in the dialplan; its connection is closed."""
        try:
            self._send(SoundKind.END)
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._writer.drain()
        except (StreamEnded, TimeoutError, ConnectionError):
            pass  # the caller or Asterisk was first
        self.ended.set()


class AudioSocketServer:
    """`expect` says that a channel will connect; nobody else is let in."""

    def __init__(self) -> None:
        self._expected: dict[UUID, asyncio.Future[AudioStream]] = {}
        self._server: asyncio.Server | None = None
        self._open = 0
        self.address = ""

    async def start(self) -> None:
        """On a free port of this machine."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=16_384)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for waiting in self._expected.values():
            waiting.cancel()

    def expect(self) -> tuple[UUID, asyncio.Future[AudioStream]]:
        """A new identity and the stream that will come under it. Call `forget` in the end."""
        identity = uuid4()
        self._expected[identity] = asyncio.get_running_loop().create_future()
        return identity, self._expected[identity]

    def forget(self, identity: UUID) -> None:
        if (waiting := self._expected.pop(identity, None)) is not None:
            waiting.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        stream = AudioStream(reader, writer)
        try:
            if self._open <= CONNECTIONS and (waiting := await self._identified(stream)) is not None:
                waiting.set_result(stream)
                await stream.ended.wait()
        except asyncio.CancelledError:
            pass  # asyncio complains of a cancelled connection
        finally:
            self._open -= 1
            writer.close()

    async def _identified(self, stream: AudioStream) -> asyncio.Future[AudioStream] | None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                kind, payload = await stream.read_frame()
        except (StreamEnded, TimeoutError):
            return None
        waiting = self._expected.pop(UUID(bytes=payload), None) if (kind, len(payload)) == (1, 16) else None
        if waiting is None or waiting.done():
            log.warning("audio_socket_stranger")
            return None
        return waiting
