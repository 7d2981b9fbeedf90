"""Who is signed in, found by skill and by tag, and how many of them are on duty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from acd.model import Agent, AgentId, AgentState, Instant, Skill
from acd.ranking import Ranking

OFF_DUTY = (AgentState.OFFLINE, AgentState.BREAK)


class Crew:
    """`agents` are all who are signed in. Counts change only when somebody comes, goes or takes a break."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, Agent] = {}
        self._by_skill: dict[Skill, Ranking[tuple[int, AgentId]]] = {}
        self._by_tag: dict[str, set[AgentId]] = {}
        self._on_duty: set[AgentId] = set()
        self._serving: dict[Skill, int] = {}
        self._near: dict[tuple[str, Skill], int] = {}
        self._first_sign_in: Instant | None = None

    def enrol(self, agent: Agent) -> None:
        self.agents[agent.id] = agent
        self._first_sign_in = None
        for skill, level in agent.skills.items():
            ranking = self._by_skill.get(skill)
            if ranking is None:
                ranking = self._by_skill[skill] = Ranking()
            ranking.add((-level, agent.id))
        for tag in agent.tags:
            self._by_tag.setdefault(tag, set()).add(agent.id)
        self.note_duty(agent)

    def dismiss(self, agent: Agent) -> None:
        """Nothing happens to one who is not there."""
        if self.agents.pop(agent.id, None) is None:
            return
        self._first_sign_in = None
        if agent.id in self._on_duty:
            self._count(agent, -1)
        for skill, level in agent.skills.items():
            self._by_skill[skill].remove((-level, agent.id))
        for tag in agent.tags:
            self._by_tag[tag].discard(agent.id)

    def note_duty(self, agent: Agent) -> bool:
        """The agent's state is another; tells whether that one went off duty by it."""
        on_duty = agent.state not in OFF_DUTY
        if on_duty == (agent.id in self._on_duty):
            return False
        self._count(agent, 1 if on_duty else -1)
        return not on_duty

    def _count(self, agent: Agent, change: int) -> None:
        (self._on_duty.add if change > 0 else self._on_duty.discard)(agent.id)
        for skill in agent.skills:
            self._serving[skill] = self._serving.get(skill, 0) + change
            for tag in agent.tags:
                self._near[tag, skill] = self._near.get((tag, skill), 0) + change

    def first_sign_in(self) -> Instant:
        """When the first of those who are signed in came; counted anew only after somebody came or went."""
        if self._first_sign_in is None:
            self._first_sign_in = min((agent.signed_in_at for agent in self.agents.values()), default=0.0)
        return self._first_sign_in

    def serving(self, skill: Skill) -> int:
        """How many on duty have this skill, busy or free."""
        return self._serving.get(skill, 0)

    def is_near(self, tags: Iterable[str], skill: Skill) -> bool:
        """Whether anybody on duty with this skill has one of these tags."""
        return any(self._near.get((tag, skill), 0) for tag in tags)

    def who_know(self, skill: Skill, tag: str = "") -> Iterator[Agent]:
        """Those who may fit a need of this skill, and of this tag if one is named."""
        if tag:
            return (self.agents[agent] for agent in sorted(self._by_tag.get(tag, ())))
        return (self.agents[agent] for _, agent in self._by_skill.get(skill, ()))

    def best(self, skill: Skill, number: int) -> list[Agent]:
        """So many with the highest level, on duty or not."""
        ranking = self._by_skill.get(skill)
        return [self.agents[agent] for _, agent in islice(ranking, number)] if ranking is not None else []

    def count(self, skill: Skill) -> int:
        return len(self._by_skill.get(skill, ()))
