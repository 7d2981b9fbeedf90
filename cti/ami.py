"""The link to Asterisk's manager interface: connects, watches, reconnects; actions out, events in order."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from panoramisk.manager import Manager

from cti.ami_protocol import AmiProtocol, Headers
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import Frame
from cti.node_marks import mark

log = structlog.get_logger(__name__)

CONNECT_LIMIT = 2.0
ANSWER_LIMIT = 5.0
PING_EVERY = 0.5
PING_LIMIT = 1.5  # with PING_EVERY: a dead peer is noticed within 2 s, within 3 s on a busy machine
# A peer that swallows everything and then lives again never answers what it swallowed: soon ask anew. Asterisk's
# own backlog holds eleven connections, so that one that is only stopped is not flooded either.
LOGIN_LIMIT, LOGIN_MOST = 1.5, 5.0
BOOT_LIMIT = 5.0
RETRY_FIRST, RETRY_MOST, RETRY_REFUSED = 0.1, 0.4, 5.0


def always_leads() -> None:
    """Of a process beside which no other stands by. Has a name, so that an account can be handed to another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiAccount:
    """Where the manager interface listens and who we are there.

    `require_lead` is asked before each action and does not return in a process that no longer leads.
    """

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext | None = None
    require_lead: Callable[[], None] = field(default=always_leads, repr=False)


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Logged in and booted; what happened before must be asked for. `node`: see cti.node_marks."""

    node: str = ""


@dataclass(frozen=True, slots=True)
class LinkDown:
    reason: str
    node: str = ""


class AsteriskLink(Protocol):
    """What is done to calls goes through this: `AmiLink`, or `cti.nodes.NodeLinks` over several."""

    async def send(self, action: Headers, *, seconds: float = ...) -> Frame: ...
    async def ask(self, action: Headers, *, seconds: float = ...) -> list[Frame]: ...
    async def run(self) -> None: ...
    def stop(self) -> None: ...
    def reconnect(self) -> None: ...


class AmiLink:
    """Frames, `LinkUp` and `LinkDown` go to `sink` in the order of their coming; `backlog` is how many wait there.

    Of a node with a name they come marked.
    """

    def __init__(
        self,
        account: AmiAccount,
        sink: Callable[[Frame | LinkUp | LinkDown], None],
        backlog: Callable[[], int],
        node: str = "",
    ) -> None:
        self._account, self._sink, self._backlog, self.node = account, sink, backlog, node
        self._took: Callable[[Frame], None] = self._sink_marked if node else sink
        self._manager = Manager(loop=asyncio.get_running_loop())
        self._protocol: AmiProtocol | None = None
        self._stopping = asyncio.Event()
        self.connected = False
        self.answered_at = 0.0  # when the last ping that was answered was asked, in seconds since 1970

    def _sink_marked(self, frame: Frame) -> None:
        self._sink(mark(frame, self.node))

    async def run(self) -> None:
        """Hold the link until `stop`; never raises for what the other side does."""
        delay, patience = RETRY_FIRST, LOGIN_LIMIT
        while not self._stopping.is_set():
            try:
                reason = await self._session(patience)
                delay, patience = RETRY_FIRST, LOGIN_LIMIT
            except AsteriskRefused as refused:
                reason, delay = str(refused), RETRY_REFUSED
            except (OSError, TimeoutError, AsteriskUnreachable) as failed:
                reason, delay = repr(failed), min(delay * 2, RETRY_MOST)
                patience = min(patience * 1.2, LOGIN_MOST)  # a machine too busy to let us in so quickly
            log.warning("ami_link_down", reason=reason)
            try:
                async with asyncio.timeout(delay * random.uniform(0.5, 1)):  # noqa: S311  # jitter, not a secret
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopping.set()
        if self._protocol is not None:
            self._protocol.close()

    def reconnect(self) -> None:
        """Nothing on this connection is to be trusted any more."""
        if self._protocol is not None:
            self._protocol.drop("asked to reconnect")

    async def _session(self, patience: float) -> str:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_LIMIT):
            _, protocol = await loop.create_connection(
                lambda: AmiProtocol(self._took, self._backlog),
                self._account.host,
                self._account.port,
                ssl=self._account.tls,
            )
        self._manager.protocol = self._protocol = protocol
        try:
            await self.send(
                {"Action": "Login", "Username": self._account.username, "Secret": self._account.secret, "Events": "on"},
                seconds=patience,
            )
            async with asyncio.timeout(BOOT_LIMIT):
                await protocol.booted.wait()
            self.connected = True
            self._sink(LinkUp(self.node))
            return await self._watch(protocol)
        finally:
            protocol.close()
            if self.connected:
                self.connected = False
                self._sink(LinkDown(protocol.lost.result(), self.node))

    async def _watch(self, protocol: AmiProtocol) -> str:
        while True:
            try:
                return await asyncio.wait_for(asyncio.shield(protocol.lost), PING_EVERY)
            except TimeoutError:
                pass
            asked = time.time()
            try:
                await self.send({"Action": "Ping"}, seconds=PING_LIMIT)
                self.answered_at = asked
            except AsteriskUnreachable:
                protocol.drop("no answer to a ping")

    async def send(self, action: Headers, *, seconds: float = ANSWER_LIMIT) -> Frame:
        """Send and give the answer. `AsteriskRefused` on an error, `AsteriskUnreachable` without an answer in time."""
        return (await self._exchange(action, as_list=False, seconds=seconds))[0]

    async def ask(self, action: Headers, *, seconds: float = ANSWER_LIMIT) -> list[Frame]:
        """The rows of an action that answers with a list, without its first and its last message."""
        return (await self._exchange(action, as_list=True, seconds=seconds))[1:-1]

    async def _exchange(self, action: Headers, *, as_list: bool, seconds: float) -> list[Frame]:
        name = str(action["Action"])
        if self._manager.protocol is None:
            raise AsteriskUnreachable(name)
        self._account.require_lead()
        try:
            async with asyncio.timeout(seconds):
                frames: list[Frame] = await self._manager.send_action(dict(action), as_list=as_list)
        except TimeoutError as late:
            raise AsteriskUnreachable(name) from late
        if frames[0].get("Response") not in ("Success", "Goodbye"):
            raise AsteriskRefused(name, frames[0].get("Message"))
        return [mark(frame, self.node) for frame in frames] if self.node else frames
