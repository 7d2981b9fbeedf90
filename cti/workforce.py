"""Who takes calls and in which queues they wait, as the records say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from acd import events as acd
from acd.model import AgentId, AgentState, Medium, Queue, Skill
from crm_core.capture.rules import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    """What the records say of an agent; fields as in acd.events.AgentSignedIn."""

    skills: Mapping[Skill, int]
    tags: frozenset[str] = frozenset()
    capacity: Mapping[Medium, int] = field(default_factory=dict)
    missed_limit: int | None = None

    def signed_in(self, agent: str, at: float, state: AgentState, reason: str = "") -> acd.AgentSignedIn:
        return acd.AgentSignedIn(
            at=at,
            agent=AgentId(agent),
            skills=self.skills,
            state=state,
            reason=reason,
            tags=self.tags,
            capacity=self.capacity,
            missed_limit=self.missed_limit,
        )

    def changed(self, agent: str, at: float) -> acd.AgentSkillsChanged:
        return acd.AgentSkillsChanged(
            at=at,
            agent=AgentId(agent),
            skills=self.skills,
            tags=self.tags,
            capacity=self.capacity,
            missed_limit=self.missed_limit,
        )


@dataclass(frozen=True, slots=True)
class Workforce:
    """The queues, and everybody who takes calls; and what of their calls is recorded.

    `not_offered` are the words of what a waiting caller may not choose in a queue: callback, message.
    """

    queues: tuple[Queue, ...]
    agents: Mapping[AgentId, AgentProfile]
    not_offered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    capture: Capture = field(default_factory=Capture)

    def queue_or_first(self, queue: str) -> str:
        """Itself where there is such a queue, else the site's first one: nobody waits where no agent looks."""
        ids = [str(known.id) for known in self.queues]
        return queue if queue in ids or not ids else ids[0]


class WorkforceSource(Protocol):
    """`hotline` answers: reads the records and, for `changed`, has Asterisk's files written and read again."""

    async def current(self) -> Workforce: ...
    async def changed(self) -> Workforce: ...
