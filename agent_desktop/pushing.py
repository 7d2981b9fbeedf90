"""A page's WebSocket: what it is told, until the page goes away, is too slow, or may not look any longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from agent_desktop.admin.sign_ins import SignIns
from crm_core import clock
from crm_core.access.actions import SignedInUser

TRY_AGAIN_LATER = 1013
_BEAT = '{"beat":true}'


async def push_to_person(
    socket: WebSocket, me: SignedInUser, sign_ins: SignIns, messages: AsyncIterator[str], *, beats: bool = False
) -> None:
    """Send `messages` until they end, the page goes away, or this person's sign-in is over.

    With `beats` each word of the page is answered, so that it notices when we go away.
    """
    left = max(0.0, clock.instant(me.expires_at) - clock.instant(clock.now()))
    await push(socket, messages, lambda: sign_ins.over(me), seconds=left, beats=beats)


async def push(
    socket: WebSocket,
    messages: AsyncIterator[str],
    over: Callable[[], Coroutine[Any, Any, None]],
    *,
    seconds: float | None = None,
    beats: bool = False,
) -> None:
    """The same until `over()` returns or `seconds` have passed, for who watches without being a person."""
    await socket.accept()
    parts = (_send(socket, messages), _listen(socket, beats=beats), over())
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(TRY_AGAIN_LATER)


async def _send(socket: WebSocket, messages: AsyncIterator[str]) -> None:
    async for message in messages:
        await socket.send_text(message)


async def _listen(socket: WebSocket, *, beats: bool) -> None:
    """Notice that the page went away."""
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
            if beats:
                await socket.send_text(_BEAT)
