"""A SIP exchange for one browser phone: takes its registration over WebSocket, calls it, and notes what it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.server import Server, ServerConnection, serve

CRLF = "\r\n"
FINGERPRINT = ":".join(["AB"] * 32)


def description(direction: str, setup: str) -> str:
    """What a telephone exchange offers a browser; no media flows in these tests."""
    lines = (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 40000 UDP/TLS/RTP/SAVPF 111 0 101",
        "a=mid:0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=candidate:1 1 UDP 2130706431 127.0.0.1 40000 typ host",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        f"a=setup:{setup}",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        f"a={direction}",
    )
    return CRLF.join(lines) + CRLF


@dataclass(frozen=True, slots=True)
class SipMessage:
    start: str
    headers: dict[str, str]
    body: str

    @classmethod
    def read(cls, text: str) -> SipMessage:
        head, _, body = text.partition(CRLF * 2)
        start, *lines = head.split(CRLF)
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        return cls(start, headers, body)


class SipExchange:
    """`done` collects what the phone did, in order: REGISTER, 180, 200, hold, resume, 603, BYE."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.loading = False  # as an Asterisk that has just been started: it takes registrations and answers none
        self.port = 0
        self._changed = asyncio.Condition()
        self._phone: ServerConnection | None = None
        self._contact, self._calls, self._dialog = "", 0, ("", "")

    async def until(self, what: str, seconds: float = 10.0) -> None:
        """Waits until the phone has done this."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: what in self.done)

    async def invite(self) -> None:
        """Ring the phone."""
        self._calls += 1
        self._dialog = (f"call-{self._calls}", "")
        await self._request("INVITE", description("sendrecv", "actpass"))

    async def bye(self) -> None:
        await self._request("BYE")

    async def cut(self) -> None:
        """The WebSocket breaks."""
        if self._phone:
            await self._phone.close(1011)

    async def _request(self, method: str, body: str = "") -> None:
        call, tag = self._dialog
        contact = f"Contact: <sip:exchange@127.0.0.1:{self.port};transport=ws>"
        lines = [
            f"{method} {self._contact} SIP/2.0",
            f"Via: SIP/2.0/WS 127.0.0.1:{self.port};branch=z9hG4bK-{call}-{method}",
            "Max-Forwards: 70",
            f"From: <sip:caller@127.0.0.1>;tag={call}",
            f"To: <sip:1018@127.0.0.1>{';tag=' + tag if tag else ''}",
            f"Call-ID: {call}",
            f"CSeq: {2 if method == 'BYE' else 1} {method}",
            contact,
        ]
        await self._send(lines, body)

    async def _send(self, lines: list[str], body: str = "") -> None:
        kind = ["Content-Type: application/sdp"] if body else []
        text = CRLF.join([*lines, *kind, f"Content-Length: {len(body)}", "", body])
        assert self._phone is not None
        await self._phone.send(text)

    async def serve_phone(self, connection: ServerConnection) -> None:
        self._phone = connection
        async for text in connection:
            if isinstance(text, str) and text.strip():
                await self._hear(SipMessage.read(text))

    async def _hear(self, message: SipMessage) -> None:
        if message.start.startswith("SIP/2.0"):
            await self._hear_answer(message)
            return
        method = message.start.split(" ", 1)[0]
        if method == "ACK":
            return
        if method == "REGISTER":
            self._contact = message.headers["contact"].split(">")[0].strip("<")
            if self.loading:
                await self._note(method)
                return
        held = method == "INVITE" and ("a=sendonly" in message.body or "a=inactive" in message.body)
        direction = "recvonly" if held else "sendrecv"
        await self._reply(message, description(direction, "passive") if method == "INVITE" else "")
        await self._note({"INVITE": "hold" if held else "resume"}.get(method, method))

    async def _hear_answer(self, message: SipMessage) -> None:
        status, method = message.start.split(" ")[1], message.headers["cseq"].split(" ")[1]
        if method == "INVITE":
            tag = message.headers["to"].partition("tag=")[2]
            self._dialog = (self._dialog[0], tag)
            if int(status) >= 200:
                await self._request("ACK")
            await self._note(status)

    async def _reply(self, request: SipMessage, body: str) -> None:
        headers = request.headers
        to = headers["to"] if "tag=" in headers["to"] else headers["to"] + ";tag=exchange"
        lines = [
            "SIP/2.0 200 OK",
            f"Via: {headers['via']}",
            f"From: {headers['from']}",
            f"To: {to}",
            f"Call-ID: {headers['call-id']}",
            f"CSeq: {headers['cseq']}",
            f"Contact: {headers.get('contact', '')};expires=60",
        ]
        await self._send(lines, body)

    async def _note(self, what: str) -> None:
        async with self._changed:
            self.done.append(what)
            self._changed.notify_all()


@asynccontextmanager
async def sip_exchange() -> AsyncIterator[SipExchange]:
    """An exchange on a free port of loopback; its address is ws://127.0.0.1:{port}."""
    exchange = SipExchange()
    server: Server
    async with serve(exchange.serve_phone, "127.0.0.1", 0, subprotocols=["sip"]) as server:  # type: ignore[list-item]
        exchange.port = next(iter(server.sockets)).getsockname()[1]
        yield exchange
