"""Who is served next: the higher priority, which grows with the wait where a queue has ageing, then the longer wait.

Callers stand in groups of equal needs, so that an agent who becomes free looks at the first of each group that fits,
never at every caller. Within a queue the order does not change as callers age: of two whose priority grows at the
same rate the one who is ahead stays ahead, so a place is a number that is fixed on arrival.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from acd.model import Agent, AgentId, CallId, Instant, Medium, Need, Queue, QueueId, Skill, WaitingCall
from acd.ranking import Ranking

Place = tuple[float, Instant, int, CallId]
Rank = tuple[bool, float, Instant, int]


class _Group(NamedTuple):
    queue: QueueId
    need: Need
    reserved_for: AgentId | None
    is_kept: bool
    outbound: bool


class _Places:
    """A sorted group of callers whose priority grows at one rate."""

    __slots__ = ("ageing", "ranking")

    def __init__(self, ageing: int) -> None:
        self.ageing = ageing
        self.ranking: Ranking[Place] = Ranking()

    def ahead_of(self, priority: float, place: Place, ageing: int, at: Instant) -> int:
        """How many here are served before a caller of another queue who has this priority now."""
        key = place[0] if ageing == self.ageing else at - priority * self.ageing if self.ageing else -priority
        return self.ranking.count_before((key, *place[1:]))


def place(waiting: WaitingCall, queue: Queue) -> Place:
    """A caller's place in the queue; the smaller is served first. -priority, or with ageing what stands for it."""
    priority = waiting.priority + queue.priority
    key = waiting.since - priority * queue.ageing_seconds if queue.ageing_seconds else -priority
    return (key, waiting.since, waiting.arrival, waiting.call)


def priority_at(key: float, ageing: int, at: Instant) -> float:
    """The priority now of a place that begins with `key`: plus one for each `ageing` seconds waited."""
    return (at - key) / ageing if ageing else -key


def fits(agent: Agent, need: Need) -> bool:
    """Whether the records allow this agent to serve such a caller; whether the agent is free is another matter."""
    level = agent.skills.get(need.skill)
    if level is None or level < need.level:
        return False
    if need.also and not need.also <= agent.skills.keys():
        return False
    return not need.tags or not need.tags.isdisjoint(agent.tags)


def knows(agent: Agent, need: Need) -> bool:
    """Whether the agent has the skills of such a caller, at any level, near or not."""
    return need.skill in agent.skills and need.also <= agent.skills.keys()


class WaitingLine:
    """The callers for whom no phone rings. `add` fixes a caller's place; what it needs must be known by then."""

    def __init__(self) -> None:
        self._groups: dict[_Group, _Places] = {}
        self._open: dict[Skill, dict[_Group, _Places]] = {}
        self._tagged: dict[str, dict[_Group, _Places]] = {}
        self._kept: dict[AgentId, dict[_Group, _Places]] = {}
        self._queues: dict[Skill, dict[QueueId, _Places]] = {}
        self._in_line: dict[CallId, tuple[_Group, Place]] = {}

    def __contains__(self, call: object) -> bool:
        return call in self._in_line

    def __iter__(self) -> Iterator[CallId]:
        return iter(self._in_line)

    def in_order(self, at: Instant) -> list[CallId]:
        """Everybody, in the order of service now over all queues."""
        return self.ranked(self._in_line, at)

    def ranked(self, calls: Iterable[CallId], at: Instant) -> list[CallId]:
        """These callers, who are in line, each once, in the order of service now."""
        stands = {call: self._in_line[call] for call in calls}
        ranked = [(self._rank(group, self._groups[group], place, at), call) for call, (group, place) in stands.items()]
        return [call for _, call in sorted(ranked)]

    def add(self, waiting: WaitingCall, queue: Queue) -> None:
        stands = place(waiting, queue)
        group = _Group(queue.id, waiting.need, waiting.reserved_for, waiting.is_kept, waiting.outbound)
        places = self._groups.get(group)
        if places is None:
            places = self._groups[group] = _Places(queue.ageing_seconds)
            for index in self._indexes(group):
                index[group] = places
        places.ranking.add(stands)
        queues = self._queues.setdefault(waiting.need.skill, {})
        if queue.id not in queues:
            queues[queue.id] = _Places(queue.ageing_seconds)
        queues[queue.id].ranking.add(stands)
        self._in_line[waiting.call] = group, stands

    def remove(self, waiting: WaitingCall) -> None:
        group, stands = self._in_line.pop(waiting.call)
        ranking = self._groups[group].ranking
        ranking.remove(stands)
        if not ranking:
            del self._groups[group]
            for index in self._indexes(group):
                del index[group]
            self._forget_empty(group)
        queues = self._queues[group.need.skill]
        queues[group.queue].ranking.remove(stands)
        if not queues[group.queue].ranking:
            del queues[group.queue]
            if not queues:
                del self._queues[group.need.skill]

    def _indexes(self, group: _Group) -> list[dict[_Group, _Places]]:
        """Where an agent who becomes free finds the group: by the own number, by a tag, or by the skill."""
        if group.reserved_for is not None:
            return [self._kept.setdefault(group.reserved_for, {})]
        if group.need.tags:
            return [self._tagged.setdefault(tag, {}) for tag in group.need.tags]
        return [self._open.setdefault(group.need.skill, {})]

    def _forget_empty(self, group: _Group) -> None:
        if group.reserved_for is not None:
            if not self._kept[group.reserved_for]:
                del self._kept[group.reserved_for]
        elif group.need.tags:
            for tag in group.need.tags:
                if not self._tagged[tag]:
                    del self._tagged[tag]
        elif not self._open[group.need.skill]:
            del self._open[group.need.skill]

    def position(self, waiting: WaitingCall, at: Instant) -> int:
        """1 = next. Counts callers of every queue that needs the same skill, for they want the same agents."""
        group, stands = self._in_line[waiting.call]
        own = self._groups[group].ageing
        priority = priority_at(stands[0], own, at)
        ahead = 0
        for queue, places in self._queues[group.need.skill].items():
            if queue == group.queue:
                ahead += places.ranking.rank(stands)
            else:
                ahead += places.ahead_of(priority, stands, own, at)
        return ahead + 1

    def would_stand(self, waiting: WaitingCall, queue: Queue, at: Instant) -> int:
        """The position that a caller who is not in this queue would have there."""
        stands = place(waiting, queue)
        priority = priority_at(stands[0], queue.ageing_seconds, at)
        lines = self._queues.get(queue.skill, {}).values()
        return 1 + sum(places.ahead_of(priority, stands, queue.ageing_seconds, at) for places in lines)

    def count(self, queue: Queue) -> int:
        places = self._queues.get(queue.skill, {}).get(queue.id)
        return len(places.ranking) if places is not None else 0

    def highest(self, queue: Queue, at: Instant) -> float | None:
        """The priority now of the first caller of a queue; None = nobody waits in it."""
        places = self._queues.get(queue.skill, {}).get(queue.id)
        return priority_at(places.ranking.first()[0], places.ageing, at) if places is not None else None

    def kept_for(self, agent: AgentId) -> list[CallId]:
        return [place[3] for places in self._kept.get(agent, {}).values() for place in places.ranking]

    def tagged(self, tag: str) -> list[CallId]:
        """Who waits for an agent with this tag."""
        return [place[3] for places in self._tagged.get(tag, {}).values() for place in places.ranking]

    def next_for(self, agent: Agent, media: Collection[Medium], at: Instant, *, inbound: bool = True) -> CallId | None:
        """The caller whom this agent serves next; `media` are those in which the agent may be given work now.

        Without `inbound` no telephone call but those of campaigns, and those that a person keeps for this agent.
        """
        best, best_rank = None, None
        for group, places in self._fitting(agent):
            held = not inbound and group.need.medium is Medium.VOICE and not (group.outbound or group.is_kept)
            if group.need.medium in media and not held:
                first = places.ranking.first()
                rank = self._rank(group, places, first, at)
                if best_rank is None or rank < best_rank:
                    best, best_rank = first[3], rank
        return best

    def passes_over(self, waiting: WaitingCall, queue: Queue, agent: Agent) -> bool:
        """Whether this caller goes before others, of lower priority, whom the agent could serve as well."""
        priority = waiting.priority + queue.priority
        for _, places in self._fitting(agent):
            if places.ageing:
                if places.ranking.first()[1] < waiting.since:
                    return True
            elif -places.ranking.last()[0] < priority:
                return True
        return False

    def wanted_of(self, agent: Agent) -> list[Skill]:
        """The skills of this agent for which somebody waits."""
        # The shorter side is walked: 500 skills of an agent cost nothing while two skills are waited for.
        if len(self._queues) < len(agent.skills):
            return [skill for skill in self._queues if skill in agent.skills]
        return [skill for skill in agent.skills if skill in self._queues]

    def _fitting(self, agent: Agent) -> Iterable[tuple[_Group, _Places]]:
        if not self._groups:
            return
        if self._kept:
            yield from self._kept.get(agent.id, {}).items()
        found = [self._tagged[tag] for tag in agent.tags if tag in self._tagged] if self._tagged else []
        if self._open:
            found += [self._open[skill] for skill in self.wanted_of(agent) if skill in self._open]
        for groups in found:
            for group, places in groups.items():
                if fits(agent, group.need):
                    yield group, places

    @staticmethod
    def _rank(group: _Group, places: _Places, place: Place, at: Instant) -> Rank:
        return (not group.is_kept, -priority_at(place[0], places.ageing, at), place[1], place[2])
