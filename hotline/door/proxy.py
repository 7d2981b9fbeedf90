"""One client's connection at the door: its requests go to the platform, its WebSockets to the platform or to Asterisk.

h11 reads and writes both sides, so that platform and door never differ about where a request ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import h11

from hotline.door import forwarding
from hotline.door.away_page import away
from hotline.settings import PHONE_PATH, SECOND_PHONE_PATH

HEAD_BYTES = 64 * 1024
CHUNK = 64 * 1024
IDLE_SECONDS = 75.0  # a browser keeps its connection; one that sends half a head for longer is no browser
CONNECT_SECONDS = 5.0
LINGER_SECONDS = 5.0

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Where requests go, and whose word about the client is believed."""

    platform: tuple[str, int]
    asterisk: tuple[str, int]
    second: tuple[str, int] | None = None  # a second Asterisk's WebSocket
    trusted: forwarding.Networks
    encrypted: bool


class Visit:
    """A connection from its first byte to its last."""

    def __init__(self, ways: Ways, reader: Reader, writer: Writer) -> None:
        self._ways, self._reader, self._writer = ways, reader, writer
        self._peer = str(writer.get_extra_info("peername")[0])
        self._client = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)

    async def run(self) -> None:
        """Until either side ends it."""
        if not self._ways.encrypted and not forwarding.among(self._peer, self._ways.trusted):
            return  # without TLS only a named proxy is let in
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):  # TLS that breaks is an OSError
            while await self._one():
                self._client.start_next_cycle()

    async def _one(self) -> bool:
        """Serve one request; False = the connection is over."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                event = await self._next(self._client, self._reader)
        except h11.RemoteProtocolError as wrong:
            await self._say(wrong.error_status_hint, "This request cannot be read.")
            return False
        if not isinstance(event, h11.Request):
            return False
        try:
            if forwarding.is_websocket(event.headers):
                await self._tunnel(event)
                return False
            await self._forward(event)
        except (OSError, TimeoutError, h11.RemoteProtocolError):
            await self._say(503, *away(event.headers))
            return False
        return self._client.our_state is h11.DONE and self._client.their_state is h11.DONE

    # ---- requests

    async def _forward(self, request: h11.Request) -> None:
        async with _connected(self._ways.platform) as (reader, writer):
            platform = h11.Connection(h11.CLIENT)
            headers = forwarding.towards_platform(
                request.headers, self._peer, trusted=self._ways.trusted, encrypted=self._ways.encrypted
            )
            asked = h11.Request(method=request.method, target=request.target, headers=headers)
            writer.write(platform.send(asked) or b"")
            body = asyncio.create_task(self._send_body(platform, writer))
            try:
                await self._answer(platform, reader)
            finally:
                body.cancel()
                await asyncio.gather(body, return_exceptions=True)
        await self._read_the_rest()

    async def _read_the_rest(self) -> None:
        """Of a body that was refused before its end: a connection closed over it would take the answer with it."""
        async with asyncio.timeout(LINGER_SECONDS):
            while self._client.their_state is h11.SEND_BODY:
                await self._next(self._client, self._reader)

    async def _send_body(self, platform: h11.Connection, writer: Writer) -> None:
        try:
            while True:
                if self._client.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                event = await self._next(self._client, self._reader)
                if not isinstance(event, h11.Data | h11.EndOfMessage):
                    raise ConnectionResetError
                writer.write(platform.send(event) or b"")
                await writer.drain()
                if isinstance(event, h11.EndOfMessage):
                    return
        except (ConnectionError, h11.RemoteProtocolError):
            writer.close()  # the client broke off: the platform must not wait for the rest

    async def _answer(self, platform: h11.Connection, reader: Reader) -> None:
        while True:
            event = await self._next(platform, reader)
            match event:
                case h11.Response():
                    headers = forwarding.back_to_client(event.headers)
                    await self._send(h11.Response(status_code=event.status_code, headers=headers, reason=event.reason))
                case h11.Data():
                    await self._send(h11.Data(data=event.data))
                case h11.EndOfMessage():
                    await self._send(h11.EndOfMessage())
                    return
                case h11.ConnectionClosed():
                    raise ConnectionResetError

    # ---- WebSockets

    def _phone_way(self, target: bytes) -> tuple[str, int] | None:
        """Where a browser phone's WebSocket goes; None = it is a page's."""
        path = target.split(b"?")[0].decode("ascii", "replace")
        return {PHONE_PATH: self._ways.asterisk, SECOND_PHONE_PATH: self._ways.second}.get(path)

    async def _tunnel(self, request: h11.Request) -> None:
        """After the head the bytes pass as they are, both ways."""
        phone = self._phone_way(request.target)
        if phone and not forwarding.of_our_page(request.headers):
            await self._say(403, "This request comes from another site.")
            return
        async with _connected(phone or self._ways.platform) as (reader, writer):
            headers = (
                forwarding.towards_asterisk(request.headers)
                if phone
                else forwarding.towards_platform(
                    request.headers,
                    self._peer,
                    trusted=self._ways.trusted,
                    encrypted=self._ways.encrypted,
                    upgrade=True,
                )
            )
            asked = h11.Request(method=b"GET", target=b"/ws" if phone else request.target, headers=headers)
            early, _ = self._client.trailing_data
            writer.write((h11.Connection(h11.CLIENT).send(asked) or b"") + early)
            ways = [_pipe(self._reader, writer), _pipe(reader, self._writer)]
            tasks = [asyncio.create_task(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    # ---- both

    async def _next(self, side: h11.Connection, reader: Reader) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = side.next_event()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            side.receive_data(await reader.read(CHUNK))

    async def _send(self, event: h11.Event) -> None:
        if data := self._client.send(event):
            self._writer.write(data)
            await self._writer.drain()

    async def _say(self, status: int, sentence: str, media: str = "text/plain") -> None:
        """A sentence, when nothing of an answer has been sent yet."""
        if self._client.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        text = sentence.encode()
        headers = [("Content-Type", f"{media}; charset=utf-8"), ("Content-Length", str(len(text)))]
        with contextlib.suppress(h11.LocalProtocolError, ConnectionError):
            await self._send(h11.Response(status_code=status, headers=[*headers, ("Connection", "close")]))
            await self._send(h11.Data(data=text))
            await self._send(h11.EndOfMessage())


async def _pipe(reader: Reader, writer: Writer) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def _connected(address: tuple[str, int]) -> AsyncIterator[tuple[Reader, Writer]]:
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.close()


Serve = Callable[[Reader, Writer], Awaitable[None]]


def server(ways: Ways) -> Serve:
    """What asyncio.start_server calls for each connection."""

    async def serve(reader: Reader, writer: Writer) -> None:
        try:
            await Visit(ways, reader, writer).run()
        except asyncio.CancelledError:  # the door closes: asyncio would log each open connection as a fault
            pass
        finally:
            writer.close()

    return serve
