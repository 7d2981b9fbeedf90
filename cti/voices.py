"""What one telephone of a talk says, as a stream of sound: a channel of Asterisk that only listens and sends it to us.

The talk goes on whatever becomes of it: ChanSpy takes a copy, and a socket that nobody reads ends that channel alone.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from cti.audio_socket import AudioSocketServer, AudioStream
from cti.live import SUPERVISORS

CONNECTED_SECONDS = 4.0


class NoVoice(Exception):
    """Asterisk did not connect: the channel has gone, or there is no room."""


class Link(Protocol):
    """Of cti.ami.AmiLink."""

    async def send(self, action: Mapping[str, Any]) -> Any: ...


class Voices:
    """`start` first. Streams come to a port of this machine, each under an identity that is known for a moment."""

    def __init__(self) -> None:
        self._sockets = AudioSocketServer()
        self._link: Link

    async def start(self, link: Link) -> None:
        self._link = link
        await self._sockets.start()

    async def stop(self) -> None:
        await self._sockets.stop()

    @asynccontextmanager
    async def of(self, channel: str) -> AsyncIterator[AudioStream]:
        """What comes from this channel's telephone, and nothing that it hears.

        NoVoice, AsteriskRefused or AsteriskUnreachable when there is none.
        """
        identity, coming = self._sockets.expect()
        try:
            await self._ask_for(channel, f"{self._sockets.address}/{identity}")
            try:
                async with asyncio.timeout(CONNECTED_SECONDS):
                    stream = await coming
            except TimeoutError as late:
                raise NoVoice(f"{channel} did not connect") from late
            try:
                yield stream
            finally:
                await stream.end()
        finally:
            self._sockets.forget(identity)

    async def _ask_for(self, channel: str, place: str) -> None:
        await self._link.send(
            {
                "Action": "Originate",
                "Channel": f"AudioSocket/{place}",
                "Context": "hl-ear",
                "Exten": "s",
                "Priority": "1",
                "Async": "true",
                "Timeout": "3000",
                "ChannelId": f"{SUPERVISORS}ear-{secrets.token_hex(8)}",
                "Variable": [f"HL_SPIED={channel}", "HL_ROLE=ear"],
            }
        )
