"""A customer's telephone in plain Python: one SIP call over UDP with PCMU sound and keys by RFC 4733.

Unlike sipp it hears what is played, frame by frame, so that a test can say when a prompt began.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

FRAME_SAMPLES = 160  # 20 ms at 8,000 Hz
FRAME_SECONDS = 0.02
SILENCE = b"\xff" * FRAME_SAMPLES  # mu-law
PCMU, EVENT = 0, 101
KEYS = "0123456789*#"
EVENT_VOLUME = 10  # dBm0 below full, as telephones send it
END_PACKETS = 3  # RFC 4733 section 2.5.1.4: the end of a key is sent three times
ANSWER_SECONDS = 10.0

Hear = Callable[[bytes, float], None]
"""Called with each frame of PCMU received and the time of its arrival (`time.monotonic()`)."""


class CallFailed(Exception):
    """The other side refused the call or did not answer; the text is its status line."""


class Telephone:
    """One call: `dial()` returns it when it was answered; then `press()`, `speak()`, at last `hang_up()`."""

    def __init__(self, server: tuple[str, int], number: str, caller: str, ports: _Ports, *, events: bool) -> None:
        self._server, self._number, self._caller, self._ports = server, number, caller, ports
        self._events, self._sequence = events, 1
        self._dialog = _Dialog(secrets.token_hex(8), secrets.token_hex(6))
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sender = _Sender(ports.rtp)
        self._sending: asyncio.Task[None] | None = None
        self.over = asyncio.Event()

    @classmethod
    async def dial(
        cls, server: tuple[str, int], *, number: str, caller: str, host: str, hear: Hear, events: bool = True
    ) -> Telephone:
        """Call `number` from `host`, an address of this machine; `hear` gets every frame. CallFailed when refused.

        Without `events` it is an old telephone, whose keys are tones (`speak(tones(...))`) or SIP INFO (`inform`).
        """
        sip, rtp = await _Port.open(host), await _Port.open(host)
        telephone = cls(server, number, caller, _Ports(host, sip, rtp), events=events)
        sip.took, rtp.took = telephone._message, lambda data, at: _sound(data, at, hear)
        telephone._invite()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await telephone._answered
        except TimeoutError as late:
            await telephone.hang_up()
            raise CallFailed("nobody answered") from late
        return telephone

    async def press(self, key: str, *, seconds: float = 0.1) -> float:
        """Hold one key; gives the time at which its end was sent."""
        return await self._sender.press(key, seconds)

    def inform(self, key: str) -> None:
        """One key as SIP INFO, which some gateways send instead."""
        self._send(self._request("INFO", f"Signal={key}\r\nDuration=100\r\n", kind="application/dtmf-relay"))

    def speak(self, sound: bytes) -> None:
        """PCMU to be said from now on, instead of silence."""
        self._sender.sound += sound

    async def hang_up(self) -> None:
        """End the call, if the other side has not, and free the ports."""
        if self._sending is not None:
            self._sending.cancel()
            if not self.over.is_set():
                self._send(self._request("BYE"))
                self.over.set()
        self._ports.sip.close()
        self._ports.rtp.close()

    def _invite(self) -> None:
        lines = [
            "v=0",
            f"o=- 1 1 IN IP4 {self._ports.host}",
            "s=-",
            f"c=IN IP4 {self._ports.host}",
            "t=0 0",
            f"m=audio {self._ports.rtp.number} RTP/AVP {PCMU}" + (f" {EVENT}" if self._events else ""),
            "a=rtpmap:0 PCMU/8000",
            *(("a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16") if self._events else ()),
            "a=ptime:20",
        ]
        self._send(self._request("INVITE", "\r\n".join(lines) + "\r\n"))

    def _request(self, method: str, body: str = "", kind: str = "application/sdp") -> str:
        host, port, dialog = self._ports.host, self._ports.sip.number, self._dialog
        if method not in {"INVITE", "ACK"}:
            self._sequence += 1
        sequence = 1 if method in {"INVITE", "ACK"} else self._sequence
        to = f"<sip:{self._number}@{self._server[0]}>" + (f";tag={dialog.their_tag}" if dialog.their_tag else "")
        head = f"Content-Type: {kind}\r\n" if body else ""
        return (
            f"{method} {dialog.target or f'sip:{self._number}@{self._server[0]}:{self._server[1]}'} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: <sip:{self._caller}@{host}>;tag={dialog.our_tag}\r\n"
            f"To: {to}\r\nCall-ID: {dialog.call_id}\r\nCSeq: {sequence} {method}\r\n"
            f"Contact: <sip:{self._caller}@{host}:{port}>\r\nMax-Forwards: 70\r\n"
            f"{head}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        self._ports.sip.send(text.encode(), self._server)

    def _message(self, data: bytes, at: float) -> None:
        text = data.decode("utf-8", "replace")
        if text.startswith("SIP/2.0"):
            if "INVITE" in _header(text, "CSeq"):
                self._invite_answered(text)
        elif text.startswith("BYE"):
            self._send(_answer_to(text))
            self.over.set()

    def _invite_answered(self, text: str) -> None:
        status = int(text.split(" ", 2)[1])
        if status < 200:
            return
        self._dialog.their_tag = _header(text, "To").partition("tag=")[2]
        contact = re.search(r"<([^>]+)>", _header(text, "Contact"))
        self._dialog.target = contact.group(1) if contact and status < 300 else ""
        self._send(self._request("ACK"))
        if self._answered.done():  # an answer sent again because our ACK was late
            return
        if status >= 300:
            self._answered.set_exception(CallFailed(text.split("\r\n", 1)[0]))
            return
        where = re.search(r"c=IN IP4 (\S+).*?m=audio (\d+)", text, re.DOTALL)
        if where is None:
            self._answered.set_exception(CallFailed("the answer names no place for sound"))
            return
        self._sender.to = (where.group(1), int(where.group(2)))
        self._sending = asyncio.create_task(self._sender.run())
        self._answered.set_result(None)


class _Dialog:
    def __init__(self, call_id: str, our_tag: str) -> None:
        self.call_id, self.our_tag = call_id, our_tag
        self.their_tag = self.target = ""


class _Sender:
    """What this telephone says: a frame each 20 ms, and keys in their place."""

    def __init__(self, port: _Port) -> None:
        self._port = port
        self.to = ("", 0)
        self._source, self._sequence, self._stamp = secrets.randbits(32), secrets.randbits(15), 0
        self.sound = b""
        self._pressing = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self._pressing:
                frame, self.sound = self.sound[:FRAME_SAMPLES], self.sound[FRAME_SAMPLES:]
                self._packet(PCMU, frame.ljust(FRAME_SAMPLES, b"\xff"), self._stamp)
            self._stamp = (self._stamp + FRAME_SAMPLES) % 2**32
            due += FRAME_SECONDS
            await asyncio.sleep(due - loop.time())

    async def press(self, key: str, seconds: float) -> float:
        event, begun, duration = KEYS.index(key), self._stamp, 0
        self._pressing = True
        try:
            for number in range(max(1, round(seconds / FRAME_SECONDS))):
                duration += FRAME_SAMPLES
                self._packet(EVENT, struct.pack("!BBH", event, EVENT_VOLUME, duration), begun, marker=number == 0)
                await asyncio.sleep(FRAME_SECONDS)
            at = time.monotonic()
            for _ in range(END_PACKETS):
                self._packet(EVENT, struct.pack("!BBH", event, 0x80 | EVENT_VOLUME, duration), begun)
        finally:
            self._pressing = False
        return at

    def _packet(self, kind: int, payload: bytes, stamp: int, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) % 2**16
        head = struct.pack("!BBHII", 0x80, (0x80 if marker else 0) | kind, self._sequence, stamp, self._source)
        self._port.send(head + payload, self.to)


class _Port(asyncio.DatagramProtocol):
    """One UDP port of the telephone; `took` gets what arrives."""

    def __init__(self) -> None:
        self.took: Callable[[bytes, float], None] = _deaf
        self.number = 0
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str) -> _Port:
        transport, port = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        port._transport = transport
        port.number = transport.get_extra_info("sockname")[1]
        return port

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(data, to)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.took(data, time.monotonic())


@dataclass(frozen=True, slots=True)
class _Ports:
    host: str
    sip: _Port
    rtp: _Port


def _deaf(data: bytes, at: float) -> None:
    """Before the call is made nothing is expected."""


def _sound(data: bytes, at: float, hear: Hear) -> None:
    if len(data) == 12 + FRAME_SAMPLES and data[1] & 0x7F == PCMU:
        hear(data[12:], at)


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def _answer_to(request: str) -> str:
    names = ("Via", "From", "To", "Call-ID", "CSeq")
    kept = "".join(f"{name}: {_header(request, name)}\r\n" for name in names)
    return f"SIP/2.0 200 OK\r\n{kept}Content-Length: 0\r\n\r\n"
