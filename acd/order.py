"""Who is served next: the higher priority, then who has waited longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from acd.model import CallId, Instant, Skill, WaitingCall
from acd.ranking import Ranking

Place = tuple[int, Instant, int, CallId]


def place(waiting: WaitingCall) -> Place:
    """A caller's place among all who need the same skill; the smaller is served first."""
    return (-waiting.priority, waiting.since, waiting.arrival, waiting.call)


class WaitingLine:
    """The callers for whom no phone rings, in the order in which they will be served."""

    def __init__(self) -> None:
        self._by_skill: dict[Skill, Ranking[Place]] = {}
        self._skill_of: dict[CallId, Skill] = {}

    def __contains__(self, call: object) -> bool:
        return call in self._skill_of

    def __iter__(self) -> Iterator[CallId]:
        """Every caller, best place first over all skills."""
        places = sorted(place for ranking in self._by_skill.values() for place in ranking)
        return iter([place[3] for place in places])

    def add(self, waiting: WaitingCall) -> None:
        ranking = self._by_skill.get(waiting.skill)
        if ranking is None:
            ranking = self._by_skill[waiting.skill] = Ranking()
        ranking.add(place(waiting))
        self._skill_of[waiting.call] = waiting.skill

    def remove(self, waiting: WaitingCall) -> None:
        skill = self._skill_of.pop(waiting.call)
        ranking = self._by_skill[skill]
        ranking.remove(place(waiting))
        if not ranking:
            del self._by_skill[skill]

    def position(self, waiting: WaitingCall) -> int:
        """1 = next. Counts callers of every queue that needs the same skill, for they want the same agents."""
        return self._by_skill[waiting.skill].rank(place(waiting)) + 1

    def next_for(self, skills: Mapping[Skill, int]) -> CallId | None:
        """The caller whom an agent with these skills serves next."""
        if not self._by_skill:
            return None
        wanted = self._wanted(skills)
        best = min((self._by_skill[skill].first() for skill in wanted), default=None)
        return best[3] if best else None

    def has_lower(self, priority: int, skills: Mapping[Skill, int]) -> bool:
        """Whether anybody waits for these skills with less than this priority."""
        return any(-self._by_skill[skill].last()[0] < priority for skill in self._wanted(skills))

    def _wanted(self, skills: Mapping[Skill, int]) -> Iterable[Skill]:
        # The shorter side is walked: 500 skills of an agent cost nothing while two skills are waited for.
        if len(self._by_skill) < len(skills):
            return [skill for skill in self._by_skill if skill in skills]
        return [skill for skill in skills if skill in self._by_skill]
