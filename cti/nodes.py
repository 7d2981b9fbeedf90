"""Several Asterisks as one: what is sent goes to the node whose channel it names, see `cti.node_marks`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from cti.ami import ANSWER_LIMIT, AmiLink
from cti.ami_protocol import Headers
from cti.errors import AsteriskUnreachable
from cti.frames import Frame
from cti.node_marks import bare, named_in


class NodeLinks:
    """The links of all nodes as one `AsteriskLink`: a write goes to the node whose channel it names.

    A global variable goes to all that are linked, a new call to the next of them. `is_given_up` tells of a node whose
    calls are over: a list leaves it out.
    """

    def __init__(self, links: Sequence[AmiLink], is_given_up: Callable[[str], bool]) -> None:
        self._by = {link.node: link for link in links}
        self._is_given_up = is_given_up
        self._turn = 0

    async def run(self) -> None:
        """Hold all links until `stop`."""
        await asyncio.gather(*(link.run() for link in self._by.values()))

    def stop(self) -> None:
        for link in self._by.values():
            link.stop()

    def reconnect(self) -> None:
        for link in self._by.values():
            link.reconnect()

    @property
    def _linked(self) -> list[AmiLink]:
        return [link for link in self._by.values() if link.connected]

    async def send(self, action: Headers, *, seconds: float = ANSWER_LIMIT) -> Frame:
        """As AmiLink.send."""
        name, wire = str(action["Action"]), bare(action)
        node = named_in(action)
        if node is not None:
            return await self._of(node, name).send(wire, seconds=seconds)
        if name == "Originate":
            return await self._next(name).send(wire, seconds=seconds)
        return await self._first_answer(name, [link.send(wire, seconds=seconds) for link in self._linked])

    async def ask(self, action: Headers, *, seconds: float = ANSWER_LIMIT) -> list[Frame]:
        """The rows of all nodes. AsteriskUnreachable while one is away and its calls may live."""
        asked = [link for name, link in self._by.items() if not self._is_given_up(name)]
        if not asked:
            raise AsteriskUnreachable(str(action["Action"]))
        rows = await asyncio.gather(*(link.ask(action, seconds=seconds) for link in asked))
        return [row for of_node in rows for row in of_node]

    def _of(self, node: str, action: str) -> AmiLink:
        link = self._by.get(node)
        if link is None or not link.connected:
            raise AsteriskUnreachable(action)
        return link

    def _next(self, action: str) -> AmiLink:
        linked = self._linked
        if not linked:
            raise AsteriskUnreachable(action)
        self._turn += 1
        return linked[self._turn % len(linked)]

    @staticmethod
    async def _first_answer(action: str, sent: Iterable[Awaitable[Frame]]) -> Frame:
        """All are asked: a global variable is each one's, and an id of a channel is known to its own node only."""
        told = await asyncio.gather(*sent, return_exceptions=True)
        if answers := [answer for answer in told if isinstance(answer, Frame)]:
            return answers[0]
        raise next((fault for fault in told if isinstance(fault, BaseException)), AsteriskUnreachable(action))
