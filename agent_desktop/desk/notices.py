"""Lines that others put on an agent's desk: a team leader's message, a state that was set. Read once, then gone.

They are kept in this process only: a restart forgets those that nobody has read.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.events import AgentSteered, FeedRecord, TeamMessageSent
from crm_core.workforce.queries import names

MOST = 20  # per agent; the oldest unread line goes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`number` is the feed's. `state` "" = a message with `text`, else what the agent was set to."""

    number: int
    at: float
    by: str
    text: str = ""
    state: str = ""
    reason: str = ""


class Notices:
    """What each agent has not read yet, oldest first."""

    def __init__(self) -> None:
        self._unread: dict[str, deque[Notice]] = defaultdict(lambda: deque(maxlen=MOST))

    def hear(self, record: FeedRecord) -> tuple[str, ...]:
        """The agents who have something to read now."""
        match record.event:
            case TeamMessageSent(at=at, by=by, agents=agents, text=text):
                notice = Notice(number=record.number, at=at, by=by, text=text)
            case AgentSteered(at=at, by=by, agent=agent, state=state, reason=reason):
                agents = (agent,)
                notice = Notice(number=record.number, at=at, by=by, state=state, reason=reason)
            case _:
                return ()
        for number in agents:
            self._unread[number].append(notice)
        return agents

    def of(self, agent: str) -> tuple[Notice, ...]:
        return tuple(self._unread.get(agent, ()))

    def read(self, agent: str, number: int) -> bool:
        """False when it was read before, e.g. in another tab."""
        unread = self._unread.get(agent, deque())
        found = next((notice for notice in unread if notice.number == number), None)
        if found is not None:
            unread.remove(found)
        return found is not None


async def senders(session: AsyncSession, notices: tuple[Notice, ...], language: str) -> dict[str, str]:
    """Number to name of those who sent them."""
    if not notices:
        return {}
    people = await names(session)
    return {notice.by: people.get(notice.by, (notice.by, notice.by))[language == "en"] for notice in notices}
