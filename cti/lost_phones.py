"""An agent's registration is gone in a talk: does the audio still flow, or is the page gone with it?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from cti.ami import AsteriskLink
from cti.book import ContactBook
from cti.contacts import Contact, Leg
from cti.deeds import Step
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.party_facts import phone_lost

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 0.3  # a living phone sends fifteen packets in it


class LostPhones:
    """A lost registration alone means nothing: with only the WebSocket cut the talk goes on, ten times of ten."""

    def __init__(self, book: ContactBook, carry_out: Callable[[list[Step]], None], clock: Callable[[], float]) -> None:
        self._book, self._carry_out, self._clock = book, carry_out, clock
        self.link: AsteriskLink
        self._tasks: set[asyncio.Task[None]] = set()

    def unregistered(self, agent: str) -> None:
        """Move the customer to music when the agent's phone has fallen silent too."""
        for contact in self._book.contacts.values():
            leg = contact.leg
            if leg is not None and leg.agent == agent and leg.answered_at:
                task = asyncio.get_running_loop().create_task(self._listen(contact, leg))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _listen(self, contact: Contact, leg: Leg) -> None:
        try:
            before = await self._packets(leg)
            await asyncio.sleep(LISTEN_SECONDS)
            if await self._packets(leg) == before and contact.leg is leg:
                log.warning("agent_phone_lost", agent=leg.agent, call=contact.call)
                phone_lost(self._book, contact, leg, self._clock())
                self._carry_out(self._book.take())
        except (AsteriskRefused, AsteriskUnreachable) as gone:
            log.info("agent_phone_not_asked", agent=leg.agent, reason=str(gone))

    async def _packets(self, leg: Leg) -> str:
        answer = await self.link.send({"Action": "Getvar", "Channel": leg.channel, "Variable": "CHANNEL(rtcp,rxcount)"})
        return answer.get("Value")
