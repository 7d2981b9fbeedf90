"""A WebSocket into the application without a network: what a browser sends, what it is told, how it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message

from agent_desktop.security import SESSION_COOKIE

PATIENCE = 5.0  # seconds


class Socket:
    """`accepted` and, once it is closed, `code`."""

    def __init__(self) -> None:
        self.accepted, self.code = False, 0
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        """What the application says."""
        match message["type"]:
            case "websocket.accept":
                self.accepted = True
            case "websocket.send":
                self._told.put_nowait(message["text"])
            case "websocket.close":
                self.code = message.get("code", 1000)
                self._told.put_nowait(None)

    async def told(self) -> str:
        """The next message; fails when the socket is closed instead."""
        text = await asyncio.wait_for(self._told.get(), PATIENCE)
        assert text is not None, f"closed with {self.code}"
        return text

    async def closed(self) -> int:
        """The code with which it is closed, after whatever it is still told."""
        async with asyncio.timeout(PATIENCE):
            while await self._told.get() is not None:
                pass
        return self.code


@asynccontextmanager
async def opened(
    app: ASGIApp,
    path: str,
    *,
    token: str = "",
    query: str = "",
    origin: str = "http://hotline.test",
    cookie: str = SESSION_COOKIE,
) -> AsyncIterator[Socket]:
    """Open until the block ends; the page then goes away."""
    headers = [(b"host", b"hotline.test"), (b"origin", origin.encode())]
    if token:
        headers.append((b"cookie", f"{cookie}={token}".encode()))
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": quote(query, safe="=&").encode(),
        "headers": headers,
        "client": ("198.51.100.7", 4000),
        "server": ("hotline.test", 80),
        "subprotocols": [],
        "state": {},
    }
    socket = Socket()
    socket.to_app.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(app(scope, socket.to_app.get, socket.send))  # type: ignore[arg-type]
    try:
        yield socket
    finally:
        socket.to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(serving, PATIENCE)
