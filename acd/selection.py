"""Which free agent gets a caller: the previous agent, else the best skill level, else the longest idle."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from acd.model import Agent, AgentId, Instant, Skill, WaitingCall
from acd.ranking import Ranking

Place = tuple[int, Instant, AgentId]


class Why(StrEnum):
    """The reason a call came to an agent; the desktop says it in a sentence."""

    LAST_AGENT = "last_agent"  # the caller's previous agent was free
    ONLY_FREE = "only_free"  # nobody else who fits was free
    BEST_SKILL = "best_skill"  # the highest level among the free
    LONGEST_IDLE = "longest_idle"  # the same level as others, idle for longest
    OFFERED_AGAIN = "offered_again"  # missed it, and nobody else fits
    NEXT_IN_LINE = "next_in_line"  # the agent became free and this caller had waited longest
    PRIORITY = "priority"  # the agent became free and this caller goes before others of lower priority


_NOWHERE: dict[Skill, Place] = {}


class Choice(NamedTuple):
    agent: AgentId
    why: Why


class FreeAgents:
    """The agents who can be offered a call now, ranked within each skill: (-level, idle since, number)."""

    def __init__(self) -> None:
        self._by_skill: dict[Skill, Ranking[Place]] = {}
        self._places: dict[AgentId, dict[Skill, Place]] = {}

    def __contains__(self, agent: object) -> bool:
        return agent in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, agent: Agent) -> None:
        places = {skill: (-level, agent.idle_since, agent.id) for skill, level in agent.skills.items()}
        self._places[agent.id] = places
        for skill, place in places.items():
            ranking = self._by_skill.get(skill)
            if ranking is None:
                ranking = self._by_skill[skill] = Ranking()
            ranking.add(place)

    def discard(self, agent: AgentId) -> None:
        """Take the agent out of every skill; nothing happens to one who is not there."""
        for skill, place in self._places.pop(agent, _NOWHERE).items():
            self._by_skill[skill].remove(place)

    def choose(self, waiting: WaitingCall) -> Choice | None:
        """The agent for this caller. Who missed this caller before is chosen only when no other fits."""
        ranking = self._by_skill.get(waiting.skill)
        if not ranking:
            return None
        last, missed_by = waiting.last_agent, waiting.missed_by
        if last is not None and last not in missed_by and waiting.skill in self._places.get(last, _NOWHERE):
            return Choice(last, Why.LAST_AGENT)
        if not missed_by:
            return _compare(ranking.first(), ranking.second())
        others = (place for place in ranking if place[2] not in missed_by)
        first = next(others, None)
        if first is None:
            return Choice(ranking.first()[2], Why.OFFERED_AGAIN)
        return _compare(first, next(others, None))


def _compare(first: Place, second: Place | None) -> Choice:
    if second is None:
        return Choice(first[2], Why.ONLY_FREE)
    return Choice(first[2], Why.BEST_SKILL if first[0] < second[0] else Why.LONGEST_IDLE)
