"""Which free agent gets a caller, as the queue's strategy wants it; and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import NamedTuple

from acd.crew import Crew
from acd.model import Agent, AgentId, Instant, Medium, Need, Skill, Strategy, WaitingCall
from acd.order import fits, knows
from acd.ranking import Ranking

Place = tuple[float, AgentId]

NOBODY: frozenset[str] = frozenset()
NO_SKILLS: frozenset[Skill] = frozenset()
MOST_SHELVES = 20_000  # kinds of need kept ready; more at one time would be a mistake in the records


class Why(StrEnum):
    """The reason a call came to an agent; the desktop says it in a sentence."""

    LAST_AGENT = "last_agent"  # the caller's previous agent was free
    RESERVED = "reserved"  # the caller was kept for this agent: a transfer, a supervisor's wish, a lost browser
    AFFINITY = "affinity"  # an agent for the caller's dealer or region
    ONLY_FREE = "only_free"  # nobody else who fits was free
    BEST_SKILL = "best_skill"  # the highest level among the free
    LONGEST_IDLE = "longest_idle"  # the same level as others, or the level does not count: idle for longest
    LEAST_OCCUPIED = "least_occupied"  # the smallest share of the time spent on work
    ROUND_ROBIN = "round_robin"  # it was this agent's turn
    OFFERED_AGAIN = "offered_again"  # missed it, and nobody else fits
    NEXT_IN_LINE = "next_in_line"  # the agent became free and this caller had waited longest
    PRIORITY = "priority"  # the agent became free and this caller goes before others of lower priority


class _Order(StrEnum):
    IDLE = "idle"
    OCCUPIED = "occupied"
    NUMBER = "number"


_ORDER = {
    Strategy.BEST_SKILL: _Order.IDLE,
    Strategy.LONGEST_IDLE: _Order.IDLE,
    Strategy.LEAST_OCCUPIED: _Order.OCCUPIED,
    Strategy.ROUND_ROBIN: _Order.NUMBER,
}
_WHY = {
    Strategy.LONGEST_IDLE: Why.LONGEST_IDLE,
    Strategy.LEAST_OCCUPIED: Why.LEAST_OCCUPIED,
    Strategy.ROUND_ROBIN: Why.ROUND_ROBIN,
}


class Choice(NamedTuple):
    agent: AgentId
    why: Why


class _Key(NamedTuple):
    medium: Medium
    order: _Order
    skill: Skill
    also: frozenset[Skill]
    tag: str


class _Shelf:
    """The free agents who fit one kind of need, by level, and within a level in one order."""

    __slots__ = ("key", "levels", "need")

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.need = Need(key.medium, key.skill, key.also, 0, frozenset([key.tag] if key.tag else []))
        self.levels: dict[int, Ranking[Place]] = {}

    def put(self, level: int, place: Place) -> None:
        ranking = self.levels.get(level)
        if ranking is None:
            ranking = self.levels[level] = Ranking()
        ranking.add(place)

    def take(self, level: int, place: Place) -> None:
        ranking = self.levels[level]
        ranking.remove(place)
        if not ranking:
            del self.levels[level]

    def ranked(self, strategy: Strategy, level: int, turn: AgentId) -> Iterator[tuple[int, Place]]:
        """(level, place) of those from `level` on, best first; in turn it begins behind `turn`."""
        levels = sorted([known for known in self.levels if known >= level], reverse=True)
        if strategy is Strategy.BEST_SKILL:
            for known in levels:
                for place in self.levels[known]:
                    yield known, place
            return
        behind = (0.0, turn)
        if strategy is Strategy.ROUND_ROBIN:
            for place, known in merge(*(_with(known, self.levels[known].iter_from(behind)) for known in levels)):
                yield known, place
        for place, known in merge(*(_with(known, self.levels[known]) for known in levels)):
            if strategy is Strategy.ROUND_ROBIN and place > behind:
                return
            yield known, place


def _with(level: int, places: Iterable[Place]) -> Iterator[tuple[Place, int]]:
    return ((place, level) for place in places)


class FreeAgents:
    """The agents who are ready, on a shelf for each kind of need that was ever asked for."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._shelves: dict[_Key, _Shelf] = {}
        self._by_skill: dict[Skill, list[_Shelf]] = {}
        self._of: dict[AgentId, list[tuple[_Shelf, int]]] = {}
        self._places: dict[AgentId, list[tuple[_Shelf, int, Place]]] = {}

    def __contains__(self, agent: object) -> bool:
        return agent in self._places

    def enrol(self, agent: Agent) -> None:
        """Find the shelves for an agent who signed in, or whose skills or tags are others now."""
        shelves: list[tuple[_Shelf, int]] = []
        known, skills = self._by_skill, agent.skills
        for skill in known if len(known) < len(skills) else skills:
            if skill in known and skill in skills:
                shelves += [(shelf, skills[skill]) for shelf in known[skill] if fits(agent, shelf.need)]
        self._of[agent.id] = shelves

    def dismiss(self, agent: AgentId) -> None:
        self.discard(agent)
        self._of.pop(agent, None)

    def add(self, agent: Agent) -> None:
        """The agent is ready; also told anew when there is more or less room for work beside calls."""
        self.discard(agent.id)
        media = agent.open_media()
        places = self._places[agent.id] = []
        for shelf, level in self._of[agent.id]:
            if shelf.key.medium in media:
                place = _place(agent, shelf.key.order)
                shelf.put(level, place)
                places.append((shelf, level, place))

    def discard(self, agent: AgentId) -> None:
        """Nothing happens to one who is not there."""
        for shelf, level, place in self._places.pop(agent, ()):
            shelf.take(level, place)

    def any_with(self, need: Need) -> bool:
        """Whether anybody who is free has the skill, at whatever level."""
        shelves = self._by_skill.get(need.skill, ())
        return any(shelf.levels for shelf in shelves if shelf.key.medium is need.medium)

    def ready(self, skill: Skill) -> int:
        """How many with this skill could take a call at once."""
        shelf = self._shelf(_Key(Medium.VOICE, _Order.IDLE, skill, NO_SKILLS, ""))
        return sum(map(len, shelf.levels.values()))

    def choose(
        self,
        waiting: WaitingCall,
        strategy: Strategy,
        turn: AgentId,
        at: Instant,
        *,
        barred: Collection[AgentId] = (),
    ) -> Choice | None:
        """The agent for this caller. Who missed this caller before is chosen only when no other fits.

        Nobody of `barred`, unless a person keeps the caller for that one.
        """
        need = waiting.need
        if waiting.reserved_for is not None:
            is_barred = waiting.reserved_for in barred and not waiting.is_kept
            if is_barred or not self._has_room(waiting.reserved_for, need.medium):
                return None
            return Choice(waiting.reserved_for, Why.RESERVED if waiting.is_kept else Why.LAST_AGENT)
        last, missed_by = waiting.last_agent, waiting.missed_by
        passed = missed_by.union(barred) if barred else missed_by
        if last is not None and last not in passed and self._may_return(last, need):
            return Choice(last, Why.LAST_AGENT)
        found: list[tuple[int, Place]] = []
        for tag in need.tags or ("",):
            shelf = self._shelf(_Key(need.medium, _ORDER[strategy], need.skill, need.also, tag))
            if shelf.levels:
                ranked = shelf.ranked(strategy, need.level, turn)
                others = ranked if not passed else (entry for entry in ranked if entry[1][1] not in passed)
                is_by_share = strategy is Strategy.LEAST_OCCUPIED
                found += self._least_occupied(others, at) if is_by_share else islice(others, 2)
        if not found:
            return self._again(waiting, strategy, turn, barred) if missed_by else None
        return _compare(_in_order(found, strategy, turn) if need.tags else found, strategy, is_near=bool(need.tags))

    def _least_occupied(self, ranked: Iterator[tuple[int, Place]], at: Instant) -> list[tuple[int, Place]]:
        """The two with the smallest shares, of agents ranked by the seconds they worked.

        Nobody's share is less than those seconds over the time since the first of all signed in, so the look ends as
        soon as that is more than the second-smallest share: the order of shares changes while agents are idle, that
        of the seconds does not.
        """
        agents, longest = self._crew.agents, max(at - self._crew.first_sign_in(), 1.0)
        best: list[tuple[float, int, Place]] = []
        for level, place in ranked:
            if len(best) == 2 and place[0] / longest > best[1][0]:
                break
            best = sorted([*best, (agents[place[1]].occupancy(at), level, place)], key=_share_then_number)[:2]
        return [(level, place) for _, level, place in best]

    def _again(
        self, waiting: WaitingCall, strategy: Strategy, turn: AgentId, barred: Collection[AgentId]
    ) -> Choice | None:
        need = waiting.need
        for tag in need.tags or ("",):
            shelf = self._shelf(_Key(need.medium, _ORDER[strategy], need.skill, need.also, tag))
            for _, place in shelf.ranked(strategy, need.level, turn):
                if place[1] not in barred:
                    return Choice(place[1], Why.OFFERED_AGAIN)
        return None

    def _may_return(self, agent: AgentId, need: Need) -> bool:
        """The previous agent knows the matter: the level does not count, nor does it who is near to the caller."""
        return self._has_room(agent, need.medium) and knows(self._crew.agents[agent], need)

    def _has_room(self, agent: AgentId, medium: Medium) -> bool:
        return agent in self._places and self._crew.agents[agent].has_room(medium)

    def _shelf(self, key: _Key) -> _Shelf:
        shelf = self._shelves.get(key)
        if shelf is not None:
            return shelf
        if len(self._shelves) >= MOST_SHELVES:
            self._forget()
        shelf = self._shelves[key] = _Shelf(key)
        self._by_skill.setdefault(key.skill, []).append(shelf)
        for agent in self._crew.who_know(key.skill, key.tag):
            if fits(agent, shelf.need):
                level = agent.skills[key.skill]
                self._of[agent.id].append((shelf, level))
                if self._has_room(agent.id, key.medium):
                    place = _place(agent, key.order)
                    shelf.put(level, place)
                    self._places[agent.id].append((shelf, level, place))
        return shelf

    def _forget(self) -> None:
        """Every shelf is made again when it is asked for; who is free stays free."""
        self._shelves, self._by_skill = {}, {}
        self._of = {agent: [] for agent in self._of}
        self._places = {agent: [] for agent in self._places}


def _place(agent: Agent, order: _Order) -> Place:
    if order is _Order.IDLE:
        return agent.idle_since, agent.id
    return (agent.busy_seconds if order is _Order.OCCUPIED else 0.0), agent.id


def _share_then_number(entry: tuple[float, int, Place]) -> tuple[float, AgentId]:
    return entry[0], entry[2][1]


def _in_order(found: list[tuple[int, Place]], strategy: Strategy, turn: AgentId) -> list[tuple[int, Place]]:
    """The best of several shelves, each agent once."""

    def rank(entry: tuple[int, Place]) -> tuple[float, bool, Place]:
        level, place = entry
        is_best, in_turn = strategy is Strategy.BEST_SKILL, strategy is Strategy.ROUND_ROBIN
        return (-level if is_best else 0, in_turn and place[1] <= turn, place)

    return sorted(set(found), key=rank)


def _compare(found: list[tuple[int, Place]], strategy: Strategy, *, is_near: bool) -> Choice:
    level, place = found[0]
    if is_near:
        return Choice(place[1], Why.AFFINITY)
    if len(found) == 1:
        return Choice(place[1], Why.ONLY_FREE)
    if strategy is Strategy.BEST_SKILL:
        return Choice(place[1], Why.BEST_SKILL if level > found[1][0] else Why.LONGEST_IDLE)
    return Choice(place[1], _WHY[strategy])
