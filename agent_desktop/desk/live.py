"""One agent's open pages: drawn once for all of them, each sent only what changed.

A message is JSON: {"number", "at", "whole", "desk", "regions"}. `number` is the feed number the picture is true at,
`at` our clock, `regions` maps a region's id to its HTML.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Protocol

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.desk.model import Desk
from agent_desktop.ports import Telephony
from crm_core import clock
from crm_core.access.actions import SignedInUser

log = structlog.get_logger(__name__)

BACKLOG = 32  # messages; a page that lags by more is better served by a whole picture
SLOW_SECONDS = 3.0  # a picture takes some milliseconds
AGAIN_SECONDS = 2.0  # while customer data is away
READ_AGAIN_SECONDS = 0.15
REFRESH_SECONDS = 60.0  # deadlines on the screen go on although nothing happens


class DeskSource(Protocol):
    """Gives the pictures that are sent; live.DeskHub."""

    telephony: Telephony

    async def picture(
        self, user: SignedInUser, before: Desk | None = None, drawn: Mapping[str, str] | None = None
    ) -> tuple[Desk, dict[str, str]]: ...

    def state(self, desk: Desk, user: SignedInUser) -> dict[str, object]: ...


class Watcher:
    """One open page. `take` gives its next message; None = it must start again: too slow, or sent away."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG)
        self.fresh, self.gone = True, False

    def put(self, message: bytes) -> None:
        if self.gone:
            return
        if self._messages.full():
            self.send_away()
        else:
            self._messages.put_nowait(message)

    def send_away(self) -> None:
        """No message after this one: what it was told is not its to see any more, or it cannot follow."""
        self.gone = True
        while not self._messages.empty():
            self._messages.get_nowait()
        self._messages.put_nowait(None)

    async def take(self) -> bytes | None:
        message = await self._messages.get()
        return None if self.gone else message

    async def messages(self) -> AsyncIterator[str]:
        """All of them as text, until it must start again."""
        while (message := await self.take()) is not None:
            yield message.decode()


class AgentDesk:
    """All pages of one agent: rendered once for all of them, only what changed is sent."""

    def __init__(self, hub: DeskSource, user: SignedInUser) -> None:
        self._hub, self.user = hub, user
        self.watchers: set[Watcher] = set()
        self.changed = asyncio.Event()
        self._sent: dict[str, str] = {}
        self._desk: Desk | None = None
        self.task = asyncio.create_task(self._serve(), name=f"desk-{user.number}")

    async def _serve(self) -> None:
        whole = True
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS if whole else AGAIN_SECONDS):
                    await self.changed.wait()
            self.changed.clear()
            whole = await self._pushed()
            if not whole:
                self._send_degraded()

    async def _pushed(self) -> bool:
        """A database that hangs gives no error, and no question to it can be taken back: it is told and waited for."""
        pushing = asyncio.create_task(self.push())
        try:
            done, _ = await asyncio.wait({pushing}, timeout=SLOW_SECONDS)
            if not done:
                log.warning("desk_not_read", agent=self.user.number, error=f"no answer within {SLOW_SECONDS} s")
                self._send_degraded()
            await pushing
        except (SQLAlchemyError, OSError) as away:
            log.warning("desk_not_read", agent=self.user.number, error=str(away))
            return False
        except Exception:  # a fault in one picture must not end all later ones
            log.exception("desk_not_drawn", agent=self.user.number)
            return False
        finally:
            pushing.cancel()
        return True

    async def push(self) -> None:
        """Send what differs from the last picture; a fresh watcher gets everything."""
        desk, regions = await self._hub.picture(self.user, self._desk, self._sent)
        self._desk = desk
        changed = {name: html for name, html in regions.items() if self._sent.get(name) != html}
        state = self._hub.state(desk, self.user)
        self._sent = regions
        if desk.ahead:  # what was read ahead is shown first, and read again when it is on the screen
            asyncio.get_running_loop().call_later(READ_AGAIN_SECONDS, self.changed.set)
        whole = _message(desk.view.number, state, regions, whole=True)
        part = _message(desk.view.number, state, changed, whole=False)
        for watcher in self.watchers:
            watcher.put(whole if watcher.fresh else part)
            watcher.fresh = False

    def _send_degraded(self) -> None:
        view = self._hub.telephony.desk(self.user.number)
        message = _message(view.number, {"degraded": True}, {}, whole=False)
        for watcher in self.watchers:
            watcher.put(message)


def _message(number: int, state: dict[str, object], regions: dict[str, str], *, whole: bool) -> bytes:
    at = clock.instant(clock.now())
    return orjson.dumps({"number": number, "at": at, "whole": whole, "desk": state, "regions": regions})
